"""An agreement from a finding to its suspension, each act started through Prefect's API with the words of its form:
what the run's page says, what is told, which event Prefect's feed shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Agreement, Notification
from tests.flows.test_draw_and_objection_flows import KEYS, SECRET, Office
from tests.support.patience import until
from tests.support.stack import Stack
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal, play, scenario_until

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def office(shared_tmp: Path, worker_id: str) -> Iterator[Office]:
    """An installation of its own, because the round lives in November 2025; its agreements are in force."""
    folder = shared_tmp / f"agreements-{worker_id}"
    folder.mkdir()
    clock = folder / "clock"
    clock.write_text("2025-11-10T09:00:00+08:00", encoding="utf-8")
    stack = Stack(folder / "var")
    stack.environment["DINGDIAN_REHEARSAL_CLOCK"] = str(clock)
    stack.environment["DINGDIAN_SECRET_KEY"] = SECRET
    stack.start()
    try:
        play(stack.database_url, scenario_until("published", "kept"), "kept", KEYS)
        yield Office(stack, clock, Rehearsal(stack.database_url))
    finally:
        stack.stop()


def test_an_agreement_is_suspended_by_its_forms(office: Office) -> None:
    number = next(one.number for one in office.round.rows(Agreement) if one.number.endswith("2号"))
    named = {"agreement_number": number}
    found = {"code": "V7 提高标准、分解或重复收费", "facts": "重复收费三笔", "evidence": "检查记录"}
    ended, said, page = office.send("73 登记违规事实", by=OFFICE, **named, **found)
    assert ended == "COMPLETED", said
    assert "| P01 | 样例大药房1店 | 登记违规事实 | 有效 | 有效 |" in page
    assert "拟认定告知书" in page
    assert "陈述期限" in page
    assert "[74 认定违规事实" in page
    assert f"/agreement/{next(one.id for one in office.round.rows(Agreement) if one.number == number)})" in page
    again = {"finding": "1", "statement_on": "2025-11-10"}
    assert "认定人须与登记人不同" in office.send("74 认定违规事实", by=OFFICE, **named, **again)[1]
    office.done("74 认定违规事实", **named, **again)
    decision = {"decision_no": "暂停1号", "findings": ["1"], "from_on": "2025-11-10", "confirmed_by": OFFICE}
    said = office.done("78 暂停协议", **named, **decision)
    assert "累计第 1 次，限 3 次" in said
    told = [row.event for row in office.round.rows(Notification) if row.subject == "agreement"]
    assert "agreement_suspended" in told
    wanted = {"filter": {"event": {"prefix": ["dingdian.agreement."]}}, "limit": 50}

    def feed() -> set[str]:
        """What Prefect has of this agreement's events; it takes them in some time after the run that sent them."""
        events = office.stack.request("POST", "/events/filter", wanted)["events"]
        return {one["event"] for one in events if one["resource"]["prefect.resource.id"] == "dingdian.agreement.1-P01"}

    sent = {f"dingdian.agreement.{what}" for what in ("record_finding", "confirm_finding", "suspended")}
    until(lambda: sent <= feed(), lambda: f"事件，已有：{sorted(feed())}", alive=office.stack.is_alive)
    assert BOSS != OFFICE
    office.round.is_sound()
