"""The values of a month, of every institution whose agreement ran in it: rows to `录入月度指标` (R70, R83)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Agreement
from rules.case import Context
from rules.errors import InputError
from rules.indicators import Value
from rules.months import first_day, last_day
from rules.performance.records import AgreementCase
from rules.vocabulary import AgreementState, IndicatorSource
from tasks.agreements import load_agreements
from tasks.indicators import values_of as reported
from workbooks.findings import Checked, Item, is_untouched, values_of
from workbooks.making import Prefilled
from workbooks.prefilled import NUMBER, found_rows
from workbooks.reading import Returned
from workbooks.signature import Mark, row_mark

PARTS = ("value", "numerator", "denominator")


def of_month(session: Session, ctx: Context, month: str) -> dict[str, AgreementCase]:
    """By applicant the agreement that a month's values belong to: the one that ran on its last day, else on its first.
    Raises InputError for what is no month."""
    try:
        first, last = first_day(month), last_day(month)
    except ValueError as error:
        raise InputError(f"“月份”填写有误：{error}") from None
    kept = (col(Agreement.round_id) == ctx.round.id) & (col(Agreement.state) != AgreementState.DRAFT)
    found: dict[str, AgreementCase] = {}
    for one in load_agreements(session, kept):
        if one.effective_on <= last and first <= one.expires_on:
            found[one.applicant_id] = one  # in the order of signing: a renewal comes later
    return found


def rows_of(session: Session, ctx: Context, keys: Keyring, mark: Mark) -> dict[str, list[Prefilled]]:
    """A row for each institution, with what was reported already. Raises InputError where there is none."""
    agreements = of_month(session, ctx, mark.about)
    if not agreements:
        raise InputError(f"{mark.about} 本轮没有有效的协议，不用下载“月度指标”表")
    known = reported(session, [one.id for one in agreements.values()], [mark.about])
    rows: dict[str, list[Prefilled]] = {}
    for number, one in sorted(agreements.items()):
        key = f"indicators.{one.type}"
        given: dict[str, Any] = {NUMBER: number, "name": one.name, "source": IndicatorSource.INSTITUTION.label}
        for code, value in known.get((one.id, mark.about), {}).items():
            given |= {f"{part}.{code}": getattr(value, part) for part in PARTS if getattr(value, part)}
        rows.setdefault(key, []).append(Prefilled(row_mark(keys, mark, key, number), given))
    return rows


def check(session: Session, ctx: Context, keys: Keyring, book: Returned) -> Checked:
    """The values that the rows hold; what is recorded with the same figures is there already."""
    checked, month = Checked(), book.mark.about
    agreements = of_month(session, ctx, month)
    known = reported(session, [one.id for one in agreements.values()], [month])
    for sheet in book.sheets:
        figures = [one for one in sheet.plan.answers if one.key.partition(".")[0] in PARTS]
        for row, number, _ in found_rows(checked, sheet, keys, book.mark):
            if is_untouched(row, figures):
                checked.blank += 1
                continue
            values = values_of(checked, sheet, row, figures)
            if values is None:
                continue
            if number not in agreements:
                what = f"{number} 在 {month} 没有有效的协议"
                checked.fault(sheet, row.number, NUMBER, what, "请重新下载表格，再填写")
                continue
            one = agreements[number]
            told = _told(values)
            before = known.get((one.id, month), {})
            if told and all(before.get(each["field"]) == Value(**each) for each in told):
                checked.already.append(number)
                continue
            rest = values_of(checked, sheet, row, [each for each in sheet.plan.answers if each not in figures])
            if rest is None:
                continue
            named = {NUMBER: number, "agreement_number": one.number, "month": month}
            given = {
                "values": told,
                "source": rest["source"],
                "received_on": date.fromisoformat(rest["received_on"]),
            }
            checked.items.append(Item(sheet, row.number, number, "record_indicators", {**named, **given}))
    return checked


def _told(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """The values of a row, a field each; one whose numerator stands there alone is the act's to refuse."""
    codes = dict.fromkeys(key.partition(".")[2] for key, given in values.items() if "." in key and given is not None)
    return [{"field": code, **{part: _text(values.get(f"{part}.{code}")) for part in PARTS}} for code in codes]


def _text(figure: Decimal | str | None) -> str:
    return "" if figure is None else str(figure)
