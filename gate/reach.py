"""Where somebody gets to from a browser, by his roles (`policies/access.yaml`)."""

from __future__ import annotations

from collections.abc import Collection

from policies.access import load_access_rules
from rules.second_persons import EVERY_ROLE
from tasks.roles import label_of


def closed_to(roles: Collection[str], place: str) -> str:
    """Why somebody with these roles does not get to a place; empty where he does."""
    rules = load_access_rules()
    if rules.may(roles, place):
        return ""
    whose = label_of([role for role in rules.who_reach(place) if role != EVERY_ROLE])
    return f"“{rules.places[place]}”只对{whose}开放；您的岗位是{label_of(roles)}"
