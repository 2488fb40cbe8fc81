"""Workbooks in and out of the office's folders: what the flows and the command line call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlmodel import Session

from foundation.files import write_file
from foundation.secrets import Keyring
from models.database import transaction
from models.journal import say
from models.migrate import ensure_current
from rules.case import Context, Event
from rules.errors import InputError
from rules.localtime import ZONE
from rules.wording import minute
from tasks.addressing import addressed
from tasks.case_loading import context_of
from tasks.staff import on_staff
from workbooks import assessments, dossiers, exports, indicators, scores, stock
from workbooks.annotated import MAX_CELLS, annotated
from workbooks.announcement import workbook_for_a_round
from workbooks.importing import Wish, import_workbook
from workbooks.layouts import ANNOUNCEMENT, ASSESSMENT, DOSSIERS, INDICATORS, SCORES, STOCK, TITLES, layout_of
from workbooks.making import make
from workbooks.report import ImportReport
from workbooks.signature import Mark, mark_of

TEMPLATES = {kind: f"{title}（填写用）" for kind, title in TITLES.items()}
EXPORTS = {kind: f"{title}（查看用）" for kind, title in exports.TITLES.items()}
WORKBOOKS: Mapping[str, str] = {**TEMPLATES, **EXPORTS}
ABOUT = (SCORES, ASSESSMENT, INDICATORS)  # each copy is for an expert, or about a year or a month
OF_A_PERIOD = (ASSESSMENT, INDICATORS, exports.SETTLEMENT)
NAME_PARTS = re.compile(r"[^\w-]+")
COPY = "标注"


@dataclass(frozen=True, slots=True)
class Order:
    """Which workbook, for whom (an expert's number, or everybody's) or about which year or month, who asks, when, the
    folder it goes into, and of which round (0: the one that the expert stands in)."""

    kind: str
    by: str
    at: datetime
    folder: Path
    about: str = ""
    round_id: int = 0


def write_workbooks(url: str, order: Order, keys: Keyring) -> tuple[str, ...]:
    """Makes the workbooks and puts them into the folder; answers their names. Score sheets: one for each expert.

    Raises InputError when there is nothing of the kind yet, RefusedError for somebody who is not on the staff.
    """
    ensure_current(url)
    with transaction(url) as session:
        on_staff(session, order.by)
        if order.kind == ANNOUNCEMENT:
            say(session, "exported", order.by, kind=order.kind)
            name = f"{TITLES[ANNOUNCEMENT]}_{_stamp(order.at)}.xlsx"
            _save(workbook_for_a_round(session, keys, order.at), order.folder / name)
            return (name,)
        named = {} if order.kind in OF_A_PERIOD else {"expert_id": order.about}
        the_round = addressed(session, Event("export_workbook", order.at, order.by, named, order.round_id))
        ctx = context_of(session, the_round)
        say(session, "exported", order.by, kind=order.kind, about=order.about, round=the_round.id)
        if order.kind in exports.TITLES:
            book = exports.export(session, order.kind, the_round, ctx, order.at, order.about)
            return (_put(book, order, ctx, exports.TITLES[order.kind]),)
        return tuple(_templates(session, ctx, order, keys))


def _templates(session: Session, ctx: Context, order: Order, keys: Keyring) -> Iterator[str]:
    about: Sequence[str] = (order.about,)
    if order.kind == SCORES and not order.about:
        about = scores.experts(session, ctx)
    for one in about:
        criteria = assessments.criteria_for(session, one) if order.kind == ASSESSMENT else ()
        layout = layout_of(order.kind, ctx, one if order.kind in ABOUT else "", criteria)
        mark = mark_of(layout, ctx, minute(order.at))
        book = make(layout, mark, keys.sign(mark.text()), _rows(session, ctx, keys, mark), order.at)
        yield _put(book, replace(order, about=layout.about), ctx, layout.title)


def _rows(session: Session, ctx: Context, keys: Keyring, mark: Mark) -> Mapping[str, Sequence[Any]]:
    if mark.kind == SCORES:
        return scores.rows_of(session, ctx, keys, mark)
    if mark.kind == ASSESSMENT:
        return assessments.rows_of(session, ctx, keys, mark)
    if mark.kind == INDICATORS:
        return indicators.rows_of(session, ctx, keys, mark)
    if mark.kind == STOCK:
        return stock.rows_of(session, ctx, keys, mark)
    if mark.kind != DOSSIERS:
        return {}
    rows = dossiers.rows_of(session, ctx, keys, mark)
    if not rows:
        raise InputError("没有待登记材料或待核查事实的机构，不用下载“材料与事实表”")
    return rows


def _put(book: Any, order: Order, ctx: Context, title: str) -> str:
    parts = (title, order.about, f"{ctx.round.county}{ctx.round.announcement['year']}", _stamp(order.at))
    name = "_".join(NAME_PARTS.sub("", part) for part in parts if part) + ".xlsx"
    _save(book, order.folder / name)
    return name


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y%m%d-%H%M%S}"


def _save(book: Any, path: Path) -> None:
    content = BytesIO()
    book.save(content)
    write_file(path, content.getvalue())


def import_file(url: str, wish: Wish, keys: Keyring, folder: Path) -> ImportReport:
    """Imports a workbook, or tries to; where cells are bad, the annotated copy goes into the folder."""
    report, book = import_workbook(url, wish, keys)
    if not report.faults:
        return report
    if book.cells > MAX_CELLS:
        report.notes += ("文件里空白格子太多，没有生成标注副本：请把内容复制到新下载的模板里",)
        return report
    name = f"{wish.path.stem.partition(f'_{COPY}_')[0]}_{COPY}_{_stamp(wish.at)}.xlsx"
    _save(annotated(wish.path, report), folder / name)
    report.copy = name
    return report
