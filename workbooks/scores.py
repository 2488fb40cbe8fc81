"""Score sheets of one expert: rows to `录入评分表` (五(二))."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Applicant, Application, Expert, ScoreSheet
from rules.case import Case, Context
from rules.errors import InputError
from rules.vocabulary import State
from tasks.case_loading import load_cases
from tasks.panel import panels_of, sheets_count
from workbooks.findings import Checked, Item, is_untouched, values_of
from workbooks.making import Prefilled
from workbooks.prefilled import NUMBER, found_rows
from workbooks.reading import Returned
from workbooks.signature import Mark, row_mark


def experts(session: Session, ctx: Context) -> tuple[str, ...]:
    """Everybody who scores at least one dossier, by number. Raises InputError before the draw."""
    numbers = {one for panel in _panels(session, ctx).values() for one in panel}
    if not numbers:
        raise InputError("还没有评分表可下载：请先抽取专家（12 抽取专家），并有机构处于实地评估环节")
    return tuple(sorted(numbers))


def rows_of(session: Session, ctx: Context, keys: Keyring, mark: Mark) -> dict[str, list[Prefilled]]:
    """A row for each dossier that the expert scores, by number. Raises InputError for an expert who scores none."""
    panels = _panels(session, ctx)
    mine = [case for case in _cases(session, ctx) if mark.about in panels[case.id]]
    if not mine:
        known = "、".join(sorted({one for panel in panels.values() for one in panel})) or "（无）"
        raise InputError(f"专家“{mark.about}”没有要评分的机构；本轮评分专家：{known}")
    found: dict[str, list[Prefilled]] = {}
    for case in mine:
        key = f"scores.{case.type}"
        given = {NUMBER: case.applicant_id, "name": case.name}
        found.setdefault(key, []).append(Prefilled(row_mark(keys, mark, key, case.applicant_id), given))
    return found


def check(session: Session, ctx: Context, keys: Keyring, book: Returned) -> Checked:
    """The score sheets that the rows hold. One that is recorded with the same scores is there already."""
    checked, recorded = Checked(), _recorded(session, ctx, book.mark.about)
    for sheet in book.sheets:
        for row, applicant_id, _ in found_rows(checked, sheet, keys, book.mark):
            if is_untouched(row, sheet.plan.answers):
                checked.blank += 1
                continue
            values = values_of(checked, sheet, row, sheet.plan.answers)
            if values is None:
                continue
            items = {code: Decimal(score) for code, score in _under("item", values)}
            notes = {code: text for code, text in _under("note", values) if text}
            if applicant_id not in recorded:
                told = {"items": items} | ({"notes": notes} if notes else {})
                fields = {NUMBER: applicant_id, "expert_id": book.mark.about, **told}
                checked.items.append(Item(sheet, row.number, applicant_id, "record_score_sheet", fields))
            elif recorded[applicant_id] == (items, notes):
                checked.already.append(applicant_id)
            else:
                differs = "分数不同" if recorded[applicant_id][0] != items else "评估记录不同"
                what = f"专家 {book.mark.about} 对 {applicant_id} 的评分表已录入，{differs}"
                checked.fault(sheet, row.number, NUMBER, what, "已录入的评分不能用导入修改，请核对是哪一份有误")
    return checked


def _under(kind: str, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The answers of one kind of column, by the code of the item."""
    named = ((key.partition("."), value) for key, value in values.items())
    return [(code, value) for (prefix, _, code), value in named if prefix == kind]


def _cases(session: Session, ctx: Context) -> list[Case]:
    condition = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.EVALUATING)
    return sorted(load_cases(session, condition, with_facts=False), key=lambda one: one.applicant_id)


def _panels(session: Session, ctx: Context) -> Mapping[int, tuple[str, ...]]:
    return panels_of(session, ctx, [case.id for case in _cases(session, ctx)])


def _recorded(session: Session, ctx: Context, expert_id: str) -> dict[str, tuple[dict[str, Decimal], dict[str, str]]]:
    """Scores and notes of the expert's sheets, by applicant."""
    query = (
        select(col(Applicant.applicant_id), col(ScoreSheet.items), col(ScoreSheet.notes))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(ScoreSheet, col(ScoreSheet.application_id) == col(Application.id))
        .join(Expert, col(Expert.id) == col(ScoreSheet.expert_pk))
        .where(sheets_count(session, ctx), col(Expert.expert_id) == expert_id)
    )
    return {
        number: ({code: Decimal(score) for code, score in items.items()}, dict(notes))
        for number, items, notes in session.execute(query).tuples()
    }
