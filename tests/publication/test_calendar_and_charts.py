"""Files for calendars and pictures of figures."""

from datetime import UTC, date, datetime

import altair
from icalendar import Calendar

from publication.calendar import CalendarEntry, icalendar
from publication.charts import png, svg

STAMP = datetime(2026, 3, 1, tzinfo=UTC)
NOTICE = CalendarEntry("notice-1", "公示第1号;甲,乙", date(2026, 12, 29), date(2027, 1, 4), "异议\n地址", sequence=2)


def test_an_entry_comes_back_from_the_file_as_it_went_in() -> None:
    (event,) = Calendar.from_ical(icalendar("公示", [NOTICE], STAMP)).walk("VEVENT")
    read = (str(event["summary"]), str(event["description"]), event.decoded("dtstart"), event.decoded("dtend"))
    assert read == ("公示第1号;甲,乙", "异议\n地址", date(2026, 12, 29), date(2027, 1, 5))
    assert (str(event["uid"]), event["sequence"]) == ("notice-1@dingdian", 2)


def test_equal_entries_give_equal_bytes() -> None:
    assert icalendar("公示", [NOTICE], STAMP) == icalendar("公示", [NOTICE], STAMP)


def test_a_chart_is_drawn_without_a_browser() -> None:
    data = altair.Data(values=[{"step": "初审", "count": 3}])
    chart = altair.Chart(data).mark_bar().encode(x="count:Q", y="step:N")
    assert "初审" in svg(chart)
    assert png(chart).startswith(b"\x89PNG")
