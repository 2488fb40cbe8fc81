"""The yearly assessment and the settlement (R51, R58, R61, R64, R82): the county's table, surveys, evaluations by third
parties, assessments and their conclusion, decisions on costs, holds of payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Agreement,
    Assessment,
    AssessmentResult,
    AssessmentTable,
    CostDecision,
    SatisfactionSurvey,
    SettlementHold,
    ThirdPartyEvaluation,
)
from rules.assessment import (
    BEST,
    NOT_GRADED,
    GradeRow,
    Table,
    exact,
    faults_of,
    faults_of_scores,
    grade_of,
    table_of,
    total_of,
)
from rules.audit import sha256
from rules.case import SYSTEM, Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.months import month_after, month_of
from rules.performance.guards.assessment import ASSESSED
from rules.performance.records import AgreementCase
from rules.performance.states import BINDING
from rules.vocabulary import CostKind, GradeEffect
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.acts.performance import propose
from tasks.agreements import load_agreements, the_agreement
from tasks.assessments import (
    Year,
    institutions_of,
    newest_assessments,
    next_ref_in,
    open_hold,
    parts_of,
    results_of,
    satisfaction_of,
    survey_of,
    table_for,
    years_of,
)
from tasks.case_loading import context_numbered
from tasks.rounds import record_for_round

SERIOUS = "D7"  # what a grade of the gravest effect is proposed as; a person decides (R51)
MOST_NAMED = 20


# --- the county's table ------------------------------------------------------------------------------------------


def set_assessment_table(session: Session, ctx: Context, event: Event) -> Receipt:
    """Registers an edition of criteria and grades, with its hash, for a year on (R51, R61).

    Raises RefusedError for one that was not public before that year, that is not sound, that is there already, or by
    another edition of which the year has been assessed.
    """
    fields = event.fields
    first_year, published_on = fields["first_year"], fields["published_on"]
    content = {"criteria": list(fields["criteria"]), "grades": list(fields["grades"])}
    if published_on > local_day(event.at):
        raise RefusedError(f"公布日期 {published_on} 尚未到来：请在公布之后登记（依据：{ASSESSED}）")
    if published_on >= date(first_year, 1, 1):
        raise RefusedError(
            f"考核办法须在适用年度开始以前公布：{published_on} 公布的，最早适用于 {published_on.year + 1} 年"
            f"（依据：{ASSESSED}、人社部发〔2015〕98号(四)）"
        )
    if faults := list(faults_of(table_of(content), ctx.policy.number("full_mark"))):
        raise RefusedError(f"考核办法不能成立：{'；'.join(faults)}。请改正后重新登记")
    hash_ = sha256(content)
    _expect_new_table(session, first_year, hash_)
    kept = {name: fields[name] for name in ("first_year", "title", "published_on", "published_where")}
    session.add(AssessmentTable(**kept, content=content, sha256=hash_, **who(event)))
    record_for_round(session, ctx, event, {"sha256": hash_})
    told = f"已登记“{fields['title']}”，自 {first_year} 年起适用，指标 {len(content['criteria'])} 项"
    grades = f"、等级 {len(content['grades'])} 级" if content["grades"] else f"；没有等级表，考核结果为“{NOT_GRADED}”"
    return Receipt(f"{told}{grades}（SHA-256 {hash_[:12]}）。", ctx.round.id)


def _expect_new_table(session: Session, first_year: int, hash_: str) -> None:
    same = select(col(AssessmentTable.id)).where(
        col(AssessmentTable.first_year) == first_year, col(AssessmentTable.sha256) == hash_
    )
    if session.execute(same).first():
        raise RefusedError(f"内容相同、自 {first_year} 年起适用的考核办法已经登记，不必重复登记")
    assessed = select(col(Assessment.year)).where(col(Assessment.year) >= first_year).limit(1)
    if (year := session.execute(assessed).scalar()) is not None:
        raise RefusedError(f"{year} 年度已按现行考核办法录入考核，不能改用另一版：请自以后的年度起适用")


# --- what feeds the assessment -----------------------------------------------------------------------------------


def record_survey(session: Session, ctx: Context, event: Event) -> Receipt:
    """A survey among the insured; with too few answers it is shown and does not count for a grade (R64)."""
    case = the_agreement(session, ctx.round.id, event.fields)
    change = done(session, ctx, event, case, ref=next_ref_in(session, SatisfactionSurvey, case))
    fields = change.event.fields
    kept = {name: fields[name] for name in ("ref", "from_on", "to_on", "method", "sample", "answers")}
    row = SatisfactionSurvey(agreement_id=case.id, **kept, score=exact(fields["score"]), **who(event))
    session.add(row)
    _, why = satisfaction_of(row, ctx.policy)
    return receipt(ctx, change, f"满意度 {row.score}（有效答卷 {row.answers} 份）已登记" + (f"；{why}" if why else ""))


def record_third_party(session: Session, ctx: Context, event: Event) -> Receipt:
    """An evaluation by a third party, its report kept by hash (R61)."""
    case = the_agreement(session, ctx.round.id, event.fields)
    change = done(session, ctx, event, case, ref=next_ref_in(session, ThirdPartyEvaluation, case))
    fields = change.event.fields
    kept = {name: fields[name] for name in ("ref", "evaluated_on", "evaluator", "contract", "report")}
    session.add(ThirdPartyEvaluation(agreement_id=case.id, **kept, score=exact(fields["score"]), **who(event)))
    return receipt(ctx, change, f"{fields['evaluator']}的评价（{exact(fields['score'])}）已登记")


# --- the assessment of a year ------------------------------------------------------------------------------------


def record_assessment(session: Session, ctx: Context, event: Event) -> Receipt:
    """The points of an institution's year by the county's criteria, beside the figures of our records (R51). Recorded
    again, the last one counts, until the year is concluded."""
    case, year = the_agreement(session, ctx.round.id, event.fields), event.fields["year"]
    of = year_of(session, case, year)
    table = _table_of(session, year)
    scores = scores_in(event, case, table)
    if of.institution_id in results_of(session, year):
        raise RefusedError(
            f"{year} 年度考核结果已经确定并公布，不能再改动：有误的，用“更正年度考核结果”；有异议的，按举报投诉核查"
        )
    own, assessment = context_numbered(session, of.carrier.round_id), assessment_of(session, event, of, table, scores)
    change = done(session, own, event, of.carrier, ref=assessment.ref, total=assessment.total)
    session.add(assessment)
    return receipt(own, change, f"{year} 年度考核得分 {assessment.total} 已录入")


def scores_in(event: Event, case: AgreementCase, table: AssessmentTable) -> dict[str, Decimal]:
    """The points that an event gives, by criterion. Raises RefusedError for those that the county's criteria do not
    allow."""
    scores: dict[str, Decimal] = dict(event.fields["scores"])
    if faults := list(faults_of_scores(table_of(table.content).of_type(case.type), scores)):
        raise RefusedError(f"{case.number} 的得分不能成立：{'；'.join(faults)}（依据：“{table.title}”）")
    return scores


def assessment_of(
    session: Session, event: Event, of: Year, table: AssessmentTable, scores: dict[str, Decimal], note: str = ""
) -> Assessment:
    """The row of an institution's year, not yet added; `note` in place of the event's own."""
    return Assessment(
        agreement_id=of.carrier.id,
        ref=next_ref_in(session, Assessment, of.carrier),
        year=event.fields["year"],
        table_id=table.id or 0,
        scores={code: exact(points) for code, points in scores.items()},
        parts=parts_of(session, of, event.fields["year"]),
        total=exact(total_of(scores)),
        note=note or event.fields["note"],
        **who(event),
    )


def keep_result(
    session: Session, event: Event, assessment: Assessment, institution_id: int, told: dict[str, Any]
) -> None:
    """The result of an institution's year, as it was told."""
    kept: dict[str, Any] = {name: value for name, value in told.items() if name != "counts_from"}
    kept |= {"institution_id": institution_id, "agreement_id": assessment.agreement_id}
    kept |= {"assessment_id": assessment.id or 0, "concluded_on": local_day(event.at)}
    session.add(AssessmentResult(**kept, **who(event)))
    session.flush()


def year_of(session: Session, case: AgreementCase, year: int) -> Year:
    """The year of the institution that has an agreement: where it had several, the last one carries the year."""
    institution = institutions_of(session, [case])[case.applicant_pk]
    found = years_of(session, year, institution)
    return found[0] if found else Year(institution, case)


def _table_of(session: Session, year: int) -> AssessmentTable:
    table = table_for(session, year)
    if table is None:
        raise RefusedError(f"没有适用于 {year} 年的考核办法：请先在该年度开始以前公布，并办理“登记考核办法”")
    return table


def conclude_assessment(session: Session, ctx: Context, event: Event) -> Receipt:
    """Concludes a year for every institution whose agreement was performed at any time of it, publishes the results,
    and tells each its own (R51).

    Raises RefusedError before the year is over, without a table, twice, and while an assessment is missing: those that
    miss are named.
    """
    year, today = event.fields["year"], local_day(event.at)
    if year >= today.year:
        raise RefusedError(f"{year} 年尚未结束，年度考核结果须在其后确定（依据：{ASSESSED}）")
    years = years_of(session, year)
    if not years:
        raise RefusedError(f"{year} 年没有履行中的协议，无可考核的机构")
    if results_of(session, year):
        raise RefusedError(f"{year} 年度考核结果已经确定，不能重复办理")
    table = _table_of(session, year)
    assessed = newest_assessments(session, year, table.id or 0)
    if missing := [one.carrier for one in years if one.carrier.id not in assessed]:
        raise RefusedError(f"{year} 年度还有 {len(missing)} 家没有录入考核：{_named(missing)}。请先办理“录入年度考核”")
    grades = table_of(table.content)
    proposed = sum(_conclude(session, event, one, assessed[one.carrier.id], grades) for one in years)
    results = results_of(session, year).values()
    told = {"year": year, "table_sha256": table.sha256, "institutions": len(years)}
    record_for_round(session, ctx, event, told)
    return Receipt(_said(year, list(results), proposed), ctx.round.id, tuple(one.carrier.applicant_id for one in years))


def _named(cases: Sequence[AgreementCase]) -> str:
    named = "、".join(f"{one.applicant_id} {one.name}" for one in cases[:MOST_NAMED])
    return named + (f"等 {len(cases)} 家" if len(cases) > MOST_NAMED else "")


def _said(year: int, results: Sequence[AssessmentResult], proposed: int) -> str:
    by_grade: dict[str, int] = {}
    for one in results:
        by_grade[one.grade] = by_grade.get(one.grade, 0) + 1
    counted = "、".join(f"{grade} {count} 家" for grade, count in by_grade.items())
    advice = f"；{proposed} 家的等级须由人研究处理，系统已按 {SERIOUS} 拟认定，请听取陈述后决定" if proposed else ""
    return f"{year} 年度考核结果已确定并公布，共 {len(results)} 家：{counted}{advice}。"


def _conclude(session: Session, event: Event, of: Year, assessment: Assessment, table: Table) -> bool:
    """One institution: its result, its letters, the clocks of all its agreements. Whether a finding was proposed: the
    gravest effect is, while the agreement runs."""
    case, ctx = of.carrier, context_numbered(session, of.carrier.round_id)
    told = result_told(session, ctx, event, of, assessment, table)
    own = Event(event.name, event.at, event.by, told, case.round_id)
    done(session, ctx, own, case)
    keep_result(session, event, assessment, of.institution_id, told)
    for other in of.others:
        elsewhere = Event("assessed_elsewhere", event.at, SYSTEM, {"year": told["year"], "carried_by": case.number})
        done(session, context_numbered(session, other.round_id), elsewhere, other)
    is_proposed = told["effect"] == GradeEffect.LIABLE and case.state in BINDING
    if is_proposed:
        propose_liability(session, ctx, event, case, told)
    return is_proposed


def result_told(
    session: Session, ctx: Context, event: Event, of: Year, assessment: Assessment, table: Table
) -> dict[str, Any]:
    """Total, satisfaction and grade, with the reason where there is no grade."""
    year, total = assessment.year, Decimal(assessment.total)
    satisfaction, unknown = satisfaction_of(survey_of(session, of, year), ctx.policy)
    row = grade_of(table.grades, total, satisfaction)
    counts_from = month_after(month_of(local_day(event.at)), ctx.policy.settled_after)
    return {
        **{"year": year, "total": assessment.total},
        "satisfaction": "" if satisfaction is None else exact(satisfaction),
        **(_of_row(row, counts_from) if row else {**NO_GRADE, "why": _why_none(table, total, unknown)}),
    }


NO_GRADE = {"grade": NOT_GRADED, "effect": "", "coefficient": "", "counts_from": ""}


def _of_row(row: GradeRow, counts_from: str) -> dict[str, Any]:
    of_row = {"grade": row.label, "effect": row.effect.value, "coefficient": exact(row.coefficient)}
    return {**of_row, "counts_from": counts_from, "why": ""}


def _why_none(table: Table, total: Decimal, unknown: str) -> str:
    """An unknown satisfaction is the reason only where a known one could have given a grade."""
    if not table.grades:
        return "考核办法没有规定等级"
    could_be = grade_of(table.grades, total, BEST)
    return f"{unknown}，按等级表不能确定等级" if unknown and could_be else "得分和满意度没有达到等级表的任何一级"


def propose_liability(session: Session, ctx: Context, event: Event, case: AgreementCase, told: dict[str, Any]) -> None:
    """Serious, with a poor result and a very low satisfaction: proposed as a finding by the system, heard, and decided
    by a person (R51)."""
    [now] = load_agreements(session, col(Agreement.id) == case.id)
    shown = f"满意度 {told['satisfaction']}" if told["satisfaction"] else "满意度未评"
    facts = f"{told['year']} 年度考核得分 {told['total']}，{shown}，等级为“{told['grade']}”"
    fields = {"code": SERIOUS, "facts": facts, "amount": "", "evidence": f"{told['year']} 年度考核结果"}
    proposed = Event("record_finding", event.at, SYSTEM, {**fields, "served_on": None}, case.round_id)
    propose(session, ctx, proposed, now, [f"assessment:{told['year']}"])


# --- costs and holds ---------------------------------------------------------------------------------------------


def record_cost_decision(session: Session, ctx: Context, event: Event) -> Receipt:
    """Costs of a month that are refused, recovered, or set off in the next month, never at the patients' expense
    (R58)."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    kind, amount = CostKind(fields["kind"]), exact(fields["amount"])
    settled_in = month_after(fields["month"], 1) if kind is CostKind.SET_OFF else fields["month"]
    ref = next_ref_in(session, CostDecision, case)
    change = done(session, ctx, event, case, ref=ref, amount=amount, settled_in=settled_in)
    kept = {name: fields[name] for name in ("month", "ground", "finding")}
    session.add(CostDecision(agreement_id=case.id, ref=ref, kind=kind, amount=amount, **kept, **who(event)))
    return receipt(ctx, change, f"{fields['month']} 的费用 {amount} 元：{kind.label}，列入 {settled_in} 的结算联系单")


def hold_settlement(session: Session, ctx: Context, event: Event) -> Receipt:
    """Payment is held while something is checked: no suspension, not counted (R82)."""
    case = the_agreement(session, ctx.round.id, event.fields)
    ref, is_held = next_ref_in(session, SettlementHold, case), open_hold(session, case) is not None
    change = done(session, ctx, event, case, ref=ref, is_held=is_held)
    kept = {name: event.fields[name] for name in ("from_on", "reason")}
    session.add(SettlementHold(agreement_id=case.id, ref=ref, **kept, **who(event)))
    return receipt(ctx, change, f"自 {event.fields['from_on']} 起暂停结算（不是暂停协议，不计入累计次数）")


def release_settlement(session: Session, ctx: Context, event: Event) -> Receipt:
    """Payment goes on from a day (R82)."""
    case = the_agreement(session, ctx.round.id, event.fields)
    hold = open_hold(session, case)
    known: dict[str, Any] = {"held_since": hold.from_on if hold else None, "ref": hold.ref if hold else ""}
    change = done(session, ctx, event, case, **known)
    assert hold is not None
    hold.released_on, hold.released_by = event.fields["released_on"], event.by
    hold.released_why = event.fields["reason"]
    session.add(hold)
    return receipt(ctx, change, f"自 {hold.released_on} 起恢复结算")
