"""Fills the board's templates: everything is escaped, an unknown name is an error, and no text is ever a template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.responses import HTMLResponse

from publication import wording
from publication.pages import html_environment
from rules.vocabulary import AgreementState, ApplicantType, ClockKind, State
from tasks.labels import LABELS
from tasks.messages.foretelling import FORETOLD
from views import board_page, case_page, markdown
from views.slack import slack_words

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"
URGENCIES: Mapping[str, str] = {**board_page.URGENCY, "none": "无期限"}
MOVERS: Mapping[str, str] = {
    ClockKind.AUTHORITY.value: "经办机构",
    ClockKind.APPLICANT.value: "申请人",
    ClockKind.PERIOD.value: "公示期",
}

# How a case is put into rows: the same for the command line, the page in Prefect and this board.
SHARED = (
    "AGREEMENTS",
    "CONDITIONS",
    "DEADLINES",
    "EARLIER",
    "MESSAGES",
    "condition_rows",
    "deadline_rows",
    "former_names",
)


def page(template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> HTMLResponse:
    """A page (`templates/<template>.html.j2`)."""
    text = _environment().get_template(f"{template}.html.j2").render(values)
    return HTMLResponse(text, status, headers)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = html_environment(TEMPLATES)
    made.filters |= {
        "minute": markdown.at_minute,
        "clause": wording.cn_clause,
        "state": lambda value: State(value).label,
        "agreement_state": lambda value: AgreementState(value).label,
        "combined": lambda first, second: {**first, **second},
    }
    made.globals |= {
        "URGENCIES": URGENCIES,
        "MOVERS": MOVERS,
        "TYPES": {one.value: one.label for one in ApplicantType},
        "STATES": {one.value: one.label for one in State},
        "LABELS": LABELS,
        "FORETOLD": FORETOLD,
        "WORKING": markdown.WORKING,
        "slack_words": slack_words,
    }
    made.globals |= {name: getattr(case_page, name) for name in SHARED}
    return made
