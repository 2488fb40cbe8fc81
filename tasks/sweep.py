"""The deadline sweep: one range query finds what is due, the table decides it, the one writer writes it.

It works from the database, never from "this tick": a late or repeated sweep does what is due and nothing twice. Rows
are locked while they are worked on and skipped by anybody else, so two sweeps at once share the work. A case that
fails is set aside and named; the others go through. What costs is what is due, not what is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, bindparam, func, select
from sqlmodel import Session, col

from models import Deadline, Proposal
from models.bulk import among, among_given
from models.database import engine_for, reading, telling_conflicts, transaction
from rules.case import Change, Refused
from rules.clocks import ONE_DAY
from rules.localtime import ZONE, local_day
from rules.procedure import NEVER_HELD
from tasks.alike import Alike
from tasks.decisions import sentence
from tasks.due import Due, Reminder
from tasks.halving import MemberError, in_halves, patiently
from tasks.labels import LABELS
from tasks.procedures import DOSSIERS, KINDS, Kind
from tasks.proposals import is_over, lapse
from tasks.recording import record
from tasks.reminders import remind

CHUNK = 2000
LAPSED = "lapse_proposal"

# The first day on which there is something to do stands at the head of its index, however many rows there are.
_FIRST = select(func.min(col(Deadline.check_on))).where(col(Deadline.check_on).is_not(None)).scalar_subquery()
_ANYTHING = select(
    (bindparam("today", type_=Date) >= _FIRST)
    | select(col(Proposal.id)).where(*is_over(bindparam("today", type_=Date))).exists()
)

Begin = Callable[[], AbstractContextManager[Session]]


@dataclass
class Pass:
    """What came of one transaction: done, refused (both with what), and whether there may be more to do."""

    done: list[tuple[Due, str]] = field(default_factory=list)
    refused: list[tuple[Due, str]] = field(default_factory=list)
    more: bool = False


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
    is_ahead: bool = False

    @property
    def summary(self) -> str:
        """One sentence: what was found, done, held and could not be done, and how late the latest was."""
        done = (
            "、".join(f"{LABELS.get(event, event)} {count}" for event, count in sorted(self.done.items()))
            or "无到期事项"
        )
        verb = "将办理" if self.dry_run else "已办理"
        failed = "；".join(f"{applicant_id}：{why}" for applicant_id, why in self.failed.items())
        ahead = "所选日期在将来，只列出届时会办理的，没有写入：" if self.is_ahead else ""
        return (
            f"{ahead}到期 {self.found} 项，{verb}：{done}；因异议暂停 {self.held} 家；最晚迟 {self.latest_by_days} 天。"
            + (f"未能办理 {len(self.failed)} 家：{failed}。" if failed else "")
        )

    def as_json(self) -> dict[str, object]:
        """The report as plain data."""
        return {
            "as_of": self.as_of.astimezone(ZONE).isoformat(),
            "dry_run": self.dry_run,
            "found": self.found,
            "done": dict(sorted(self.done.items())),
            "held": self.held,
            "latest_by_days": self.latest_by_days,
            "failed": self.failed,
            "actions": self.actions,
        }


def sweep_until(url: str, as_of: datetime | None, now: datetime, *, dry_run: bool) -> SweepReport:
    """A sweep that a person asks for, as of an instant (None: now). It never writes beyond now: no limit runs out
    because somebody typed a later day; what lies ahead is told and not done. The day of today means now."""
    until = as_of or now
    if local_day(until) == local_day(now):
        until = min(until, now)
    report = sweep(url, until, dry_run=dry_run or until > now)
    report.is_ahead = until > now
    return report


def sweep(
    url: str,
    as_of: datetime,
    *,
    dry_run: bool = False,
    only: Sequence[int] | None = None,
    of: str = DOSSIERS.name,
    chunk: int = CHUNK,
) -> SweepReport:
    """Does everything that is due as of an instant; `only` limits it to some subjects of a kind.

    `dry_run` does it all the same, in one transaction that is taken back: it tells what a sweep would do, and writes
    nothing.
    """
    report = SweepReport(as_of, dry_run)
    if only is None:
        with reading(url) as session:  # most sweeps find nothing: they hold up nobody
            if not is_anything_due(session, local_day(as_of)):
                return report
    with _begins(url, dry_run) as begin:
        for kind in KINDS.values() if only is None else (KINDS[of],):
            _all_passes(Sweep(kind, begin, report, chunk), only)
            if only is None:
                with begin() as session:
                    report.held += _count_held(session, kind, local_day(as_of))
        if only is None:
            _lapse_proposals(begin, report)
    return report


def is_anything_due(session: Session, today: date) -> bool:
    """Whether there is anything to do at all: one question, whatever is stored."""
    return bool(session.execute(_ANYTHING, {"today": today}).scalar_one())


def sweep_within(session: Session, as_of: datetime, only: Sequence[int], of: str) -> None:
    """What is due of some subjects of a kind, done inside a transaction that its caller takes back."""
    _all_passes(Sweep(KINDS[of], _within(session), SweepReport(as_of, dry_run=True), CHUNK), only)


def _lapse_proposals(begin: Begin, report: SweepReport) -> None:
    """Acts that waited for their second person in vain end without effect."""
    with begin() as session:
        for one in lapse(session, report.as_of):
            late = (local_day(report.as_of) - one.last_day - ONE_DAY).days
            limit = {"deadline": "proposal", "deadline_label": "复核期限", "due": one.last_day.isoformat()}
            about = {"applicant_id": f"第 {one.id} 号提请", "event": LAPSED, "late_days": str(late)}
            report.actions.append({**about, **limit})
            report.done[LAPSED] += 1
            report.found += 1
            report.latest_by_days = max(report.latest_by_days, late)


@contextmanager
def _begins(url: str, dry_run: bool) -> Iterator[Begin]:
    """How a pass begins: with a transaction of its own, or inside the one that a dry run takes back."""
    if not dry_run:
        yield lambda: transaction(url)
        return
    with Session(engine_for(url), expire_on_commit=False) as session:
        try:
            yield _within(session)
        finally:
            session.rollback()


def _within(session: Session) -> Begin:
    @contextmanager
    def rehearse() -> Iterator[Session]:
        with telling_conflicts(), session.begin_nested():
            yield session

    return rehearse


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep of the subjects of one kind under way; `aside` are those that could not be done."""

    kind: Kind[Any, Any]
    begin: Begin
    report: SweepReport
    chunk: int
    aside: set[int] = field(default_factory=set)


def _all_passes(sweep: Sweep, only: Sequence[int] | None) -> None:
    while _one_pass(sweep, only):
        pass


def _one_pass(sweep: Sweep, only: Sequence[int] | None) -> bool:
    """One chunk in one transaction: whether there may be more. Of a chunk with a case at fault every case is tried
    (`tasks.halving`); the one at fault is set aside and named."""
    found: list[int] = []

    def work(subjects: Sequence[int] | None, most: int = CHUNK) -> Pass:
        found.clear()
        with sweep.begin() as session:
            due, more = _due(session, sweep, subjects, most)
            found.extend(one.subject_id for one in due)
            return _carry_out(session, sweep, due, more)

    def bad(subject_id: int, why: str) -> Pass:
        sweep.aside.add(subject_id)
        with sweep.begin() as session:
            sweep.report.failed[sweep.kind.number_of(session, subject_id)] = why
        return Pass()

    try:
        one = patiently(lambda: work(only, sweep.chunk))
    except MemberError as error:
        if not found:
            raise error.__cause__ or error from None
        for part in in_halves(work, tuple(found), bad):
            _note(sweep, part)
        return True
    _note(sweep, one)
    return one.more


def _note(sweep: Sweep, one: Pass) -> None:
    report = sweep.report
    today = local_day(report.as_of)
    for due, why in one.refused:
        sweep.aside.add(due.subject_id)
        report.failed[due.number] = why
    for due, event in one.done:
        late = max((today - due.due_on - ONE_DAY).days, 0) if event != "reminder" else 0
        days = {"due": due.due_on.isoformat(), "late_days": str(late)}
        label = {"deadline": due.kind, "deadline_label": due.label}
        report.actions.append({"applicant_id": due.number, "event": event, **label, **days})
        report.latest_by_days = max(report.latest_by_days, late)
        report.done[event] += 1
    report.found += len(one.done)


def _due(session: Session, sweep: Sweep, only: Sequence[int] | None, limit: int) -> tuple[list[Due], bool]:
    """For each subject with something due, its earliest such clock, and whether there is more; those that an open
    objection holds are left alone (A7-11)."""
    query = _due_query(sweep.kind.name, is_limited=only is not None)
    if sweep.aside:
        query = query.where(col(Deadline.subject_id).not_in(sweep.aside))
    given = {"numbers": only} if only is not None else {}
    rows = session.execute(query, {"today": local_day(sweep.report.as_of), "most": limit, **given}).all()
    earliest: dict[int, Due] = {}
    for row in rows:
        due = Due(*row)
        if due.subject_id not in earliest or due.order < earliest[due.subject_id].order:
            earliest[due.subject_id] = due
    return list(earliest.values()), len(rows) == limit or len(rows) > len(earliest)


@cache
def _due_query(name: str, *, is_limited: bool) -> Select[Any]:
    """The clocks of a kind that are due as of `today`, at most `most`; `is_limited`: of the subjects in `numbers`."""
    kind = KINDS[name]
    own = kind.table.c
    query = (
        select(
            *(col(Deadline.subject_id), own[kind.group], col(Deadline.kind), col(Deadline.holder)),
            *(col(Deadline.due_on), col(Deadline.status), col(Deadline.id)),
        )
        .join(kind.table, own.id == col(Deadline.subject_id))
        .where(_is_of(kind), col(Deadline.check_on) <= bindparam("today"))
        .where((own.holds == 0) | (col(Deadline.holder) == NEVER_HELD))
        .order_by(col(Deadline.check_on), col(Deadline.subject_id))
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=[Deadline.__table__, kind.table], skip_locked=not is_limited)  # type: ignore[attr-defined]
    )
    return query.where(among_given(col(Deadline.subject_id))) if is_limited else query


def _is_of(kind: Kind[Any, Any]) -> ColumnElement[bool]:
    """The condition that a clock is of a kind of subject, spelled so that no index answers it: SQLite would take that
    of the subjects and read every clock there is, where the few that are due stand in that of `check_on`."""
    return col(Deadline.subject).concat("") == kind.name


def _carry_out(session: Session, sweep: Sweep, due: Sequence[Due], more: bool) -> Pass:
    """What is due, done for all that share one setting together; clocks that this starts may be due already."""
    whole = Pass(more=more)
    by_group: dict[int, list[Due]] = {}
    for one in due:
        by_group.setdefault(one.group_id, []).append(one)
    for group_id, dues in by_group.items():
        _carry_out_group(session, sweep, group_id, dues, whole)
    return whole


def _carry_out_group(session: Session, sweep: Sweep, group_id: int, dues: Sequence[Due], whole: Pass) -> None:
    kind, as_of = sweep.kind, sweep.report.as_of
    ctx = kind.setting_of(session, group_id)
    needs_facts = any(kind.procedure.clocks[one.kind].reads_facts for one in dues)
    condition = among(kind.table.c.id, [one.subject_id for one in dues])
    by_id = {case.id: case for case in kind.load(session, condition, with_facts=needs_facts)}
    changes: list[Change[Any]] = []
    reminders: list[Reminder] = []
    alike = Alike(as_of, ctx)
    for one in dues:
        one.number, one.label = by_id[one.subject_id].number, ctx.clocks[one.kind].label
        decided = alike.decide(by_id[one.subject_id], one)
        if isinstance(decided, Refused):
            whole.refused.append((one, sentence(decided)))
        elif isinstance(decided, Reminder):
            reminders.append(decided)
            whole.done.append((one, "reminder"))
        else:
            changes.append(decided)
            whole.done.append((one, decided.event.name))
    record(session, ctx, changes)
    remind(session, ctx, reminders, as_of)
    whole.more |= any(change.outcome.starts for change in changes)


def _count_held(session: Session, kind: Kind[Any, Any], today: date) -> int:
    """Subjects whose limit has run out but which an open objection holds."""
    query = (
        select(col(Deadline.subject_id))
        .join(kind.table, kind.table.c.id == col(Deadline.subject_id))
        .where(_is_of(kind), col(Deadline.check_on) <= today, kind.table.c.holds > 0)
        .where(col(Deadline.holder) != NEVER_HELD, col(Deadline.due_on) < today)
        .distinct()
    )
    return len(session.execute(query).all())
