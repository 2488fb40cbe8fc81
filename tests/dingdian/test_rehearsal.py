"""The rehearsal: its script is a sound round, its steps are known when done, and a person can take over on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dingdian.demo.script import scenario, staff, steps
from dingdian.rehearsal.rehearse import HELP, PREFECT_FILE, obey, prepare
from dingdian.replay import DirectEngine, replay
from flows.forms import FORMS
from foundation.rehearsal import begin
from foundation.secrets import Keyring
from foundation.settings import reset_settings
from models.database import transaction
from rules.errors import InputError
from tasks.announce import register_staff
from tasks.rehearsal import Order, orders, was_done
from tests.support.patience import until
from tests.support.stack import Stack

ENDS = {
    **{"H01": "SIGNED_FILED_PUBLISHED", "H02": "OUT_OF_QUOTA", "H03": "PRELIM_FAILED"},
    **{"P01": "SIGNED_FILED_PUBLISHED", "P02": "DEEMED_ABANDONED", "P03": "PRELIM_FAILED"},
    **{"P04": "BELOW_THRESHOLD", "P05": "WITHDRAWN"},
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_script_is_a_round_that_nobody_refuses(database_url: str) -> None:
    outcome = replay(scenario(), database_url)
    assert outcome["refused"] == []
    assert {one: told["outcome"] for one, told in outcome["applicants"].items()} == ENDS


def test_a_form_as_shown_is_the_form_as_meant() -> None:
    for step in steps(scenario())[1:]:
        assert FORMS[step.do].model_validate(step.form).fields() == step.fields, step.title
        assert step.form["by"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_step_counts_as_done_when_the_record_says_so_and_not_before(database: str) -> None:
    play = scenario()
    with transaction(database) as session:
        register_staff(session, staff())
    engine = DirectEngine(database, Keyring(bytes(32)))
    for step, happening in zip(steps(play), play.happenings, strict=True):
        assert not was_done(database, step.do, step.fields), step.title
        engine.sweep(happening.at)
        if happening.form is None:
            engine.announce(play.head, happening)
        else:
            engine.act(happening, 1)
        assert was_done(database, step.do, step.fields), step.title


@pytest.mark.parametrize("name", ["DINGDIAN_DATABASE_URL", "PREFECT_API_URL"])
def test_a_rehearsal_refuses_somebody_elses_database_or_server(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "sqlite:////office.db")
    with pytest.raises(InputError, match=f"请先取消环境变量 {name}"):
        prepare()


def test_what_is_typed_becomes_an_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    begin(tmp_path, scenario().happenings[0].at, "sqlite:////rehearsal.db")
    reset_settings()
    given = []
    for typed in ("p", "c", "n", "s", "j 20"):
        assert obey(typed) != HELP
        given.append((orders().order, orders().step))
    assert given == [(Order.PAUSE, 0), (Order.PLAY, 0), (Order.ONE, 0), (Order.SKIP, 0), (Order.UNTIL, 20)]
    assert [obey(typed) for typed in ("", "?", "j", "j x", "p 3")] == [HELP] * 5


@pytest.fixture(scope="module")
def playing(shared_tmp: Path) -> Iterator[Stack]:
    folder = shared_tmp / f"rehearsal-{time.monotonic_ns()}"
    folder.mkdir()
    stack = Stack(folder / "var", "--demo", "--play", "--pace", "0", is_new=True)
    (folder / "var").mkdir()
    (folder / "var" / "rehearsal-orders.json").write_text('{"order": "until", "step": 3, "number": 1}')
    stack.start()
    stack.register(PREFECT_FILE)
    try:
        yield stack
    finally:
        stack.stop()


def wait_until_said(stack: Stack, words: str) -> None:
    until(lambda: words in stack.said(), lambda: f"“{words}”\n{stack.said()}", alive=stack.is_alive)


def order(stack: Stack, what: str, step: int = 0) -> dict[str, Any]:
    form = {"form": {"order": what, "step": step}}
    return stack.wait_for(stack.create_run("演练控制/90 演练控制", form))


def move(stack: Stack, day: str) -> dict[str, Any]:
    run = stack.create_run("演练时间前移/91 演练时间前移", {"form": {"day": day}})
    return stack.wait_for(run)


def test_a_person_takes_over_a_step_and_hands_back(playing: Stack) -> None:
    wait_until_said(playing, "[3/59] 虚拟日期 2026-03-19 09:40　下一步：03 登记申请 P01")
    assert HELP in playing.said()
    assert "[2/59] 03 登记申请 H01：已演示" in playing.said()
    third = steps(scenario())[2]
    mine = playing.create_run(third.deployment, {"form": dict(third.form)})
    assert playing.wait_for(mine)["type"] == "COMPLETED"
    wait_until_said(playing, "[3/59] 03 登记申请 P01：您已办理")
    assert order(playing, "快进到第几步", 5)["message"] == "已收到：快进到第几步。"
    wait_until_said(playing, "[5/59] 虚拟日期 2026-03-20 10:30　下一步")
    assert "[4/59] 03 登记申请 H02：已演示" in playing.said()
    assert "[5/59] 03 登记申请" not in playing.said()


def test_every_page_says_that_it_is_a_rehearsal(playing: Stack) -> None:
    wait_until_said(playing, "[3/59] 03 登记申请 P01：您已办理")
    found = playing.request("POST", "/artifacts/filter", {"artifacts": {"key": {"any_": ["case-1-h01"]}}})
    assert found[0]["data"].startswith("**演练：虚拟日期 2026-03-19 09:10，全部内容虚构，不对外发送任何消息**")
    for page in (playing.site_url, playing.board_url):
        assert "演练：虚拟日期 2026-03-" in playing.visitor("1001").get(page).text
    assert "【演练】不向外发送任何消息（dry_run）" in playing.said()


def test_the_clock_is_moved_by_hand_and_what_falls_due_happens(playing: Stack) -> None:
    wait_until_said(playing, "[5/59] 虚拟日期 2026-03-20 10:30　下一步")
    moved = move(playing, "2026-04-30")
    assert moved["type"] == "COMPLETED"
    assert moved["message"].startswith("虚拟日期已到 2026-04-30 09:00，途中办理到期事项")
    back = playing.wait_for(playing.create_run("演练时间前移/91 演练时间前移", {"form": {"day": "2026-03-01"}}))
    assert back["message"] == "未办理：虚拟日期已是 2026-04-30，不能往回"
    assert order(playing, "只办下一步")["type"] == "COMPLETED"
    wait_until_said(playing, "[5/59] 03 登记申请 P02")
