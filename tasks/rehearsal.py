"""A rehearsal seen from our own records: which steps were done, when the next limit comes, what the player is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from foundation.files import READABLE, write_file
from foundation.rehearsal import database_of, move_on, read_clock
from foundation.settings import get_settings
from models import Applicant, Application, AuditRecord, Deadline, Proposal, Round
from models.database import transaction
from policies.second_persons import load_second_persons
from rules.errors import RefusedError
from rules.localtime import ZONE, local_day
from rules.vocabulary import AuditSubject, ProposalStatus, SecondWord
from tasks.second_persons import who_may_confirm

ORDERS = "rehearsal-orders.json"
SWEEP_AT = time.fromisoformat("00:05")
TELLS_APART = ("expert_id", "to", "kind", "ref")


class Order(StrEnum):
    """What the person at the desk wants of the player."""

    PLAY = "play"
    PAUSE = "pause"
    ONE = "one"
    SKIP = "skip"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Orders:
    """The order in force; `number` rises with each, so that the same one can be given twice. `step`: for UNTIL."""

    order: Order = Order.PLAY
    step: int = 0
    number: int = 0


def the_clock() -> Path:
    """The clock of this rehearsal. Raises RefusedError in a real installation."""
    if database_of(get_settings().var_dir) is None:
        raise RefusedError("这不是演练：此项只在演练中可用")
    return get_settings().rehearsal_clock


def now() -> datetime:
    """The virtual instant."""
    return read_clock(the_clock())


def orders() -> Orders:
    """The order in force; a rehearsal begins with playing."""
    try:
        content = json.loads(_orders_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Orders()
    return Orders(Order(content["order"]), content["step"], content["number"])


def give(order: Order, step: int = 0) -> Orders:
    """Gives the player a new order. Raises RefusedError in a real installation."""
    the_clock()
    new = Orders(order, step, orders().number + 1)
    write_file(_orders_file(), json.dumps(asdict(new)).encode(), READABLE)
    return new


def _orders_file() -> Path:
    return get_settings().var_dir / ORDERS


# --- time ------------------------------------------------------------------------------------------------------


def days_to_sweep(url: str, until: datetime) -> Iterator[datetime]:
    """Moves the clock on to each instant up to `until` at which a sweep has something to do, and yields it.

    The caller sweeps before it asks for the next. The day of `until` is always among them, so that nothing that was
    held open waits for another limit.
    """
    clock = the_clock()
    while (shown := now()) < until:
        at = _next_sweep(url, local_day(shown), until)
        if at is None or at <= shown:
            break
        move_on(clock, at)
        yield at
    move_on(clock, until)


def _next_sweep(url: str, after: date, until: datetime) -> datetime | None:
    last = local_day(until)
    with transaction(url) as session:
        query = select(func.min(col(Deadline.check_on))).where(col(Deadline.check_on) > after)
        day = min(session.execute(query).scalar() or last, last)
    at = datetime.combine(max(day, after + timedelta(days=1)), SWEEP_AT, ZONE)
    return at if at <= until else None


# --- what was done ---------------------------------------------------------------------------------------------


def was_done(url: str, do: str, fields: Mapping[str, Any]) -> bool:
    """Do our own records say that this step was carried out, by whomever?"""
    with transaction(url) as session:
        if do == "announce_round":
            return session.execute(select(col(Round.id))).first() is not None
        wanted = {name: str(fields[name]) for name in TELLS_APART if fields.get(name)}
        done = [
            (subject, subject_id)
            for subject, subject_id, detail in _records(session, do)
            if wanted.items() <= {name: str(value) for name, value in detail.get("fields", {}).items()}.items()
        ]
        about = fields.get("applicant_ids") or ([fields["applicant_id"]] if fields.get("applicant_id") else [])
        if do in ("recuse_expert", "resolve_objection") or not about:
            return bool(done)
        return {(AuditSubject.APPLICATION, case_id) for case_id in _cases(session, about)} <= set(done)


def second_word(url: str, do: str = "") -> dict[str, Any]:
    """The form of the second person for the newest open proposal (of an act), by the first who may confirm it; empty
    when nothing waits."""
    with transaction(url) as session:
        waiting = select(Proposal).where(col(Proposal.status) == ProposalStatus.OPEN)
        if do:
            waiting = waiting.where(col(Proposal.act) == do)
        proposal = session.execute(waiting.order_by(col(Proposal.id).desc()).limit(1)).scalar_one_or_none()
        if proposal is None:
            return {}
        rule = load_second_persons(local_day(proposal.proposed_at))[proposal.act]
        second = proposal.asked or who_may_confirm(session, rule, proposal.proposed_by)[0].staff_no
        return {"by": second, "number": proposal.id, "word": SecondWord.CONFIRM.label, "reason": ""}


def _records(session: Session, do: str) -> list[tuple[str, int, Mapping[str, Any]]]:
    columns = (col(AuditRecord.subject), col(AuditRecord.subject_id), col(AuditRecord.detail))
    rows = session.execute(select(*columns).where(col(AuditRecord.event) == do))
    return [(subject, subject_id, detail) for subject, subject_id, detail in rows]


def _cases(session: Session, applicant_ids: list[str]) -> list[int]:
    query = select(col(Application.id)).join(Applicant).where(col(Applicant.applicant_id).in_(applicant_ids))
    return list(session.execute(query).scalars())
