"""The deadline sweep: one range query finds what is due, the table decides it, the one writer writes it.

It works from the database, never from "this tick": a late or repeated sweep does what is due and nothing twice. Rows
are locked while they are worked on and skipped by anybody else, so two sweeps at once share the work. A case that
fails is set aside and named; the others go through. What costs is what is due, not what is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Deadline
from models.database import transaction
from rules.case import Refused
from rules.errors import DingdianError
from rules.localtime import local_day
from rules.vocabulary import ClockKind
from tasks.advance import Change, advance
from tasks.casebook import context_of, current_round, load_cases
from tasks.due import Due, Reminder, decide_due
from tasks.moving_up import fill_places
from tasks.receipt import sentence
from tasks.reminders import remind

CHUNK = 2000


@dataclass
class SweepReport:
    """What one sweep found, did, left and could not do. Lateness is in days after the day it should have happened."""

    as_of: datetime
    dry_run: bool
    found: int = 0
    done: Counter[str] = field(default_factory=Counter)
    actions: list[dict[str, str]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    latest_by_days: int = 0
    held: int = 0

    def as_json(self) -> dict[str, object]:
        """The report as plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "dry_run": self.dry_run,
            "found": self.found,
            "done": dict(sorted(self.done.items())),
            "held": self.held,
            "latest_by_days": self.latest_by_days,
            "failed": self.failed,
            "actions": self.actions,
        }


def sweep(
    url: str, as_of: datetime, *, dry_run: bool = False, only: Sequence[int] | None = None, chunk: int = CHUNK
) -> SweepReport:
    """Does everything that is due as of an instant; `only` limits it to some cases, `dry_run` writes nothing."""
    report = SweepReport(as_of, dry_run)
    aside: set[int] = set()
    while _one_pass(url, report, aside, only, chunk) and not dry_run:
        pass
    if only is None:
        with transaction(url) as session:
            report.held = _count_held(session, local_day(as_of))
    return report


def _one_pass(url: str, report: SweepReport, aside: set[int], only: Sequence[int] | None, chunk: int) -> bool:
    """One chunk in one transaction: whether there was anything to do. A chunk that fails is tried case by case."""
    try:
        with transaction(url) as session:
            due = _due(session, local_day(report.as_of), aside, only, chunk)
            actions = _carry_out(session, report, due, aside)
    except DingdianError as error:
        if len(due) == 1:
            aside.add(due[0].case_id)
            report.failed[due[0].applicant_id or str(due[0].case_id)] = str(error)
        else:
            half = (len(due) + 1) // 2
            for part in (due[:half], due[half:]):
                _one_pass(url, report, aside, [one.case_id for one in part], half)
        return True
    report.found += len(due)
    report.done.update(action["event"] for action in actions)
    report.actions += actions
    report.latest_by_days = max([report.latest_by_days, *(int(action["late_days"]) for action in actions)])
    return bool(due)


def _due(session: Session, today: date, aside: Collection[int], only: Sequence[int] | None, limit: int) -> list[Due]:
    """For each case with something due, its earliest such clock; held dossiers are left alone (A7-11)."""
    query = (
        select(
            *(col(Deadline.application_id), col(Application.round_id), col(Deadline.kind), col(Deadline.holder)),
            *(col(Deadline.due_on), col(Deadline.status), col(Deadline.id)),
        )
        .join(Application, col(Application.id) == col(Deadline.application_id))
        .where(col(Deadline.check_on) <= today)
        .where((col(Application.holds) == 0) | (col(Deadline.holder) == ClockKind.AUTHORITY))
        .order_by(col(Deadline.check_on), col(Deadline.application_id))
        .limit(limit)
        .with_for_update(of=Deadline.__table__, skip_locked=True)  # type: ignore[attr-defined]
    )
    if aside:
        query = query.where(col(Deadline.application_id).not_in(aside))
    if only is not None:
        query = query.where(col(Deadline.application_id).in_(only))
    earliest: dict[int, Due] = {}
    for row in session.execute(query):
        due = Due(*row)
        if due.case_id not in earliest or due.order < earliest[due.case_id].order:
            earliest[due.case_id] = due
    return list(earliest.values())


def _carry_out(session: Session, report: SweepReport, due: Sequence[Due], aside: set[int]) -> list[dict[str, str]]:
    actions: list[dict[str, str]] = []
    by_round: dict[int, list[Due]] = {}
    for one in due:
        by_round.setdefault(one.round_id, []).append(one)
    for round_id, dues in by_round.items():
        actions += _carry_out_round(session, report, round_id, dues, aside)
    return actions


def _carry_out_round(
    session: Session, report: SweepReport, round_id: int, dues: Sequence[Due], aside: set[int]
) -> list[dict[str, str]]:
    ctx = context_of(session, current_round(session, round_id))
    needs_facts = any(one.kind == "supplement" for one in dues)
    cases = load_cases(session, col(Application.id).in_([one.case_id for one in dues]), with_facts=needs_facts)
    by_id = {case.id: case for case in cases}
    changes: list[Change] = []
    reminders: list[Reminder] = []
    for one in dues:
        one.applicant_id = by_id[one.case_id].applicant_id
        decided = decide_due(by_id[one.case_id], one, report.as_of, ctx)
        if isinstance(decided, Refused):
            aside.add(one.case_id)
            report.failed[one.applicant_id] = sentence(decided)
        elif isinstance(decided, Reminder):
            reminders.append(decided)
        else:
            changes.append(decided)
    if not report.dry_run:
        advance(session, ctx, changes)
        remind(session, ctx, reminders, report.as_of)
        fill_places(session, ctx, changes, report.as_of)
    today = local_day(report.as_of)
    return [_action(change.case.applicant_id, change.event.name, dues, change.case.id, today) for change in changes] + [
        _action(one.case.applicant_id, "reminder", dues, one.case.id, today) for one in reminders
    ]


def _action(applicant_id: str, event: str, dues: Sequence[Due], case_id: int, today: date) -> dict[str, str]:
    due = next(one for one in dues if one.case_id == case_id)
    late = (today - due.due_on - timedelta(days=1)).days if event != "reminder" else 0
    return {
        "applicant_id": applicant_id,
        "event": event,
        "deadline": due.kind,
        "due": due.due_on.isoformat(),
        "late_days": str(max(late, 0)),
    }


def _count_held(session: Session, today: date) -> int:
    """Dossiers whose limit has run out but which an open objection holds."""
    query = (
        select(col(Deadline.application_id))
        .join(Application, col(Application.id) == col(Deadline.application_id))
        .where(col(Deadline.check_on) <= today, col(Application.holds) > 0)
        .where(col(Deadline.holder) != ClockKind.AUTHORITY, col(Deadline.due_on) < today)
        .distinct()
    )
    return len(session.execute(query).all())
