"""What the public is told of agreements after the signature (六): where each stands today, and what changed when.

Read are days, decisions in effect and the code of the ground of a dissolution, for its clause; no facts, no person, no
ground of a suspension (L15), nothing of findings, orders, warnings and complaints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Agreement,
    AgreementEnding,
    AgreementSuspension,
    Applicant,
    Application,
    AssessmentResult,
    AuditRecord,
    ViolationFinding,
)
from publication.wording import cn_clause
from rules.localtime import local_day
from rules.performance.records import OF_ITSELF, AgreementCase
from rules.performance.states import OUT
from rules.policy import Policy
from rules.vocabulary import AgreementState
from rules.wording import cn_date

RUNNING = (AgreementState.SIGNED, AgreementState.IN_FORCE, AgreementState.SUSPENDED)
ENDED = (AgreementState.DISSOLVED, AgreementState.EXPIRED, AgreementState.LEFT)  # a renewed one is not: it goes on
CHANGES: Mapping[str, str] = {
    "suspend_agreement": "服务协议暂停",
    "resume_agreement": "服务协议恢复",
    "record_service": "服务协议解除",
    "term_over": "服务协议到期",
    "leave_over": "退出定点",
    "assess_migrated": "定点资格取消",
    "overturn_finding": "暂停决定撤销",
    "overturn_ending": "解除决定撤销",
}


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement as the public sees it on a day.

    `day` is the first day of the suspension, the day on which the dissolution was served, or the last day of a term or
    a stay that is over; None while it runs. `clause` is that of a dissolution, else empty. `pauses_on` is the first day
    of a suspension that is decided and has not begun. `grade` is that of the institution's newest assessment, of
    `graded_year`; empty where there is none."""

    id: int
    previous_id: int | None
    applicant_id: str
    number: str
    signed_on: date
    filed_on: date | None
    effective_on: date
    expires_on: date
    state: AgreementState
    day: date | None
    clause: str
    pauses_on: date | None
    grade: str = ""
    graded_year: int = 0
    name: str = ""
    type: str = ""
    credit_code: str = ""
    assess_by: date | None = None
    assessed_on: date | None = None


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """Something that happened to an agreement and that the feed tells: `event` is one of CHANGES."""

    at: datetime
    event: str
    name: str
    number: str
    told: str


@dataclass(frozen=True, slots=True)
class KeptAgreements:
    """The agreements of a round that keeps their life: as they stand, and what changed, in order."""

    lines: Sequence[AgreementLine] = ()
    changes: Sequence[AgreementChange] = ()


def kept_agreements(session: Session, policies: Mapping[int, Policy], today: date) -> dict[int, KeptAgreements]:
    """The agreements of rounds, by round; `policies` are the rules of those rounds that keep their life."""
    if not policies:
        return {}
    records = _Records(session, list(policies), today)
    lines: dict[int, list[AgreementLine]] = {id_: [] for id_ in policies}
    for row in records.agreements:
        lines[row.round_id].append(records.line(row, policies[row.round_id]))
    return {id_: KeptAgreements(lines[id_], records.changes(id_)) for id_ in policies}


class _Records:
    """The rows of the agreements of some rounds, in five queries."""

    def __init__(self, session: Session, rounds: Sequence[int], today: date) -> None:
        self.today = today
        self.out: dict[int, AgreementLine] = {}
        signed = (col(Agreement.state) != AgreementState.DRAFT) | col(Agreement.previous_id).is_(None)
        of_them = col(Agreement.round_id).in_(rounds), signed
        self.agreements = session.execute(_AGREEMENTS.where(*of_them).order_by(col(Agreement.id))).all()
        self.pauses = _by_agreement(session.execute(_PAUSES.where(*of_them)).all())
        self.endings = _by_agreement(session.execute(_ENDINGS.where(*of_them)).all())
        self.renewed = {row.previous_id: row.number for row in self.agreements if row.previous_id}
        self.grades = {row.institution_id: row for row in session.execute(_GRADES)}
        self.records = session.execute(_RECORDS.where(*of_them).order_by(col(AuditRecord.id))).all()

    def line(self, row: Any, policy: Policy) -> AgreementLine:
        """The line of an agreement; those that it renews come first."""
        line = self._own_line(row, policy)
        before = self.out.get(row.previous_id)
        if before and row.state not in OF_ITSELF:  # a renewal goes the way of what it renews
            line = replace(line, state=before.state, day=before.day, clause=before.clause, pauses_on=None)
        if line.state in OUT:
            self.out[row.id] = line
        return line

    def _own_line(self, row: Any, policy: Policy) -> AgreementLine:
        ending = next((one for one in self.endings.get(row.id, ()) if one.served_on and not one.overturned_on), None)
        pauses = self.pauses.get(row.id, ())
        pause = next((one.from_on for one in pauses if not one.lifted_on and not one.overturned_on), None)
        state = self._state(row, ending is not None, pause)
        days = {
            AgreementState.DISSOLVED: ending and ending.served_on,
            AgreementState.SUSPENDED: pause,
            AgreementState.LEFT: row.leaves_on,
            AgreementState.CANCELLED: row.cancelled_on,
        }
        over = row.expires_on if state in (AgreementState.EXPIRED, AgreementState.SUPERSEDED) else None
        graded = self.grades.get(row.institution_id)
        violation = policy.violation(ending.code, row.type) if ending else None
        return AgreementLine(
            *(row.id, row.previous_id, row.applicant_id, row.number, row.signed_on, row.filed_on),
            *(row.effective_on, row.expires_on, state, days.get(state, over)),
            **{name: getattr(row, name) for name in ("name", "type", "credit_code", "assess_by", "assessed_on")},
            clause=violation.clause if violation else "",
            pauses_on=pause if pause and state in (AgreementState.SIGNED, AgreementState.IN_FORCE) else None,
            grade=graded.grade if graded else "",
            graded_year=graded.year if graded else 0,
        )

    def _state(self, row: Any, is_dissolved: bool, pause: date | None) -> AgreementState:
        """As the records put it, but for a ground of dissolution: until the decision is served the agreement stands
        where it stood (L13), and its term may end meanwhile (L5). A suspension is one from its first day."""
        if is_dissolved:
            return AgreementState.DISSOLVED
        if row.cancelled_on:
            return AgreementState.CANCELLED
        if row.leaves_on and self.today > row.leaves_on:
            return AgreementState.LEFT
        if self.today > row.expires_on:
            return AgreementState.SUPERSEDED if row.id in self.renewed else AgreementState.EXPIRED
        if pause and self.today >= pause:
            return AgreementState.SUSPENDED
        return AgreementState.IN_FORCE if self.today >= row.effective_on else AgreementState.SIGNED

    def changes(self, round_id: int) -> list[AgreementChange]:
        """What the public is told of, in the order of the records."""
        own = {row.id: row for row in self.agreements if row.round_id == round_id}
        found = ((one, own[one.subject_id]) for one in self.records if one.subject_id in own)
        return [
            AgreementChange(one.at, one.event, row.name, row.number, told)
            for one, row in found
            if (told := self._told(one, row))
        ]

    def _told(self, one: Any, row: Any) -> str:
        """One sentence; empty where the public sees no change (a finding that was overturned before any suspension)."""
        on = local_day(one.at)
        if one.event == "suspend_agreement":
            return f"自{cn_date(self._pause_of(one).from_on)}起暂停"
        if one.event == "record_service":
            decided = [each for each in self.endings[row.id] if each.recorded_at <= one.at]
            return f"自{cn_date(decided[-1].served_on)}起解除，依据{cn_clause(one.clause)}"
        if one.event == "term_over":
            successor = self.renewed.get(row.id)
            return f"{cn_date(row.expires_on)}到期" + (f"，续签协议{successor}接续" if successor else "")
        if one.event == "leave_over":
            return f"{cn_date(row.leaves_on)}后不再履行"
        if one.event == "assess_migrated":
            return f"自{cn_date(row.cancelled_on)}起取消，审核不符合申请条件" if row.cancelled_on else ""
        if one.event == "overturn_finding":
            fallen = any(each.overturned_on == on for each in self.pauses.get(row.id, ()))
            return f"{cn_date(on)}撤销暂停决定" if fallen else ""
        return f"{cn_date(on)}恢复" if one.event == "resume_agreement" else f"{cn_date(on)}撤销解除决定"

    def _pause_of(self, one: Any) -> Any:
        return next(each for each in self.pauses[one.subject_id] if each.recorded_at == one.at)


def _by_agreement(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.agreement_id, []).append(row)
    return found


_AGREEMENTS = (
    select(
        *(col(getattr(Agreement, name)) for name in ("id", "round_id", "previous_id", "number", "state", "signed_on")),
        *(col(getattr(Agreement, name)) for name in ("filed_on", "effective_on", "expires_on", "leaves_on")),
        *(col(getattr(Agreement, name)) for name in ("cancelled_on", "assess_by", "assessed_on")),
        *(col(Applicant.applicant_id), col(Applicant.name), col(Applicant.type), col(Applicant.credit_code)),
        col(Applicant.institution_id),
    )
    .join(Application, col(Application.id) == col(Agreement.application_id))
    .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
)
_PAUSES = (
    select(
        *(col(AgreementSuspension.agreement_id), col(AgreementSuspension.recorded_at)),
        *(col(getattr(AgreementSuspension, name)) for name in ("from_on", "lifted_on", "overturned_on")),
    )
    .join(Agreement, col(Agreement.id) == col(AgreementSuspension.agreement_id))
    .order_by(col(AgreementSuspension.id))
)
_ENDINGS = (
    select(
        *(col(getattr(AgreementEnding, name)) for name in ("agreement_id", "recorded_at", "served_on")),
        *(col(AgreementEnding.overturned_on), col(ViolationFinding.code)),
    )
    .join(Agreement, col(Agreement.id) == col(AgreementEnding.agreement_id))
    .join(
        ViolationFinding,
        (col(ViolationFinding.agreement_id) == col(Agreement.id))
        & (col(ViolationFinding.ref) == col(AgreementEnding.finding)),
    )
    .order_by(col(AgreementEnding.id))
)
_GRADES = (
    select(
        *(col(getattr(AssessmentResult, name)) for name in ("institution_id", "year", "grade")),
    )
    .where(col(AssessmentResult.superseded_on).is_(None))
    .order_by(col(AssessmentResult.year))
)  # the newest last
_RECORDS = (
    select(
        *(col(AuditRecord.subject_id), col(AuditRecord.at), col(AuditRecord.event), col(AuditRecord.clause)),
    )
    .join(Agreement, col(Agreement.id) == col(AuditRecord.subject_id))
    .where(col(AuditRecord.subject) == AgreementCase.kind, col(AuditRecord.event).in_(CHANGES))
)
