"""What the letters of an agreement's life say where a number, a day or a flag decides it; what they refuse to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from notifications.catalogue import EVENTS, validate
from notifications.rendering import render_email
from notifications.sending_windows import due_of, rule_of
from rules.errors import InputError
from rules.vocabulary import Audience

GIVEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "messages.yaml").read_text(encoding="utf-8"))
OF_AN_AGREEMENT = [name for name, spec in EVENTS.items() if spec.model.__module__ == "notifications.agreement_params"]
AGAIN, REACHED, SAME_END = (
    "再被暂停的，即达到上述次数",
    "已达到上述次数",
    "未按时限要求整改或者整改不到位的，同样一律解除",
)


def letter(event: str, **changes: Any) -> str:
    """The text of an event: the first of its samples, changed."""
    sample = next(params for name, params in GIVEN["messages"] if name == event)
    return render_email(event, GIVEN["common"] | sample | changes, GIVEN["issued_on"]).text


def body(event: str, **changes: Any) -> str:
    """What the letter says itself, without the days that its working explains."""
    return letter(event, **changes).partition("　　依据：")[0]


def test_all_of_them_go_to_the_institution() -> None:
    assert len(OF_AN_AGREEMENT) == 33
    assert {EVENTS[event].audience for event in OF_AN_AGREEMENT} == {Audience.APPLICANT}


@pytest.mark.parametrize(
    ("count", "limit", "is_last", "said"),
    [
        (1, 3, False, (False, False, True)),
        (2, 3, False, (True, False, True)),
        (3, 3, True, (False, True, False)),
        (1, 2, False, (True, False, True)),
        (2, 2, True, (False, True, False)),
    ],
)
def test_a_suspension_says_how_many_are_left_until_the_limit(
    count: int, limit: int, is_last: bool, said: tuple[bool, ...]
) -> None:
    text = letter("agreement_suspended", count=count, limit=limit, is_last=is_last)
    assert f"第{count}次暂停，累计{limit}次的，一律解除服务协议。" in text
    assert tuple(words in text for words in (AGAIN, REACHED, SAME_END)) == said


@pytest.mark.parametrize(("limit", "is_told"), [(2, False), (3, True)])
def test_the_national_count_is_told_where_it_is_another(limit: int, is_told: bool) -> None:
    assert ("累计2次及以上" in letter("agreement_suspended", limit=limit, national=2)) is is_told


def test_a_suspension_without_a_last_day_lasts_until_the_agreement_is_resumed() -> None:
    assert "起，至整改经复查到位、恢复协议时止" in letter("agreement_suspended", to_on=None)
    dated = letter("agreement_suspended", to_on="2026-07-16")
    assert "自2026年6月16日（星期二）起至2026年7月16日（星期四）止，首日、末日均包含在内" in dated


@pytest.mark.parametrize(("count", "is_told"), [(0, False), (1, False), (2, True), (3, False)])
def test_a_resumption_warns_one_before_the_limit(count: int, is_told: bool) -> None:
    assert (AGAIN in letter("agreement_resumed", count=count, limit=3)) is is_told


@pytest.mark.parametrize(
    ("event", "name", "day"),
    [
        ("finding_proposed", "statement_due", "2026年6月16日（星期二）前（含当日）"),
        ("order_to_rectify", "due_on", "2026年6月16日（星期二）前（含当日）"),
        ("agreement_dissolved", "bar_last_day", "至2026年6月16日（星期二）止（首日、末日均包含在内）"),
        ("agreement_in_force", "expires_on", "至2026年6月16日（星期二）止，首日、末日均包含在内"),
        ("renewal_signed", "expires_on", "至2026年6月16日（星期二）止，首日、末日均包含在内"),
    ],
)
def test_a_last_day_is_inside_and_said_to_be(event: str, name: str, day: str) -> None:
    assert day in body(event, **{name: "2026-06-16"})


@pytest.mark.parametrize("event", ["expiry_reminder", "rectification_reminder"])
@pytest.mark.parametrize(("left", "said"), [(0, "当日为"), (1, "尚有1个工作日"), (5, "尚有5个工作日")])
def test_a_reminder_says_what_is_left(event: str, left: int, said: str) -> None:
    assert said in body(event, working_days_left=left)


def test_what_follows_is_printed_where_it_was_not_done_and_nowhere_else() -> None:
    follows = {"on_failure": "暂停服务协议", "note": ""}
    failed, done = (letter("rectification_result", done=is_done, **follows) for is_done in (False, True))
    assert ["后果：暂停服务协议。" in text for text in (failed, done)] == [True, False]
    assert ["复查结果：整改到位。" in text for text in (failed, done)] == [False, True]


def test_who_obstructed_an_inspection_is_not_told_that_there_was_nothing_to_correct() -> None:
    nothing = "没有要求当场改正的事项"
    told = [nothing in letter("inspection_held", corrections=[], refused=refused) for refused in (False, True)]
    assert told == [True, False]


def test_an_end_that_is_no_dissolution_says_that_it_bars_nobody() -> None:
    free = "不因此限制你单位重新申请"
    assert [free in letter("agreement_expired", successor=number) for number in ("", "TY-2027-003")] == [True, False]
    assert free in letter("agreement_left")
    assert free not in letter("agreement_dissolved")


def test_a_late_renewal_or_report_is_noted_and_nothing_more() -> None:
    noted = "已记录在案"
    for event in ("renewal_applied", "change_noted"):
        assert [noted in body(event, is_late=late) for late in (True, False)] == [True, False]
    assert "不因申请迟延而不予受理" in letter("renewal_applied", is_late=True)


@pytest.mark.parametrize(
    ("event", "change", "named"),
    [
        ("order_to_rectify", {"items": []}, "items"),
        ("order_to_rectify", {"on_failure": ""}, "on_failure"),
        ("agreement_suspended", {"count": 0}, "count"),
        ("agreement_suspended", {"limit": 0}, "limit"),
        ("agreement_resumed", {"count": -1}, "count"),
        ("expiry_reminder", {"working_days_left": -1}, "working_days_left"),
        ("rectification_reminder", {"working_days_left": -1}, "working_days_left"),
        ("finding_proposed", {"facts": ""}, "facts"),
        ("inspection_held", {"inspector": "某人"}, "inspector"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_the_parameter(event: str, change: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=f"通知“{event}”的参数不成立：{named}"):
        letter(event, **change)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("expiry_reminder", "due_on"),
        ("finding_proposed", "statement_due"),
        ("order_to_rectify", "due_on"),
        ("rectification_reminder", "due_on"),
        ("order_late", None),
        ("agreement_dissolved", None),
    ],
)
def test_what_asks_for_an_act_goes_before_its_day_and_what_tells_a_fact_is_about_none(
    event: str, name: str | None
) -> None:
    sample = next(params for one, params in GIVEN["messages"] if one == event)
    stored = validate(event, GIVEN["common"] | sample)
    assert due_of(event, stored) == (sample[name] if name else None)
    assert rule_of(event).priority == (1 if name else 2)
