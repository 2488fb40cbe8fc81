"""What people type on the pages of the gate, field by field: kept as registers keep it, refused by its name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from foundation.masking import mask_personal
from rules.clocktime import day_of
from rules.errors import InputError
from rules.texts import cleaned, unholdable

LONGEST = 120  # characters of a name; another line may have twice as many
Given = Mapping[str, str]


def evidence_of(given: Given) -> str:
    """On what a change rests; numbers and addresses in it are masked. Raises InputError where nothing is said."""
    evidence = line_of("依据", given.get("evidence", ""))
    if not evidence:
        raise InputError("“依据”须填写：写明凭什么变更（来函名称和日期、电话核实的时间和人员等），以便核对")
    return mask_personal(evidence)


def line_of(title: str, text: str, longest: int = LONGEST * 2) -> str:
    """One line as it is kept. Raises InputError for what cannot be kept, and for a text that is too long."""
    line = cleaned(text)
    if lost := unholdable(line):
        raise InputError(f"“{title}”{lost}：请重新填写")
    if len(line) > longest:
        raise InputError(f"“{title}”最多 {longest} 个字，现为 {len(line)} 个：请缩短")
    return line


def day_field(title: str, text: str) -> date:
    """A day that was typed or picked. Raises InputError for what is none."""
    day = day_of(text)
    if day is None:
        raise InputError(f"“{title}”不是有效日期：应如 2026-03-05")
    return day
