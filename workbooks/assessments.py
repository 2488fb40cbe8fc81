"""The assessment of a year for all institutions of a round: rows to `录入年度考核` (R51). The figures of our records
stand beside what is filled in; of a year that is concluded nothing is taken in any more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from foundation.secrets import Keyring
from models import Assessment
from rules.assessment import Criterion, table_of
from rules.case import Context
from rules.errors import InputError
from tasks.assessments import Year, newest_assessments, parts_of, results_of, table_for, years_of
from workbooks.findings import Checked, Item, is_untouched, values_of
from workbooks.making import Prefilled
from workbooks.prefilled import NUMBER, found_rows
from workbooks.reading import Returned
from workbooks.signature import Mark, row_mark

DO = "record_assessment"


def year_of(about: str) -> int:
    """The year that a workbook is about. Raises InputError."""
    if not re.fullmatch(r"20\d\d", about, re.ASCII):
        raise InputError(f"年度考核表须填年度，如 2026；现为“{about}”：请在“年度或月份”中填写")
    return int(about)


def criteria_for(session: Session, about: str) -> tuple[Criterion, ...]:
    """The criteria that the columns are made of. Raises InputError where no edition applies to the year."""
    year = year_of(about)
    table = table_for(session, year)
    if table is None:
        raise InputError(f"没有适用于 {year} 年的考核办法：请先在该年度开始以前公布，并办理“登记考核办法”")
    return table_of(table.content).criteria


def rows_of(session: Session, ctx: Context, keys: Keyring, mark: Mark) -> dict[str, list[Prefilled]]:
    """A row for each institution whose year one of the round's agreements carries, with what is recorded already."""
    year = year_of(mark.about)
    mine = _years(session, ctx, year)
    if not mine:
        raise InputError(f"本轮没有 {year} 年履行过的协议，不用下载年度考核表")
    recorded = _recorded(session, year)
    found: dict[str, list[Prefilled]] = {}
    for of in mine:
        case, key = of.carrier, f"assessment.{of.carrier.type}"
        figures = {f"part.{name}": told for name, told in parts_of(session, of, year).items()}
        given: dict[str, Any] = {NUMBER: case.applicant_id, "name": case.name, **figures}
        if case.id in recorded:
            given |= _filled(recorded[case.id])
        found.setdefault(key, []).append(Prefilled(row_mark(keys, mark, key, case.applicant_id), given))
    return found


def _filled(row: Assessment) -> dict[str, Any]:
    return {**{f"item.{code}": Decimal(points) for code, points in row.scores.items()}, "note": row.note}


def check(session: Session, ctx: Context, keys: Keyring, book: Returned) -> Checked:
    """The assessments that the rows hold. One that is recorded with the same points and note is there already."""
    checked, year = Checked(), year_of(book.mark.about)
    carriers = {of.carrier.applicant_id: of.carrier for of in _years(session, ctx, year)}
    recorded = _recorded(session, year)
    for sheet in book.sheets:
        for row, applicant_id, _ in found_rows(checked, sheet, keys, book.mark):
            if is_untouched(row, sheet.plan.answers):
                checked.blank += 1
                continue
            values = values_of(checked, sheet, row, sheet.plan.answers)
            if values is None:
                continue
            carrier = carriers[applicant_id]
            scores = {name.partition(".")[2]: Decimal(one) for name, one in values.items() if name.startswith("item.")}
            note = values["note"] or ""
            if _is_same(recorded.get(carrier.id), scores, note):
                checked.already.append(applicant_id)
                continue
            whose = {NUMBER: applicant_id, "agreement_number": carrier.number}
            fields = {**whose, "year": year, "scores": scores, "note": note}
            checked.items.append(Item(sheet, row.number, applicant_id, DO, fields))
    return checked


def _is_same(row: Assessment | None, scores: dict[str, Decimal], note: str) -> bool:
    return row is not None and row.note == note and {code: Decimal(one) for code, one in row.scores.items()} == scores


def _years(session: Session, ctx: Context, year: int) -> Sequence[Year]:
    """Those that an agreement of the round carries and that are not concluded."""
    done = results_of(session, year)
    found = years_of(session, year)
    return [of for of in found if of.carrier.round_id == ctx.round.id and of.institution_id not in done]


def _recorded(session: Session, year: int) -> dict[int, Assessment]:
    table = table_for(session, year)
    return dict(newest_assessments(session, year, table.id or 0)) if table else {}
