"""The one writer of a subject's state, of whatever procedure. State, clocks, audit record and messages of a change go
in one transaction, for one subject or for ten thousand, by bulk statements; the version of each is checked, and every
effect has a natural key.

Only `tasks.recording`, and what follows from a change, call it: inside the transaction of the act's own rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

from sqlmodel import Session

from models import AuditRecord, Deadline, Notification, Suspension
from models.bulk import insert_rows, update_rows
from rules.audit import linked, plain
from rules.case import Change, ClockStart, Message, Outcome, Setting, listed
from rules.clocks import ComputedDeadline, compute_deadline, running_rule
from rules.errors import ConflictError
from rules.localtime import local_day
from rules.vocabulary import ClockStatus
from rules.workdays import Workdays
from rules.working import Limit
from tasks.outbox_rows import Outbox, Row
from tasks.procedures import Kind, kind_of
from tasks.stood_before import keep
from tasks.workings import Workings, limit_of

MOVED = "deadline_moved"  # the message of a day that was moved tells both days


@dataclass(frozen=True, slots=True)
class Told:
    """A message with the limits whose workings it tells; `was`: the limit before, where it tells of a day moved."""

    message: Message
    limits: tuple[Limit, ...]
    was: Limit | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one outcome comes to, worked out once for all changes that share it (`tasks.alike`): clocks, the columns of
    the subject, those of the clocks that it settles, the record but for its place in a chain, the messages."""

    started: Mapping[str, ComputedDeadline]
    moved: Mapping[str, ComputedDeadline]
    columns: Row
    settled: tuple[tuple[str, Row], ...]
    record: Row
    hash_after: Callable[[str, int, int], str]
    tells: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """A change with its decision worked out."""

    change: Change[Any]
    decision: Decision


def advance(
    session: Session, ctx: Setting, changes: Sequence[Change[Any]], *, workdays_before: Workdays | None = None
) -> None:
    """Writes the changes of subjects of one kind that share one setting. Each subject may appear once.
    `workdays_before` are the schedules that held until now, where the changes come from a new one.

    Raises ConflictError when a subject has changed since it was read, RefusedError when its kind does not allow what
    would then be so (more places taken than were announced): then the caller's transaction must end.
    """
    if not changes:
        return
    kind = kind_of(changes[0].case)
    worked = _work_out(ctx, changes)
    audit = [_audit_row(one) for one in worked]
    keep(session, kind, changes)
    _update_cases(session, kind, worked, audit)
    kind.expect(session, ctx, changes)
    _write_clocks(session, worked)
    insert_rows(session.connection(), AuditRecord, audit)
    page_of = kind.page_of(session, ctx, [change.case.id for change in changes])
    why, outbox = Workings(ctx, page_of, workdays_before), Outbox()
    told = [row for one in worked for row in _message_rows(kind, ctx, one, why, outbox)]
    insert_rows(session.connection(), Notification, told)


def _work_out(ctx: Setting, changes: Sequence[Change[Any]]) -> list[Worked]:
    clocks: dict[ClockStart, ComputedDeadline] = {}
    decisions: dict[int, Decision] = {}
    worked = []
    for change in changes:
        known = id(change.outcome)  # one object, one decision
        if known not in decisions:
            decisions[known] = _decision(ctx, change, clocks)
        worked.append(Worked(change, decisions[known]))
    return worked


def _decision(ctx: Setting, change: Change[Any], known: dict[ClockStart, ComputedDeadline]) -> Decision:
    outcome = change.outcome
    started = {}
    for start in outcome.starts:
        if start not in known:
            rule = ctx.clocks[start.kind]
            known[start] = compute_deadline(rule, start.start_on, ctx.workdays, due_on=start.due_on)
        started[start.kind] = known[start]
    kinds = {kind for kind, _ in outcome.suspends} | set(outcome.recalculates)
    moved = {kind: _moved(ctx, change, kind) for kind in sorted(kinds)}
    record = _record(change, {**started, **moved})
    bound = {**_bound(record), "subject": change.case.kind}
    return Decision(
        *(started, moved, _case_columns(change), tuple(_settled(change)), record, linked(bound)),
        tuple(_told(change, started, moved)),
    )


def _moved(ctx: Setting, change: Change[Any], kind: str) -> ComputedDeadline:
    """A running clock worked out anew, with its suspensions and the new ones; sweeps look again from today on."""
    clock, added = change.case.clocks[kind], [one for name, one in change.outcome.suspends if name == kind]
    return compute_deadline(
        running_rule(ctx.clocks[kind], clock.begun_with),
        clock.start_on,
        ctx.workdays,
        suspensions=(*clock.suspensions, *added),
        due_on=clock.due_on,
        after=local_day(change.event.at),
    )


# --- cases -----------------------------------------------------------------------------------------------------


def _update_cases(session: Session, kind: Kind[Any, Any], worked: Sequence[Worked], audit: Sequence[Row]) -> None:
    groups: dict[frozenset[str], list[Row]] = defaultdict(list)
    for one, record in zip(worked, audit, strict=True):
        case = one.change.case
        place = {"id": case.id, "version": case.version, "audit_seq": record["seq"], "audit_head": record["hash"]}
        groups[frozenset(one.decision.columns)].append({**place, **one.decision.columns})
    raised = f'version = "{kind.table.name}".version + 1'
    for rows in groups.values():
        if update_rows(session.connection(), kind.model, rows, ("id", "version"), raised) != len(rows):
            raise ConflictError("案件在办理期间已被他人更新，本次未写入任何内容：请刷新后重试")


def _case_columns(change: Change[Any]) -> Row:
    outcome = change.outcome
    if outcome.to is change.case.state:
        return dict(outcome.set)
    moved = {"state": outcome.to.value, "entered_at": change.event.at, "reasons": listed(outcome.reasons)}
    return {**outcome.set, **moved}


# --- clocks ----------------------------------------------------------------------------------------------------


def _write_clocks(session: Session, worked: Sequence[Worked]) -> None:
    connection = session.connection()
    started = [(one, clock) for one in worked for clock in one.decision.started.values()]
    new = [_deadline_row(one, clock) for one, clock in started if clock.kind not in one.change.case.clocks]
    again = [_restarted_row(one, clock) for one, clock in started if clock.kind in one.change.case.clocks]
    insert_rows(connection, Deadline, new)
    update_rows(connection, Deadline, again, ("id",))
    insert_rows(connection, Suspension, [row for one in worked for row in _suspension_rows(one)])
    update_rows(connection, Deadline, [row for one in worked for row in _set_rows(one)], ("id",))
    update_rows(connection, Deadline, [row for one in worked for row in _moved_rows(one)], ("id",))


def _deadline_row(one: Worked, clock: ComputedDeadline) -> Row:
    case = one.change.case
    return {"subject": case.kind, "subject_id": case.id, **clock_columns(clock)}


def _restarted_row(one: Worked, clock: ComputedDeadline) -> Row:
    """A clock of a kind that the case had before, begun anew."""
    return {"id": one.change.case.clocks[clock.kind].id, "closed_on": None, "effect_from": None, **clock_columns(clock)}


def clock_columns(clock: ComputedDeadline) -> Row:
    """The columns of a clock that was worked out."""
    return {
        "kind": clock.kind,
        "holder": clock.holder.value,
        "period": clock.period,
        "roll": clock.roll,
        "start_on": clock.start_on,
        "due_on": clock.due_on,
        "nominal_on": clock.nominal_on,
        "earliest_on": clock.earliest_on,
        "latest_on": clock.latest_on,
        "status": clock.status.value,
        "check_on": clock.check_on,
    }


def _set_rows(one: Worked) -> list[Row]:
    return [{"id": one.change.case.clocks[kind].id, **columns} for kind, columns in one.decision.settled]


def _settled(change: Change[Any]) -> Iterator[tuple[str, Row]]:
    for one in change.outcome.sets:
        is_late = change.case.clocks[one.kind].status == ClockStatus.BREACHED
        status = ClockStatus.BREACHED if is_late else one.status
        yield one.kind, {"status": status.value, "closed_on": one.on, "check_on": one.check_on}


def _reopened(outcome: Outcome) -> set[str]:
    open_again = (ClockStatus.RUNNING, ClockStatus.PROVISIONAL)
    return {one.kind for one in outcome.sets if one.on is None and one.status in open_again}


def _moved_rows(one: Worked) -> list[Row]:
    rows = []
    kept = ("due_on", "nominal_on", "earliest_on", "latest_on", "status", "check_on", "effect_from")
    for kind, clock in one.decision.moved.items():
        outcome, before = one.change.outcome, one.change.case.clocks[kind]
        effect_from = outcome.defers.get(kind, before.effect_from)
        columns = {**clock_columns(clock), "effect_from": effect_from}
        if effect_from and clock.check_on:
            columns["check_on"] = max(clock.check_on, effect_from)
        if not before.is_open and kind not in _reopened(outcome):
            columns |= {"status": before.status, "check_on": None}
        if status := outcome.settles.get(kind):
            columns["status"] = status.value
        rows.append({"id": before.id, **{name: columns[name] for name in kept}})
    return rows


def _suspension_rows(one: Worked) -> list[Row]:
    return [
        {
            "deadline_id": one.change.case.clocks[kind].id,
            "from_on": days.from_on,
            "to_on": days.to_on,
            "reason": days.reason,
            "clause": days.clause,
            "by": days.by,
            "recorded_at": one.change.event.at,
        }
        for kind, days in one.change.outcome.suspends
    ]


# --- audit and messages ----------------------------------------------------------------------------------------


def audit_row(subject: str, subject_id: int, seq: int, head: str, record: Row) -> Row:
    """A record chained to the one before it; `record` holds at, event, by, from_state, to_state, clause, detail."""
    shared = {**record, "detail": plain(record["detail"])}
    hash_after = linked({**_bound(shared), "subject": str(subject)})
    return _chained(shared, str(subject), subject_id, seq + 1, head, hash_after)


def _bound(record: Row) -> Row:
    """What the hash binds of a record: its instant in one spelling, whoever recorded or reads it."""
    return {**record, "at": record["at"].astimezone(UTC).isoformat()}


def _chained(
    shared: Row, subject: str, subject_id: int, seq: int, head: str, hash_after: Callable[[str, int, int], str]
) -> Row:
    place = {"subject": subject, "subject_id": subject_id, "seq": seq, "prev_hash": head}
    return {**shared, **place, "hash": hash_after(head, seq, subject_id)}


def _audit_row(one: Worked) -> Row:
    case, decision = one.change.case, one.decision
    return _chained(decision.record, case.kind, case.id, case.audit_seq + 1, case.audit_head, decision.hash_after)


def _record(change: Change[Any], clocks: Mapping[str, ComputedDeadline]) -> Row:
    """What is recorded of a change, but for its place in the chain."""
    event, outcome = change.event, change.outcome
    detail: Row = {"fields": event.fields, **outcome.detail}
    if outcome.reasons:
        detail["reasons"] = listed(outcome.reasons)
    if clocks:
        detail["clocks"] = {kind: clock.due_on or "provisional" for kind, clock in clocks.items()}
    return {
        "at": event.at,
        "event": event.name,
        "by": event.by,
        "from_state": change.case.state.value,
        "to_state": outcome.to.value,
        "clause": outcome.clause,
        "detail": plain(detail),
    }


def _message_rows(kind: Kind[Any, Any], ctx: Setting, one: Worked, why: Workings, outbox: Outbox) -> list[Row]:
    """The outbox rows of a change; the place in the subject's chain is their natural key."""
    case, event = one.change.case, one.change.event
    about, key = kind.about(ctx, case), f"{kind.keyed_as}:{case.id}:{case.audit_seq + 1}"
    rows: list[Row] = []
    for number, told in enumerate(one.decision.tells):
        workings = why.of_move(case.id, told.was, *told.limits) if told.was else why.of(case.id, told.limits)
        rows += outbox.owed(about, event.at, told.message, f"{key}:{number}", workings, by=event.by)
    return rows


def _told(
    change: Change[Any], started: Mapping[str, ComputedDeadline], moved: Mapping[str, ComputedDeadline]
) -> Iterator[Told]:
    """The messages of a change with the days that they tell; how each came about; of a day that was moved, both."""
    days, clocks = kind_of(change.case).procedure.days_told, {**started, **moved}
    for message in change.outcome.messages:
        limits = tuple(one for kind in message.limits if (one := _limit(change, kind, clocks, kind in moved)))
        was = limit_of(change.case.clocks[limits[0].kind]) if message.event == MOVED else None
        yield Told(_with_days(message, clocks, days.get(message.event, {})), limits, was)


def _limit(change: Change[Any], kind: str, clocks: Mapping[str, ComputedDeadline], is_moved: bool) -> Limit | None:
    """A clock as the change leaves it; None where the case has none of the kind."""
    before, now = change.case.clock(kind), clocks.get(kind)
    if now is None:
        return limit_of(before) if before else None
    held = before.suspensions if before and is_moved else ()
    added = tuple(days for name, days in change.outcome.suspends if name == kind)
    days = (now.start_on, now.due_on, now.earliest_on, now.latest_on)
    return Limit(kind, *days, (*held, *added), (now.period, now.roll))


def _with_days(
    message: Message, clocks: Mapping[str, ComputedDeadline], days: Mapping[str, tuple[str, str]]
) -> Message:
    told: dict[str, date | None] = {
        name: getattr(clocks[kind], column) for name, (kind, column) in days.items() if kind in clocks
    }
    return replace(message, params={**told, **message.params})
