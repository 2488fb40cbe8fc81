"""The facts of the record of an on-site evaluation: who scored what and why, the panel's summary (五(二); R30, R31)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import EvaluationSummary, Expert, ScoreSheet
from publication.documents.casefacts import Dossier, dossier_of, newest_of
from publication.documents.head import Facts, exact
from publication.wording import cn_clause
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.scoring import total_of
from rules.vocabulary import DocumentKind, State
from rules.wording import cn_date

Sheets = Sequence[tuple[Expert, ScoreSheet]]


def evaluation_record(session: Session, application_id: int) -> Facts:
    """五(二): every expert's scores item by item with the notes, and the summary. Raises RefusedError before the
    evaluation is concluded."""
    one = dossier_of(session, application_id)
    concluded = newest_of(session, application_id, "conclude_evaluation")
    if concluded is None:
        raise RefusedError(f"{one.applicant.applicant_id} 尚无评估结果：请先办理“汇总评估结果”")
    sheets, summary = _sheets(session, application_id), _summary(session, one.application.round_id)
    return {
        **one.head(DocumentKind.EVALUATION_RECORD, local_day(concluded.at)),
        "clause": cn_clause(one.view.policy.clause("panel_min")),
        "told": _told(one, concluded.detail, State(concluded.to_state), sheets),
        "experts": [{"expert_id": expert.expert_id, "name": expert.name} for expert, _ in sheets],
        "rows": [_row(item, sheets) for item in one.view.rubric[one.applicant.type]],
        "totals": [exact(_total(one.view.rubric[one.applicant.type], sheet)) for _, sheet in sheets],
        "notes": _notes(one, sheets),
        "summary": [line for line in summary.text.splitlines() if line.strip()] if summary else [],
        "signatures": _signatures(sheets, summary.signed_by if summary else []),
    }


def _told(one: Dossier, told: Mapping[str, Any], state: State, sheets: Sheets) -> list[list[str]]:
    scored = sorted({local_day(sheet.recorded_at) for _, sheet in sheets})
    return [
        ["机构名称", one.applicant.name],
        ["申请人编号", one.applicant.applicant_id],
        ["评分录入日期", "、".join(map(cn_date, scored))],
        ["评估得分", f"{told['mean_score']}分"],
        ["名次", f"第{told['rank']}名" if told.get("rank") else "评估不合格，不排名"],
        ["结论", state.label],
    ]


def _sheets(session: Session, application_id: int) -> Sheets:
    """The sheets of those who scored the dossier, by number."""
    query = select(Expert, ScoreSheet).join(ScoreSheet, col(ScoreSheet.expert_pk) == col(Expert.id))
    found = query.where(col(ScoreSheet.application_id) == application_id).order_by(col(Expert.expert_id))
    return [(row[0], row[1]) for row in session.execute(found)]


def _summary(session: Session, round_id: int) -> EvaluationSummary | None:
    query = select(EvaluationSummary).where(col(EvaluationSummary.round_id) == round_id)
    found: EvaluationSummary | None = session.execute(query).scalar_one_or_none()
    return found


def _row(item: Mapping[str, Any], sheets: Sheets) -> list[str]:
    return [str(item["item"]), exact(item["max"]), *(exact(sheet.items[item["code"]]) for _, sheet in sheets)]


def _total(rubric: Sequence[Mapping[str, Any]], sheet: ScoreSheet) -> Decimal:
    return total_of(rubric, {code: Decimal(score) for code, score in sheet.items.items()})


def _notes(one: Dossier, sheets: Sheets) -> list[list[str]]:
    """What was noted or kept of an item: item, expert, note, and the hash of the file."""
    return [
        [str(item["item"]), expert.name, str(sheet.notes.get(code, "")), str(sheet.evidence.get(code, ""))]
        for item in one.view.rubric[one.applicant.type]
        if (code := item["code"])
        for expert, sheet in sheets
        if sheet.notes.get(code) or sheet.evidence.get(code)
    ]


def _signatures(sheets: Sheets, signed_by: Sequence[str]) -> list[Facts]:
    """The experts, and whether each has signed the summary; who has not has a line to sign on."""
    return [{"name": expert.name, "has_signed": expert.expert_id in signed_by} for expert, _ in sheets]
