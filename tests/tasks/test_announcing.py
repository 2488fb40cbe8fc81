"""What is wrong in a round's file is found before it is announced, by whichever entrance it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from dingdian.scenario import HEAD, check
from flows.forms.round_file import RoundFile
from foundation.secrets import Keyring
from models import migrate
from models.database import transaction
from rules.case import Event
from rules.errors import InputError, ScenarioError
from rules.localtime import ZONE
from tasks.announce import announce_round, register_staff
from tests.support.rounds import small_round

Change = Callable[[dict[str, Any]], object]


def said(name: str, value: Any) -> Change:
    return lambda data: data["announcement"].update({name: value})


def fact(name: str, value: Any, number: int = 0) -> Change:
    return lambda data: data["applicants"][number]["facts"].update({name: value})


def worth(*points: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        items = [{"code": f"H-{n}", "item": "项目", "max": value} for n, value in enumerate(points)]
        data["rubric"]["hospital"] = items

    return change


FAULTS: dict[str, tuple[Change, str]] = {
    "a rubric of 90": (worth(60, 30), "rubric.hospital.*各项满分合计应为 100，现为 90"),
    "a rubric of 110": (worth(60, 50), "rubric.hospital.*现为 110"),
    "a rubric of almost 100": (worth("33.3", "33.3", "33.3"), "rubric.hospital.*现为 99.9"),
    "an item twice": (
        lambda data: data["rubric"]["hospital"][1].update(code=data["rubric"]["hospital"][0]["code"]),
        "项目代码重复：H-a",
    ),
    "a nameless item": (lambda data: data["rubric"]["pharmacy"][0].update(item=" "), r"pharmacy\[0\].item.*不能为空"),
    "an unknown tie rule": (said("tie_rule", "coin"), "announcement.tie_rule.*未知的同分规则"),
    "one channel twice": (said("channels", ["县政府网站", "县政府 网站"]), "两个渠道须不同"),
    "a plan after its announcement": (said("plan_approved_on", "2025-12-31"), "plan_approved_on.*晚于发布日期"),
    "open before it is announced": (said("accept_from", "2025-01-02T09:00:00+08:00"), "早于发布日期"),
    "closed before it opens": (said("accept_until", "2025-01-02T09:00:00+08:00"), "须早于截止时间"),
    "another year": (said("year", 2019), "announcement.year.*不符"),
    "no place": (said("place", " "), "announcement.place.*不能为空"),
    "an unknown grade": (fact("grade", "三甲"), r"applicants\[0\].facts.grade.*未知的等级"),
    "a penalty to come": (
        fact("penalties", [{"authority": "县市场监督管理局", "date": "2062-03-01", "kind": "罚款"}]),
        r"penalties\[0\].date.*请核对年份",
    ),
}
SHAPES: dict[str, tuple[Change, str]] = {
    "a word for a truth": (fact("cold_chain", "no"), "应为是或否"),
    "a number for a truth": (fact("cold_chain", 1), "应为是或否"),
    "a truth for a number": (fact("physicians", True), "应为整数"),
    "a text for a number": (fact("physicians", "1_000"), "应为整数"),
    "a number beyond every column": (fact("physicians", 10**12), "不能大于"),
    "a number for a day": (said("published_on", 20250818), "不是有效日期"),
    "digits for a day": (said("published_on", "20250818"), "不是有效日期"),
    "a truth for points": (worth(True, 99), "应为数字"),
    "too many decimals": (worth("33.33333", "66.66667"), "小数不能超过"),
    "no table": (lambda data: data["rubric"]["hospital"].append(7), "应为键值表"),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with one director and no round: a refused announcement leaves it so."""
    address = f"sqlite:///{tmp_path_factory.mktemp('announcing') / 'office.db'}"
    migrate.upgrade(address)
    with transaction(address) as session:
        register_staff(session, [{"staff_no": "1", "name": "甲", "roles": ["director", "operator"]}])
    return address


def announce(url: str, head: dict[str, Any]) -> str:
    at = datetime(2025, 8, 18, 9, tzinfo=ZONE)
    return announce_round(url, head, Event("announce_round", at, "1"), Keyring.from_secret("x" * 40)).summary


@pytest.mark.parametrize(("change", "sentence"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_refused_at_the_announcement_and_in_a_replay(url: str, change: Change, sentence: str) -> None:
    data = small_round()
    change(data)
    with pytest.raises(ScenarioError, match=sentence):
        check(data)
    head = RoundFile.model_validate({name: data[name] for name in HEAD}).plain()
    with pytest.raises(InputError, match=sentence):
        announce(url, head)


@pytest.mark.parametrize(("change", "sentence"), SHAPES.values(), ids=SHAPES)
def test_a_value_of_another_kind_is_refused_in_chinese(change: Change, sentence: str) -> None:
    data = small_round()
    change(data)
    with pytest.raises(ScenarioError, match=sentence):
        check(data)
    with pytest.raises(ValidationError):
        RoundFile.model_validate({name: data[name] for name in HEAD})


def test_points_with_decimals_add_up_exactly(url: str) -> None:
    data = small_round()
    worth("33.4", 33.3, "33.3")(data)
    head = RoundFile.model_validate({name: data[name] for name in HEAD}).plain()
    assert [one["max"] for one in head["rubric"]["hospital"]] == ["33.4", "33.3", "33.3"]
    assert "已发布" in announce(url, head)


def test_the_end_of_a_day_may_be_written_as_people_do() -> None:
    data = small_round()
    data["announcement"]["accept_until"] = data["announcement"]["accept_until"][:10] + "T24:00:00+08:00"
    assert check(data).head["announcement"]["accept_until"].endswith("T23:59:59+08:00")
