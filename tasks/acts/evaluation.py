"""On-site scores and their summary (五(二); A7-18 to A7-24, A7-40)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import Applicant, Application, Expert, Round, ScoreSheet
from rules import draw as rfc3797
from rules.case import Case, Change, Context, Event
from rules.errors import RefusedError
from rules.evaluation.states import HOLDS_A_PLACE
from rules.ranking import Ranking, Scored, mean_of, rank, shown
from rules.scoring import failed_vetoes, is_veto, most_of, total_of
from rules.vocabulary import ApplicantType, State
from tasks.act_result import Receipt
from tasks.acts.challenges import expect_unchallenged
from tasks.acts.remarks import keep_summary, remarks_of
from tasks.case_loading import load_cases, the_case
from tasks.decisions import decided
from tasks.panel import draw_of, expect_in_order, experts_of, panel_of, panels_of, sheets_count
from tasks.places import free_places, make_room, score_of
from tasks.recording import record
from tasks.rounds import record_for_round

Sheets = dict[str, list[dict[str, Decimal]]]  # by applicant number, in the order of the panel
NOT_YET_EVALUATED = (State.ACCEPTED, State.PRELIM_PASSED, State.COUNTY_REQUESTED)
RANKED_BEFORE = "因机关逾期未能同批评估的机构已补充评估，名次在前"


def record_score_sheet(session: Session, ctx: Context, event: Event) -> Receipt:
    """One expert's sheet for one dossier: every item once, from 0 to its maximum, by an expert who sits for it."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    expect_unchallenged(session, ctx, event)
    expert_id, items = event.fields["expert_id"], event.fields["items"]
    expert = _seated(session, ctx, case, expert_id)
    _check_items(ctx, case, items)
    remarks = remarks_of(ctx, case, event)
    about = col(ScoreSheet.application_id) == case.id, col(ScoreSheet.expert_pk) == expert.id
    if session.execute(select(ScoreSheet).where(*about, sheets_count(session, ctx))).first():
        raise RefusedError(f"专家 {expert_id} 对 {case.applicant_id} 的评分表已录入，不能重复录入")
    record(session, ctx, [change])
    texts = {code: str(score) for code, score in items.items()}
    draw = draw_of(session, ctx)
    assert draw is not None
    assert draw.id is not None
    given: dict[str, Any] = {"items": texts, **remarks, "by": event.by, "recorded_at": event.at}
    session.add(ScoreSheet(application_id=case.id, expert_pk=expert.id or 0, draw_id=draw.id, **given))
    said = f"已录入 {expert_id} 对 {case.applicant_id} 的评分表；评分表全部交齐以前密封，不显示分数。"
    return Receipt(said, ctx.round.id, (case.applicant_id,))


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
        most = most_of(rubric[code])
        if not 0 <= score <= most:
            raise RefusedError(f"项目 {code}（{rubric[code]['item']}）得分 {score} 须在 0 至 {most} 之间")
        if is_veto(rubric[code]) and score not in (0, 1):
            raise RefusedError(f"项目 {code}（{rubric[code]['item']}）是否决项：符合填 1，不符合填 0，现为 {score}")


def conclude_evaluation(session: Session, ctx: Context, event: Event) -> Receipt:
    """Means, ranks and places: up to the announced number of each type, none below the pass mark (五(二)).

    A dossier that comes to the evaluation after the conclusion, because the authority was late, is concluded by doing
    this once more: it gets the place that it would have had (A7-3).
    """
    the_round = session.get(Round, ctx.round.id, with_for_update=True)
    assert the_round is not None
    expect_in_order(session, ctx, event.name)
    cases = _of_the_round(session, ctx, col(Application.state) == State.EVALUATING)
    expect_unchallenged(session, ctx, event)
    sheets = _sheets(session, ctx, cases)
    vetoed = _vetoed(ctx, cases, sheets)
    rankings = _rankings(session, ctx, event, the_round, cases, sheets, vetoed)
    the_round.concluded_at = event.at
    the_round.ranking = {type_: _published(the_round, type_, ranking) for type_, ranking in rankings.items()}
    session.add(the_round)
    keep_summary(session, ctx, event, cases)
    session.flush()
    late = {case.applicant_id for case in cases}
    for ranking in rankings.values():
        _write_ranks(session, ctx, event, ranking, late)
        _write_places(session, ctx, event, ranking, cases, vetoed)
    record_for_round(session, ctx, event, {"ranking": the_round.ranking})
    ranked = {type_: [one.applicant_id for one in ranking.order] for type_, ranking in rankings.items()}
    named = tuple(case.applicant_id for case in cases)
    return Receipt(_summary(session, ctx, rankings), ctx.round.id, named, detail=ranked)


def _of_the_round(session: Session, ctx: Context, condition: ColumnElement[bool]) -> list[Case]:
    return load_cases(session, (col(Application.round_id) == ctx.round.id) & condition)


def _sheets(session: Session, ctx: Context, cases: list[Case]) -> Sheets:
    """The sheets of those who sit for each dossier. Refuses while one of them is missing (A7-40)."""
    codes = {expert.id: expert.expert_id for expert in experts_of(session, ctx)}
    sheets: dict[int, dict[str, dict[str, Decimal]]] = {case.id: {} for case in cases}
    ids = [case.id for case in cases]
    query = select(ScoreSheet).where(col(ScoreSheet.application_id).in_(ids), sheets_count(session, ctx))
    for sheet in session.execute(query).scalars():
        given = {code: Decimal(score) for code, score in sheet.items.items()}
        sheets[sheet.application_id][codes[sheet.expert_pk]] = given
    panels = panels_of(session, ctx, ids)
    floor = ctx.policy.count("panel_min")
    missing = [
        f"{case.applicant_id} 缺 {'、'.join(one for one in panels[case.id] if one not in sheets[case.id]) or '专家'}"
        for case in cases
        if len(panels[case.id]) < floor or any(one not in sheets[case.id] for one in panels[case.id])
    ]
    if missing:
        raise RefusedError(f"评分表未齐，不能汇总：{'；'.join(missing)}（每家不少于 {floor} 名专家）")
    return {case.applicant_id: [sheets[case.id][one] for one in panels[case.id]] for case in cases}


def _vetoed(ctx: Context, cases: list[Case], sheets: Sheets) -> dict[str, tuple[str, ...]]:
    """The items on which a "no" alone fails a dossier, by applicant number; only those who failed one."""
    one_is_enough = ctx.policy.reads("veto_item") == "any_expert"
    failed = {
        case.applicant_id: failed_vetoes(
            ctx.round.rubric[case.type], sheets[case.applicant_id], one_is_enough=one_is_enough
        )
        for case in cases
    }
    return {one: items for one, items in failed.items() if items}


def _rankings(
    session: Session,
    ctx: Context,
    event: Event,
    the_round: Round,
    cases: list[Case],
    sheets: Sheets,
    vetoed: Collection[str],
) -> dict[str, Ranking]:
    """The order of each type: these dossiers among those that were concluded before, whose means stand as they were."""
    means = {**_known_means(the_round), **{case.applicant_id: _mean(ctx, case, sheets) for case in cases}}
    earlier = _of_the_round(session, ctx, col(Application.mean_score).is_not(None))
    out = {*_below_before(the_round), *vetoed}
    key = _tie_key(session, ctx, event)
    rankings = {}
    for number, type_ in enumerate(ApplicantType, 1):
        among = [case for case in (*earlier, *cases) if case.type == type_]
        scored = [_scored(ctx, case, means[case.applicant_id], is_out=case.applicant_id in out) for case in among]
        settled = [one["applicant_id"] for one in the_round.ranking.get(type_.value, {}).get("order", ())]
        steps = ctx.policy.tie_rules[ctx.round.tie_rule]
        rankings[type_.value] = rank(scored, ctx.pass_rule, steps, f"{key}{number}./", settled)
    _expect_tie_values(ctx, event, rankings)
    return rankings


def _mean(ctx: Context, case: Case, sheets: Sheets) -> Fraction:
    return mean_of([total_of(ctx.round.rubric[case.type], sheet) for sheet in sheets[case.applicant_id]])


def _tie_key(session: Session, ctx: Context, event: Event) -> str:
    """The key by which equal scores are drawn: the draw's own, with the later result behind it where one decides."""
    draw = draw_of(session, ctx)
    assert draw is not None
    values = event.fields.get("tie_values") or ()
    return draw.key + (rfc3797.key_of([list(values)]) if values else "")


def _expect_tie_values(ctx: Context, event: Event, rankings: Mapping[str, Ranking]) -> None:
    """Where the round reads it so, equal scores wait for a result that comes out after all scores are in (A7-21)."""
    tied = [one for ranking in rankings.values() for order in ranking.draws.values() for one in order]
    if tied and ctx.policy.reads("tie_key") == "later_source" and not event.fields.get("tie_values"):
        raise RefusedError(
            f"{'、'.join(sorted(tied))} 同分，须抽签定先后：请等方案所列第一种公开结果在评分全部录入之后首次公布，"
            "将其期号和号码填入后再汇总"
        )


def _below_before(the_round: Round) -> list[str]:
    return [one["applicant_id"] for of_type in the_round.ranking.values() for one in of_type["below"]]


def _known_means(the_round: Round) -> dict[str, Fraction]:
    told = [one for of_type in the_round.ranking.values() for one in (*of_type["order"], *of_type["below"])]
    return {one["applicant_id"]: Fraction(one["mean"]) for one in told}


def _scored(ctx: Context, case: Case, mean: Fraction, *, is_out: bool) -> Scored:
    has_priority = any(case.facts.get(fact) for fact in ctx.policy.priority_facts[case.type])
    return Scored(case.applicant_id, mean, has_priority, case.submitted_at or ctx.round.accept_until, is_out)


def _write_ranks(session: Session, ctx: Context, event: Event, ranking: Ranking, late: set[str]) -> None:
    """Who was ranked before and stands elsewhere now, behind a late dossier."""
    places = {one.applicant_id: place for place, one in enumerate(ranking.order, 1)}
    earlier = col(Applicant.applicant_id).in_([one for one in places if one not in late])
    changes = []
    for case in _of_the_round(session, ctx, earlier):
        if case.rank != places[case.applicant_id]:
            fields = {"rank": places[case.applicant_id], "mean_score": score_of(session, case)}
            own = Event("change_rank", event.at, event.by, fields)
            changes.append(decided(case, own, ctx))
    record(session, ctx, changes)


def _write_places(
    session: Session,
    ctx: Context,
    event: Event,
    ranking: Ranking,
    cases: list[Case],
    vetoed: Mapping[str, tuple[str, ...]],
) -> None:
    """Each dossier that is concluded now: within the announced number while places are free; then as others that rank
    behind it give theirs back; else beyond it; or below the mark."""
    by_id = {case.applicant_id: case for case in cases}
    ranked = [(one, place) for place, one in enumerate(ranking.order, 1) if one.applicant_id in by_id]
    below = [(one, None) for one in ranking.below if one.applicant_id in by_id]
    if not ranked and not below:
        return
    type_ = by_id[(ranked or below)[0][0].applicant_id].type
    within = [entry for entry in ranked if entry[1] <= ctx.round.quota[type_]]
    free = max(free_places(session, ctx, type_), 0)
    at_once: list[tuple[Scored, int | None, str]] = [
        *((one, place, "within") for one, place in within[:free]),
        *((one, place, "beyond") for one, place in ranked[len(within) :]),
        *((one, None, "below") for one, _ in below),
    ]
    changes = [
        _placed(ctx, event, by_id[one.applicant_id], one, place, told, vetoed.get(one.applicant_id, ()))
        for one, place, told in at_once
    ]
    record(session, ctx, changes)
    for one, place in within[free:]:
        case = by_id[one.applicant_id]
        room = _room(session, ctx, replace(case, rank=place), event)
        standing = "beyond" if room is None else "within"
        record(session, ctx, [*(room or ()), _placed(ctx, event, case, one, place, standing)])


def _room(session: Session, ctx: Context, case: Case, event: Event) -> tuple[Change[Case], ...] | None:
    """Who gives way to a dossier that ranks within the announced number; None where everybody who could has signed."""
    try:
        return make_room(session, ctx, case, event, RANKED_BEFORE)
    except RefusedError:
        return None


def _placed(
    ctx: Context,
    event: Event,
    case: Case,
    one: Scored,
    place: int | None,
    standing: str,
    vetoed: Sequence[str] = (),
) -> Change[Case]:
    fields: dict[str, Any] = {"standing": standing, "mean_score": shown(one.mean, ctx.pass_rule)}
    fields |= {"exact": str(one.mean), "rank": place}
    if vetoed:
        names = {item["code"]: item["item"] for item in ctx.round.rubric[case.type]}
        fields |= {"vetoed": [names[code] for code in vetoed], "reaches_mark": ctx.pass_rule.passes(one.mean)}
    own = Event(event.name, event.at, event.by, fields)
    return decided(case, own, ctx)


def _published(the_round: Round, type_: str, ranking: Ranking) -> dict[str, Any]:
    drawn = {key: list(order) for key, order in ranking.draws.items()}
    return {
        "order": [{"applicant_id": one.applicant_id, "mean": str(one.mean)} for one in ranking.order],
        "below": [{"applicant_id": one.applicant_id, "mean": str(one.mean)} for one in ranking.below],
        "tie_draws": {**the_round.ranking.get(type_, {}).get("tie_draws", {}), **drawn},
    }


def _summary(session: Session, ctx: Context, rankings: dict[str, Ranking]) -> str:
    chosen = {case.applicant_id for case in _of_the_round(session, ctx, col(Application.state).in_(HOLDS_A_PLACE))}
    parts = []
    for type_, ranking in rankings.items():
        named = [one.applicant_id for one in ranking.order if one.applicant_id in chosen]
        parts.append(
            f"{ApplicantType(type_).label}名额 {ctx.round.quota[type_]} 家，合格 {len(ranking.order)} 家，"
            f"拟进入谈判：{'、'.join(named) or '无'}"
        )
    return f"已汇总评估结果。{'；'.join(parts)}。{_left_behind(session, ctx)}"


def _left_behind(session: Session, ctx: Context) -> str:
    """Whoever has not come to the evaluation yet through no fault of its own: it must be concluded later."""
    waiting = _of_the_round(session, ctx, col(Application.state).in_(NOT_YET_EVALUATED))
    if not waiting:
        return ""
    named = "、".join(case.applicant_id for case in waiting)
    return f"另有 {named} 尚未完成初审或者评估申请，其后须补充评分并再次汇总，名次一并重排。"
