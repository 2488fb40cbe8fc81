"""Scenarios that go on after the signature: the outcome of an agreement, and of the next round's gate."""

from __future__ import annotations

from typing import Any

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


ASSESSED = [
    {
        **{"at": "2025-12-29T09:00:00+08:00", "do": "set_assessment_table", "by": "中心主任", "first_year": 2026},
        **{"title": "考核办法", "published_on": "2025-12-29", "published_where": "县政府网站"},
        "criteria": [
            {"type": "hospital", "code": "H1", "item": "服务", "max": "100"},
            {"type": "pharmacy", "code": "K1", "item": "服务", "max": "100"},
        ],
        "grades": [{"label": "B级", "from_score": "60", "effect": "b", "coefficient": "0.95"}],
    },
    act("2026-12-28T09:00:00", "record_assessment", by="复核员乙", year=2026, scores={"K1": "59.99"}),
    act("2026-12-28T10:00:00", "record_assessment", by="复核员乙", year=2026, scores={"K1": "60"}),
    act(
        "2026-12-28T11:00:00", "record_assessment", by="复核员乙", year=2026, scores={"H1": "59.99"}, applicant_id="H01"
    ),
    {"at": "2027-01-04T09:00:00+08:00", "do": "conclude_assessment", "by": "中心主任", "year": 2026},
    {"at": "2027-01-04T10:00:00+08:00", "do": "conclude_assessment", "by": "中心主任", "year": 2026},
]


def test_a_file_that_assesses_tells_the_grade_and_the_office_s_clock(database_url: str) -> None:
    outcome = replay(check(going_on(ASSESSED, "2027-01-05T18:00:00+08:00")), database_url)
    assert [one["do"] for one in outcome["refused"]] == ["conclude_assessment"]  # not twice
    told = outcome["agreements"]["P01"]
    assert told["grade"] == {
        **{"year": 2026, "label": "B级", "total": "60.00", "satisfaction": "", "effect": "b"},
        **{"coefficient": "0.95", "why": "", "published_on": "2027-01-04"},
    }
    assert outcome["agreements"]["H01"]["grade"]["label"] == "未评定等级"
    assert told["deadlines"]["assessment"] == {"due": "2027-03-31", "status": "met", "on": "2027-01-04"}
    assert outcome["notifications"]["by_event"]["authority_breach"] == 2  # 2025 was not concluded in time


def test_a_file_that_does_not_assess_has_neither_grade_nor_clock(database_url: str) -> None:
    outcome = replay(check(going_on(DISSOLVED, "2026-04-05T18:00:00+08:00")), database_url)
    for told in outcome["agreements"].values():
        assert (told["grade"], "assessment" in told["deadlines"]) == ({}, False)


def test_a_file_may_tell_of_complaints_lists_and_double_random_inspections(database_url: str) -> None:
    sources = [{"name": f"双色球第{n}期红球", "kind": "ssq_red", "due_on": "2025-12-04"} for n in (1, 2)]
    plan = {"from_on": "2025-12-05", "to_on": "2025-12-12", "share": 50, "sources": sources}
    drawn = {"plan": "1", "source_values": [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]}
    complained = {"received_at": "2025-12-01T08:40:00+08:00", "via": "online", "matter": "收费", "is_anonymous": False}
    untrue = {"complaint": "1", "substantiated": False, "reason": "票据齐全"}
    reply = {"complaint": "1", "replied_on": "2025-12-03", "how": "call", "proof": "通话记录"}
    listed = {"on_list": "refusal", "ground": "L1", "document": "处罚决定", "evidence": "复印件"}
    events = [
        act("2025-12-01T09:00:00", "record_complaint", by="经办员甲", **complained),
        act("2025-12-01T09:30:00", "plan_inspections", **plan),
        act("2025-12-02T09:00:00", "resolve_complaint", by="复核员乙", **untrue),
        act("2025-12-02T10:00:00", "list_add", confirmed_by="复核员乙", **listed),
        act("2025-12-03T09:00:00", "reply_complaint", by="经办员甲", **reply),
        act("2025-12-05T09:00:00", "draw_inspections", **drawn),
        act("2025-12-13T09:00:00", "reveal_inspections", plan="1"),
    ]
    for one in events:
        if "inspections" in one["do"]:
            del one["applicant_id"]
    readings = {"agreement_life": "kept", "refusal_list": "kept"}
    made = going_on(events, "2026-01-05T18:00:00+08:00")
    made["announcement"]["readings"] = readings
    outcome = replay(check(made), database_url)
    assert outcome["refused"] == []
    assert outcome["inspections"] == [{"ref": "1", "institutions": 2, "wanted": 1, "state": "revealed"}]
    told = {"ref": "1", "status": "dismissed", "finding": "", "replied_on": "2025-12-03"}
    assert outcome["agreements"]["P01"]["complaints"] == [told]
    assert outcome["agreements"]["P01"]["deadlines"]["complaint_inquiry"]["status"] == "met"
    assert "complaints" not in outcome["agreements"]["H01"]
    assert outcome["notifications"]["by_event"]["list_changed"] == 1
