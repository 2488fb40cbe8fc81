"""台账 of a round: every dossier with how it got where it stands. The workbook (70) and the document (25) both tell it
from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlmodel import Session, col

from models import Applicant, Application, AuditRecord, DossierHandler, Negotiation, Notice, NoticeEntry, Round
from rules.case import Case, Clock, Context
from rules.corrections import TAKE_BACK
from rules.localtime import local_day
from rules.vocabulary import ApplicantType, AuditSubject, ClockStatus, NoticeKind, State
from tasks.absences import handlers_of
from tasks.case_loading import clocks_of
from tasks.staff import staff_names

OPINION, ANEW = "sign_preliminary_opinion", "submit_application"
OF_THE_LIST = ("announce_round", "register_applicants")  # what of the round's own records changes who is listed


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with its applicant, as the tables need it."""

    case: Application
    applicant: Applicant


@dataclass(frozen=True, slots=True)
class Limit:
    """The open limit that ends first: what it is, its last day (bounds while provisional), how it stands."""

    label: str
    due_on: date | None
    bounds: str
    status: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One dossier of the ledger. `opinion` is the record of the opinion that stands; `notices` are those with a period
    that named it."""

    case: Application
    applicant: Applicant
    opinion: AuditRecord | None
    notices: tuple[Notice, ...]
    negotiation: Negotiation | None
    limit: Limit | None
    handler: str

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.case.state)

    @property
    def type(self) -> ApplicantType:
        """What kind of institution it is."""
        return ApplicantType(self.case.type)

    @property
    def submitted_on(self) -> date | None:
        """The day on which the application was received."""
        return local_day(self.case.submitted_at) if self.case.submitted_at else None

    @property
    def reviewed(self) -> str:
        """合格 or 不合格; empty before the opinion."""
        return "" if self.opinion is None else "合格" if self.opinion.to_state == State.PRELIM_PASSED else "不合格"

    @property
    def reviewed_on(self) -> date | None:
        """The day of the opinion."""
        return local_day(self.opinion.at) if self.opinion else None

    @property
    def negotiated(self) -> str:
        """How the negotiation ended; empty before it."""
        return "" if self.negotiation is None else "达成共识" if self.negotiation.consensus else "未达成共识"

    @property
    def negotiated_on(self) -> date | None:
        """The day of the negotiation."""
        return local_day(self.negotiation.held_at) if self.negotiation else None


def dossiers_of(session: Session, round_id: int) -> list[Dossier]:
    """Every dossier of a round, hospitals first, by number."""
    query = select(Application, Applicant).join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    query = query.where(col(Application.round_id) == round_id)
    ordered = query.order_by(col(Application.type), col(Applicant.applicant_id))
    return [Dossier(row[0], row[1]) for row in session.execute(ordered)]


def ledger_of(session: Session, ctx: Context) -> list[LedgerLine]:
    """The ledger of a round as the records stand, a line for each dossier."""
    dossiers = dossiers_of(session, ctx.round.id)
    clocks = clocks_of(session, Case.kind, [one.case.id or 0 for one in dossiers])
    opinions, notices = _opinions(session, ctx.round.id), _notices(session, ctx.round.id)
    talks = {one.application_id: one for one in _of_round(session, Negotiation, ctx.round.id)}
    handlers = handlers_of(session, col(DossierHandler.application_id).in_(_ids(ctx.round.id)))
    names = staff_names(session, handlers.values())
    return [
        LedgerLine(
            case=one.case,
            applicant=one.applicant,
            opinion=opinions.get(id_),
            notices=tuple(notices.get(id_, ())),
            negotiation=talks.get(id_),
            limit=_next_limit(ctx, clocks.get(id_, {})),
            handler=called(handlers.get(id_, ""), names),
        )
        for one in dossiers
        if (id_ := one.case.id or 0)
    ]


def called(staff_no: str, names: Mapping[str, str]) -> str:
    """`1002 张某`; the number alone where the name is the same or not known."""
    name = names.get(staff_no, "")
    return staff_no if name in ("", staff_no) else f"{staff_no} {name}"


def told_period(notice: Notice) -> str:
    """`2025-09-23 至 2025-09-30`, as far as it is known."""
    return f"{notice.starts_on} 至 {notice.last_day or '暂定'}" if notice.starts_on else "尚未起算"


def recorded_until(session: Session, the_round: Round) -> date:
    """The day of the last record that the ledger tells of: of a dossier, of who is listed, of who looks after one."""
    id_ = the_round.id or 0
    of_case = (col(AuditRecord.subject) == literal(Case.kind)) & col(AuditRecord.subject_id).in_(_ids(id_))
    of_round = (col(AuditRecord.subject) == AuditSubject.ROUND) & (col(AuditRecord.subject_id) == id_)
    listed = of_round & col(AuditRecord.event).in_(OF_THE_LIST)
    handled = col(DossierHandler.application_id).in_(_ids(id_))
    last = (
        session.execute(select(func.max(col(AuditRecord.at))).where(or_(of_case, listed))).scalar(),
        session.execute(select(func.max(col(DossierHandler.at))).where(handled)).scalar(),
    )
    known: list[datetime] = [one for one in last if one is not None]
    return local_day(max(known, default=the_round.announced_at or the_round.accept_from))


def _ids(round_id: int) -> Select[tuple[int | None]]:
    return select(col(Application.id)).where(col(Application.round_id) == round_id)


def _of_round(session: Session, model: Any, round_id: int) -> Sequence[Any]:
    of_it: ColumnElement[bool] = model.application_id.in_(_ids(round_id))
    return list(session.execute(select(model).where(of_it)).scalars())


def _opinions(session: Session, round_id: int) -> dict[int, AuditRecord]:
    """The opinion that stands, by dossier: not one that was taken back, nor one on an application before this one."""
    of_it = (col(AuditRecord.subject) == literal(Case.kind)) & col(AuditRecord.subject_id).in_(_ids(round_id))
    query = select(AuditRecord).where(of_it, col(AuditRecord.event).in_((OPINION, ANEW, TAKE_BACK)))
    standing: dict[int, AuditRecord] = {}
    for row in session.execute(query.order_by(col(AuditRecord.seq))).scalars():
        before = standing.get(row.subject_id)
        if row.event == OPINION:
            standing[row.subject_id] = row
        elif before and (row.event == ANEW or row.detail["fields"]["takes_back"] == before.seq):
            del standing[row.subject_id]
    return standing


def _notices(session: Session, round_id: int) -> dict[int, list[Notice]]:
    query = select(col(NoticeEntry.application_id), Notice).join(Notice, col(Notice.id) == col(NoticeEntry.notice_id))
    with_period = col(Notice.round_id) == round_id, col(Notice.kind) != NoticeKind.FINAL_RESULT
    found: dict[int, list[Notice]] = defaultdict(list)
    for row in session.execute(query.where(*with_period).order_by(col(Notice.id))):
        found[row[0]].append(row[1])
    return found


def _next_limit(ctx: Context, clocks: Mapping[str, Clock]) -> Limit | None:
    opened = sorted((one for one in clocks.values() if one.is_open), key=lambda one: (one.latest_on, one.kind))
    if not opened:
        return None
    first = opened[0]
    bounds = "" if first.due_on else f"暂定 {first.earliest_on} 至 {first.latest_on}"
    return Limit(ctx.policy.clocks[first.kind].label, first.due_on, bounds, ClockStatus(first.status).label)
