"""`dingdian replay`: the same outcome from both engines and both databases; bad scenarios are named by place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dingdian.cli import app
from dingdian.replay import replay
from dingdian.scenario import check
from rules.errors import ScenarioError
from tests.support.commands import dingdian
from tests.support.rounds import small_round

pytestmark = pytest.mark.long

Change = Callable[[dict[str, Any]], object]


def test_both_databases_give_the_same_outcome(database_url: str, tmp_path: Path) -> None:
    scenario = check(small_round())
    expected = replay(scenario, f"sqlite:///{tmp_path}/other.db")
    assert replay(scenario, database_url) == expected
    assert {one["outcome"] for one in expected["applicants"].values()} >= {"SIGNED_FILED_PUBLISHED"}


def test_the_real_flows_give_the_outcome_of_the_direct_engine(tmp_path: Path) -> None:
    """In a process of its own: an event loop may be running in this one. The first days only: a whole round through the
    flows is `test_privacy`'s, others are `test_both_engines`'."""
    scenario = small_round(1, 1, until="2025-09-01T18:00:00+08:00")
    file = tmp_path / "round.json"
    file.write_text(json.dumps(scenario, ensure_ascii=False), encoding="utf-8")
    done = dingdian("replay", str(file), "--json", "--engine", "prefect")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == replay(check(scenario), f"sqlite:///{tmp_path}/direct.db")


def test_a_refused_event_is_recorded_and_the_replay_goes_on(tmp_path: Path) -> None:
    data = small_round()
    last = data["events"][-1]["at"]
    data["events"].append(
        {"at": last, "do": "sign_preliminary_opinion", "by": "x", "applicant_id": "P01", "judgements": {}}
    )
    outcome = replay(check(data), f"sqlite:///{tmp_path}/replay.db")
    assert [one["event"] for one in outcome["refused"]] == [len(data["events"]) - 1]
    assert "不能办理此事项" in outcome["refused"][0]["reason"]


def _drop(key: str) -> Change:
    return lambda data: data.pop(key)


def _in_event(name: str, value: Any, index: int = 3) -> Change:
    return lambda data: data["events"][index].update({name: value})


BAD: dict[str, tuple[Change, str]] = {
    "unknown key": (lambda data: data.update(colour="red"), "colour: 未知的键"),
    "missing key": (_drop("until"), "until: 缺少此项"),
    "unknown act": (_in_event("do", "dance"), r"events\[3\].do: 未知的事项"),
    "a key of the office's round file": (
        lambda data: data["announcement"].update(objection_contact={}),
        "announcement.objection_contact: 未知的键",
    ),
    "a key of the office's register": (
        lambda data: data["applicants"][1].update(campus="东院区"),
        r"applicants\[1\].campus: 未知的键",
    ),
    "unknown key of an event": (_in_event("mood", "good"), r"events\[3\].mood: 未知的键"),
    "missing key of an event": (
        lambda data: data["events"][3].pop("applicant_id"),
        r"events\[3\].applicant_id: 缺少此项",
    ),
    "undeclared applicant": (_in_event("applicant_id", "X99"), r"events\[3\].applicant_id: 申请人“X99”未在"),
    "out of order": (_in_event("at", "2001-01-01T09:00:00+08:00"), r"events\[3\].at: 早于前一事件"),
    "instant without offset": (_in_event("at", "2025-09-02T09:00:00"), r"events\[3\].at: 须带时区偏移"),
    "unknown tie rule": (
        lambda data: data["announcement"].update(tie_rule="coin"),
        "announcement.tie_rule: 未知的同分规则",
    ),
    "unknown fact": (
        lambda data: data["applicants"][0]["facts"].update(colour="red"),
        r"applicants\[0\].facts.colour: 未知的键",
    ),
    "rubric not full": (lambda data: data["rubric"]["hospital"].pop(), "rubric.hospital: 各项满分合计应为"),
    "applicant twice": (lambda data: data["applicants"].append(data["applicants"][0]), "申请人编号重复"),
}


@pytest.mark.parametrize(("change", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_scenario_is_named_by_place_and_nothing_is_run(change: Change, sentence: str) -> None:
    data = small_round()
    change(data)
    with pytest.raises(ScenarioError, match=sentence):
        check(data)


def test_the_command_prints_one_json_document_and_ends_with_one_on_a_bad_file(tmp_path: Path) -> None:
    file = tmp_path / "round.json"
    file.write_text(json.dumps(small_round(), ensure_ascii=False), encoding="utf-8")
    result = CliRunner().invoke(app, ["replay", str(file), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["procedure"].startswith("special_drug@")
    file.write_text("{", encoding="utf-8")
    assert CliRunner().invoke(app, ["replay", str(file), "--json"]).exit_code == 1
