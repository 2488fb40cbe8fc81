"""The yearly assessments for the office (R51): a year with who is done and who is missing; what an agreement has on
record of it, of its costs and holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlmodel import Session

from models import Assessment as Recorded
from models import AssessmentResult, CostDecision, SatisfactionSurvey, SettlementHold, ThirdPartyEvaluation
from rules.assessment import exact
from rules.performance.records import AgreementCase
from rules.vocabulary import CostKind, GradeEffect
from tasks.assessments import (
    PARTS,
    Year,
    newest_assessments,
    parts_of,
    results_of,
    rows_of,
    table_for,
    to_be_inspected,
    years_of,
)


def assessment_year(session: Session, year: int) -> dict[str, Any]:
    """Every institution whose year is to be assessed, those that miss first."""
    table, years, results = table_for(session, year), years_of(session, year), results_of(session, year)
    recorded = newest_assessments(session, year, table.id or 0) if table else {}
    lines = [_line(session, one, year, recorded.get(one.carrier.id), results.get(one.institution_id)) for one in years]
    lines.sort(key=lambda one: one["is_done"])
    return {
        "year": year,
        "table": f"{table.title}（自 {table.first_year} 年起适用，{table.published_on} 公布）" if table else "",
        "parts": list(PARTS.values()),
        "lines": lines,
        "missing": sum(1 for one in lines if not one["is_done"]),
        "is_concluded": bool(results),
        "to_inspect": [one.agreement_id for one in to_be_inspected(session, year + 1)],
    }


def _line(session: Session, of: Year, year: int, recorded: Recorded | None, result: Any) -> dict[str, Any]:
    case, parts = of.carrier, recorded.parts if recorded else parts_of(session, of, year)
    return {
        "id": case.id,
        "number": case.number,
        "applicant_id": case.applicant_id,
        "name": case.name,
        "state_label": case.state.label,
        "parts": [parts[name] for name in PARTS],
        "is_done": recorded is not None,
        "total": recorded.total if recorded else "",
        "grade": result.grade if result else "",
        "effect": GradeEffect(result.effect).label if result and result.effect else "",
    }


def of_agreement(session: Session, case: AgreementCase) -> dict[str, list[dict[str, Any]]]:
    """The records of an agreement's assessments and settlement, in words."""
    return {
        "assessments": [_assessed(one) for one in rows_of(session, Recorded, [case])],
        "regradings": [_regraded(one) for one in _superseded(session, case)],
        "surveys": [_survey(one) for one in rows_of(session, SatisfactionSurvey, [case])],
        "evaluations": [_evaluation(one) for one in rows_of(session, ThirdPartyEvaluation, [case])],
        "costs": [_cost(one) for one in rows_of(session, CostDecision, [case])],
        "settlement_holds": [_hold(one) for one in rows_of(session, SettlementHold, [case])],
    }


def _assessed(one: Recorded) -> dict[str, Any]:
    told = "；".join(f"{title} {one.parts[name] or '—'}" for name, title in PARTS.items())
    scores = "；".join(f"{code} {points}" for code, points in sorted(one.scores.items()))
    return {"year": one.year, "total": one.total, "scores": scores, "parts": told, "note": one.note}


def _survey(one: SatisfactionSurvey) -> dict[str, Any]:
    count = f"{one.answers}/{one.sample}"
    return {"on": f"{one.from_on} 至 {one.to_on}", "method": one.method, "answers": count, "score": one.score}


def _evaluation(one: ThirdPartyEvaluation) -> dict[str, Any]:
    return {"on": one.evaluated_on.isoformat(), "who": one.evaluator, "contract": one.contract, "score": one.score}


def _cost(one: CostDecision) -> dict[str, Any]:
    told = {"ref": one.ref, "month": one.month, "amount": exact(Decimal(one.amount)), "ground": one.ground}
    return {**told, "kind": CostKind(one.kind).label}


def _hold(one: SettlementHold) -> dict[str, Any]:
    until = one.released_on.isoformat() if one.released_on else "未恢复"
    return {"from": one.from_on.isoformat(), "until": until, "reason": one.reason, "released_why": one.released_why}


def _superseded(session: Session, case: AgreementCase) -> list[AssessmentResult]:
    rows = rows_of(session, AssessmentResult, [case])
    return [one for one in rows if one.superseded_on]


def _regraded(one: AssessmentResult) -> dict[str, Any]:
    on = one.superseded_on.isoformat() if one.superseded_on else ""
    return {"year": one.year, "on": on, "before": f"{one.total}，{one.grade}", "why": one.superseded_why}
