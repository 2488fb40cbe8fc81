"""Objections to the second: on line around midnight, by post, while the office is closed; a whole round replayed on
both databases; through the real flows by `test_both_engines` (五(二)、五(三); 民法典203; A7-8)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from dingdian.replay import replay
from dingdian.scenario import check
from models import Objection
from models.database import transaction
from rules.errors import ScenarioError
from tests.support.rounds import small_round

pytestmark = pytest.mark.long

# The notice of results is posted on 24 September 2025; seven days later is 1 October, so that it ends with the first
# working day after the holiday, 9 October. The office is closed from 1 to 8 October.
ARRIVES = "2025-10-13T09:00:00+08:00"
MOMENTS: dict[str, tuple[str, str, dict[str, str], bool]] = {
    "P01": ("2025-10-09T23:59:59+08:00", "2025-10-09T23:59:59+08:00", {"via": "online"}, True),
    "P02": ("2025-10-10T00:00:00+08:00", "2025-10-10T00:00:00+08:00", {"via": "online"}, False),
    "P03": ("2025-10-13T10:00:00+08:00", ARRIVES, {"via": "post", "postmarked_on": "2025-10-09"}, True),
    "P04": ("2025-10-13T10:01:00+08:00", ARRIVES, {"via": "post", "postmarked_on": "2025-10-10"}, False),
    "P05": ("2025-10-09T08:30:00+08:00", "2025-10-04T03:00:00+08:00", {"via": "online"}, True),
    "P06": ("2025-10-09T08:31:00+08:00", "2025-10-08T12:00:00+08:00", {"via": "counter"}, True),
    "P07": ("2025-10-09T18:00:00+08:00", "2025-10-09T17:30:01+08:00", {"via": "counter"}, False),
    "P08": ("2025-10-09T17:30:00+08:00", "2025-10-09T17:30:00+08:00", {"via": "counter"}, True),
}


def moments() -> dict[str, Any]:
    """A round with nine pharmacies, of which eight are objected to, each at a moment of its own."""
    events = []
    for applicant_id, (at, received, how, _) in MOMENTS.items():
        about = {"applicant_id": applicant_id, "ref": f"{applicant_id}-1", "received_at": received}
        told = {"allegation": "营业面积不足", "complainant": "举报人赵某某"}
        events.append({"at": at, "do": "record_objection", "by": "经办员甲", **about, **how, **told})
    return small_round(1, 9, result_on="2025-09-24", extra=events, until="2025-10-14T18:00:00+08:00")


def in_time(url: str) -> dict[str, bool]:
    with transaction(url) as session:
        rows = session.execute(select(col(Objection.ref), col(Objection.is_in_time)))
        return {ref.removesuffix("-1"): is_in_time for ref, is_in_time in rows}


def test_each_is_in_time_or_late_as_the_law_has_it_and_only_those_in_time_hold(database_url: str) -> None:
    outcome = replay(check(moments()), database_url)
    assert outcome["refused"] == []
    assert [(one["kind"], one["last_day"]) for one in outcome["notices"]] == [("evaluation_result", "2025-10-09")]
    assert in_time(database_url) == {one: expected for one, (*_, expected) in MOMENTS.items()}
    moved_on = {one for one, told in outcome["applicants"].items() if "NEGOTIATING" in str(told["history"])}
    assert moved_on == {"H01", "P02", "P03", "P04", "P07", "P09"}  # P03's letter had not arrived yet


def test_a_letter_that_arrives_after_the_period_still_holds_the_next_step(database_url: str) -> None:
    """P03's letter bears the postmark of the last day and arrives four days later: negotiation had opened, and no
    agreement is reached before the finding."""
    data = moments()
    topics = {"topics": ["服务人群", "服务范围", "服务内容", "结算方式"], "consensus": True, "open_point": None}
    asked = {"at": "2025-10-14T09:00:00+08:00", "do": "record_negotiation", "by": "经办员甲", **topics}
    data["events"] = [one for one in data["events"] if one["at"] < "2025-10-14T09:00:00+08:00"]
    data["events"] += [asked | {"applicant_id": "P03"}, asked | {"applicant_id": "P09"}]
    outcome = replay(check(data), database_url)
    assert [one["reason"] for one in outcome["refused"]] == [
        "尚有 1 件期内异议未核查完结，暂停进入下一环节（依据：五(二)、五(三)）"
    ]


@pytest.mark.parametrize(
    ("do", "key", "value"),
    [
        *(("record_objection", "is_anonymous", True), ("record_objection", "duplicate_of", "P01-1")),
        *(("resolve_objection", "preview_code", "00000000"), ("publish_draw_plan", "strata", [])),
    ],
)
def test_what_only_an_operator_is_asked_is_no_part_of_a_scenario(do: str, key: str, value: Any) -> None:
    data = small_round(objections={"P01": False})
    index = next(n for n, event in enumerate(data["events"]) if event["do"] == do)
    data["events"][index][key] = value
    with pytest.raises(ScenarioError, match=rf"events\[{index}\].{key}: 未知的键"):
        check(data)


@pytest.mark.parametrize("do", ["withdraw_objection", "reply_objection", "record_source_event", "challenge_draw"])
def test_the_acts_of_the_office_are_no_part_of_a_scenario(do: str) -> None:
    data = small_round()
    data["events"][3]["do"] = do
    with pytest.raises(ScenarioError, match=r"events\[3\].do: 未知的事项"):
        check(data)


@pytest.mark.parametrize("key", ["expert_declarations", "groups"])
def test_what_only_a_round_file_says_is_no_part_of_a_scenario(key: str) -> None:
    with pytest.raises(ScenarioError, match=f"{key}: 未知的键"):
        check(small_round() | {key: []})
