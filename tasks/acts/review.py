"""初审 (五(一)) and the requests for evaluation (五(一)、五(二))."""

from __future__ import annotations

from sqlmodel import Session, col

from models import Applicant, Application
from rules.case import Context, Event
from rules.eligibility import flagged
from rules.errors import RefusedError
from rules.guards import question_of
from rules.vocabulary import EvaluationStage
from tasks.advance import advance
from tasks.casebook import load_cases
from tasks.decisions import sort_out
from tasks.receipt import Receipt, one_case, told


def verify_site(session: Session, ctx: Context, event: Event) -> Receipt:
    """What the site visit found overrides what was declared (五(一))."""
    case, outcome = one_case(session, ctx, event)
    return Receipt(told(case, outcome, "已录入实地核查情况"), ctx.round.id, (case.applicant_id,))


def sign_preliminary_opinion(session: Session, ctx: Context, event: Event) -> Receipt:
    """The opinion follows from the conditions, the facts and the reasoned judgements (二、五(一))."""
    case, outcome = one_case(session, ctx, event)
    said = told(case, outcome, "已签署初审意见")
    if others := flagged(question_of(case, event, ctx)):
        said += f"提示：另有{'、'.join(others)}的处罚，不在所列部门之内，请人工判断。"
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
    advance(session, ctx, changes)
    return receipt
