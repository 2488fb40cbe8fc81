"""Fills the page templates: everything is escaped, an unknown name is an error, and no text is ever a template."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from foundation.rehearsal import banner
from foundation.settings import get_settings
from publication import wording
from rules.vocabulary import ApplicantType, NoticeKind
from rules.wording import cn_date, cn_day, minute, weekday

TEMPLATES = Path(__file__).resolve().parent / "templates"


def render(page: str, **values: Any) -> bytes:
    """A page (`templates/<page>.j2`: an HTML page or the feed) as UTF-8."""
    return _environment().get_template(f"{page}.j2").render(values).encode()


def html_environment(templates: Path, **options: Any) -> ImmutableSandboxedEnvironment:
    """What fills the pages in a folder of templates, here and on the office's board; `options` are jinja2's own."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=wording.plain,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    made.globals["rehearsal_banner"] = rehearsal_banner
    made.globals["NEWLINE"] = Markup("\n")  # a text is put on one line; whoever shows several joins them with this
    return made


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = html_environment(TEMPLATES, keep_trailing_newline=True)
    made.filters |= {
        "cn_date": cn_date,
        "cn_day": cn_day,
        "weekday": weekday,
        "cn_instant": wording.cn_instant,
        "cn_clause": wording.cn_clause,
        "effect": wording.EFFECTS.__getitem__,
        "state": wording.STATES.__getitem__,
        "minute": minute,
        "iso_instant": wording.iso_instant,
        "type_label": lambda type_: ApplicantType(type_).label,
    }
    made.tests["web_address"] = wording.is_web_address
    made.globals["NoticeKind"] = NoticeKind
    made.globals["how_to_object"] = wording.how_to_object
    made.globals["electronic_ways"] = wording.electronic_ways
    return made


def rehearsal_banner() -> str:
    """What every page of a rehearsal says first; empty in a real installation."""
    return banner(get_settings().rehearsal_clock)
