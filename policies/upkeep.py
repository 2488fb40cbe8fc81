"""The one reader of `policies/upkeep.yaml`: how many backups are kept, and how long a rehearsed restore counts.

Refuses an unknown key or unit and a missing number, with file and line.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from policies.yamlfile import Document, KeyPath, read
from rules.generations import Generations
from rules.keepable import dotted

FILE = Path(__file__).resolve().parent / "upkeep.yaml"
DAYS = "days"
PERIODS = (DAYS, "weeks", "months")


@lru_cache
def load_generations(file: Path = FILE) -> Generations:
    """How many backups are kept. Raises PolicyError(file, line, what) for what the file does not say clearly."""
    document = _read(file)
    document.expect_keys(("backups",), set(PERIODS))
    return Generations(**{period: _number(document, ("backups", period), period) for period in PERIODS})


@lru_cache
def load_restore_good_for(file: Path = FILE) -> timedelta:
    """How long a rehearsed restore counts. Raises PolicyError as `load_generations`."""
    document = _read(file)
    document.expect_keys(("restores",), {"good_for"})
    return timedelta(days=_number(document, ("restores", "good_for"), DAYS))


def _read(file: Path) -> Document:
    document = read(file)
    document.expect_keys((), {"version", "backups", "restores"})
    document.expect(("version",), str)
    return document


def _number(document: Document, path: KeyPath, wanted: str) -> int:
    document.expect_keys(path, {"unit", "value", "reason"})
    document.expect((*path, "reason"), str)
    unit, value = document.expect((*path, "unit"), str), document.expect((*path, "value"), int)
    if unit != wanted or value <= 0:
        raise document.error(path, f"{dotted(path)} 应为正整数，单位 {wanted}，现为 {value} {unit}")
    return value
