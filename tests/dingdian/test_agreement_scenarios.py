"""Scenarios that go on after the signature: the outcome of an agreement, and of the next round's gate."""

from __future__ import annotations

from typing import Any

import pytest

from dingdian.replay import replay, replay_together
from dingdian.scenario import check
from tests.support.rounds import small_round

CODE = "91350100M000100Y43"


def going_on(events: list[dict[str, Any]], until: str, **round_: Any) -> dict[str, Any]:
    """A finished round of one hospital and one pharmacy, and what happens to P01's agreement afterwards."""
    made = small_round(1, 1, until="finished", **round_)
    made["until"] = until
    made["applicants"][1]["credit_code"] = CODE
    made["events"] += events
    return made


def act(at: str, do: str, by: str = "中心主任", **fields: Any) -> dict[str, Any]:
    return {"at": f"{at}+08:00", "do": do, "by": by, "applicant_id": "P01", **fields}


DISSOLVED = [
    act("2025-12-01T09:00:00", "record_finding", by="复核员乙", code="D1", facts="虚假凭证三份", evidence="检查记录"),
    act("2025-12-09T09:00:00", "confirm_finding", finding="1"),
    act("2025-12-10T09:00:00", "dissolve_agreement", decision_no="解除1号", confirmed_by="复核员乙"),
    act(
        "2025-12-11T09:00:00", "record_service", by="经办员甲", served_on="2025-12-11", how="直接送达", proof="回证1号"
    ),
]


def test_a_file_that_goes_on_tells_what_became_of_its_agreements(database_url: str) -> None:
    outcome = replay(check(going_on(DISSOLVED, "2026-01-05T18:00:00+08:00")), database_url)
    assert outcome["refused"] == []
    told = outcome["agreements"]["P01"]
    assert (told["state"], told["ground"]) == ("DISSOLVED", {"code": "D1", "clause": "六(二)2①"})
    assert told["term"] == {"from": "2025-11-03", "to": "2026-11-03"}  # a file that says nothing: the corresponding day
    assert told["bar"] == {"from": "2025-12-12", "last_day": "2028-12-11"}
    assert told["suspensions"] == {"count": 0, "limit": 3}
    assert told["deadlines"]["hearing"]["due"] == "2025-12-08"
    assert [one["event"] for one in told["history"]][-5:] == [
        *("record_finding", "hearing_over", "confirm_finding", "dissolve_agreement", "record_service"),
    ]
    assert outcome["agreements"]["H01"]["state"] == "IN_FORCE"


def test_an_older_file_says_nothing_of_agreements(database_url: str) -> None:
    outcome = replay(check(small_round(1, 1, until="finished")), database_url)
    assert "agreements" not in outcome


@pytest.mark.long
def test_both_engines_give_the_same_outcome(tmp_path: Any) -> None:
    scenario = check(going_on(DISSOLVED, "2025-12-20T18:00:00+08:00"))
    direct = replay(scenario, f"sqlite:///{tmp_path / 'direct.db'}")
    assert replay(scenario, f"sqlite:///{tmp_path / 'flows.db'}", "prefect") == direct


def test_the_next_round_refuses_the_dissolved_whatever_it_declares(database_url: str) -> None:
    first = going_on(DISSOLVED, "2026-01-05T18:00:00+08:00")
    second = _a_year_later(small_round(1, 1, until="announced"))
    second["applicants"][1]["credit_code"] = CODE
    outcomes = replay_together([check(first), check(second)], database_url)
    assert [one["refused"] for one in outcomes] == [[], []]
    told = outcomes[1]["applicants"]
    assert (told["P01"]["outcome"], [one["code"] for one in told["P01"]["reasons"]]) == (
        "NOT_ACCEPTED_BAN",
        ["REAPPLICATION_BAN"],
    )
    assert told["H01"]["outcome"] == "IN_PROGRESS"


def _a_year_later(made: dict[str, Any]) -> dict[str, Any]:
    """The announcement and the applications of the same round, a year on."""
    made["announcement"] |= {
        "year": 2026,
        "plan_approved_on": "2026-03-02",
        "published_on": "2026-03-10",
        "accept_from": "2026-03-16T08:30:00+08:00",
        "accept_until": "2026-03-27T17:30:00+08:00",
    }
    applied = [
        event for event in small_round(1, 1)["events"] if event["do"] in ("announce_round", "submit_application")
    ]
    days = {"announce_round": "2026-03-10T09:00:00+08:00", "submit_application": "2026-03-20T10:00:00+08:00"}
    made["events"] = [event | {"at": days[event["do"]]} for event in applied]
    made["until"] = "2026-03-21T18:00:00+08:00"
    return made
