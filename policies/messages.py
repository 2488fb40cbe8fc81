"""The one reader of `policies/messages.yaml`: when, how often, in which order and how long messages are tried.

Refuses an unknown key, unit or channel and a missing number, with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from pathlib import Path

from policies.dated import FIRST, LAST, VALUE
from policies.yamlfile import Document, KeyPath, read
from rules.clocktime import clock_of
from rules.keepable import dotted
from rules.vocabulary import Audience, Channel

FILE = Path(__file__).resolve().parent / "messages.yaml"
SPANS = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
IN_THE_HOUSE = (Audience.AUTHORITY, Audience.SUPERVISOR)
COUNTS = {"messages", "faults", "kilobytes"}
NUMBERS = {
    *("near_deadline", "give_up_after", "sms_spacing", "sms_daily", "faults_before_pause", "first_pause"),
    *("longest_pause", "receipt_wait", "purge_after", "attachments_size", "second_look_wait"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit and the reason for it. `span` for times; `value` for counts and sizes."""

    value: int
    unit: str
    reason: str

    @property
    def span(self) -> timedelta:
        """The length of time that it says."""
        return self.value * SPANS[self.unit]


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a day (Beijing) in which a channel may disturb an applicant, or a group of staff."""

    opens: time
    closes: time
    urgent_goes_at_once: bool


@dataclass(frozen=True, slots=True)
class EventRule:
    """How a kind of message is treated; `due` names the parameter that holds its due day, `second_look` the first and
    the last day on which it waits for somebody else's look."""

    priority: int
    mandatory: bool
    due: str
    expires: bool
    digest: bool
    second_look: tuple[date, date] | None = None

    def is_looked_at(self, day: date) -> bool:
        """Whether one that is queued on a day waits until somebody else has read it."""
        return self.second_look is not None and self.second_look[0] <= day <= self.second_look[1]


@dataclass(frozen=True, slots=True)
class MessagePolicy:
    """The whole file."""

    version: str
    numbers: Mapping[str, Amount]
    windows: Mapping[Channel, Window]
    roles: Mapping[str, tuple[str, ...]]
    staff: Mapping[Audience, tuple[str, ...]]
    events: Mapping[str, EventRule]


@lru_cache
def load_message_policy(file: Path = FILE) -> MessagePolicy:
    """The rules of messages. Raises PolicyError(file, line, what) for anything that the file does not say clearly."""
    document = read(file)
    document.expect_keys((), {"version", "numbers", "windows", "staff", "roles", "events"})
    document.expect_keys(("numbers",), NUMBERS)
    document.expect_keys(("windows",), {channel.value for channel in Channel})
    document.expect_keys(("staff",), {audience.value for audience in IN_THE_HOUSE})
    return MessagePolicy(
        version=document.expect(("version",), str),
        numbers={name: _amount(document, ("numbers", name)) for name in sorted(NUMBERS)},
        windows={channel: _window(document, ("windows", channel.value)) for channel in Channel},
        roles={str(role): document.texts(("roles", role)) for role in document.expect(("roles",), dict)},
        staff={audience: document.texts(("staff", audience.value)) for audience in IN_THE_HOUSE},
        events={str(name): _event(document, ("events", name)) for name in document.expect(("events",), dict)},
    )


def _amount(document: Document, path: KeyPath) -> Amount:
    document.expect_keys(path, {"unit", "value", "reason"})
    unit, value = document.expect((*path, "unit"), str), document.expect((*path, "value"), int)
    if unit not in SPANS and unit not in COUNTS:
        raise document.error(
            (*path, "unit"), f"{dotted(path)} 的单位“{unit}”不认识；可用：{'、'.join([*SPANS, *sorted(COUNTS)])}"
        )
    if value <= 0:
        raise document.error((*path, "value"), f"{dotted(path)} 应为正整数，现为 {value}")
    return Amount(value, unit, document.expect((*path, "reason"), str))


def _window(document: Document, path: KeyPath) -> Window:
    document.expect_keys(path, {"opens", "closes", "urgent_goes_at_once", "reason"})
    opens, closes = (_time(document, (*path, key)) for key in ("opens", "closes"))
    if opens >= closes:
        raise document.error(path, f"{dotted(path)} 的开始须早于结束")
    return Window(opens, closes, document.expect((*path, "urgent_goes_at_once"), bool))


def _time(document: Document, path: KeyPath) -> time:
    found = clock_of(document.expect(path, str))
    if found is None:
        raise document.error(path, f"{dotted(path)} 应为时刻，如 08:00")
    return found


def _event(document: Document, path: KeyPath) -> EventRule:
    document.expect_keys(path, {"priority", "mandatory"}, {"due", "expires", "digest", "second_look"})
    given = document.expect(path, dict)
    return EventRule(
        priority=document.expect((*path, "priority"), int),
        mandatory=document.expect((*path, "mandatory"), bool),
        due=document.expect((*path, "due"), str) if "due" in given else "",
        expires="expires" in given and document.expect((*path, "expires"), bool),
        digest="digest" in given and document.expect((*path, "digest"), bool),
        second_look=_second_look(document, path) if "second_look" in given else None,
    )


def _second_look(document: Document, path: KeyPath) -> tuple[date, date] | None:
    """The days of a second look, both included; the dates are written as in the other files (`policies.dated`)."""
    own = (*path, "second_look")
    if isinstance(document.at(own), bool):
        is_on, first, last = document.expect(own, bool), date.min, date.max
    else:
        document.expect_keys(own, {VALUE, FIRST}, {LAST})
        is_on, first = document.expect((*own, VALUE), bool), document.expect((*own, FIRST), date)
        last = document.expect((*own, LAST), date) if LAST in document.expect(own, dict) else date.max
    if is_on and not document.expect((*path, "mandatory"), bool):
        raise document.error(own, f"{dotted(own)}：只有必须送达的通知（mandatory）可以要求复看")
    if last < first:
        raise document.error(own, f"{dotted(own)} 的 {LAST} 早于 {FIRST}（{first}）")
    return (first, last) if is_on else None
