"""Materials and facts of the dossiers: rows to `登记申请` (四、五(一)) and `录入实地核查` (五(一))."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Application
from rules.case import Case, Context
from rules.facts import FactKind, facts_of
from rules.materials import handed_in
from rules.vocabulary import GeneTesting, State
from tasks.case_loading import load_cases
from workbooks.findings import Checked, Item, is_untouched, values_of
from workbooks.layouts import OWN_SHEET
from workbooks.making import Prefilled
from workbooks.prefilled import NUMBER, found_rows
from workbooks.reading import Found, Returned, Row
from workbooks.register import alike
from workbooks.signature import Mark, row_mark

TO_HAND_IN = (State.NOT_APPLIED, State.TOO_EARLY, State.INCOMPLETE)
TO_VERIFY = (State.ACCEPTED,)
AGAIN = "请重新下载表格"


def rows_of(session: Session, ctx: Context, keys: Keyring, mark: Mark) -> dict[str, list[Prefilled]]:
    """A row for each dossier that may be handed in, and one for each whose facts may be verified, by number."""
    found: dict[str, list[Prefilled]] = {}
    for case in sorted(_cases(session, ctx).values(), key=lambda one: one.applicant_id):
        given = {NUMBER: case.applicant_id, "name": case.name}
        if case.state in TO_HAND_IN:
            key = f"materials.{case.type}"
            found.setdefault(key, []).append(Prefilled(row_mark(keys, mark, key, case.applicant_id), given))
        if case.state in TO_VERIFY:
            key = f"facts.{case.type}"
            row = Prefilled(row_mark(keys, mark, key, case.applicant_id, _basis(case)), given | _facts_shown(case))
            found.setdefault(key, []).append(row)
    return found


def check(session: Session, ctx: Context, keys: Keyring, book: Returned) -> Checked:
    """The acts that the rows ask for; a row left as it was asks for nothing."""
    checked, cases = Checked(), _cases(session, ctx)
    for sheet in book.sheets:
        read_row = _materials if sheet.plan.key.startswith("materials.") else _facts
        for row, applicant_id, basis in found_rows(checked, sheet, keys, book.mark):
            case = cases.get(applicant_id)
            if case is None:
                checked.fault(sheet, row.number, NUMBER, f"本轮没有申请人 {applicant_id}", AGAIN)
            else:
                read_row(checked, ctx, sheet, row, case, basis)
    return checked


def _cases(session: Session, ctx: Context) -> dict[str, Case]:
    cases = load_cases(session, col(Application.round_id) == ctx.round.id)
    return {case.applicant_id: case for case in cases}


def _materials(checked: Checked, ctx: Context, sheet: Found, row: Row, case: Case, _basis: str) -> None:
    if is_untouched(row, sheet.plan.answers):
        checked.blank += 1
        return
    values = values_of(checked, sheet, row, sheet.plan.answers)
    if values is None:
        return
    codes = [key.partition(".")[2] for key, held in values.items() if key.startswith("material.") and held]
    fields = {NUMBER: case.applicant_id, "materials": codes}
    fields |= {key: values[key] for key in ("copies", "official_seal", "legal_rep_seal", "originals_shown")}
    if _is_in(case, handed_in(ctx.policy, fields)):
        checked.already.append(case.applicant_id)
        return
    checked.items.append(Item(sheet, row.number, case.applicant_id, "submit_application", fields))


def _is_in(case: Case, held: frozenset[str]) -> bool:
    """Whether this application was decided on already: everything handed in is on hand, or it was not accepted."""
    decided = case.submitted_at is not None and case.state is not State.TOO_EARLY and held <= case.materials
    return decided or case.state in (State.NOT_ACCEPTED_LATE, State.NOT_ACCEPTED_BAN)


def _facts(checked: Checked, _ctx: Context, sheet: Found, row: Row, case: Case, basis: str) -> None:
    answers = [one for one in sheet.plan.answers if _was_known(case, one.key) or not _is_blank(row, one.key)]
    values = values_of(checked, sheet, row, answers)
    if values is None:
        return
    given = {key.partition(".")[2]: value for key, value in values.items() if key.startswith("facts.")}
    findings = {name: value for name, value in given.items() if _differs(name, case.facts.get(name), value)}
    if not findings:
        checked.blank += 1
    elif basis != _basis(case):
        checked.fault(sheet, row.number, NUMBER, f"{case.applicant_id} 的事实在下载之后有变更", f"{AGAIN}，再填写")
    else:
        fields = {NUMBER: case.applicant_id, "findings": findings, "note": values.get("note") or ""}
        checked.items.append(Item(sheet, row.number, case.applicant_id, "verify_site", fields))


def _was_known(case: Case, key: str) -> bool:
    return case.facts.get(key.partition(".")[2]) is not None


def _is_blank(row: Row, key: str) -> bool:
    return key not in row.cells or row.cells[key].is_blank


def _differs(name: str, one: Any, other: Any) -> bool:
    first, second = alike(name, one, other)
    return bool(first != second)


def _facts_shown(case: Case) -> dict[str, Any]:
    """What the facts look like on the sheet."""
    labels: Mapping[Any, str] = {True: "是", False: "否"}
    shown: dict[str, Any] = {}
    for fact in facts_of(case.type):
        value = case.facts.get(fact.name)
        if value is None or fact.kind in OWN_SHEET:
            continue
        if fact.kind is FactKind.YES_NO:
            value = labels[value]
        elif fact.kind is FactKind.GENE_TESTING:
            value = GeneTesting(value).label
        shown[f"facts.{fact.name}"] = value
    return shown


def _basis(case: Case) -> str:
    """What the facts were when the sheet was filled: a sheet based on other facts is stale."""
    text = json.dumps(_facts_shown(case), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
