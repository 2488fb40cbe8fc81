"""初审 (五(一)) and the requests for evaluation (五(一)、五(二))."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col

from models import Applicant, Application, SiteVisit
from rules.case import Case, Context, Event
from rules.eligibility import doubtful, flagged
from rules.errors import RefusedError
from rules.evaluation.guards import question_of
from rules.localtime import local_day
from rules.vocabulary import EvaluationStage
from tasks.act_result import Receipt, told
from tasks.case_loading import load_cases, the_case
from tasks.decisions import decided, sort_out
from tasks.institutions import contradicted_bar, earlier_rounds
from tasks.recording import record
from tasks.staff import on_staff


def verify_site(session: Session, ctx: Context, event: Event) -> Receipt:
    """What the site visit found overrides what was declared (五(一))."""
    _expect_grade(ctx, event.fields["findings"])
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    if "visited_on" in event.fields:
        session.add(_visit(session, ctx, case, event))
    return Receipt(told(change, "已录入实地核查情况"), ctx.round.id, (case.applicant_id,))


def _expect_grade(ctx: Context, findings: Mapping[str, Any]) -> None:
    if "grade" in findings and findings["grade"] not in ctx.policy.grades:
        grades = "、".join(ctx.policy.grades)
        raise RefusedError(f"医院等级应为 {grades} 之一，现为“{findings['grade']}”，请更正（依据：二(一)2）")


def _visit(session: Session, ctx: Context, case: Case, event: Event) -> SiteVisit:
    """The visit as it was told: between the application and today, by as many of the staff as the policy asks."""
    visited_on, visitors = event.fields["visited_on"], event.fields["visitors"]
    first = local_day(case.submitted_at or event.at)
    if not first <= visited_on <= local_day(event.at):
        raise RefusedError(f"核查日期 {visited_on} 须在申请日 {first} 与录入日之间，请核对日期（依据：五(一)）")
    least, clause = ctx.policy.count("site_visitors"), ctx.policy.clause("site_visitors")
    if len(set(visitors)) < least:
        raise RefusedError(f"实地核查须由 {least} 名以上工作人员进行，请填写每个人的工号（依据：{clause}）")
    for one in visitors:
        on_staff(session, one)
    about = {"visited_on": visited_on, "visitors": list(visitors), "minutes": event.fields["minutes"]}
    return SiteVisit(application_id=case.id, recorded_at=event.at, recorded_by=event.by, **about)


def sign_preliminary_opinion(session: Session, ctx: Context, event: Event) -> Receipt:
    """The opinion follows from the conditions, the facts and the reasoned judgements (二、五(一))."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    said, question = told(change, "已签署初审意见"), question_of(case, event, ctx)
    if others := flagged(question, case.type):
        said += f"提示：另有{'、'.join(others)}的处罚，不在所列部门之内，请人工判断。"
    if unclear := doubtful(question, case.type):
        said += f"提示：{'、'.join(unclear)}是否属于行政处罚未经判断，已按行政处罚计。"
    earlier = earlier_rounds(session, case.applicant_pk)
    if barred := contradicted_bar(ctx, case, earlier, question.applied_on):
        said += f"提示：{barred}。"
    return Receipt(said, ctx.round.id, (case.applicant_id,))


def request_evaluation(session: Session, ctx: Context, event: Event) -> Receipt:
    """The dossiers that passed go to the county bureau, and from it to the city bureau; every one is tried."""
    wanted = list(dict.fromkeys(event.fields["applicant_ids"]))
    condition = (col(Application.round_id) == ctx.round.id) & col(Applicant.applicant_id).in_(wanted)
    cases = load_cases(session, condition)
    changes, refused = sort_out(cases, event, ctx)
    found = {case.applicant_id for case in cases}
    refused += [(one, "本轮没有这个申请人，请核对编号") for one in wanted if one not in found]
    to = EvaluationStage(event.fields["to"]).label
    done = tuple(change.case.applicant_id for change in changes)
    receipt = Receipt(f"已向{to}提出履约能力评估申请：{len(done)} 家。", ctx.round.id, done, tuple(refused))
    if not changes:
        raise RefusedError(receipt.refusal)
    record(session, ctx, changes)
    return receipt
