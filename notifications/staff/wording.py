"""What staff read in their group: one template for every event, filled from a few parameters that are named here.

A group is outside the house: numbers of institutions, names of limits and days go there, no name, no contact, no text
that somebody typed. What is not listed here cannot get in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from notifications.catalogue import parse, spec_of
from notifications.editions import NEWEST
from notifications.rendering import environment, plain
from rules.errors import InputError

TEMPLATE = "_staff.txt.j2"
ABOUT = ("applicant_id", "part", "channel", "since", "ref", "matter", "notice", "outcome", "received_on")
COUNTED = ("told_on", "to_do", "late", "to_confirm", "stands_in")
OF_A_LIMIT = ("applicant_id", "deadline", "due_on", "working_days_left", "days_late")


@dataclass(frozen=True, slots=True)
class StaffText:
    """The title and the text of a message to staff."""

    title: str
    text: str


def render_staff(event: str, params: Mapping[str, Any], number: int, *, edition: str = NEWEST) -> StaffText:
    """The words of an event; `number` is the notification's, by which a second copy is known as the same.

    Raises:
        InputError: unknown event or edition, or parameters that do not hold.
    """
    told = plain(parse(event, params).model_dump())
    limits = told.get("items") or ([told] if "deadline" in told else [])
    values = {name: told.get(name) for name in (*ABOUT, *COUNTED)}
    values |= {"round_name": told["round_name"], "number": number}
    values |= {"limits": [{name: one.get(name) for name in OF_A_LIMIT} for one in limits]}
    try:
        text = environment(edition).get_template(TEMPLATE).render(values).strip()
    except TemplateError as error:
        raise InputError(
            f"通知“{event}”的工作群模板无法生成：{error.message}；请检查 notifications/templates"
        ) from error
    return StaffText(f"【{spec_of(event).title}】", text)
