"""The forms as a person needs them: what waits for him first, then those of his roles by the steps of the procedure,
and those of others where he asks for them. Whose a form is, the tables say that also decide (`tasks.entitled`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from sqlmodel import Session

from models.pinned import policy_of
from policies.loader import load_policy
from rules.localtime import local_day
from rules.second_persons import EVERY_ROLE
from tasks.entitled import carriers
from tasks.roles import label_of
from views.my_tasks import to_do, under_way

Told = dict[str, Any]


class Form(Protocol):
    """What is known of a form."""

    @property
    def deployment(self) -> str:
        """Number and title: `20 签订协议`."""

    @property
    def step(self) -> str:
        """The step of the procedure: `5 谈判签约`."""

    @property
    def about(self) -> str:
        """What it is for, in a sentence."""


def form_list(session: Session, forms: Mapping[str, Form], roles: Collection[str], at: datetime) -> Told:
    """All forms by step, for somebody with these roles, and the acts that wait for them."""
    rounds = [policy_of(session, one).roles for one in under_way(session)]
    carried = carriers(forms, at, rounds or [load_policy().roles])
    lines = [_line(act, form, carried[act], roles) for act, form in forms.items()]
    lines.sort(key=lambda line: (line["step"], _number(line["title"])))
    return {
        "to_do": to_do(session, roles, local_day(at)),
        "steps": [_step(step, list(found)) for step, found in groupby(lines, key=lambda line: str(line["step"]))],
    }


def _line(act: str, form: Form, carried: list[str], roles: Collection[str]) -> Told:
    is_mine = EVERY_ROLE in roles or not set(roles).isdisjoint(carried)
    told = {"act": act, "title": form.deployment, "step": form.step, "about": form.about}
    return told | {"whose": label_of(carried), "is_mine": is_mine}


def _step(step: str, lines: list[Told]) -> Told:
    return {
        "step": step,
        "mine": [line for line in lines if line["is_mine"]],
        "others": [line for line in lines if not line["is_mine"]],
    }


def _number(title: str) -> tuple[int, ...]:
    """`89-10` after `89-9`."""
    return tuple(int(part) for part in title.split()[0].split("-"))
