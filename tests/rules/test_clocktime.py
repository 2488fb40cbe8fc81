"""Times of day and instants as people write them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from rules.clocktime import LAST_MOMENT, clock_of, day_of, instant_of
from rules.localtime import ZONE


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        *((text, time(17, 30)) for text in ("17:30", "17：30", "１７:３０", "17:30:00", "17时30分", "17点半", "17.30")),
        *((text, time(17, 30)) for text in ("下午5点30分", "下午5:30", "下午 5 点半", "下午17点30分", "5:30pm")),
        *((text, time(17, 30)) for text in ("十七时三十分", "下午五点半", "17时30分前", "17时30分止", "17:30\u200b")),
        *((text, LAST_MOMENT) for text in ("24:00", "24时", "24点", "24：00", "24:00:00", "二十四时", "晚上12点")),
        *((text, time(9)) for text in ("9:00", "9时", "上午9点", "早上九点整", "9点钟", "9:0")),
        *(("23:59:59", time(23, 59, 59)), ("0:00", time(0)), ("零时", time(0)), ("中午12点", time(12))),
        *(("中午1点", time(13)), ("凌晨2点", time(2)), ("三点一刻", time(3, 15)), ("下午12时30分", time(12, 30))),
        *((text, None) for text in ("", "9", "25:00", "24:01", "12:60", "上午13点", "凌晨12点", "下班前", "中午5点")),
        *((text, None) for text in ("下午", "17:30:61", "上午9点pm", "9:00-17:00")),
    ],
)
def test_a_time_of_day_is_read_as_it_was_meant_or_not_at_all(text: str, clock: time | None) -> None:
    assert clock_of(text) == clock


END = datetime(2026, 3, 20, 23, 59, 59, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        *((text, END) for text in ("2026-03-20T24:00:00+08:00", "2026-03-20T24:00+08:00", "2026-03-20T24+08:00")),
        *((text, END) for text in ("2026-03-20 24:00:00+08:00", "2026年3月20日24时", "2026年3月20日 24:00")),
        ("2026-03-20T17:30:00+08:00", datetime(2026, 3, 20, 17, 30, tzinfo=ZONE)),
        ("2026年3月20日下午5点30分", datetime(2026, 3, 20, 17, 30, tzinfo=ZONE)),
    ],
)
def test_an_instant_is_read_as_it_was_meant(text: str, at: datetime) -> None:
    assert instant_of(text) == at


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2026-03-20T17:30:00", "须带时区"),
        *((text, "不是时间，应如") for text in ("2026年2月30日17时", "下午5点", "", "2026-03-20T25:00")),
    ],
)
def test_what_is_no_instant_is_told(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        instant_of(text)


def test_a_day_is_read_as_it_was_meant() -> None:
    assert [day_of(one) for one in ("2026-03-05", "2026.3.5", "2026年3月5日")] == [date(2026, 3, 5)] * 3
    assert [day_of(one) for one in ("2026-02-30", "20260305", "3月5日")] == [None] * 3
