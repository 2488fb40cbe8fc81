"""Reads agreements with what is on record of their performance as the frozen values that the rules decide on; finds the
agreement that an act is about; keeps the agreement that a signature begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import (
    Agreement,
    AgreementEnding,
    AgreementSuspension,
    Applicant,
    Application,
    CityStep,
    Complaint,
    IndicatorWarning,
    RectificationOrder,
    Renewal,
    ViolationFinding,
)
from models.bulk import among, among_given
from rules.case import Change, Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance import records as about
from rules.performance.effects import overdue
from rules.performance.records import BY_CLOCK, AgreementCase, CityReport, Ending, Finding, Order, Pause, Warned
from rules.performance.states import ENDS
from rules.vocabulary import AgreementState, ObjectionStatus, RectificationResult
from tasks.case_loading import clocks_of

COLUMNS: tuple[Any, ...] = (
    *(col(Agreement.id), col(Agreement.number), col(Agreement.state), col(Agreement.version), col(Agreement.holds)),
    *(col(Agreement.audit_seq), col(Agreement.audit_head), col(Agreement.round_id), col(Agreement.signed_on)),
    *(col(Agreement.effective_on), col(Agreement.expires_on), col(Agreement.filed_on), col(Agreement.leaves_on)),
    *(col(Agreement.suspension_limit), col(Agreement.previous_id), col(Agreement.suspensions_before)),
    *(col(Agreement.assess_by), col(Agreement.assessed_on), col(Agreement.cancelled_on)),
    col(Agreement.entered_at),
    *(col(Applicant.id).label("applicant_pk"), col(Applicant.applicant_id), col(Applicant.name), col(Applicant.type)),
)


def load_agreements(
    session: Session, condition: ColumnElement[bool], *, with_facts: bool = True
) -> list[AgreementCase]:
    """Every agreement that meets a condition, with its clocks and its records: every decision rests on them, so that
    `with_facts` makes no difference here."""
    rows = session.execute(_with_applicants(*COLUMNS).where(condition).order_by(col(Agreement.id))).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    records = Records(session, ids)
    clocks = clocks_of(session, AgreementCase.kind, ids)
    return [_case(row, records, clocks.get(row.id, {})) for row in rows]


def _with_applicants(*columns: Any) -> Select[Any]:
    """Columns of agreements and of whose they are."""
    of_application = col(Application.id) == col(Agreement.application_id)
    query: Select[Any] = select(*columns).select_from(Agreement).join(Application, of_application)
    return query.join(Applicant, col(Applicant.id) == col(Application.applicant_pk))


RECORDS: tuple[Any, ...] = (
    *(ViolationFinding, RectificationOrder, AgreementSuspension, AgreementEnding),
    *(Renewal, Complaint, IndicatorWarning, CityStep),
)
_OLDER, _NEWER = "renews", "renewed"
_HELD = union_all(
    *(
        select(literal(one.__tablename__)).where(select(one.id).where(among_given(one.agreement_id)).exists())
        for one in RECORDS
    ),
    select(literal(_OLDER)).where(
        select(col(Agreement.id))
        .where(among_given(col(Agreement.id)), col(Agreement.previous_id).is_not(None))
        .exists()
    ),
    select(literal(_NEWER)).where(select(col(Agreement.id)).where(among_given(col(Agreement.previous_id))).exists()),
)


class Records:
    """The records of some agreements, by agreement: one query a table, however many agreements there are, and one
    before them that tells which tables have any; most agreements have hardly a record."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        held = set(session.execute(_HELD, {"numbers": ids}).scalars())

        def by_agreement(model: Any) -> Mapping[int, list[Any]]:
            found: dict[int, list[Any]] = defaultdict(list)
            if model.__tablename__ in held:
                query = select(model).where(among(model.agreement_id, ids)).order_by(model.id)
                for one in session.execute(query).scalars():
                    found[one.agreement_id].append(one)
            return found

        self.findings = by_agreement(ViolationFinding)
        self.orders = by_agreement(RectificationOrder)
        self.pauses = by_agreement(AgreementSuspension)
        self.endings = by_agreement(AgreementEnding)
        self.renewals = by_agreement(Renewal)
        self.complaints = by_agreement(Complaint)
        self.warnings = by_agreement(IndicatorWarning)
        self.city_steps = by_agreement(CityStep)
        self.previous_states = self._previous_states(session, ids) if _OLDER in held else {}
        self.successors = self._successors(session, ids) if _NEWER in held else {}

    @staticmethod
    def _successors(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        """The numbers of the renewals of these agreements, by the agreement."""
        query = select(col(Agreement.previous_id), col(Agreement.number))
        return {row[0]: row[1] for row in session.execute(query.where(among(col(Agreement.previous_id), ids)))}

    @staticmethod
    def _previous_states(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        """The states of the agreements that these renew, by the renewal."""
        before = aliased(Agreement)
        query = select(col(Agreement.id), col(before.state)).join(before, col(before.id) == col(Agreement.previous_id))
        return {row[0]: row[1] for row in session.execute(query.where(among(col(Agreement.id), ids)))}


def _case(one: Any, records: Records, clocks: Mapping[str, Any]) -> AgreementCase:
    renewals, endings = records.renewals.get(one.id, ()), records.endings.get(one.id, ())
    return AgreementCase(
        id=one.id,
        number=one.number,
        name=one.name,
        state=AgreementState(one.state),
        version=one.version,
        holds=one.holds,
        audit_seq=one.audit_seq,
        audit_head=one.audit_head,
        clocks=clocks,
        round_id=one.round_id,
        applicant_pk=one.applicant_pk,
        applicant_id=one.applicant_id,
        type=one.type,
        effective_on=one.effective_on or one.signed_on,
        expires_on=one.expires_on or date.max,
        filed_on=one.filed_on,
        signed_on=one.signed_on,
        limit=one.suspension_limit or 0,
        leaves_on=one.leaves_on,
        count_before=one.suspensions_before,
        assess_by=one.assess_by,
        assessed_on=one.assessed_on,
        cancelled_on=one.cancelled_on,
        previous_id=one.previous_id,
        previous_state=AgreementState(before) if (before := records.previous_states.get(one.id)) else None,
        successor=records.successors.get(one.id, ""),
        renewal_accepted=bool(renewals and renewals[-1].accepted),
        findings=tuple(map(_finding, records.findings.get(one.id, ()))),
        orders=tuple(map(_order, records.orders.get(one.id, ()))),
        pauses=tuple(map(_pause, records.pauses.get(one.id, ()))),
        ending=_ending(endings[-1]) if endings else None,
        entered_on=local_day(one.entered_at) if one.entered_at else None,
        complaints=tuple(map(_complaint, records.complaints.get(one.id, ()))),
        warnings=tuple(map(_warning, records.warnings.get(one.id, ()))),
        city_report=_report(reported[-1]) if (reported := records.city_steps.get(one.id)) else None,
    )


def _finding(row: ViolationFinding) -> Finding:
    days = (row.heard_until, row.statement_on, row.established_on, row.overturned_on)
    return Finding(
        row.ref, row.code, row.is_ground, row.recorded_on, row.recorded_by, *days, tuple(row.stands_on), row.served_on
    )


def _order(row: RectificationOrder) -> Order:
    return Order(
        *(row.ref, tuple(row.findings), row.served_on, row.due_on, row.within_suspension),
        *(row.handed_in_on, row.result, row.overturned_on, row.recorded_at),
    )


def _pause(row: AgreementSuspension) -> Pause:
    days = (row.from_on, row.to_on, row.lifted_on, row.overturned_on, row.recorded_at)
    return Pause(row.ref, row.decision_no, tuple(row.findings), *days)


def _warning(row: IndicatorWarning) -> Warned:
    return Warned(row.ref, row.month, row.served_on, row.answer_due, row.answered_on)


def _report(row: CityStep) -> CityReport:
    return CityReport(row.about, row.decision, row.reported_on, row.decided_on)


def _ending(row: AgreementEnding) -> Ending:
    return Ending(row.decision_no, row.finding, row.decided_on, row.served_on, row.overturned_on)


def _complaint(row: Complaint) -> about.Complaint:
    return about.Complaint(row.ref, local_day(row.received_at), row.status == ObjectionStatus.OPEN)


# --- which agreement an act is about ---------------------------------------------------------------------------


def numbered_or_of(round_id: int, fields: Mapping[str, Any]) -> ColumnElement[bool]:
    """The agreements that an act may mean: the one with the number, or those of the applicant in its round; of an act
    that names nobody, all of the round."""
    if number := fields.get("agreement_number"):
        return col(Agreement.number) == str(number)
    if not fields.get("applicant_id"):
        return col(Agreement.round_id) == round_id
    return (col(Agreement.round_id) == round_id) & (col(Applicant.applicant_id) == fields.get("applicant_id"))


def the_agreement(session: Session, round_id: int, fields: Mapping[str, Any]) -> AgreementCase:
    """The agreement that an act is about: the one with the number that it names, or the applicant's (`current_of`).

    Raises RefusedError when there is none, or its round does not keep their life."""
    found = load_agreements(session, numbered_or_of(round_id, fields))
    if not found:
        called = fields.get("agreement_number") or fields.get("applicant_id")
        raise RefusedError(f"“{called}”没有已签订的协议：请核对协议编号（看板“协议”可查），或先办理签订协议")
    kept = [one for one in found if one.state is not AgreementState.DRAFT]
    if not kept:
        raise RefusedError(
            f"协议 {found[-1].number} 所在轮次发布公告时没有选择登记协议履行（读法 agreement_life），不能办理此事项"
        )
    return current_of(kept)


def current_of(found: Sequence[AgreementCase]) -> AgreementCase:
    """Which agreement of an applicant is meant: the oldest that has not ended, else the one that was dissolved (a
    renewal ends with it), else the last."""
    dissolved = [one for one in found if one.ending and one.ending.has_effect]
    return next((one for one in found if one.state not in ENDS), (dissolved or found)[-1])


def touched_agreements(session: Session, event: Event) -> list[int]:
    """The agreements that an act may be about: what is due for them is done first."""
    query = _with_applicants(col(Agreement.id)).where(numbered_or_of(event.round_id, event.fields))
    return list(session.execute(query).scalars())


def kept_agreements(session: Session) -> list[int]:
    """Every agreement whose life is kept."""
    query = select(col(Agreement.id)).where(col(Agreement.state) != AgreementState.DRAFT)
    return list(session.execute(query).scalars())


# --- what follows from the clock ---------------------------------------------------------------------------------


def note_what_ran_out(session: Session, _ctx: Context, changes: Sequence[Change[AgreementCase]]) -> None:
    """An order that ran out is noted as late; inside a suspension the ground is proposed (R44③, R45④): a person
    confirms it, the clock establishes nothing."""
    for change in changes:
        if change.event.name != "order_late":
            continue
        late = [one.ref for one in overdue(change.case, change.event)]
        query = select(RectificationOrder).where(col(RectificationOrder.agreement_id) == change.case.id)
        rows = session.execute(query.where(col(RectificationOrder.ref).in_(late)).order_by(col(RectificationOrder.id)))
        for place, row in enumerate(rows.scalars(), 1):
            row.result = RectificationResult.LATE
            session.add(row)
            if change.case.open_pause:
                session.add(derived_finding(change.case, change.event, BY_CLOCK, row.ref, place))


def derived_finding(case: AgreementCase, event: Event, code: str, order: str, nth: int = 1) -> ViolationFinding:
    """A ground that the system derives from a suspension and an order in it; proposed, established by a person."""
    pause = case.open_pause
    assert pause is not None
    return ViolationFinding(
        agreement_id=case.id,
        ref=next_ref(case, nth),
        code=code,
        is_ground=True,
        facts=f"暂停协议（{pause.decision_no}）期间，第 {order} 号整改通知未按期完成或整改不到位",
        amount="",
        evidence="",
        recorded_on=local_day(event.at),
        recorded_at=event.at,
        recorded_by=event.by,  # whoever found it insufficient does not confirm it; of the clock, the system
        stands_on=[f"order:{order}", f"pause:{pause.ref}"],
    )


def next_ref(case: AgreementCase, nth: int = 1) -> str:
    """The number of the next finding of an agreement."""
    return str(len(case.findings) + nth)
