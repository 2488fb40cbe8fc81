"""Recusal, the plan of the public draw, and the draw (五(二); RFC 3797)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Draw, Expert, Recusal, Round
from rules import draw as rfc3797
from rules.audit import sha256
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.vocabulary import State
from tasks.advance import Change, advance
from tasks.casebook import load_cases, the_case
from tasks.panel import draw_of, experts_of, panel_of, recusals_of
from tasks.receipt import Receipt, decided
from tasks.rounds import record_for_round


def recuse_expert(session: Session, ctx: Context, event: Event) -> Receipt:
    """An expert stands aside. Before the plan: leaves the pool; after it: is skipped, numbers stay (s.5.1).
    With an applicant: for that dossier only."""
    expert = _expert(session, ctx, event.fields["expert_id"])
    if _is_concluded(session, ctx):
        raise RefusedError("评估结果已汇总，不能再登记回避；有异议的请按公示异议办理")
    applicant_id = event.fields["applicant_id"]
    case = the_case(session, ctx.round.id, applicant_id) if applicant_id else None
    application_id = case.id if case else None
    if (expert.id, application_id) in {(one.expert_pk, one.application_id) for one in recusals_of(session, ctx)}:
        raise RefusedError(f"专家 {expert.expert_id} 的该项回避已登记过，无需重复办理")
    session.add(
        Recusal(
            expert_pk=expert.id or 0,
            application_id=application_id,
            reason=event.fields["reason"],
            by=event.by,
            recorded_at=event.at,
        )
    )
    record_for_round(session, ctx, event)
    scope = f"对 {applicant_id} 回避" if applicant_id else "整轮回避"
    return Receipt(f"已登记专家 {expert.expert_id} {scope}。", ctx.round.id, (applicant_id,) if applicant_id else ())


def publish_draw_plan(session: Session, ctx: Context, event: Event) -> Receipt:
    """Freezes and publishes the numbered pool, how many are drawn, and the future public results that decide."""
    if draw_of(session, ctx):
        raise RefusedError("本轮抽取方案已公布，名册已冻结，不能再次公布")
    wanted, sources = event.fields["wanted"], event.fields["sources"]
    least, most = ctx.policy.count("panel_min"), ctx.policy.count("panel_max")
    if not least <= wanted <= most:
        raise RefusedError(f"专家组人数 {wanted} 须为 {least} 至 {most} 人（{ctx.policy.clause('panel_min')}）")
    pool = _pool(session, ctx)
    if len(pool) < wanted:
        raise RefusedError(f"回避后名册只有 {len(pool)} 人，不足 {wanted} 人：请市局扩充专家库后再公布")
    session.add(
        Draw(
            round_id=ctx.round.id,
            wanted=wanted,
            pool=pool,
            pool_sha256=sha256(pool),
            sources=list(sources),
            published_at=event.at,
            published_by=event.by,
        )
    )
    record_for_round(session, ctx, event, {"pool": pool, "pool_sha256": sha256(pool)})
    return Receipt(
        f"已公布抽取方案：名册 {len(pool)} 人，抽取 {wanted} 人，随机源：{'、'.join(sources)}。",
        ctx.round.id,
        detail={"pool": pool},
    )


def draw_experts(session: Session, ctx: Context, event: Event) -> Receipt:
    """Draws the whole order from the public results; the first n seated, the rest substitutes in order."""
    plan = draw_of(session, ctx)
    _may_draw(ctx, plan, event)
    assert plan is not None
    key = rfc3797.key_of(event.fields["source_values"])
    selection = rfc3797.draw(key, len(plan.pool), len(plan.pool))
    plan.drawn_at, plan.drawn_by = event.at, event.by
    plan.source_values = [[int(v) for v in (s if isinstance(s, list) else [s])] for s in event.fields["source_values"]]
    plan.key, plan.picks, plan.digests = key, list(selection.picks), list(selection.digests)
    plan.unavailable = list(event.fields["unavailable"])
    session.add(plan)
    session.flush()
    panel = panel_of(session, ctx)
    if len(panel) < plan.wanted:
        raise RefusedError(f"可到场的专家只有 {len(panel)} 人，不足 {plan.wanted} 人：请市局扩充专家库后重新公布方案")
    record_for_round(session, ctx, event, {"key": key, "picks": plan.picks, "digests": plan.digests, "panel": panel})
    _tell(session, ctx, event, len(panel))
    return Receipt(f"已抽取专家 {'、'.join(panel)}，其余按抽取顺序候补。", ctx.round.id, detail={"panel": panel})


def _tell(session: Session, ctx: Context, event: Event, panel_size: int) -> None:
    """Every dossier under evaluation is told that the panel stands (names are not told)."""
    told = Event(event.name, event.at, event.by, {"panel_size": panel_size})
    waiting = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.EVALUATING)
    cases = load_cases(session, waiting, with_facts=False)
    advance(session, ctx, [Change(case, told, decided(case, told, ctx)) for case in cases])


def _may_draw(ctx: Context, plan: Draw | None, event: Event) -> None:
    if plan is None:
        raise RefusedError("尚未公布抽取方案：请先公布名册、人数和随机源")
    if plan.drawn_at is not None:
        raise RefusedError("本轮已经抽取过专家，抽取只能进行一次")
    earliest = local_day(plan.published_at) + timedelta(days=ctx.policy.count("draw_after_plan"))
    if local_day(event.at) < earliest:
        raise RefusedError(f"抽取须在方案公布之后，最早 {earliest}：随机源须为公布时尚未产生的结果")
    if len(event.fields["source_values"]) != len(plan.sources):
        raise RefusedError(f"方案公布了 {len(plan.sources)} 个随机源，须逐一给出结果：{'、'.join(plan.sources)}")
    if outside := [number for number in event.fields["unavailable"] if not 1 <= number <= len(plan.pool)]:
        raise RefusedError(f"名册编号 {outside} 不存在，编号为 1 至 {len(plan.pool)}")


def _pool(session: Session, ctx: Context) -> list[dict[str, Any]]:
    """The numbered pool: the library in its order, without those who stand aside and without computed conflicts."""
    conflicts = _computed_conflicts(session, ctx)
    aside = {one.expert_pk for one in recusals_of(session, ctx) if one.application_id is None} | conflicts
    present = [expert for expert in experts_of(session, ctx) if expert.id not in aside]
    return [
        {"number": number, "expert_id": expert.expert_id, "name": expert.name, "specialty": expert.specialty}
        for number, expert in enumerate(present, 1)
    ]


def _computed_conflicts(session: Session, ctx: Context) -> set[int | None]:
    """Experts whose employer applies in this round, unless they already stand aside for that dossier alone."""
    applied = select(col(Application.id), col(Applicant.name)).join(Applicant)
    rows = session.execute(applied.where(col(Application.round_id) == ctx.round.id))
    by_name = {name: application_id for application_id, name in rows}
    declared = {(one.expert_pk, one.application_id) for one in recusals_of(session, ctx)}
    return {
        expert.id
        for expert in experts_of(session, ctx)
        if expert.employer in by_name and (expert.id, by_name[expert.employer]) not in declared
    }


def _expert(session: Session, ctx: Context, expert_id: str) -> Expert:
    for expert in experts_of(session, ctx):
        if expert.expert_id == expert_id:
            return expert
    raise RefusedError(f"专家库中没有“{expert_id}”：请核对专家编号")


def _is_concluded(session: Session, ctx: Context) -> bool:
    return session.execute(select(col(Round.concluded_at)).where(col(Round.id) == ctx.round.id)).scalar() is not None
