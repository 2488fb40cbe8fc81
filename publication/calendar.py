"""Dates for other people's calendars: one iCalendar file (RFC 5545) from whole days of ours.

Equal entries give equal bytes: the stamp is an argument, and `uid` and `sequence` come from our own records, so that a
calendar that has read an older file moves the entry instead of adding a second one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

PRODUCT = "-//dingdian//zh-CN"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """Whole days, both counted; `uid` names the entry for ever, `sequence` rises each time its days move."""

    uid: str
    title: str
    first_day: date
    last_day: date
    note: str = ""
    link: str = ""
    sequence: int = 0


def icalendar(name: str, entries: Iterable[CalendarEntry], stamp: datetime) -> bytes:
    """The file's bytes; `stamp` (aware) is the instant that the data stand for."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry, stamp))
    return bytes(calendar.to_ical(sorted=False))


def _event(entry: CalendarEntry, stamp: datetime) -> Event:
    """DTEND is the day after the last one: RFC 5545 counts it out."""
    event = Event()
    event.add("uid", f"{entry.uid}@dingdian")
    event.add("dtstamp", stamp)
    event.add("summary", entry.title)
    event.add("dtstart", entry.first_day)
    event.add("dtend", entry.last_day + timedelta(days=1))
    event.add("sequence", entry.sequence)
    event.add("transp", "TRANSPARENT")
    for key, text in (("description", entry.note), ("url", entry.link)):
        if text:
            event.add(key, text)
    return event
