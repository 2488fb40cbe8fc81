"""What every act on an agreement has in common: it is found, decided by the table, recorded by the one writer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import Session

from rules.case import Change, Context, Event
from rules.performance.records import AgreementCase
from tasks.act_result import Receipt, told
from tasks.agreements import the_agreement
from tasks.decisions import decided
from tasks.recording import record
from tasks.staff import on_staff

Changed = Change[AgreementCase]


def done(session: Session, ctx: Context, event: Event, of: AgreementCase | None = None, **more: Any) -> Changed:
    """Decides an act on the agreement that it names (`of`: as it was read already), with fields worked out beside the
    given ones, and records it."""
    case = of or the_agreement(session, ctx.round.id, event.fields)
    change = decided(case, replace(event, fields={**event.fields, **more}), ctx)
    record(session, ctx, [change])
    return change


def receipt(ctx: Context, change: Changed, what: str) -> Receipt:
    """What was done, in a sentence that names the agreement."""
    said = f"{told(change, f'协议 {change.case.number}：{what}')}"
    return Receipt(said, ctx.round.id, (change.case.applicant_id,), agreement=change.case.id)


def second_person(session: Session, event: Event) -> str:
    """The second person of an act with consequences, who must work here. The guard sees that they are two."""
    return on_staff(session, str(event.fields["confirmed_by"])).staff_no


def who(event: Event) -> dict[str, Any]:
    """The columns that say who recorded a row, and when."""
    return {"recorded_at": event.at, "recorded_by": event.by}
