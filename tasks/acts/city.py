"""The city determines (R75; A7-27): the county reports, the city confirms, returns or refuses. The same before a
dissolution takes effect. No text gives the city a limit; the procedure's own goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import Applicant, Application, CityStep, Negotiation
from rules.case import Case, Change, Context, Event
from rules.errors import RefusedError
from rules.vocabulary import CityDecision, State
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.case_loading import load_cases
from tasks.decisions import sort_out
from tasks.recording import record

UNKNOWN = "本轮没有这个申请人，请核对编号"


def report_to_city(session: Session, ctx: Context, event: Event) -> Receipt:
    """The dossiers with consensus (all of them, where none is named) with scores, ranks and minutes; or the decision to
    dissolve the agreement that is named."""
    if event.fields.get("agreement_number"):
        return _dissolution_reported(session, ctx, event)
    changes, refused = _sorted(session, ctx, event, State.CONSENSUS)
    told = _told(session, [one.case for one in changes])
    session.add_all(_step(ctx, event, application_id=one.case.id, told=told[one.case.id]) for one in changes)
    return _receipt(ctx, changes, refused, f"已上报市级确定（{event.fields['report_no']}）")


def record_city_decision(session: Session, ctx: Context, event: Event) -> Receipt:
    """What the city answered to a report, for all that wait or for those named."""
    if event.fields.get("agreement_number"):
        return _dissolution_answered(session, ctx, event)
    wanted = _wanted(ctx, event, State.AWAITING_CITY)
    waiting = select(col(Application.id)).join(Applicant).where(wanted)
    steps = _open_steps(session, col(CityStep.application_id).in_(waiting))
    _expect_after(event, steps)
    changes, refused = _sorted(session, ctx, event, State.AWAITING_CITY)
    done_ids = {one.case.id for one in changes}
    for step in steps:
        if step.application_id in done_ids:
            _answer(session, step, event)
    label = CityDecision(event.fields["decision"]).label
    return _receipt(ctx, changes, refused, f"已登记市级意见（{event.fields['decision_no']}，{label}）")


def _wanted(ctx: Context, event: Event, waiting: State) -> ColumnElement[bool]:
    of_round = col(Application.round_id) == ctx.round.id
    if named := list(event.fields["applicant_ids"]):
        return of_round & col(Applicant.applicant_id).in_(named)
    return of_round & (col(Application.state) == waiting)


def _sorted(
    session: Session, ctx: Context, event: Event, waiting: State
) -> tuple[list[Change[Case]], list[tuple[str, str]]]:
    """The changes of those that can be done, written; and the others with their sentences: every one is tried."""
    cases = load_cases(session, _wanted(ctx, event, waiting), with_facts=False)
    found = {case.applicant_id for case in cases}
    named = list(dict.fromkeys(event.fields["applicant_ids"]))
    if not cases and not named:
        raise RefusedError(f"没有“{waiting.label}”的机构，请核对（依据：定点管理通知二(二)）")
    changes, refused = sort_out(cases, event, ctx)
    refused += [(one, UNKNOWN) for one in named if one not in found]
    if not changes:
        raise RefusedError(Receipt("无", ctx.round.id, refused=tuple(refused)).refusal)
    record(session, ctx, changes)
    return changes, refused


def _receipt(ctx: Context, changes: Sequence[Change[Case]], refused: Sequence[tuple[str, str]], what: str) -> Receipt:
    ids = tuple(one.case.applicant_id for one in changes)
    return Receipt(f"{what}：{len(ids)} 家（{'、'.join(ids)}）。", ctx.round.id, ids, tuple(refused))


def _told(session: Session, cases: Sequence[Case]) -> dict[int, dict[str, Any]]:
    """Score, rank and what was agreed on, by dossier: the list as it goes to the city."""
    ids = [case.id for case in cases]
    query = select(col(Application.id), col(Application.mean_score), col(Application.rank), col(Negotiation.topics))
    query = query.join(Negotiation, col(Negotiation.application_id) == col(Application.id), isouter=True)
    rows = session.execute(query.where(col(Application.id).in_(ids)))
    return {row[0]: {"mean_score": row[1], "rank": row[2], "topics": row[3] or []} for row in rows}


def _step(ctx: Context, event: Event, **about: Any) -> CityStep:
    fields = {name: event.fields[name] for name in ("reported_on", "report_no", "minutes")}
    return CityStep(round_id=ctx.round.id, **{"about": "", "told": {}, **about}, **fields, **who(event))


def _open_steps(session: Session, of: ColumnElement[bool]) -> list[CityStep]:
    query = select(CityStep).where(of, col(CityStep.decision) == "").order_by(col(CityStep.id))
    return list(session.execute(query).scalars())


def _expect_after(event: Event, steps: Sequence[CityStep]) -> None:
    """Raises RefusedError where the answer would be older than the report."""
    decided_on = event.fields["decided_on"]
    if late := [one for one in steps if one.reported_on > decided_on]:
        raise RefusedError(
            f"市级意见日期 {decided_on} 早于上报日期 {late[0].reported_on}，请核对日期（依据：定点管理通知二(二)）"
        )


def _answer(session: Session, step: CityStep, event: Event) -> None:
    for name in ("decision", "decided_on", "decision_no", "reason"):
        setattr(step, name, event.fields[name])
    step.decided_by = event.by
    session.add(step)


# --- before a dissolution takes effect -------------------------------------------------------------------------


def _dissolution_reported(session: Session, ctx: Context, event: Event) -> Receipt:
    change = done(session, ctx, event)
    ending = change.case.ending
    assert ending is not None
    session.add(_step(ctx, event, agreement_id=change.case.id, about=ending.decision_no))
    return receipt(ctx, change, f"解除决定（{ending.decision_no}）已报市级确定")


def _dissolution_answered(session: Session, ctx: Context, event: Event) -> Receipt:
    change = done(session, ctx, event)
    steps = _open_steps(session, col(CityStep.agreement_id) == change.case.id)
    _expect_after(event, steps)
    _answer(session, steps[-1], event)
    answer = CityDecision(event.fields["decision"])
    advice = {
        CityDecision.CONFIRMED: "，请登记解除送达",
        CityDecision.RETURNED: "，补充后再次上报",
        CityDecision.REFUSED: "；认定有误的请凭市级意见办理“撤销认定”，认为应予解除的补充后再次上报",
    }
    return receipt(ctx, change, f"市级意见：{answer.label}{advice[answer]}")
