"""定点工作台账: the ledger of a round as a document, from the source that the workbook 台账 has."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlmodel import Session

from publication.documents.head import Facts, head
from publication.documents.source import round_source
from rules.evaluation.states import ENDS, UNFINISHED
from rules.vocabulary import ApplicantType, DocumentKind, NoticeKind
from tasks.case_loading import context_of, round_numbered
from tasks.ledger import LedgerLine, Limit, ledger_of, recorded_until, told_period

Cell = list[str]  # lines of a cell
NOTHING = "—"


def work_ledger(session: Session, round_id: int) -> Facts:
    """Every applicant of a round, a row each. Raises RefusedError when there is no such round."""
    view, the_round = round_source(session, round_id), round_numbered(session, round_id)
    kind, day = DocumentKind.WORK_LEDGER, recorded_until(session, the_round)
    lines = ledger_of(session, context_of(session, the_round))
    return {
        **head(kind, view, f"{view.county}{view.season}特殊药品{kind.label}", day, str(round_id)),
        "counted": _counted(lines),
        "rows": [_row(one) for one in lines],
    }


def _counted(lines: list[LedgerLine]) -> str:
    by_type = Counter(one.type for one in lines)
    types = "、".join(f"{one.label} {by_type[one]} 家" for one in ApplicantType)
    running, over = (sum(one.state in states for one in lines) for states in (UNFINISHED, ENDS))
    waiting = len(lines) - running - over
    return f"共 {len(lines)} 家（{types}）：在办 {running} 家，办结 {over} 家，尚未申请 {waiting} 家"


def _row(one: LedgerLine) -> list[Cell]:
    """The cells of a dossier, each a list of lines, in the order of the template's columns."""
    case = one.case
    objections = [f"未结异议 {case.holds} 件"] if case.holds else []
    return [
        [one.applicant.applicant_id],
        [one.applicant.name],
        [one.type.label],
        [_day(one.submitted_on), _day(case.accepted_on)],
        [one.reviewed, _day(one.reviewed_on)] if one.reviewed else [NOTHING],
        [f"{case.mean_score}", f"第 {case.rank} 名" if case.rank else "不排名"] if case.mean_score else [NOTHING],
        _notices(one),
        [one.negotiated, _day(one.negotiated_on)] if one.negotiated else [NOTHING],
        [_day(case.signed_on), _day(case.filed_on)],
        [one.state.label, *objections],
        _limit(one.limit),
        [one.handler or NOTHING],
    ]


def _day(day: date | None) -> str:
    return str(day) if day else NOTHING


def _notices(one: LedgerLine) -> Cell:
    return [f"{NoticeKind(it.kind).label.removesuffix('公示')} {told_period(it)}" for it in one.notices] or [NOTHING]


def _limit(limit: Limit | None) -> Cell:
    if limit is None:
        return [NOTHING]
    return [limit.label, f"{limit.due_on or limit.bounds} {limit.status}"]
