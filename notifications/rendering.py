"""Messages as people read them: the event's templates filled with its checked parameters.

Parameters are text, never template: Jinja runs in an immutable sandbox with plain values only (no rows, no objects with
methods of ours), an unknown name is an error, and every text is laid on one line first, so that a name cannot forge a
heading, a signature or a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.catalogue import parse, spec_of, template_names
from notifications.editions import NEWEST, TEMPLATES, folders
from notifications.html import WORKINGS_TITLE, parts_of
from rules.errors import InputError
from rules.wording import cn_date, cn_day, cn_month, on_one_line

SUBJECT_CHARACTERS = 60
UNITS = {"wd": "个工作日", "d": "日", "m": "个月", "y": "年"}
CUT = "…"
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})", re.ASCII)
LAYOUT = "_layout.email.html.j2"


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """A subject of at most 60 characters on one line, a plain text, and the same words as HTML."""

    subject: str
    text: str
    html: str


def render_email(
    event: str,
    params: Mapping[str, Any],
    issued_on: date,
    *,
    edition: str = NEWEST,
    has_consent: bool = False,
    enclosed: Sequence[str] = (),
    withheld: Sequence[str] = (),
) -> RenderedEmail:
    """The e-mail of an event in an edition; `issued_on` is the day under the signature (the Beijing day on which it was
    queued). `enclosed` names the documents that go with it, `withheld` those that are too big and wait at the counter.

    Without `has_consent` (the signed 电子送达确认书) the text says that it is a reminder only.

    Raises:
        InputError: unknown event or edition, parameters that do not hold, or a template that cannot be filled.
    """
    subject, text = template_names(event)
    values = plain(parse(event, params).model_dump())
    values |= {"issued_on": issued_on, "title": spec_of(event).title, "has_consent": has_consent}
    values |= {"enclosed": plain(list(enclosed)), "withheld": plain(list(withheld)), "workings_title": WORKINGS_TITLE}
    try:
        line, words = _subject(_fill(edition, subject, values)), _fill(edition, text, values) + "\n"
        return RenderedEmail(line, words, _html(edition, line, words))
    except TemplateError as error:
        raise InputError(f"通知“{event}”的模板无法生成：{error.message}；请检查 notifications/templates") from error


def cn_span(days: Mapping[str, date]) -> str:
    """2026年2月15日至23日: the days of an entry of a working, the year and the month of the last one only if new."""
    first, last = days["first_on"], days["last_on"]
    if first == last:
        return cn_date(first)
    if first.year != last.year:
        return f"{cn_date(first)}至{cn_date(last)}"
    return f"{cn_date(first)}至{'' if first.month == last.month else f'{last.month}月'}{last.day}日"


def cn_moment(moment: str) -> str:
    """2025-09-12 17:30 as 2025年9月12日17:30; a moment already in words stays as it is."""
    found = MOMENT.fullmatch(moment)
    return f"{cn_date(date.fromisoformat(found[1]))}{found[2]}" if found else moment


def cn_period(period: str) -> str:
    """60wd as 60个工作日; a period already in words stays as it is."""
    amount = period.rstrip("wdmy")
    return amount + UNITS[period[len(amount) :]] if amount.isdigit() and period[len(amount) :] in UNITS else period


def clip(text: str, characters: int) -> str:
    """A text of at most so many characters; a cut one ends with an ellipsis."""
    return text if len(text) <= characters else text[: characters - len(CUT)] + CUT


def bare(text: str) -> str:
    """A sentence without its full stop, so that the template can set its own."""
    return text.rstrip("。．.；; ")


def _subject(text: str) -> str:
    return clip(" ".join(text.split()), SUBJECT_CHARACTERS)


def _html(edition: str, subject: str, text: str) -> str:
    """The same words in the one layout; nothing in it is fetched, and it links to nothing but public workings."""
    about = {"subject": subject, "letter": parts_of(text), "workings_title": WORKINGS_TITLE}
    return _fill(edition, LAYOUT, about) + "\n"


def _fill(edition: str, name: str, values: Mapping[str, Any]) -> str:
    return environment(edition).get_template(name).render(values).strip()


@cache
def environment(edition: str = NEWEST, root: Path = TEMPLATES) -> ImmutableSandboxedEnvironment:
    """The environment of an edition's templates: plain text, so nothing is escaped; unknown names raise.

    Raises:
        InputError: there is no such edition.
    """
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders(edition, root)),
        auto_reload=False,
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"cn_date": cn_date, "cn_day": cn_day, "cn_moment": cn_moment, "cn_period": cn_period}
    made.filters |= {"clip": clip, "bare": bare, "cn_span": cn_span, "cn_month": cn_month}
    return made


def plain(value: Any) -> Any:
    """Mappings, sequences, numbers and days as they are; every text on one line, without invisible characters."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return on_one_line(value) if isinstance(value, str) else value
