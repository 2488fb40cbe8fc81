"""A tiny second procedure, of permits: granted, in force for a term, given back, expired; and, as an act that was added
later, suspended (暂停) and resumed. It shares nothing with the evaluation but the engine.

The eight places that 暂停 stands in are `PLACES`: a procedure can be made without any one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel

from models.base import Json, JsonColumn
from models.schedules import known_workdays
from rules.case import Case, ClockSet, ClockStart, Event, Message, Reason, Subject
from rules.localtime import local_day
from rules.periods import Period
from rules.policy import ClockRule
from rules.procedure import BREACH, ClockRow, Effect, Mark, Procedure, Step, Transition, always
from rules.vocabulary import Audience, ClockKind, ClockStatus, Term
from rules.workdays import Workdays
from tasks.case_loading import clocks_of
from tasks.outbox_rows import About
from tasks.procedures import Kind

SUSPENSION = "suspension"
PLACES = ("way", "next_step", "row", "row back", "clock", "limit", "act", "message")


class State(Term):
    DRAFT = "DRAFT", "拟定"
    IN_FORCE = "IN_FORCE", "有效"
    SUSPENDED = "SUSPENDED", "暂停"
    EXPIRED = "EXPIRED", "到期"
    GIVEN_BACK = "GIVEN_BACK", "交回"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Subject):
    """One permit; nothing of a dossier."""

    kind: ClassVar[str] = "permit"

    state: State
    round_id: int


@dataclass(frozen=True, slots=True)
class PermitSetting:
    """The limits of permits, and the working days."""

    clocks: Mapping[str, ClockRule]
    workdays: Workdays


Row = Transition[Permit, PermitSetting]
Permits = Procedure[Permit, PermitSetting]


def _granted(_permit: Permit, event: Event, _ctx: PermitSetting, _row: Row) -> Effect:
    return Effect({"granted_on": local_day(event.at)}, (Reason("GRANTED", "测试", "准予"),))


def _ended(_permit: Permit, _event: Event, _ctx: PermitSetting, row: Row) -> Effect:
    return Effect(reasons=(Reason(str(row.to), "测试", row.to.label),))


def _told(permit: Permit, _event: Event, _ctx: PermitSetting, row: Row) -> Effect:
    about = {"matter": permit.name, "found": row.to.label, "advice": "请核对"}
    return Effect(messages=(Message(row.message, about, Audience.SUPERVISOR, (SUSPENSION,)),))


def _late(permit: Permit, event: Event, ctx: PermitSetting, row: Row) -> Effect:
    rule, due_on = ctx.clocks[event.fields["kind"]], event.fields["due_on"]
    told = {"deadline": rule.label, "due_on": due_on, "days_late": (local_day(event.at) - due_on).days}
    return Effect(messages=(Message(row.message, told, Audience.SUPERVISOR, (rule.kind,)),))


def _from_today(kind: str, _permit: Permit, event: Event, _ctx: PermitSetting, _row: Row) -> ClockStart:
    return ClockStart(kind, local_day(event.at))


def _met(clock: Any, _permit: Permit, event: Event) -> ClockSet:
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


GRANT, GIVE_BACK = Step("grant_permit", _granted), Step("give_back_permit", _ended)
SUSPEND, RESUME = Step("suspend_permit", _told), Step("resume_permit", _told)
OVER, LATE = Step("term_over", _ended), Step(BREACH, _late)

TERM = ClockRow(
    "term",
    ClockKind.PERIOD,
    starts=(Mark(_from_today, ("grant_permit",)),),
    settles=(Mark(_met, into=State.EXPIRED),),
    when_over=("term_over",),
    reminder="",
)
UNTIL_RESUMED = ClockRow(
    SUSPENSION,
    ClockKind.AUTHORITY,
    starts=(Mark(_from_today, into=State.SUSPENDED),),
    settles=(Mark(_met, into=State.IN_FORCE),),
    when_over=(BREACH,),
    reminder="authority_reminder",
)
LIMITS = {
    "term": ClockRule("term", "有效期", ClockKind.PERIOD, Period.parse("30d"), False, "测试", None),
    SUSPENSION: ClockRule(SUSPENSION, "暂停处理期限", ClockKind.AUTHORITY, Period.parse("5wd"), True, "测试", None),
}
REVIEW = ("decision_review",)
ACTS = ("grant_permit", "give_back_permit", "resume_permit")
MESSAGES = (*REVIEW, "authority_breach", "authority_reminder")


def procedure(without: str = "") -> Permits:
    """The procedure of permits, without one of the places in which 暂停 stands."""

    def kept(place: str, *parts: Any) -> tuple[Any, ...]:
        return () if place == without else parts

    return Procedure(
        subject=Permit.kind,
        label="许可",
        states=State,
        way=(State.DRAFT, State.IN_FORCE, *kept("way", State.SUSPENDED), State.EXPIRED),
        ends=(State.EXPIRED, State.GIVEN_BACK),
        table=(
            Transition(State.DRAFT, GRANT, State.IN_FORCE, always, (), "测试"),
            Transition(State.IN_FORCE, GIVE_BACK, State.GIVEN_BACK, always, (), "测试"),
            Transition(State.IN_FORCE, OVER, State.EXPIRED, always, (), "测试"),
            *kept("row", Transition(State.IN_FORCE, SUSPEND, State.SUSPENDED, always, ("decision_review",), "测试")),
            *kept(
                "row back", Transition(State.SUSPENDED, RESUME, State.IN_FORCE, always, ("decision_review",), "测试")
            ),
            Transition(State.SUSPENDED, OVER, State.EXPIRED, always, (), "测试"),
            Transition(State.SUSPENDED, LATE, State.SUSPENDED, always, ("authority_breach",), "测试"),
        ),
        clocks={row.kind: row for row in (TERM, *kept("clock", UNTIL_RESUMED))},
        next_step={
            State.DRAFT: "请先准予",
            State.IN_FORCE: "请等候到期",
            **({} if without == "next_step" else {State.SUSPENDED: "请先恢复"}),
        },
    )


def limits(without: str = "") -> Collection[str]:
    """The time limits that the policy of permits knows."""
    return [kind for kind in LIMITS if (kind, without) != (SUSPENSION, "limit")]


def acts(without: str = "") -> Collection[str]:
    """What a person can start."""
    return ACTS if without == "act" else (*ACTS, "suspend_permit")


def messages(without: str = "") -> Collection[str]:
    """What the catalogue knows."""
    return MESSAGES[1:] if without == "message" else MESSAGES


# --- how permits are kept --------------------------------------------------------------------------------------------


class Own(SQLModel, registry=registry()):
    """Tables of the tests alone: the migrations know nothing of them."""


class PermitRow(Own, table=True):
    """What the engine asks of a subject's table, and one column more."""

    __tablename__ = "permit"

    id: int | None = Field(default=None, primary_key=True)
    round_id: int
    number: str
    state: str = State.DRAFT
    entered_at: datetime | None = None
    reasons: list[Json] = Field(default_factory=list, sa_type=JsonColumn)
    version: int = 0
    holds: int = 0
    audit_seq: int = 0
    audit_head: str = ""
    granted_on: date | None = None


TABLE = PermitRow.__table__  # type: ignore[attr-defined]


def _load(session: Session, condition: ColumnElement[bool], *, with_facts: bool) -> list[Permit]:
    rows = session.execute(select(TABLE).where(condition).order_by(TABLE.c.id)).all()
    clocks = clocks_of(session, Permit.kind, [row.id for row in rows])
    return [
        Permit(
            id=row.id,
            number=row.number,
            name=f"许可{row.number}",
            state=State(row.state),
            round_id=row.round_id,
            **{name: getattr(row, name) for name in ("version", "holds", "audit_seq", "audit_head")},
            clocks=clocks.get(row.id, {}),
        )
        for row in rows
    ]


def _setting(session: Session, _round_id: int) -> PermitSetting:
    return PermitSetting(LIMITS, known_workdays(session))


def _about(_ctx: PermitSetting, permit: Permit) -> About:
    whose = {"applicant_id": permit.number, "applicant_name": permit.name, "round_name": "许可"}
    where = {"county": "样例县", "agency": "经办中心", "place": "服务大厅"}
    return About(permit.kind, permit.id, permit.round_id, None, {**whose, **where})


def _nothing_to_expect(_session: Session, _ctx: PermitSetting, _changes: Sequence[Any]) -> None:
    """Permits have no quota."""


def _no_page(_session: Session, _ctx: PermitSetting, _ids: Sequence[int]) -> Any:
    return lambda _permit, _limit: ""


def _number_of(session: Session, permit_id: int) -> str:
    return str(session.execute(select(TABLE.c.number).where(TABLE.c.id == permit_id)).scalar_one())


PERMITS: Kind[Permit, PermitSetting] = Kind(
    procedure=procedure(),
    model=PermitRow,
    keyed_as="permit",
    group="round_id",
    setting_of=_setting,
    load=_load,
    about=_about,
    expect=_nothing_to_expect,
    page_of=_no_page,
    number_of=_number_of,
)
assert Permit.kind != Case.kind
