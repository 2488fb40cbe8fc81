"""The correction of a year's result (R51, 更正规则): another takes its place, both stay, what followed from the
grade is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import Session, col

from models import Agreement, Assessment, AssessmentResult, AssessmentTable
from rules.assessment import table_of
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance import PERFORMANCE
from rules.performance.guards.assessment import ASSESSED
from rules.performance.records import AgreementCase
from rules.performance.states import BINDING
from rules.vocabulary import GradeEffect
from tasks.act_result import Receipt
from tasks.acts.assessment import assessment_of, keep_result, propose_liability, result_told, scores_in, year_of
from tasks.acts.on_agreements import done, receipt, second_person
from tasks.acts.performance import overturn_finding
from tasks.agreements import load_agreements, the_agreement
from tasks.assessments import results_of
from tasks.case_loading import context_numbered


def correct_assessment(session: Session, ctx: Context, event: Event) -> Receipt:
    """The points of a concluded year anew, by the edition that it was concluded by. Raises RefusedError while the year
    is not concluded, for points that the criteria do not allow, and where nothing changes."""
    fields, year = event.fields, event.fields["year"]
    second_person(session, event)
    of = year_of(session, the_agreement(session, ctx.round.id, fields), year)
    old = results_of(session, year).get(of.institution_id)
    if old is None:
        raise RefusedError(
            f"{year} 年度考核结果尚未确定：请用“录入年度考核”重新录入，以最后一次为准（依据：{ASSESSED}）"
        )
    [carrier] = load_agreements(session, col(Agreement.id) == old.agreement_id)
    own, table = context_numbered(session, carrier.round_id), _table_of(session, old)
    scores = scores_in(event, carrier, table)
    anew = assessment_of(session, event, replace(of, carrier=carrier), table, scores, f"更正：{fields['reason']}")
    session.add(anew)
    session.flush()
    told = result_told(session, own, event, of, anew, table_of(table.content))
    before = {f"{name}_before": getattr(old, name) for name in ("total", "satisfaction", "grade")}
    change = done(session, own, event, carrier, **{**told, **before})
    _replace(session, event, old, anew, told)
    followed = _effects(session, own, event, carrier, old, told)
    said = f"{year} 年度考核结果已更正：{old.total}（{old.grade}）改为 {told['total']}（{told['grade']}）"
    return receipt(own, change, said + followed)


def _table_of(session: Session, old: AssessmentResult) -> AssessmentTable:
    assessed = session.get_one(Assessment, old.assessment_id)
    return session.get_one(AssessmentTable, assessed.table_id)


def _replace(session: Session, event: Event, old: AssessmentResult, anew: Assessment, told: dict[str, Any]) -> None:
    old.superseded_on, old.superseded_by = local_day(event.at), event.by
    old.superseded_why = f"{event.fields['reason']}（复核：{event.fields['confirmed_by']}）"
    session.add(old)
    session.flush()  # one result of a year counts
    keep_result(session, event, anew, old.institution_id, told)


def _effects(
    session: Session, ctx: Context, event: Event, carrier: AgreementCase, old: AssessmentResult, told: dict[str, Any]
) -> str:
    """The gravest effect is a finding: it falls with the grade that it stood on, or is proposed now (R51). What else a
    grade does (coefficient, inspections of the next year, renewal) is read from the result that counts."""
    was, now = (effect == GradeEffect.LIABLE for effect in (old.effect, told["effect"]))
    if was and not now:
        return _taken_back(session, ctx, event, carrier)
    if now and not was and carrier.state in BINDING:
        propose_liability(session, ctx, event, carrier, told)
        return "；按更正后的等级已拟认定，请听取陈述后决定"
    return ""


def _taken_back(session: Session, ctx: Context, event: Event, carrier: AgreementCase) -> str:
    """Overturns what was found because of the grade, with all that stood on it."""
    stood_on = f"assessment:{event.fields['year']}"
    refs = [one.ref for one in carrier.findings if stood_on in one.stands_on and one.overturned_on is None]
    if not refs:
        return ""
    if not PERFORMANCE.rows_for(carrier.state, "overturn_finding"):
        return f"；据以拟认定的第 {'、'.join(refs)} 号认定因协议已经结束不再处理"
    for ref in refs:
        why = {name: event.fields[name] for name in ("reason", "evidence", "confirmed_by")}
        undo = {"agreement_number": carrier.number, "finding": ref, **why}
        overturn_finding(session, ctx, Event("overturn_finding", event.at, event.by, undo, carrier.round_id))
    return f"；据以拟认定的第 {'、'.join(refs)} 号认定已撤销"
