"""A workbook that came back, from file to database: checked whole first, then its acts in one transaction, the same
acts with the same rules, audit and messages as by form. A dry run does everything and takes it back. Nothing is half
done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Applicant, Application, Round, journal
from models.database import engine_for
from models.migrate import ensure_current
from rules.case import Case, Context, Event
from rules.errors import InputError, RefusedError
from rules.performance.records import AgreementCase
from tasks.acts import ACTS
from tasks.announce import register
from tasks.case_loading import context_of, round_numbered
from tasks.perform import again_on_conflict
from tasks.roles import may_act
from tasks.rounds import record_for_round
from tasks.staff import on_staff
from tasks.sweep import sweep
from workbooks import assessments, dossiers, indicators, migrated, scores, stock
from workbooks import register as register_sheets
from workbooks.findings import Checked, Item
from workbooks.layouts import ASSESSMENT, DOSSIERS, INDICATORS, MIGRATED, REGISTER, SCORES, STOCK, TITLES, layout_of
from workbooks.reading import Returned, peek, read
from workbooks.report import ImportReport
from workbooks.signature import Mark, is_current, is_of_round

IMPORT = "import_workbook"
Check = Callable[[Session, Context, Keyring, Returned], Checked]
CHECKS: Mapping[str, Check] = {
    **{REGISTER: register_sheets.check, DOSSIERS: dossiers.check, SCORES: scores.check},
    **{ASSESSMENT: assessments.check, INDICATORS: indicators.check, MIGRATED: migrated.check},
    STOCK: stock.check,
}
HOW = "请按提示处理后重试，或删去该行"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, by whom, when, and how boldly. `keeps_good_rows`: bad rows stay out, good ones go in."""

    path: Path
    by: str
    at: datetime
    is_dry: bool = True
    keeps_good_rows: bool = False


def import_workbook(url: str, wish: Wish, keys: Keyring) -> tuple[ImportReport, Returned]:
    """Checks a workbook with the rules and writes it, unless the wish is a dry run or a row is bad.

    The same file twice changes nothing the second time. Raises InputError for a file that cannot be used, RefusedError
    for a person who may not import.
    """
    ensure_current(url)
    mark = peek(wish.path, keys)
    if mark.kind not in CHECKS:
        raise InputError(f"“{wish.path.name}”是{TITLES[mark.kind]}：请在“01 发布公告”填它的文件名")
    with Session(engine_for(url)) as session:
        on_staff(session, wish.by)
        ctx = _context(session, mark)
        criteria = assessments.criteria_for(session, mark.about) if mark.kind == ASSESSMENT else ()
        layout = layout_of(mark.kind, ctx, mark.about, criteria)
        is_current(mark, layout)
        book = read(wish.path, mark, layout)
        kind, touched = _touched(session, ctx, keys, book)
    swept = sweep(url, wish.at, only=touched, of=kind, dry_run=wish.is_dry) if touched else None
    report = again_on_conflict(lambda: _once(url, wish, keys, book))
    if swept and swept.found and wish.is_dry:
        report.notes += (f"这些案件有 {swept.found} 项已到期的事项，正式导入时会先办理",)
    return report, book


def _context(session: Session, mark: Mark) -> Context:
    """The round that the workbook was made for: it says so itself, under our signature."""
    ctx = context_of(session, round_numbered(session, mark.round_id))
    is_of_round(mark, ctx)
    return ctx


def _touched(session: Session, ctx: Context, keys: Keyring, book: Returned) -> tuple[str, list[int]]:
    """The cases or agreements that the rows are about: what fell due for them happens first, as before any act."""
    if book.mark.kind in (REGISTER, MIGRATED):
        return Case.kind, []
    if book.mark.kind == INDICATORS:
        return AgreementCase.kind, [one.id for one in indicators.of_month(session, ctx, book.mark.about).values()]
    if book.mark.kind == STOCK:
        return AgreementCase.kind, [one.id for one in stock.running(session, ctx).values()]
    numbers = {item.applicant_id for item in CHECKS[book.mark.kind](session, ctx, keys, book).items}
    query = select(col(Applicant.applicant_id), col(Application.id)).join(Applicant)
    rows = session.execute(query.where(col(Application.round_id) == ctx.round.id))
    return Case.kind, [id_ for applicant_id, id_ in rows if applicant_id in numbers]


def _once(url: str, wish: Wish, keys: Keyring, book: Returned) -> ImportReport:
    """One transaction: kept when there is something to write and nothing stands against it, else taken back."""
    with Session(engine_for(url), expire_on_commit=False) as session:
        ctx = _context(session, book.mark)
        if book.mark.kind == REGISTER and not wish.is_dry:
            session.get(Round, ctx.round.id, with_for_update=True)  # two registers at once: one after the other
        checked = CHECKS[book.mark.kind](session, ctx, keys, book)
        done = _carry_out(session, ctx, keys, wish, checked)
        report = _report(wish, book, checked, done)
        if not wish.is_dry and done and (wish.keeps_good_rows or not checked.faults):
            record_for_round(session, ctx, Event(IMPORT, wish.at, wish.by), _source(wish, book, done))
            journal.close(session)
            session.commit()
            report.is_written = True
    return report


def _carry_out(session: Session, ctx: Context, keys: Keyring, wish: Wish, checked: Checked) -> list[Item]:
    """Does what the good rows ask for; a row that the rules refuse becomes a fault. Answers what was done."""
    if checked.items and checked.items[0].do == register_sheets.ADD:
        entries = [item.fields for item in checked.items]
        register(session, ctx, entries, Event(register_sheets.ADD, wish.at, wish.by), keys)
        return list(checked.items)
    for do in sorted({item.do for item in checked.items}):
        may_act(session, ctx.policy.roles, Event(do, wish.at, wish.by))
    return [item for item in checked.items if _is_done(session, ctx, keys, wish, checked, item)]


def _is_done(session: Session, ctx: Context, keys: Keyring, wish: Wish, checked: Checked, item: Item) -> bool:
    event = Event(item.do, wish.at, wish.by, item.fields)
    try:
        with session.begin_nested():
            ACTS[item.do](session, ctx, event)
            migrated.keep_contact(session, keys, item.applicant_id, item.personal)
    except (RefusedError, InputError) as refused:
        column = item.sheet.plan.columns[0].key
        checked.fault(item.sheet, item.row, column, f"{item.applicant_id}：{refused}", HOW)
        return False
    return True


def _source(wish: Wish, book: Returned, done: list[Item]) -> dict[str, object]:
    """What the round's record keeps of an import: which file it was, and whom it was about."""
    return {
        "kind": book.mark.kind,
        "about": book.mark.about,
        "file_sha256": hashlib.sha256(wish.path.read_bytes()).hexdigest(),
        "applicants": [item.applicant_id for item in done],
    }


def _report(wish: Wish, book: Returned, checked: Checked, done: list[Item]) -> ImportReport:
    order = {sheet.name: number for number, sheet in enumerate(book.sheets)}
    once = {(fault.place, fault.what): fault for fault in reversed(checked.faults)}
    faults = sorted(once.values(), key=lambda one: (order[one.sheet], one.row, one.column))
    return ImportReport(
        kind=book.mark.kind,
        file=wish.path.name,
        about=book.mark.about,
        is_dry=wish.is_dry,
        keeps_good_rows=wish.keeps_good_rows,
        rows=checked.rows,
        blank=checked.blank,
        bad_rows=len(checked.bad_rows),
        good=tuple(item.applicant_id for item in done),
        already=tuple(checked.already),
        faults=tuple(faults),
        notes=(*book.notes, *checked.notes),
    )
