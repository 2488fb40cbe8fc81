"""Recusal, the plan of the public draw, and the draw (五(二); RFC 3797)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col

from models import Application, Draw, Expert, Recusal
from rules import draw as rfc3797
from rules.audit import sha256
from rules.case import Context, Event
from rules.challenges import challenge_ends_on, firm_challenge_end
from rules.clocks import ONE_DAY
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.register import ONE_PERSON
from rules.texts import compared
from rules.vocabulary import State
from tasks.act_result import Receipt
from tasks.acts.sources import check_announced, check_values
from tasks.case_loading import load_cases, the_case
from tasks.decisions import decided
from tasks.panel import draw_of, expect_in_order, experts_of, panel_of, recusals_of, standing_of, strata_of
from tasks.pooling import pool_of_round, twice_in_pool
from tasks.recording import record
from tasks.rounds import record_for_round

GUARDED = "guarded_draw"
TOO_FEW_LEFT = "回避后可以评分的专家不足下限，重新公布方案"


def recuse_expert(session: Session, ctx: Context, event: Event) -> Receipt:
    """An expert stands aside. Before the plan: leaves the pool; after it: is skipped, numbers stay (s.5.1).
    With an applicant: for that dossier only."""
    expert = the_expert(session, ctx, event.fields["expert_id"])
    if _is_over(session, ctx):
        raise RefusedError("评估结果已汇总，不能再登记回避；有异议的请按公示异议办理")
    applicant_id = event.fields["applicant_id"]
    case = the_case(session, ctx.round.id, applicant_id) if applicant_id else None
    application_id = case.id if case else None
    if (expert.id, application_id) in {(one.expert_pk, one.application_id) for one in recusals_of(session, ctx)}:
        raise RefusedError(f"专家 {expert.expert_id} 的该项回避已登记过，无需重复办理")
    _expect_proof(session, ctx, event)
    session.add(
        Recusal(
            expert_pk=expert.id or 0,
            application_id=application_id,
            reason=event.fields["reason"],
            by=event.by,
            recorded_at=event.at,
            evidence=event.fields.get("evidence", ""),
        )
    )
    record_for_round(session, ctx, event)
    scope = f"对 {applicant_id} 回避" if applicant_id else "整轮回避"
    return Receipt(f"已登记专家 {expert.expert_id} {scope}。", ctx.round.id, (applicant_id,) if applicant_id else ())


def _expect_proof(session: Session, ctx: Context, event: Event) -> None:
    """Once the pool is frozen, whoever leaves it leaves with proof, where the round asks for it."""
    if ctx.round.requires(GUARDED) and draw_of(session, ctx) is not None and not event.fields.get("evidence"):
        raise RefusedError("抽取方案已公布：此后回避的须填写“证明”（材料名称和存放处），供复核人核对")


def publish_draw_plan(session: Session, ctx: Context, event: Event) -> Receipt:
    """Freezes and publishes the numbered pool, how many are drawn, and the future public results that decide.

    Where recusals left a dossier with too few experts, the draw that stood is annulled and stays public (A7-26).
    """
    expect_in_order(session, ctx, event.name)
    wanted, sources = event.fields["wanted"], event.fields["sources"]
    least, most = ctx.policy.count("panel_min"), ctx.policy.count("panel_max")
    if not least <= wanted <= most:
        raise RefusedError(f"专家组人数 {wanted} 须为 {least} 至 {most} 人（{ctx.policy.clause('panel_min')}）")
    pool, excluded = pool_of_round(session, ctx, local_day(event.at), _drawn_on(ctx, event))
    _expect_each_once(session, ctx, event, pool)
    strata = _strata(pool, event.fields["strata"])
    if len(pool) < wanted:
        raise RefusedError(f"回避后名册只有 {len(pool)} 人，不足 {wanted} 人：请市局扩充专家库后再公布")
    if (former := draw_of(session, ctx)) is not None:
        annul(session, former, event, TOO_FEW_LEFT)
    plan = Draw(
        round_id=ctx.round.id,
        wanted=wanted,
        pool=pool,
        pool_sha256=sha256(pool),
        sources=list(sources),
        published_at=event.at,
        published_by=event.by,
        strata=strata,
        source_rules=check_announced(ctx, event, _as_strata(strata, pool, wanted)),
        excluded=excluded,
        challenge_days=_challenge_days(ctx),
    )
    session.add(plan)
    session.flush()
    record_for_round(session, ctx, event, {"pool": pool, "pool_sha256": plan.pool_sha256, "excluded": excluded})
    return Receipt(_announced(plan), ctx.round.id, detail={"pool": pool, "excluded": excluded})


def _drawn_on(ctx: Context, event: Event) -> date:
    """The first day on which the draw can be held: all announced results are out, and a day lies after the plan."""
    days = [date.fromisoformat(rule["due_on"]) for rule in event.fields["source_rules"] if rule["due_on"]]
    return max(days, default=local_day(event.at) + timedelta(days=ctx.policy.count("draw_after_plan")))


def _expect_each_once(session: Session, ctx: Context, event: Event, pool: Sequence[dict[str, Any]]) -> None:
    """Nobody stands in the pool twice, unless a person has seen that they are two people of one name."""
    twice = twice_in_pool(session, ctx, pool)
    if twice and not event.fields.get("namesakes_checked"):
        named = "；".join("、".join(one) for one in twice)
        raise RefusedError(f"名册中专家 {named} 姓名和单位相同，同一人不能有两个编号：{ONE_PERSON}")


def _announced(plan: Draw) -> str:
    out = "；".join(f"{one['expert_id']} {'、'.join(why['label'] for why in one['reasons'])}" for one in plan.excluded)
    return f"已公布抽取方案：名册 {len(plan.pool)} 人，抽取 {plan.wanted} 人，随机源：{'、'.join(plan.sources)}。" + (
        f"未入名册：{out}。" if out else ""
    )


def _strata(pool: Sequence[dict[str, Any]], asked: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The strata by specialty, each with its own suffix of the key. Refuses one that the pool cannot fill, and a pool
    with members whom no stratum could ever draw."""
    strata = []
    for number, one in enumerate(asked, 1):
        members = [entry["number"] for entry in pool if compared(entry["specialty"]) == compared(one["specialty"])]
        if len(members) < one["wanted"]:
            raise RefusedError(
                f"名册中“{one['specialty']}”专业只有 {len(members)} 人，不足 {one['wanted']} 人："
                "请核对专业名称或扩充专家库"
            )
        strata.append({**one, "suffix": f"{number}./", "members": members})
    named = {compared(one["specialty"]) for one in asked}
    left = sorted({entry["specialty"] for entry in pool if compared(entry["specialty"]) not in named})
    if strata and left:
        raise RefusedError(f"名册中“{'、'.join(left)}”专业没有列入分组，将无从抽到：请一并分组，或先将其移出名册")
    return strata


def _as_strata(
    strata: Sequence[dict[str, Any]], pool: Sequence[dict[str, Any]], wanted: int
) -> tuple[rfc3797.Stratum, ...]:
    return rfc3797.strata_from(strata, len(pool), wanted)


def _challenge_days(ctx: Context) -> int:
    days = ctx.round.announcement.get("safeguards", {}).get("draw_challenge_days", 0)
    return int(days) or ctx.policy.count("draw_challenge")


def draw_experts(session: Session, ctx: Context, event: Event) -> Receipt:
    """Draws the whole order from the public results; the first n seated, the rest substitutes in order.

    With too few who can come there is no panel: the draw stays on record as annulled, and a new plan may follow
    (A7-26). The receipt then says that the act was not done.
    """
    plan = _may_draw(session, ctx, event)
    key = rfc3797.key_of(event.fields["source_values"])
    selections = rfc3797.draw_strata(key, strata_of(plan))
    plan.drawn_at, plan.drawn_by = event.at, event.by
    plan.source_values = [[int(v) for v in (s if isinstance(s, list) else [s])] for s in event.fields["source_values"]]
    plan.key = key
    plan.picks = [number for one in selections for number in one.picks]
    plan.digests = [digest for one in selections for digest in one.digests]
    plan.unavailable = list(event.fields["unavailable"])
    plan.values_evidence = event.fields.get("evidence", "")
    plan.absence_note = event.fields.get("absence_note", "")
    plan.challenge_until = firm_challenge_end(plan.challenge_days, local_day(event.at), ctx.workdays)
    session.add(plan)
    session.flush()
    panel = panel_of(session, ctx)
    if len(panel) < plan.wanted:
        return _without_a_panel(session, ctx, event, plan, len(panel))
    record_for_round(session, ctx, event, {"key": key, "picks": plan.picks, "digests": plan.digests, "panel": panel})
    _tell(session, ctx, event, len(panel))
    ends_on = challenge_ends_on(plan.challenge_days, local_day(event.at), ctx.workdays)
    after = f"质疑期至 {ends_on}，其后方可评分。" if ends_on else ""
    return Receipt(f"已抽取专家 {'、'.join(panel)}，其余按抽取顺序候补。{after}", ctx.round.id, detail={"panel": panel})


def _without_a_panel(session: Session, ctx: Context, event: Event, plan: Draw, present: int) -> Receipt:
    why = f"可到场的专家只有 {present} 人，不足 {plan.wanted} 人"
    annul(session, plan, event, f"{why}，未组成专家组")
    record_for_round(session, ctx, event, {"key": plan.key, "picks": plan.picks, "annulled_because": why})
    undone = f"{why}：本次抽取已如实公开并作废，请登记市局补充的专家或者调整人数后，重新公布抽取方案"
    return Receipt("未组成专家组。", ctx.round.id, undone=undone)


def annul(session: Session, draw: Draw, event: Event, because: str) -> None:
    """A draw stands no longer: its record and its sheets stay, another plan may follow."""
    draw.annulled_at, draw.annulled_by, draw.annulled_because = event.at, event.by, because
    session.add(draw)
    session.flush()


def withdraw_draw_plan(session: Session, ctx: Context, event: Event) -> Receipt:
    """A plan with a mistake in it is withdrawn, openly, before anybody can know what it would draw; another may follow.

    Raises RefusedError where there is no plan, where it was drawn, and from the day on which its first result comes out
    (of a plan that names no days: from the day after it): a plan that is withdrawn by its result is a choice.
    """
    plan = draw_of(session, ctx)
    if plan is None:
        raise RefusedError("还没有公布抽取方案，没有可以撤回的")
    if plan.drawn_at is not None:
        raise RefusedError("已经抽取，方案不能撤回：对抽取有意见的，请登记抽取质疑（依据：五(二)、RFC 3797）")
    known_on, today = _known_on(plan), local_day(event.at)
    if today >= known_on:
        raise RefusedError(
            f"随机源自 {known_on} 起可能已经公布，此后撤回方案等于挑选结果，不能撤回：请按方案抽取"
            "（依据：五(二)、RFC 3797）"
        )
    plan.withdrawn_at, plan.withdrawn_by = event.at, event.by
    plan.withdrawn_because = f"方案在抽取以前撤回：{event.fields['told']}"
    session.add(plan)
    session.flush()
    record_for_round(session, ctx, event, {"pool_sha256": plan.pool_sha256})
    return Receipt("抽取方案已撤回并公开说明，请重新公布抽取方案。", ctx.round.id)


def _known_on(plan: Draw) -> date:
    """The first day on which a result that decides may be known."""
    days = [date.fromisoformat(rule["due_on"]) for rule in plan.source_rules]
    return min(days, default=local_day(plan.published_at) + ONE_DAY)


def _tell(session: Session, ctx: Context, event: Event, panel_size: int) -> None:
    """Every dossier under evaluation is told that the panel stands (names are not told)."""
    told = Event(event.name, event.at, event.by, {"panel_size": panel_size})
    waiting = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.EVALUATING)
    cases = load_cases(session, waiting, with_facts=False)
    record(session, ctx, [decided(case, told, ctx) for case in cases])


def _may_draw(session: Session, ctx: Context, event: Event) -> Draw:
    expect_in_order(session, ctx, event.name)
    plan = draw_of(session, ctx)
    assert plan is not None
    earliest = local_day(plan.published_at) + timedelta(days=ctx.policy.count("draw_after_plan"))
    if local_day(event.at) < earliest:
        raise RefusedError(f"抽取须在方案公布之后，最早 {earliest}：随机源须为公布时尚未产生的结果")
    if len(event.fields["source_values"]) != len(plan.sources):
        raise RefusedError(f"方案公布了 {len(plan.sources)} 个随机源，须逐一给出结果：{'、'.join(plan.sources)}")
    check_values(ctx, plan, event)
    _expect_evidence(ctx, event)
    if outside := [number for number in event.fields["unavailable"] if not 1 <= number <= len(plan.pool)]:
        raise RefusedError(f"名册编号 {outside} 不存在，编号为 1 至 {len(plan.pool)}")
    return plan


def _expect_evidence(ctx: Context, event: Event) -> None:
    """Where the round asks for it, the results come with the official page, and whoever cannot come with why."""
    if not ctx.round.requires(GUARDED):
        return
    if not event.fields.get("evidence"):
        raise RefusedError("须填写“开奖公告”：各随机源结果的官方网页地址或留存文件，供复核人核对并公布")
    if event.fields["unavailable"] and not event.fields.get("absence_note"):
        raise RefusedError(
            "随机源结果已经公开，当天不能到场的须填写“不能到场的说明”（证明和缘由），一并公布；"
            "事先得知的，在结果公布以前办理“登记专家回避”"
        )


def the_expert(session: Session, ctx: Context, expert_id: str) -> Expert:
    """The expert of the round's library. Raises RefusedError when there is none."""
    for expert in experts_of(session, ctx):
        if expert.expert_id == expert_id:
            return expert
    raise RefusedError(f"专家库中没有“{expert_id}”：请核对专家编号")


def _is_over(session: Session, ctx: Context) -> bool:
    """Concluded, and no dossier is left that comes to the evaluation late."""
    now = standing_of(session, ctx)
    return now.is_concluded and not now.evaluating
