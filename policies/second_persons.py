"""The one reader of `policies/second_persons.yaml`: which acts want a second person, with which role, within how long.

Refuses an unknown act, role, condition, key or unit and a day for a condition that has none, with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from policies.dated import as_of
from policies.loader import load_policy
from policies.yamlfile import Document, KeyPath, read
from rules.acts import CATALOGUE
from rules.keepable import dotted
from rules.second_persons import SecondPerson
from rules.vocabulary import SecondWhen

FILE = Path(__file__).resolve().parent / "second_persons.yaml"
UNIT = "days"


@lru_cache(maxsize=64)
def load_second_persons(on: date, file: Path = FILE) -> Mapping[str, SecondPerson]:
    """What holds on a day, by act. Raises PolicyError(file, line, what) for anything that the file does not say
    clearly."""
    document = as_of(read(file), on)
    document.expect_keys((), {"version", "acts"})
    document.expect(("version",), str)
    return {str(act): _entry(document, str(act)) for act in document.expect(("acts",), dict)}


def _entry(document: Document, act: str) -> SecondPerson:
    path: KeyPath = ("acts", act)
    if act not in CATALOGUE:
        raise document.error(path, f"没有事项“{act}”")
    document.expect_keys(path, {"when", "roles", "within", "clause"}, {"day", "older_than", "by"})
    when = document.expect((*path, "when"), str)
    if when not in list(SecondWhen):
        raise document.error((*path, "when"), f"when 的值“{when}”不认识；可用：{'、'.join(SecondWhen)}")
    is_dated = {name for name in ("day", "older_than") if name in document.at(path)}
    if is_dated != ({"day", "older_than"} if when == SecondWhen.BACKDATED else set()):
        raise document.error(path, f"{dotted(path)}：day 和 older_than 只在 when 为 backdated 时写，且须同时写")
    return SecondPerson(
        act=act,
        when=SecondWhen(when),
        roles=_roles(document, (*path, "roles")),
        by=_roles(document, (*path, "by")) if "by" in document.at(path) else (),
        within_days=_days(document, (*path, "within")),
        clause=document.expect((*path, "clause"), str),
        day=document.expect((*path, "day"), str) if is_dated else "",
        older_than_days=_days(document, (*path, "older_than")) if is_dated else 0,
    )


def _roles(document: Document, path: KeyPath) -> tuple[str, ...]:
    roles, known = document.texts(path), load_policy().roles
    if not roles or (unknown := sorted(set(roles) - set(known))):
        said = f"没有岗位“{'、'.join(unknown)}”" if roles else "至少写一个岗位"
        raise document.error(path, f"{said}；可用：{'、'.join(sorted(known))}")
    return roles


def _days(document: Document, path: KeyPath) -> int:
    document.expect_keys(path, {"unit", "value"})
    unit, value = document.expect((*path, "unit"), str), document.expect((*path, "value"), int)
    if unit != UNIT:
        raise document.error((*path, "unit"), f"{dotted(path)} 的单位应为 {UNIT}，现为“{unit}”")
    if value < 1:
        raise document.error((*path, "value"), f"{dotted(path)} 应为正整数，现为 {value}")
    return value
