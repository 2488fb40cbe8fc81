"""Stock lists (R54): a row for each institution with the day, the drugs in a sheet of their own; to `登记备药清单`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Agreement
from models.stocked import editions_of
from rules.case import Context
from rules.errors import InputError
from rules.performance.records import AgreementCase
from rules.performance.states import RUNNING
from rules.stock import as_kept
from rules.texts import latin
from tasks.agreements import load_agreements
from workbooks.cells import plain_text
from workbooks.findings import BLANK, Checked, Item, is_untouched, values_of
from workbooks.making import Prefilled
from workbooks.prefilled import NUMBER, found_rows
from workbooks.reading import Found, Returned
from workbooks.signature import Mark, row_mark

LISTS, DRUGS = "stock.lists", "stock.drugs"
DO = "record_stock_list"
ANY = "?"


def running(session: Session, ctx: Context) -> dict[str, AgreementCase]:
    """By applicant the agreement that runs."""
    of_round = (col(Agreement.round_id) == ctx.round.id) & col(Agreement.state).in_(RUNNING)
    return {one.applicant_id: one for one in load_agreements(session, of_round)}


def rows_of(session: Session, ctx: Context, keys: Keyring, mark: Mark) -> dict[str, list[Prefilled]]:
    """A row for each institution whose agreement runs, and the drugs of its newest list. Raises InputError where there
    is none."""
    agreements = running(session, ctx)
    if not agreements:
        raise InputError("本轮没有正在履行的协议，不用下载“备药清单”表")
    lists = [
        Prefilled(row_mark(keys, mark, LISTS, number), {NUMBER: number, "name": one.name})
        for number, one in sorted(agreements.items())
    ]
    return {LISTS: lists, DRUGS: [Prefilled("", one) for one in _known(session, agreements)]}


def _known(session: Session, agreements: Mapping[str, AgreementCase]) -> list[dict[str, Any]]:
    found = []
    for number, case in sorted(agreements.items()):
        for one in _newest(session, case):
            given = {name: value for name, value in one.items() if value}
            found.append({NUMBER: number, **given} | ({"price": Decimal(one["price"])} if one["price"] else {}))
    return found


def _newest(session: Session, case: AgreementCase) -> Sequence[Mapping[str, str]]:
    editions = editions_of(session, case.id)
    return editions[-1].entries if editions else ()


def check(session: Session, ctx: Context, keys: Keyring, book: Returned) -> Checked:
    """The lists of the institutions that have a day; one with the same drugs as the newest is there already."""
    checked, agreements = Checked(), running(session, ctx)
    sheets = {sheet.plan.key: sheet for sheet in book.sheets}
    if set(sheets) != {LISTS, DRUGS}:
        raise InputError("“机构”和“药品”两张工作表都要有：请重新下载“备药清单”表，再填写")
    drugs, unsure = _drugs(checked, sheets[DRUGS])
    listed: set[str] = set()
    for row, number, _ in found_rows(checked, sheets[LISTS], keys, book.mark):
        if is_untouched(row, sheets[LISTS].plan.answers):
            checked.blank += 1
            continue
        listed.add(number)
        values = values_of(checked, sheets[LISTS], row, sheets[LISTS].plan.answers)
        if values is None:
            continue
        if number not in agreements:
            checked.fault(sheets[LISTS], row.number, NUMBER, f"{number} 没有正在履行的协议", "请重新下载表格，再填写")
            continue
        if number in unsure or ANY in unsure:
            continue  # a list that lacks the row with the bad cell would end that drug
        entries = [entry for _, entry in drugs.get(number, ())]
        if entries and [as_kept(one) for one in entries] == list(_newest(session, agreements[number])):
            checked.already.append(number)
            continue
        named = {NUMBER: number, "agreement_number": agreements[number].number}
        fields = {**named, "valid_from": date.fromisoformat(values["valid_from"]), "entries": entries}
        checked.items.append(Item(sheets[LISTS], row.number, number, DO, fields))
    for number in sorted(set(drugs) - listed - unsure - set(_unchanged(session, agreements, drugs))):
        what = f"{number} 的药品有改动，但“机构”表没有填执行日期"
        checked.fault(sheets[DRUGS], drugs[number][0][0], NUMBER, what, "请在“机构”表填写该机构的执行日期")
    return checked


def _drugs(checked: Checked, sheet: Found) -> tuple[dict[str, list[tuple[int, dict[str, Any]]]], set[str]]:
    """The drugs by institution, each with its row, and the institutions one of whose rows cannot be read (`ANY`: it is
    not known whose)."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    unsure: set[str] = set()
    for row in sheet.rows:
        if is_untouched(row, sheet.plan.answers):
            continue
        values = values_of(checked, sheet, row, sheet.plan.answers)
        if values is None:
            number = row.cells.get(NUMBER, BLANK)
            unsure.add(ANY if number.is_blank else latin(plain_text(number)))
            continue
        days = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("since", "until")}
        entry = {name: value or "" for name, value in values.items() if name != NUMBER} | days
        found.setdefault(str(values[NUMBER]), []).append((row.number, entry))
    return found, unsure


def _unchanged(
    session: Session, agreements: Mapping[str, AgreementCase], drugs: Mapping[str, Sequence[tuple[int, dict[str, Any]]]]
) -> list[str]:
    """Those whose drugs stand as they were filled in for us."""
    return [
        number
        for number, case in agreements.items()
        if [as_kept(one) for _, one in drugs.get(number, ())] == list(_newest(session, case))
    ]
