"""What an agreement fixes (R53, R56, R57, R62): whether terms are complete and sound, and which hold on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.policy import TermField

METHOD = "settlement_method"
NOT_AGREED = "未约定"
BOUNDS: Mapping[str, str] = {"at_least": "不低于", "at_most": "不高于", "none": ""}
UNITS: Mapping[str, str] = {"percent": "%", "days": "天", "yuan": "元", "text": ""}
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Drafted:
    """One term as it is to be agreed: a value, or a waiver with its reason; exactly one of the two is filled."""

    field: str
    value: str = ""
    waived_why: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One term in force: as Drafted, and since when by which document; until when, where it does not hold for good."""

    field: str
    value: str
    waived_why: str
    valid_from: date
    document_no: str
    valid_until: date | None = None

    @property
    def number(self) -> Decimal | None:
        """The value as an exact number; None of a waiver or a text."""
        return Decimal(self.value) if NUMBER.fullmatch(self.value) else None


def drafted_of(given: Iterable[Mapping[str, str]]) -> list[Drafted]:
    """Terms as a form or a row gives them: `field`, `value`, `waived_why`."""
    return [Drafted(one["field"], one.get("value", ""), one.get("waived_why", "")) for one in given]


def faults_of(fields: Sequence[TermField], terms: Sequence[Drafted], *, complete: bool) -> list[str]:
    """What is wrong with terms, a sentence each. `complete`: each field that applies is filled or waived; a supplement
    changes some only."""
    by_code = {one.code: one for one in fields}
    counted = [one.field for one in terms]
    faults = [f"条款“{code}”不适用于该机构" for code in counted if code not in by_code]
    faults += [
        f"条款“{by_code[code].label}”写了两次"
        for code in sorted(set(counted))
        if counted.count(code) > 1 and code in by_code
    ]
    for one in terms:
        if one.field in by_code and (wrong := fault_of(by_code[one.field], one)):
            faults.append(wrong)
    if complete:
        missing = [one.label for one in asked(fields, method_of(terms)) if one.code not in counted]
        if missing:
            faults.append(f"尚未约定：{'、'.join(missing)}；不约定的须写明原因")
    return faults


def fault_of(field: TermField, term: Drafted) -> str:
    """What is wrong with one term, as a sentence; empty where nothing is."""
    if bool(term.value) == bool(term.waived_why):
        return f"“{field.label}”须填写数值，或写明不约定的原因，二者填一项"
    if term.waived_why:
        return ""
    if field.choices and term.value not in field.choices:
        return f"“{field.label}”须为{'、'.join(field.choices)}之一，现为“{term.value}”"
    return "" if field.unit == "text" else _fault_of_number(field, term)


def _fault_of_number(field: TermField, term: Drafted) -> str:
    if not NUMBER.fullmatch(term.value):
        return f"“{field.label}”须为数字（至多四位小数），现为“{term.value}”"
    if field.unit == "percent" and Decimal(term.value) > WHOLE:
        return f"“{field.label}”是百分比，须在 0 至 100 之间，现为 {term.value}"
    return ""


def method_of(terms: Iterable[Drafted | Term]) -> str:
    """The way of settlement among terms; empty where it is not agreed."""
    return next((one.value for one in terms if one.field == METHOD), "")


def asked(fields: Sequence[TermField], method: str) -> list[TermField]:
    """The fields that an agreement must fill or waive: those of every way of settlement, and of the agreed one."""
    return [one for one in fields if not one.method or one.method == method]


def in_force(terms: Iterable[Term], day: date) -> dict[str, Term]:
    """By field the term in force on a day; of the same day, the one recorded later. One that has run out leaves
    the field without any: what it took the place of does not come back. `terms` in the order of record."""
    found: dict[str, Term] = {}
    for one in terms:
        known = found.get(one.field)
        if one.valid_from <= day and (known is None or one.valid_from >= known.valid_from):
            found[one.field] = one
    return {code: one for code, one in found.items() if one.valid_until is None or day <= one.valid_until}


def told(field: TermField, term: Drafted | Term) -> str:
    """A term in words: `不高于 30%`, `按项目`, `不约定（县里未定）`."""
    if term.waived_why:
        return f"不约定（{term.waived_why}）"
    bound = BOUNDS[field.bound]
    return f"{bound} {term.value}{UNITS[field.unit]}".strip()


def changes_of(fields: Sequence[TermField], before: Mapping[str, Term], new: Iterable[Drafted]) -> list[dict[str, str]]:
    """What changes, in the order of the clauses: code, label, and the words of what was agreed and of what is."""
    by_code = {one.field: one for one in new}
    return [
        {
            **{"field": one.code, "label": one.label},
            "before": told(one, before[one.code]) if one.code in before else NOT_AGREED,
            "after": told(one, by_code[one.code]),
        }
        for one in fields
        if one.code in by_code
    ]


def faults_of_change(fields: Sequence[TermField], before: Mapping[str, Term], new: Sequence[Drafted]) -> list[str]:
    """What is wrong with terms that are to take the place of others, a sentence each: as `faults_of`; one that stays
    as it is changes nothing; another way of settlement asks for its own fields."""
    faults = faults_of(fields, new, complete=False)
    labels = {one.code: one.label for one in fields}
    faults += [
        f"“{labels[one.field]}”与现行约定相同，没有变动"
        for one in new
        if one.field in labels
        and (held := before.get(one.field))
        and (held.value, held.waived_why) == (one.value, one.waived_why)
    ]
    method, known = method_of(new), {*before, *(one.field for one in new)}
    if missing := [one.label for one in fields if method and one.method == method and one.code not in known]:
        faults.append(f"按新的结算方式还须约定：{'、'.join(missing)}；不约定的须写明原因")
    return faults


def told_in_order(fields: Sequence[TermField], terms: Iterable[Drafted | Term]) -> list[dict[str, str]]:
    """Terms as they are printed: code, label and words of each, in the order of the clauses."""
    by_code = {one.field: one for one in terms}
    shown = [one for one in fields if one.code in by_code]
    return [{"code": one.code, "label": one.label, "told": told(one, by_code[one.code])} for one in shown]
