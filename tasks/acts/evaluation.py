"""On-site scores and their summary (五(二); A7-18 to A7-24, A7-40)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Expert, Round, ScoreSheet
from rules.case import Case, Context, Event
from rules.errors import RefusedError
from rules.ranking import Ranking, Scored, mean_of, rank, shown
from rules.vocabulary import ApplicantType, State
from tasks.acts.challenges import expect_unchallenged
from tasks.acts.remarks import keep_summary, remarks_of
from tasks.advance import Change, advance
from tasks.casebook import load_cases, the_case
from tasks.panel import draw_of, experts_of, panel_of
from tasks.receipt import Receipt, decided
from tasks.rounds import record_for_round


def record_score_sheet(session: Session, ctx: Context, event: Event) -> Receipt:
    """One expert's sheet for one dossier: every item once, from 0 to its maximum, by an expert who sits for it."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    outcome = decided(case, event, ctx)
    expect_unchallenged(session, ctx, event)
    expert_id, items = event.fields["expert_id"], event.fields["items"]
    expert = _seated(session, ctx, case, expert_id)
    _check_items(ctx, case, items)
    remarks = remarks_of(ctx, case, event)
    query = select(ScoreSheet).where(col(ScoreSheet.application_id) == case.id, col(ScoreSheet.expert_pk) == expert.id)
    if session.execute(query).first():
        raise RefusedError(f"专家 {expert_id} 对 {case.applicant_id} 的评分表已录入，不能重复录入")
    advance(session, ctx, [Change(case, event, outcome)])
    texts = {code: str(score) for code, score in items.items()}
    about = {"items": texts, **remarks, "by": event.by, "recorded_at": event.at}
    session.add(ScoreSheet(application_id=case.id, expert_pk=expert.id or 0, **about))
    total = sum(items.values(), Decimal(0))
    return Receipt(
        f"已录入 {expert_id} 对 {case.applicant_id} 的评分，合计 {total} 分。", ctx.round.id, (case.applicant_id,)
    )


def _seated(session: Session, ctx: Context, case: Case, expert_id: str) -> Expert:
    panel = panel_of(session, ctx, case.id)
    if not panel:
        raise RefusedError("尚未抽取专家：请先公布抽取方案并抽取")
    if expert_id not in panel:
        raise RefusedError(
            f"专家 {expert_id} 不是 {case.applicant_id} 的评分专家（应为 {'、'.join(panel)}），评分表不予录入"
        )
    return next(expert for expert in experts_of(session, ctx) if expert.expert_id == expert_id)


def _check_items(ctx: Context, case: Case, items: dict[str, Decimal]) -> None:
    rubric = {item["code"]: item for item in ctx.round.rubric[case.type]}
    if missing := [code for code in rubric if code not in items]:
        raise RefusedError(f"评分表缺少项目 {'、'.join(missing)}，须逐项评分")
    if unknown := [code for code in items if code not in rubric]:
        raise RefusedError(f"评分表中的 {'、'.join(unknown)} 不是评分项目，请按本轮评分标准填写")
    for code, score in items.items():
        most = Decimal(str(rubric[code]["max"]))
        if not 0 <= score <= most:
            raise RefusedError(f"项目 {code}（{rubric[code]['item']}）得分 {score} 须在 0 至 {most} 之间")


def conclude_evaluation(session: Session, ctx: Context, event: Event) -> Receipt:
    """Means, ranks and places: up to the announced number of each type, none below the pass mark (五(二))."""
    the_round = session.get(Round, ctx.round.id, with_for_update=True)
    assert the_round is not None
    if the_round.concluded_at is not None:
        raise RefusedError("本轮评估结果已经汇总，不能重复汇总")
    condition = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.EVALUATING)
    cases = load_cases(session, condition)
    if not cases:
        raise RefusedError("没有处于实地评估环节的机构，无法汇总：请先提出评估申请并录入评分")
    if not panel_of(session, ctx):
        raise RefusedError("尚未抽取专家，不能汇总：请先公布抽取方案、抽取专家并录入评分")
    totals = _totals(session, ctx, cases)
    draw = draw_of(session, ctx)
    key = draw.key if draw else ""
    rankings = {
        type_.value: _rank(ctx, [case for case in cases if case.type == type_], totals, f"{key}{number}./")
        for number, type_ in enumerate(ApplicantType, 1)
    }
    the_round.concluded_at = event.at
    the_round.ranking = {type_: _published(ranking) for type_, ranking in rankings.items()}
    session.add(the_round)
    keep_summary(session, ctx, event, cases)
    session.flush()
    advance(
        session,
        ctx,
        [change for type_, ranking in rankings.items() for change in _places(ctx, event, type_, ranking, cases)],
    )
    record_for_round(session, ctx, event, {"ranking": the_round.ranking})
    ranked = {type_: [one.applicant_id for one in ranking.order] for type_, ranking in rankings.items()}
    return Receipt(_summary(ctx, rankings), ctx.round.id, tuple(case.applicant_id for case in cases), detail=ranked)


def _totals(session: Session, ctx: Context, cases: list[Case]) -> dict[str, list[Decimal]]:
    """The totals of the sheets of those who sit for each dossier. Refuses while one of them is missing (A7-40)."""
    codes = {expert.id: expert.expert_id for expert in experts_of(session, ctx)}
    sheets: dict[int, dict[str, Decimal]] = {case.id: {} for case in cases}
    ids = [case.id for case in cases]
    for sheet in session.execute(select(ScoreSheet).where(col(ScoreSheet.application_id).in_(ids))).scalars():
        total = sum((Decimal(score) for score in sheet.items.values()), Decimal(0))
        sheets[sheet.application_id][codes[sheet.expert_pk]] = total
    panels = {case.id: panel_of(session, ctx, case.id) for case in cases}
    floor = ctx.policy.count("panel_min")
    missing = [
        f"{case.applicant_id} 缺 {'、'.join(one for one in panels[case.id] if one not in sheets[case.id]) or '专家'}"
        for case in cases
        if len(panels[case.id]) < floor or any(one not in sheets[case.id] for one in panels[case.id])
    ]
    if missing:
        raise RefusedError(f"评分表未齐，不能汇总：{'；'.join(missing)}（每家不少于 {floor} 名专家）")
    return {case.applicant_id: [sheets[case.id][one] for one in panels[case.id]] for case in cases}


def _rank(ctx: Context, cases: list[Case], totals: dict[str, list[Decimal]], key: str) -> Ranking:
    scored = [
        Scored(
            case.applicant_id,
            mean_of(totals[case.applicant_id]),
            any(case.facts.get(fact) for fact in ctx.policy.priority_facts[case.type]),
            case.submitted_at or ctx.round.accept_until,
        )
        for case in cases
    ]
    return rank(scored, ctx.policy.number("pass_mark"), ctx.policy.tie_rules[ctx.round.tie_rule], key)


def _places(ctx: Context, event: Event, type_: str, ranking: Ranking, cases: list[Case]) -> list[Change]:
    by_id = {case.applicant_id: case for case in cases}
    quota = ctx.round.quota[type_]
    placed: list[tuple[Scored, int | None, str]] = [
        (one, place, "within" if place <= quota else "beyond") for place, one in enumerate(ranking.order, 1)
    ]
    placed += [(one, None, "below") for one in ranking.below]
    return [_placed(ctx, event, by_id[one.applicant_id], one, place, standing) for one, place, standing in placed]


def _placed(ctx: Context, event: Event, case: Case, one: Scored, place: int | None, standing: str) -> Change:
    fields = {"standing": standing, "mean_score": shown(one.mean), "exact": str(one.mean), "rank": place}
    own = Event(event.name, event.at, event.by, fields)
    return Change(case, own, decided(case, own, ctx))


def _published(ranking: Ranking) -> dict[str, Any]:
    return {
        "order": [{"applicant_id": one.applicant_id, "mean": str(one.mean)} for one in ranking.order],
        "below": [{"applicant_id": one.applicant_id, "mean": str(one.mean)} for one in ranking.below],
        "tie_draws": {key: list(order) for key, order in ranking.draws.items()},
    }


def _summary(ctx: Context, rankings: dict[str, Ranking]) -> str:
    parts = []
    for type_, ranking in rankings.items():
        chosen = [one.applicant_id for one in ranking.order][: ctx.round.quota[type_]]
        parts.append(
            f"{ApplicantType(type_).label}名额 {ctx.round.quota[type_]} 家，合格 {len(ranking.order)} 家，"
            f"拟进入谈判：{'、'.join(chosen) or '无'}"
        )
    return f"已汇总评估结果。{'；'.join(parts)}。"
