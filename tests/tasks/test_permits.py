"""A second procedure on a real database: the one writer, the sweep, the clocks, the outbox and the proof serve it as
they serve dossiers, beside them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlmodel import col

from models import AuditRecord, Deadline, Notification
from models.database import engine_for, transaction
from rules.case import Event
from rules.errors import ConflictError, RefusedError
from tasks.decisions import decided
from tasks.procedures import KINDS
from tasks.recording import record
from tests.support.permits import PERMITS, TABLE, Permit, State
from tests.support.stages import Stage
from tests.tasks.rehearsal import OFFICE, Rehearsal, beijing
from upkeep.proof import prove


@pytest.fixture
def office(at_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    """A round whose dossiers wait for their agreements until 16 January 2026, and two permits that are drafts."""
    rehearsal = at_stage("signing")
    monkeypatch.setitem(KINDS, Permit.kind, PERMITS)
    TABLE.create(engine_for(rehearsal.url))
    with transaction(rehearsal.url) as session:
        drafts = [{"id": number, "round_id": 1, "number": f"X{number}"} for number in (1, 2)]
        common = {"state": "DRAFT", "reasons": [], "version": 0, "holds": 0, "audit_seq": 0, "audit_head": ""}
        session.execute(insert(TABLE), [{**one, **common} for one in drafts])
    return rehearsal


def act(rehearsal: Rehearsal, at: str, name: str, number: str, *, stale: bool = False) -> None:
    with transaction(rehearsal.url) as session:
        ctx = PERMITS.setting_of(session, 1)
        [permit] = PERMITS.load(session, TABLE.c.number == number, with_facts=False)
        change = decided(permit, Event(name, beijing(at), OFFICE), ctx)
        record(session, ctx, [change])
        if stale:
            record(session, ctx, [change])


def states(rehearsal: Rehearsal) -> dict[str, str]:
    with transaction(rehearsal.url) as session:
        return {row.number: row.state for row in session.execute(select(TABLE))}


def clock(rehearsal: Rehearsal, permit_id: int, kind: str) -> tuple[str, date | None, date | None]:
    query = select(Deadline).where(col(Deadline.subject) == "permit", col(Deadline.subject_id) == permit_id)
    with transaction(rehearsal.url) as session:
        found = session.execute(query.where(col(Deadline.kind) == kind)).scalar_one()
        return found.status, found.due_on, found.closed_on


def test_an_act_writes_state_clock_and_record_together(office: Rehearsal) -> None:
    act(office, "2025-12-17 09:00", "grant_permit", "X1")
    assert states(office) == {"X1": "IN_FORCE", "X2": "DRAFT"}
    assert clock(office, 1, "term") == ("running", date(2026, 1, 16), None)
    with transaction(office.url) as session:
        found = session.execute(select(AuditRecord).where(col(AuditRecord.subject) == "permit")).scalar_one()
        assert (found.subject_id, found.seq, found.event, found.to_state) == (1, 1, "grant_permit", "IN_FORCE")


def test_a_refusal_and_a_collision_write_nothing(office: Rehearsal) -> None:
    with pytest.raises(RefusedError, match="X1 现处“拟定”，不能办理此事项；请先准予"):
        act(office, "2025-12-17 09:00", "suspend_permit", "X1")
    with pytest.raises(ConflictError):
        act(office, "2025-12-17 09:00", "grant_permit", "X1", stale=True)
    assert states(office) == {"X1": "DRAFT", "X2": "DRAFT"}


def test_one_sweep_serves_both_kinds_each_on_its_day(office: Rehearsal) -> None:
    act(office, "2025-12-17 09:00", "grant_permit", "X1")
    assert set(office.sweep("2026-01-16 23:59").done) <= {"reminder"}
    assert states(office)["X1"] == "IN_FORCE"
    done = office.sweep("2026-01-17 00:05").done
    assert (done["term_over"], done["sign_timeout"]) == (1, len(office.states()) - _ended_before(office))
    assert states(office)["X1"] == "EXPIRED"
    assert clock(office, 1, "term") == ("met", date(2026, 1, 16), date(2026, 1, 17))
    assert office.sweep("2026-01-17 00:10").found == 0


def _ended_before(rehearsal: Rehearsal) -> int:
    return sum(state != "DEEMED_ABANDONED" for state in rehearsal.states().values())


def test_a_suspension_has_its_limit_its_breach_and_its_messages(office: Rehearsal) -> None:
    act(office, "2025-12-17 09:00", "grant_permit", "X1")
    act(office, "2025-12-18 09:00", "suspend_permit", "X1")
    assert clock(office, 1, "suspension") == ("running", date(2025, 12, 25), None)
    assert office.sweep("2025-12-26 00:05").done["breach"] == 1
    act(office, "2025-12-26 09:00", "resume_permit", "X1")
    assert clock(office, 1, "suspension") == ("breached", date(2025, 12, 25), date(2025, 12, 26))
    told = select(Notification.event).where(col(Notification.subject) == "permit").order_by(col(Notification.id))
    with transaction(office.url) as session:
        assert list(session.execute(told).scalars()) == ["decision_review", "authority_breach", "decision_review"]


def test_a_permit_that_is_held_waits(office: Rehearsal) -> None:
    act(office, "2025-12-17 09:00", "grant_permit", "X1")
    with transaction(office.url) as session:
        session.execute(TABLE.update().values(holds=1))
    swept = office.sweep("2026-01-17 00:05")
    assert (swept.done["term_over"], swept.held) == (0, 1)
    assert states(office)["X1"] == State.IN_FORCE


def test_its_records_are_proved_with_the_others(office: Rehearsal) -> None:
    act(office, "2025-12-17 09:00", "grant_permit", "X1")
    with transaction(office.url) as session:
        assert prove(session).faults == ()
        session.execute(TABLE.update().where(TABLE.c.id == 1).values(audit_seq=0, audit_head=""))
        assert prove(session).faults == ("permit 1 的记录应止于第 0 条，实际不是",)


@pytest.mark.parametrize(("table", "title"), [(AuditRecord, "办理记录"), (Deadline, "期限"), (Notification, "通知")])
def test_what_belongs_to_nobody_is_found(
    office: Rehearsal, monkeypatch: pytest.MonkeyPatch, table: Any, title: str
) -> None:
    act(office, "2025-12-17 09:00", "grant_permit", "X1")
    act(office, "2025-12-18 09:00", "suspend_permit", "X1")
    monkeypatch.delitem(KINDS, Permit.kind)
    with transaction(office.url) as session:
        found = [one for one in prove(session).faults if one.startswith(title)]
        rows = session.execute(select(col(table.id)).where(col(table.subject) == "permit")).all()
    assert found == [f"{title}中有 {len(rows)} 行没有所属的案件或轮次"]
