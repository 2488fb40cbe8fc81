"""A scenario file may name the second person of an act; one that says nothing runs as before. How the flows take
it, `test_both_engines` tries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from dingdian.scenario import check
from models import AuditRecord, Proposal
from models.database import transaction
from rules.errors import ScenarioError
from rules.performance.guards.shared import ALONE
from tests.support.rounds import replayed, small_round

NAMED = ("announce_round", "recuse_expert", "draw_experts", "conclude_evaluation")


def scenario(second: str = "") -> dict[str, Any]:
    made = small_round(1, 1, recused=["Z02"], until="concluded")
    for event in made["events"]:
        if second and event["do"] in NAMED:
            event["confirmed_by"] = second
    return made


def seconds(url: str) -> dict[str, str]:
    with transaction(url) as session:
        assert session.execute(select(Proposal)).all() == []
        rows = session.execute(select(AuditRecord).where(AuditRecord.subject == "round")).scalars()
        return {one.event: one.detail["fields"].get("confirmed_by", "") for one in rows if one.event in NAMED}


def test_the_second_person_stands_on_the_record_and_changes_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "named").mkdir()
    url, silent = replayed(tmp_path, scenario())
    other, named = replayed(tmp_path / "named", scenario("复核员"))
    assert seconds(url) == dict.fromkeys(NAMED, "")
    assert seconds(other) == dict.fromkeys(NAMED, "复核员")
    assert {**silent, "audit": {}} == {**named, "audit": {}}
    assert named["refused"] == []


def test_whoever_acts_is_no_second_person(tmp_path: Path) -> None:
    made = scenario()
    event = next(one for one in made["events"] if one["do"] == "recuse_expert")
    event["confirmed_by"] = event["by"]
    _, outcome = replayed(tmp_path, made)
    assert next((one["do"], one["reason"]) for one in outcome["refused"]) == ("recuse_expert", ALONE)


def test_an_act_that_wants_nobody_knows_no_second_person() -> None:
    made = scenario()
    event = next(one for one in made["events"] if one["do"] == "request_evaluation")
    event["confirmed_by"] = "复核员"
    with pytest.raises(ScenarioError, match=r"confirmed_by: 未知的键"):
        check(made)
