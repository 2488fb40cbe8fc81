"""What whoever opens Prefect sees: the round as one graph, the steps of an act, a dossier's events, a refusal that is
no fault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.follow import PICTURE_SECONDS, emit
from tests.support.patience import until
from tests.support.ports import free_port
from tests.support.stack import Stack, load_demo
from views.changes_since import Recorded
from views.stages import Stage

pytestmark = pytest.mark.long
VERIFY = "录入实地核查/07 录入实地核查"
SIGN = "签订协议/20 签订协议"


@pytest.fixture(scope="module")
def office(prefect_stack: Stack) -> Stack:
    """The installation with the demonstration round."""
    load_demo(prefect_stack)
    return prefect_stack


def verify(office: Stack, applicant_id: str) -> str:
    """An act that changes no state and can be done any number of times; its run, completed."""
    form = {"by": "1002", "applicant_id": applicant_id, "findings": [], "note": "现场核查"}
    run = office.create_run(VERIFY, {"form": form})
    office.wait_for(run, "COMPLETED")
    return run


def steps_of(office: Stack, run: str) -> list[dict[str, Any]]:
    """The task runs of a run in the order of their starts, once all of them are recorded."""

    def recorded() -> list[dict[str, Any]]:
        found = office.request("POST", "/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
        return found if found and all(one["state_type"] == "COMPLETED" for one in found) else []

    found = until(recorded, "步骤", alive=office.is_alive)
    return sorted(found, key=lambda one: str(one["start_time"]))


def names(steps: list[dict[str, Any]]) -> list[str]:
    return [str(one["name"]) for one in steps]


def events(office: Stack, resource: str) -> list[dict[str, Any]]:
    wanted = {"filter": {"event": {"prefix": ["dingdian."]}, "resource": {"id": [resource]}}, "limit": 50}
    found: list[dict[str, Any]] = office.request("POST", "/events/filter", wanted)["events"]
    return found


def pictures(office: Stack) -> list[dict[str, Any]]:
    """The runs of 全程 that were asked for by other runs."""
    wanted = {"flows": {"name": {"any_": ["全程"]}}, "flow_runs": {"tags": {"all_": ["auto-scheduled"]}}}
    found: list[dict[str, Any]] = office.request("POST", "/flow_runs/filter", wanted)
    return found


def test_the_graph_of_a_round_is_its_stages_one_after_the_other(office: Stack) -> None:
    run = office.create_run("全程/43 全程", {"form": {"round": "1"}})
    said = office.wait_for(run, "COMPLETED")["message"]
    steps = until(lambda: stages if len(stages := steps_of(office, run)) == len(Stage) else [], "九个环节")
    assert [name.partition("：")[0] for name in names(steps)] == [
        f"{number} {stage.label}" for number, stage in enumerate(Stage, start=1)
    ]
    assert [one["state"]["name"] for one in steps[2:]] == ["未开始"] * 7
    assert steps[1]["name"] in said
    before = [one["task_inputs"].get("wait_for", []) for one in steps]
    assert [one["id"] for each in before for one in each] == [one["id"] for one in steps[:-1]]
    page = office.request("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    assert {"round-1"} <= {one["key"] for one in page}
    assert all("s1 --> s2" in one["data"] for one in page if one["key"] == "round-1")


def test_an_act_shows_its_steps_one_after_the_other(office: Stack) -> None:
    run = verify(office, "P01")
    steps = until(lambda: found if len(found := steps_of(office, run)) == 5 else [], "五个步骤")
    assert names(steps) == [
        *("读取：07 录入实地核查，经办人 1002", "录入实地核查", "决定：已受理，初审中，不变（P01）"),
        *("写入：案件记录 1 条，待发通知 0 件", "告知：没有新的通知"),
    ]
    inputs = [one["task_inputs"] for one in steps]
    before = [(each.get("wait_for") or each.get("after") or [{"id": ""}])[0]["id"] for each in inputs]
    assert before == ["", *(one["id"] for one in steps[:-1])]
    logs = {"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200}
    said = {"决定：已受理，初审中，不变（P01）", "告知：没有新的通知"}  # Prefect sends logs in portions
    until(lambda: said <= {one["message"] for one in office.request("POST", "/logs/filter", logs)}, "日志")


def test_acts_in_a_row_are_told_one_by_one_and_share_a_picture(office: Stack) -> None:
    told, drawn = len(events(office, "dingdian.case.1-P02")), len(pictures(office))
    began = time.monotonic()
    for _ in range(4):
        verify(office, "P02")
    windows = (time.monotonic() - began) / PICTURE_SECONDS + 2
    until(lambda: len(events(office, "dingdian.case.1-P02")) == told + 4, "四个事件", alive=office.is_alive)
    newest = events(office, "dingdian.case.1-P02")[0]
    assert newest["event"] == "dingdian.case.verify_site"
    assert {"prefect.resource.id": "dingdian.round.1", "prefect.resource.role": "round"} in newest["related"]
    assert set(newest["payload"]) == {"act", "from", "to", "at"}
    until(lambda: len(pictures(office)) > drawn, "全程图", alive=office.is_alive)
    assert len(pictures(office)) - drawn <= windows
    for one in pictures(office):
        assert office.wait_for(one["id"])["type"] == "COMPLETED"


def test_a_sweep_shows_what_it_found_by_kind(office: Stack) -> None:
    run = office.create_run("期限巡查/50 期限巡查", {"form": {"as_of_day": "2027-12-31", "dry_run": True}})
    office.wait_for(run, "COMPLETED")
    found = until(lambda: names(steps) if len(steps := steps_of(office, run)) > 1 else [], "步骤")
    assert found[0] == "巡查期限-" + found[0].partition("-")[2]
    late = next(name for name in found if name.startswith("机关逾期（系统时钟）：初审期限"))
    assert "P01" in late


def test_a_refusal_is_told_from_a_fault(office: Stack) -> None:
    by_hand = office.create_run(SIGN, {"form": {"by": "1001", "applicant_id": "P01", "signed_on": "2026-01-05"}})
    refused = office.wait_for(by_hand, "CANCELLED")
    broken = office.wait_for(office.create_run("probe-bad/出错", {"how": "error"}), "FAILED")
    crashed = office.wait_for(office.create_run("probe-bad/出错", {"how": "exit"}), "CRASHED")
    assert [one["name"] for one in (refused, broken, crashed)] == ["未办理", "Failed", "Crashed"]
    seen = {
        "filter": {"event": {"name": ["prefect.flow-run.未办理"]}, "resource": {"id": [f"prefect.flow-run.{by_hand}"]}}
    }
    until(lambda: office.request("POST", "/events/filter", seen)["events"], "自己的事件名", alive=office.is_alive)
    page = office.request("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [by_hand]}}})
    assert any("改正后重新提交" in one["data"] and "2026-01-05" in one["data"] for one in page)


def test_a_form_that_cannot_be_read_is_a_refusal_as_well(office: Stack) -> None:
    run = office.create_run(SIGN, {"form": {"by": "1001", "applicant_id": "P01", "signed_on": "2026-02-30"}})
    assert office.wait_for(run, "CANCELLED")["name"] == "未办理"


def test_what_a_schedule_could_not_do_is_a_fault_whatever_the_reason(office: Stack) -> None:
    refused = {"form": {"round": "999"}}
    by_a_person = office.wait_for(office.create_run("全程/43 全程", refused), "CANCELLED")
    by_the_clock = office.wait_for(office.create_run("全程/43 全程", refused, tags=["auto-scheduled"]), "FAILED")
    assert (by_a_person["name"], by_the_clock["name"]) == ("未办理", "Failed")
    assert by_a_person["message"] == by_the_clock["message"]


def test_of_a_batch_it_is_told_whether_some_of_it_was_done(office: Stack) -> None:
    def batch(ids: str) -> dict[str, Any]:
        form = {"by": "1001", "kind": "批量受理：所列机构材料齐全，予以受理", "ids": ids, "complete": True}
        return office.wait_for(office.create_run("批量办理/22 批量办理", {"form": form}), "CANCELLED")

    assert batch("X8，X9")["name"] == "未办理"
    assert batch("P01，X9")["name"] == "部分未办理"


@pytest.fixture
def sending_to(office: Stack) -> Iterator[str]:
    """Events of this process go to the installation."""
    with office.as_ours():
        yield office.api_url
        EventsWorker.drain_all(timeout=30)


def records(count: int) -> list[Recorded]:
    """Records as an act leaves them, of one dossier that no other test knows."""
    number = f"T{uuid4().hex[:8]}"
    states = {"from_state": "SIGNING", "to_state": "SIGNED", "at": datetime.now(UTC)}
    return [
        Recorded(9, number, "sign_agreement", subject="application", hash=f"{number}-{one}", **states)
        for one in range(count)
    ]  # type: ignore[arg-type]


def test_what_is_told_twice_is_one_event(office: Stack, sending_to: str) -> None:
    found = records(2)
    emit(found)
    emit(found)
    EventsWorker.drain_all(timeout=30)
    resource = f"dingdian.case.9-{found[0].applicant_id}"
    until(lambda: len(events(office, resource)) >= 2, "两个事件", alive=office.is_alive)
    last = records(1)
    emit(last)  # what was sent after the doubles has arrived after them
    until(lambda: events(office, f"dingdian.case.9-{last[0].applicant_id}"), "后来的事件", alive=office.is_alive)
    assert [one["event"] for one in events(office, resource)] == ["dingdian.case.signed"] * 2


def test_two_hundred_events_hold_nobody_up_even_without_a_server() -> None:
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{free_port()}/api"}):
        emit(records(1))
        began = time.monotonic()
        emit(records(200))
        assert time.monotonic() - began < 1.0  # 0.03 s on an idle machine
