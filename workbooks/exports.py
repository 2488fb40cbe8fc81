"""Workbooks to look at and to file: ranking, summary of the evaluation, ledger, register of designated institutions.

Everything is text or a number, never a formula; contacts appear masked only; the order is always the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Expert, Round, ScoreSheet
from publication.settlement import SettlementLine, lines_of, told_holds
from rules.case import Context
from rules.errors import InputError
from rules.localtime import ZONE
from rules.months import OURS, days_of
from rules.performance.settlement import DayState
from rules.ranking import shown
from rules.scoring import total_of
from rules.vocabulary import ApplicantType, CostKind, NoticeKind, State
from rules.wording import minute
from tasks.ledger import Dossier, LedgerLine, dossiers_of, ledger_of, told_period
from tasks.panel import panels_of, sheets_count, sheets_out
from workbooks import styles

RANKING, SUMMARY, LEDGER, DESIGNATED = "ranking", "summary", "ledger", "designated"
SETTLEMENT = "settlement"
SHOWN = 5
TITLES: Mapping[str, str] = {
    **{RANKING: "排名", SUMMARY: "评估汇总", LEDGER: "台账", DESIGNATED: "定点名册"},
    SETTLEMENT: "结算联系单",
}
DAYS: Mapping[DayState, str] = {
    **{DayState.IN_FORCE: "有效", DayState.SUSPENDED: "暂停", DayState.HELD: "缓拨"},
    **dict.fromkeys((DayState.NOT_YET, DayState.OVER), "—"),
}
_, _, HEAD_ROW = range(1, 4)  # title, note, headings
Value = str | int | Decimal | date | None
Line = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: headings with their widths, and rows."""

    title: str
    headings: tuple[tuple[str, int], ...]
    rows: tuple[Line, ...]


def export(session: Session, kind: str, the_round: Round, ctx: Context, at: datetime, month: str = "") -> Workbook:
    """The workbook of a kind; `month`: of a settlement sheet. Raises InputError when there is nothing of the kind yet,
    or no such kind."""
    if kind not in TITLES:
        raise InputError(f"没有“{kind}”这种表格；可用：{'、'.join(TITLES)}")
    tables = _settlement(session, ctx, month) if kind == SETTLEMENT else TABLES[kind](session, the_round, ctx)
    return workbook(ctx.round.name, TITLES[kind], tables, at)


def workbook(about: str, title: str, tables: Sequence[Table], at: datetime) -> Workbook:
    """Tables to look at, a sheet each."""
    stamp = at.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.title = "定点", f"{about}{title}"
    book.properties.created = book.properties.modified = stamp
    for table in tables:
        _write(book, table, f"{about}　{title}", f"截至 {stamp:%Y-%m-%d %H:%M}")
    return book


def _write(book: Workbook, table: Table, title: str, note: str) -> None:
    sheet = book.create_sheet(table.title)
    for place, (_, width) in enumerate(table.headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = f"C{HEAD_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(table.headings))}{HEAD_ROW + len(table.rows)}"
    styles.set_up_page(sheet, HEAD_ROW, title)
    sheet.append([_cell(sheet, title, styles.TITLE)])
    sheet.append([_cell(sheet, f"{table.title}　{note}　共 {len(table.rows)} 行", styles.HINT)])
    sheet.append([_head(sheet, heading) for heading, _ in table.headings])
    for row in table.rows:
        sheet.append([_boxed(sheet, value) for value in row])


def _cell(sheet: Any, value: Value, font: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.font = font
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", styles.TEXT_FORMAT
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, Decimal):
        cell.number_format = "0.00"
    return cell


def _boxed(sheet: Any, value: Value) -> WriteOnlyCell:
    cell = _cell(sheet, value, styles.BODY)
    cell.border, cell.alignment = styles.BOX, styles.LEFT
    return cell


def _head(sheet: Any, heading: str) -> WriteOnlyCell:
    cell = _cell(sheet, heading, styles.HEAD)
    cell.fill, cell.border, cell.alignment = styles.HEAD_FILL, styles.BOX, styles.MIDDLE
    return cell


# --- ranking ---------------------------------------------------------------------------------------------------

RANKING_COLUMNS = (
    ("名次", 8),
    ("编号", 10),
    ("机构名称", 32),
    ("平均分", 10),
    ("优先因素", 10),
    ("名额内", 9),
    ("现处", 24),
)
NOT_CONCLUDED = "还没有排名：请先汇总评估结果（14 汇总评估结果）"


def _ranking(session: Session, the_round: Round, ctx: Context) -> list[Table]:
    if the_round.concluded_at is None:
        raise InputError(NOT_CONCLUDED)
    by_number = {one.applicant.applicant_id: one for one in dossiers_of(session, ctx.round.id)}
    tables = []
    for type_ in ApplicantType:
        ranking = the_round.ranking.get(type_, {"order": [], "below": []})
        ranked = [(place, one) for place, one in enumerate(ranking["order"], 1)]
        rows = [
            _ranked(ctx, by_number[one["applicant_id"]], one["mean"], place)
            for place, one in [*ranked, *((None, one) for one in ranking["below"])]
        ]
        tables.append(Table(type_.label, RANKING_COLUMNS, tuple(rows)))
    return tables


def _ranked(ctx: Context, one: Dossier, mean: str, place: int | None) -> Line:
    facts = {**one.applicant.facts, **one.case.findings}
    has_priority = any(facts.get(fact) for fact in ctx.policy.priority_facts[one.case.type])
    is_within = place is not None and place <= ctx.round.quota[one.case.type]
    return (
        *(
            place,
            one.applicant.applicant_id,
            one.applicant.name,
            Decimal(shown(Fraction(mean), ctx.pass_rule)),
        ),
        *("有" if has_priority else "无", "是" if is_within else "否" if place else "未达分数线"),
        State(one.case.state).label,
    )


# --- summary of the evaluation ---------------------------------------------------------------------------------


def _summary(session: Session, the_round: Round, ctx: Context) -> list[Table]:
    if left := sheets_out(session, ctx):
        named = "、".join(f"{number} {expert}" for number, expert in left[:SHOWN]) + ("等" if len(left) > SHOWN else "")
        raise InputError(f"评分表还有 {len(left)} 张没有交齐（{named}），交齐以前密封，不提供分数")
    totals = _totals(session, ctx)
    if not totals:
        raise InputError("还没有评分表：请先录入评分表（13 录入评分表），或导入评分工作簿（71 导入表格）")
    scored = [one for one in dossiers_of(session, ctx.round.id) if one.case.id in totals]
    panels = panels_of(session, ctx, [one.case.id or 0 for one in scored])
    tables = []
    for type_ in ApplicantType:
        own = [one for one in scored if one.case.type == type_]
        seated = sorted({expert for one in own for expert in (*panels[one.case.id or 0], *totals[one.case.id or 0])})
        headings = (("编号", 10), ("机构名称", 32), *((f"专家 {expert}", 11) for expert in seated))
        ends = (("已评／应评", 12), ("平均分", 10), ("名次", 8), ("现处", 24))
        rows = tuple(_summed(one, totals[one.case.id or 0], panels[one.case.id or 0], seated) for one in own)
        tables.append(Table(type_.label, (*headings, *ends), rows))
    return tables


def _summed(one: Dossier, totals: Mapping[str, Decimal], panel: Sequence[str], seated: Sequence[str]) -> Line:
    done = sum(expert in totals for expert in panel)
    mean = Decimal(one.case.mean_score) if one.case.mean_score else None
    return (
        *(one.applicant.applicant_id, one.applicant.name, *(totals.get(expert) for expert in seated)),
        *(f"{done}／{len(panel)}", mean, one.case.rank, State(one.case.state).label),
    )


def _totals(session: Session, ctx: Context) -> dict[int, dict[str, Decimal]]:
    query = select(ScoreSheet, col(Expert.expert_id)).join(Expert, col(Expert.id) == col(ScoreSheet.expert_pk))
    totals: dict[int, dict[str, Decimal]] = {}
    of_round = select(col(Application.id), col(Application.type)).where(col(Application.round_id) == ctx.round.id)
    types = {row[0]: row[1] for row in session.execute(of_round)}
    for sheet, expert_id in session.execute(query.where(sheets_count(session, ctx))):
        rubric = ctx.round.rubric[types[sheet.application_id]]
        given = {code: Decimal(score) for code, score in sheet.items.items()}
        totals.setdefault(sheet.application_id, {})[expert_id] = total_of(rubric, given)
    return totals


# --- ledger ----------------------------------------------------------------------------------------------------

LEDGER_COLUMNS = (
    *(("编号", 10), ("机构名称", 32), ("类型", 10), ("现处", 26), ("申请时间", 17), ("受理日", 12), ("初审", 9)),
    *(("初审日", 12), ("平均分", 9), ("名次", 8), ("公示", 44), ("谈判", 12), ("谈判日", 12), ("签约日", 12)),
    *(("备案日", 12), ("未结异议", 9), ("最近期限", 18), ("届满日", 12), ("期限状态", 11), ("负责人", 16)),
    *(("联系电话", 14), ("电子邮箱", 20)),
)


def _ledger(session: Session, _round: Round, ctx: Context) -> list[Table]:
    return [Table(TITLES[LEDGER], LEDGER_COLUMNS, tuple(map(_entered, ledger_of(session, ctx))))]


def _entered(one: LedgerLine) -> Line:
    case, applicant = one.case, one.applicant
    submitted = minute(case.submitted_at) if case.submitted_at else None
    notices = "；".join(f"{NoticeKind(it.kind).label} {told_period(it)}" for it in one.notices)
    limit: tuple[Value, Value, Value] = (None, None, None)
    if one.limit:
        limit = one.limit.label, one.limit.due_on or one.limit.bounds, one.limit.status
    return (
        *(applicant.applicant_id, applicant.name, one.type.label, one.state.label, submitted, case.accepted_on),
        *(one.reviewed or None, one.reviewed_on, Decimal(case.mean_score) if case.mean_score else None, case.rank),
        *(notices or None, one.negotiated or None, one.negotiated_on, case.signed_on, case.filed_on, case.holds),
        *(*limit, one.handler or None, applicant.phone_masked, applicant.email_masked),
    )


# --- register of designated institutions -----------------------------------------------------------------------

DESIGNATED_COLUMNS = (("序号", 8), ("编号", 10), ("机构名称", 36), ("类型", 12), ("签约日", 13), ("备案日", 13))


def _designated(session: Session, _round: Round, ctx: Context) -> list[Table]:
    chosen = [one for one in dossiers_of(session, ctx.round.id) if one.case.state == State.PUBLISHED]
    if not chosen:
        raise InputError("还没有公布的定点机构：请先发布定点名单公布（15 发布公示）")
    rows = tuple(
        (
            *(place, one.applicant.applicant_id, one.applicant.name, ApplicantType(one.case.type).label),
            *(one.case.signed_on, one.case.filed_on),
        )
        for place, one in enumerate(chosen, 1)
    )
    return [Table(TITLES[DESIGNATED], DESIGNATED_COLUMNS, rows)]


# --- the settlement of a month ---------------------------------------------------------------------------------

SETTLED = (("编号", 10), ("机构名称", 28), ("协议编号", 26), ("等级", 10), ("结算系数", 10))


def _settlement(session: Session, ctx: Context, month: str) -> list[Table]:
    """Every institution of the county, day by day, by type: not of one round alone."""
    if not re.fullmatch(OURS, month):
        raise InputError(f"结算联系单须填月份，如 2026-03；现为“{month}”：请在“年度或月份”中填写")
    lines = lines_of(session, month, ctx.policy.settled_after)
    if not lines:
        raise InputError(f"{month} 没有履行中的协议，没有结算联系单可下载")
    days = tuple((f"{day.day}日", 6) for day in days_of(month))
    ends = (*((f"{kind.label}（元）", 14) for kind in CostKind), ("暂停结算（缓拨）", 30))
    by_type = {type_: [one for one in lines if one.type is type_] for type_ in ApplicantType}
    return [
        Table(f"{month} {type_.label}", (*SETTLED, *days, *ends), tuple(map(_settled, of_type)))
        for type_, of_type in by_type.items()
        if of_type
    ]


def _settled(one: SettlementLine) -> Line:
    about = (one.applicant_id, one.name, one.number, one.grade or "—")
    coefficient = Decimal(one.coefficient) if one.coefficient else "—"
    days = (DAYS[state] for _, state in one.days)
    return (*about, coefficient, *days, *(one.amounts[kind] for kind in CostKind), told_holds(one))


TABLES: Mapping[str, Callable[[Session, Round, Context], list[Table]]] = {
    RANKING: _ranking,
    SUMMARY: _summary,
    LEDGER: _ledger,
    DESIGNATED: _designated,
}
