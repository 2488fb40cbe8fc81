"""What a workbook consists of: sheets and columns, found by their ids and never by their place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum

VERSION = 1
MAX_ROWS = 5000
LONGEST_TEXT = 200


class Kind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    CODE = "code"
    CREDIT_CODE = "credit_code"
    COUNT = "count"
    AMOUNT = "amount"
    CHOICE = "choice"
    DAY = "day"
    PHONE = "phone"
    EMAIL = "email"


YES_NO: Mapping[str, str] = {"是": "true", "否": "false"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `is_given`: written by us, locked, never read as an answer; `total_of`: a formula of ours.

    `choices` maps what people pick to the code; `suggestions` may be picked, anything else may be written.
    `is_personal`: its content never appears in a message or log.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    is_required: bool = True
    is_given: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    total_of: tuple[str, ...] = ()
    is_personal: bool = False
    width: int = 12

    @property
    def is_answer(self) -> bool:
        """Whether the office or an expert fills it in."""
        return not self.is_given and not self.total_of


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One worksheet. `is_prefilled`: its rows are ours, one for each case; otherwise people add rows."""

    key: str
    title: str
    columns: tuple[Column, ...]
    advice: str
    is_prefilled: bool = False

    @property
    def answers(self) -> tuple[Column, ...]:
        """The columns to fill in."""
        return tuple(column for column in self.columns if column.is_answer)


@dataclass(frozen=True, slots=True)
class Layout:
    """A workbook of a round. `about` names whom a copy is for: an expert, or nobody."""

    kind: str
    title: str
    sheets: tuple[SheetPlan, ...]
    about: str = ""

    @property
    def fingerprint(self) -> str:
        """Changes whenever a column, a bound or a choice does: a workbook made before is then stale."""
        shape = [(sheet.key, [asdict(column) for column in sheet.columns]) for sheet in self.sheets]
        return hashlib.sha256(json.dumps(shape, sort_keys=True, default=str).encode()).hexdigest()[:16]
