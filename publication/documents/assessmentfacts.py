"""The facts of two papers of the whole county: 年度考核结果通告 (R51) and the monthly 结算联系单 (R51, R58)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session, col

from models import Round
from publication.assessments import ResultView, read_assessments
from publication.documents.head import Facts, hanzi, head, own_number
from publication.documents.source import RoundSource, round_source
from publication.settlement import SettlementLine, lines_of, told_amount, told_days, told_holds
from publication.wording import cn_clause
from rules.errors import RefusedError
from rules.months import last_day
from rules.performance.guards.assessment import ASSESSED, COSTS
from rules.vocabulary import ApplicantType, CostKind, DocumentKind
from rules.wording import cn_month


def assessment_notice(session: Session, year: int) -> Facts:
    """年度考核结果通告: every institution with its total, satisfaction and grade. Raises RefusedError before the year
    is concluded."""
    found = next((one for one in read_assessments(session).years if one.year == year), None)
    if found is None:
        raise RefusedError(f"{year} 年度考核结果尚未确定：请先办理“确定年度考核结果”")
    view = _newest(session)
    title = f"关于公布{view.county}{year}年度特殊药品定点医药机构考核结果的通告"
    groups = [_group(place, type_, found.results) for place, type_ in enumerate(ApplicantType, 1)]
    return {
        **_head(DocumentKind.ASSESSMENT_NOTICE, view, title, found.corrected_on or found.published_on, "1"),
        "year": year,
        "clause": cn_clause(ASSESSED),
        "count": str(len(found.results)),
        "groups": [one for one in groups if one["entries"]],
    }


def _group(place: int, type_: ApplicantType, results: Sequence[ResultView]) -> Facts:
    entries = [
        [one.applicant_id, one.name, one.total, one.satisfaction or "—", one.grade]
        for one in results
        if one.type == type_
    ]
    return {"number": hanzi(place), "label": type_.label, "entries": entries}


def settlement_sheet(session: Session, month: int) -> Facts:
    """结算联系单 of a month (`202603`): what holds on each day, the coefficient, refusals, recoveries, set-offs, holds.
    Raises RefusedError where no agreement had a day in it."""
    view, told = _newest(session), f"{month // 100:04}-{month % 100:02}"
    lines = lines_of(session, told, view.policy.settled_after)
    if not lines:
        raise RefusedError(f"{cn_month(told)}没有履行中的协议，没有可以制作的结算联系单：请核对月份")
    title = f"{view.county}特殊药品定点医药机构{cn_month(told)}结算联系单"
    return {
        **_head(DocumentKind.SETTLEMENT_SHEET, view, title, last_day(told), f"{month % 100}"),
        "month": cn_month(told),
        "clause": cn_clause(COSTS),
        "entries": [_line(one) for one in lines],
        "sums": [told_amount(sum((one.amounts[kind] for one in lines), Decimal(0))) for kind in CostKind],
    }


def _line(one: SettlementLine) -> list[str]:
    amounts = [told_amount(one.amounts[kind]) for kind in CostKind]
    return [one.applicant_id, one.name, told_days(one), one.coefficient or "—", *amounts, told_holds(one)]


def _newest(session: Session) -> RoundSource:
    """The round announced last: the papers of the county go out under its agency."""
    newest = session.execute(select(col(Round.id)).order_by(col(Round.id).desc()).limit(1)).scalar()
    return round_source(session, newest or 0)


def _head(kind: DocumentKind, view: RoundSource, title: str, day: date, serial: str) -> Facts:
    made: Facts = head(kind, view, title, day, serial)
    return {**made, "number": own_number(kind, view.county, day.year, serial)}
