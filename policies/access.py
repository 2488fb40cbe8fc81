"""The one reader of `policies/access.yaml`: the numbers by which people log in, and where each role gets to.

Refuses an unknown or missing number, a value that is no positive whole number, and a place, a role or a form that does
not exist, with file and line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

from policies.loader import load_policy
from policies.yamlfile import Document, read
from rules.access import AccessRules
from rules.acts import CATALOGUE
from rules.keepable import dotted
from rules.second_persons import EVERY_ROLE

FILE = Path(__file__).resolve().parent / "access.yaml"
NUMBERS = (
    *("password_length", "password_score", "password_days", "failures", "locked_minutes"),
    *("idle_minutes", "session_hours", "enrolment_hours", "code_steps"),
)
PLACES = (
    *("desk", "start", "board", "files", "contacts", "experts", "office", "absences", "handover"),
    *("people", "records", "codes", "expert_names", "materials", "scans", "supervisors"),
)


@lru_cache
def load_access_rules(file: Path = FILE) -> AccessRules:
    """The rules of the gate. Raises PolicyError(file, line, what) for anything that the file does not say clearly."""
    document = read(file)
    document.expect_keys((), {"version", "numbers", "places", "reach", "forms", "officers"})
    document.expect_keys(("numbers",), set(NUMBERS))
    document.expect_keys(("places",), set(PLACES))
    officers = {str(role): _officer(document, str(role)) for role in document.expect(("officers",), dict)}
    acting = tuple(load_policy().roles)
    document.expect_keys(("reach",), {*acting, *officers, EVERY_ROLE})
    return AccessRules(
        **{name: _number(document, name) for name in NUMBERS},
        places={place: document.expect(("places", place), str) for place in PLACES},
        reach=_listed(document, "reach", PLACES),
        forms=_forms(document, acting),
        officers=officers,
    )


def _officer(document: Document, role: str) -> str:
    path = ("officers", role)
    document.expect_keys(path, {"label", "clause"})
    document.expect((*path, "clause"), str)
    label: str = document.expect((*path, "label"), str)
    return label


def _forms(document: Document, roles: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    found = _listed(document, "forms", roles)
    if unknown := sorted(set(found) - set(CATALOGUE)):
        raise document.error(("forms", unknown[0]), f"没有表单“{unknown[0]}”")
    return found


def _listed(document: Document, table: str, known: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Lists by name, each of known words."""
    found = {str(name): document.texts((table, name)) for name in document.expect((table,), dict)}
    for name, words in found.items():
        if unknown := [word for word in words if word not in known]:
            raise document.error((table, name), f"{table}.{name}：没有“{unknown[0]}”；可用：{'、'.join(known)}")
    return found


def _number(document: Document, name: str) -> int:
    path = ("numbers", name)
    document.expect_keys(path, {"unit", "clause", "value"})
    document.expect((*path, "unit"), str)
    document.expect((*path, "clause"), str)
    value: int = document.expect((*path, "value"), int)
    if value < 1:
        raise document.error(path, f"{dotted((*path, 'value'))} 应为正整数")
    return value
