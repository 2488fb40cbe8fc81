"""What a group reads: every event of the office, never a name, a contact or a text that somebody typed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notifications.catalogue import EVENTS
from notifications.staff.wording import ABOUT, COUNTED, OF_A_LIMIT, render_staff
from rules.errors import InputError
from rules.vocabulary import Audience
from tests.notifications.test_rendering import filled

IN_THE_HOUSE = [name for name, spec in EVENTS.items() if spec.audience is not Audience.APPLICANT]
NEVER = "不得外传"
BASE = {"round_name": "样例轮次", "county": "样例县", "agency": "样例中心", "place": "2号窗口"}
ONE = {"applicant_id": "H01", "applicant_name": "样例医院", "deadline": "初审", "due_on": "2026-03-10"}


def marked(value: Any, key: str = "") -> Any:
    """The parameters with a mark in every text that the template does not name."""
    if isinstance(value, dict):
        return {name: marked(one, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [marked(one, key) for one in value]
    is_told = key in (*ABOUT, *COUNTED, *OF_A_LIMIT, "round_name", "rule", "period")
    return f"{value}{NEVER}" if isinstance(value, str) and not is_told else value


@pytest.mark.parametrize("event", IN_THE_HOUSE)
def test_a_group_reads_the_matter_and_nothing_that_was_typed(event: str) -> None:
    params = filled(EVENTS[event].model, "甲", flag=True, absent=False)
    params.pop("workings", None)
    told = render_staff(event, marked(params), 7)
    assert told.title == f"【{EVENTS[event].title}】"
    assert NEVER not in told.title + told.text
    assert "通知7" in told.text
    assert len(told.text.splitlines()) > 2


@pytest.mark.parametrize(
    ("event", "params", "said"),
    [
        ("authority_reminder", {**ONE, "working_days_left": 2}, "H01　初审：2026年3月10日届满，还剩2个工作日"),
        ("authority_reminder", {**ONE, "working_days_left": 0}, "H01　初审：2026年3月10日届满，今天届满"),
        ("authority_reminder", {**ONE, "working_days_left": -1}, "H01　初审：2026年3月10日届满，已过1个工作日"),
        ("authority_breach", {**ONE, "days_late": 3}, "H01　初审：2026年3月10日届满，已逾期3日"),
        ("service_fault", {"part": "50 期限巡查", "found": "x"}, "50 期限巡查"),
        ("channel_paused", {"channel": "电子邮件", "since": "2026-03-02 09:00", "reason": "x"}, "电子邮件"),
        ("decision_review", {"applicant_id": "P03", "matter": "初审", "found": "x", "advice": "y"}, "P03　初审"),
    ],
)
def test_a_message_says_what_it_is_about(event: str, params: dict[str, Any], said: str) -> None:
    lines = [line.strip() for line in render_staff(event, {**BASE, **params}, 1).text.splitlines()]
    assert said in lines
    assert "" not in lines


def test_a_message_of_an_edition_that_is_gone_is_refused() -> None:
    with pytest.raises(InputError, match="没有第 999 版"):
        render_staff("service_fault", {**BASE, "part": "x", "found": "y"}, 1, edition="999")


def test_days_are_days() -> None:
    told = render_staff(
        "objection_open",
        {**BASE, **{k: ONE[k] for k in ("applicant_id", "applicant_name")}, "ref": "Y1", "in_time": True}
        | {"received_on": date(2026, 3, 2)},
        1,
    )
    assert "2026年3月2日收到" in told.text
