"""Experts who are added and what they declare before the draw, and challenges of the draw after it (五(二))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Draw, DrawChallenge, Expert, ExpertDeclaration, Round, ScoreSheet
from rules.case import SYSTEM, Context, Event
from rules.challenges import challenge_ends_on, firm_challenge_end
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.objections import is_in_time, postmark_fault
from rules.vocabulary import Audience, ObjectionStatus, ObjectionVia
from tasks.act_result import Receipt
from tasks.acts.draw import GUARDED, annul, the_expert
from tasks.outbox_rows import owe_to_office
from tasks.panel import draw_of, experts_of, sheets_count, standing_of
from tasks.rounds import record_for_round


def register_declarations(session: Session, ctx: Context, event: Event) -> Receipt:
    """What experts declare for the round; the newest counts. Once the pool is frozen, a tie is a recusal."""
    if draw_of(session, ctx):
        raise RefusedError("抽取方案已公布，名册已冻结：此后得知的利益关系请办理“登记专家回避”")
    for entry in event.fields["declarations"]:
        expert = the_expert(session, ctx, entry["expert_id"])
        session.add(
            ExpertDeclaration(
                expert_pk=expert.id or 0,
                interests=list(entry["interests"]),
                signed_on=date.fromisoformat(entry["signed_on"]),
                recorded_at=event.at,
                recorded_by=event.by,
            )
        )
    session.flush()
    record_for_round(session, ctx, event)
    names = [entry["expert_id"] for entry in event.fields["declarations"]]
    return Receipt(f"已登记专家利益申报 {len(names)} 份：{'、'.join(names)}。", ctx.round.id)


def register_experts(session: Session, ctx: Context, event: Event) -> Receipt:
    """Experts whom the city bureau adds (五(二); A7-26): while no pool is frozen, or where a draw left too few."""
    now = standing_of(session, ctx)
    if now.is_planned and not now.lacks_experts:
        raise RefusedError("抽取方案已公布，名册已冻结，现在不能扩充专家库：抽取后专家不足的，再行补充")
    library, entries = experts_of(session, ctx), event.fields["experts"]
    numbers = [entry["expert_id"] for entry in entries]
    known = {expert.expert_id for expert in library}
    if taken := sorted({one for one in numbers if one in known or numbers.count(one) > 1}):
        raise RefusedError(f"专家编号 {'、'.join(taken)} 已登记，请核对后换用新的编号")
    first = max((expert.position for expert in library), default=0) + 1
    session.add_all(Expert(round_id=ctx.round.id, position=place, **one) for place, one in enumerate(entries, first))
    session.flush()
    record_for_round(session, ctx, event)
    return Receipt(
        f"已扩充专家库 {len(numbers)} 名：{'、'.join(numbers)}，现共 {len(library) + len(numbers)} 名。", ctx.round.id
    )


def challenge_draw(session: Session, ctx: Context, event: Event) -> Receipt:
    """Somebody challenges the draw. In time it keeps anybody from scoring until it is answered."""
    draw = _drawn(session, ctx)
    if _find(session, draw, event.fields["ref"]):
        raise RefusedError(f"质疑编号 {event.fields['ref']} 已登记，请换用新的编号")
    if event.fields["received_at"] > event.at:
        raise RefusedError("质疑的收到时间晚于登记时间，请核对日期和时间")
    _expect_postmark(draw, event)
    in_time = _in_time(ctx, draw, event.fields)
    session.add(
        DrawChallenge(
            draw_id=draw.id or 0, is_in_time=in_time, recorded_at=event.at, recorded_by=event.by, **event.fields
        )
    )
    record_for_round(session, ctx, event, {"is_in_time": in_time})
    is_early = draw.drawn_at is not None and event.fields["received_at"] < draw.drawn_at
    outside = "抽取之前收到" if is_early else "已过质疑期"
    effect = "质疑期内提出，核查完结前不能评分" if in_time else f"{outside}，照常核查，不暂停评分"
    return Receipt(f"已登记抽取质疑 {event.fields['ref']}（{effect}）。", ctx.round.id)


def _expect_postmark(draw: Draw, event: Event) -> None:
    fields = event.fields
    about = (ObjectionVia(fields["via"]), fields["received_at"], fields["postmarked_on"])
    if fault := postmark_fault(*about, local_day(draw.published_at), "抽取方案公布日"):
        raise RefusedError(fault)


def _in_time(ctx: Context, draw: Draw, fields: Mapping[str, Any]) -> bool:
    """Received, or posted, from the draw on until the last day for challenges; where there are none, too late."""
    ends_on = _ends_on(ctx, draw)
    return ends_on is not None and is_in_time(
        ObjectionVia(fields["via"]),
        fields["received_at"],
        fields["postmarked_on"],
        ends_on,
        ctx.policy.time_of_day("counter_closes"),
        postmark_counts=ctx.policy.reads("posted_objection") == "postmark",
        opened_at=draw.drawn_at,
    )


def _ends_on(ctx: Context, draw: Draw) -> date | None:
    """The last day for challenges: the firm one that was announced (民法典204), else the latest that it can be."""
    assert draw.drawn_at is not None
    return draw.challenge_until or challenge_ends_on(draw.challenge_days, local_day(draw.drawn_at), ctx.workdays)


def hold_to_firm_day(session: Session, ctx: Context, draw: Draw, at: datetime) -> None:
    """The last day for challenges of a draw, once it is firm; open challenges are judged by it, both ways."""
    assert draw.drawn_at is not None
    draw.challenge_until = firm_challenge_end(draw.challenge_days, local_day(draw.drawn_at), ctx.workdays)
    session.add(draw)
    session.flush()
    if draw.challenge_until is None:
        return
    waiting = col(DrawChallenge.draw_id) == draw.id, col(DrawChallenge.status) == ObjectionStatus.OPEN
    for challenge in session.execute(select(DrawChallenge).where(*waiting)).scalars().all():
        in_time = _in_time(ctx, draw, challenge.model_dump())
        if in_time is not challenge.is_in_time:
            challenge.is_in_time = in_time
            session.add(challenge)
            _tell_rejudged(session, ctx, draw, challenge, at)


def _tell_rejudged(session: Session, ctx: Context, draw: Draw, challenge: DrawChallenge, at: datetime) -> None:
    said = {"ref": challenge.ref, "is_in_time": challenge.is_in_time, "challenge_until": draw.challenge_until}
    record_for_round(session, ctx, Event("rejudge_challenge", at, SYSTEM, said))
    now = "在质疑期内，核查完结前不能评分" if challenge.is_in_time else "已过质疑期，不再暂停评分，照常核查"
    advice = (
        "已有评分的，请研究处理" if challenge.is_in_time and _has_scores(session, ctx) else "请核对收到日期后继续办理"
    )
    found = f"质疑期的末日现已确定为 {draw.challenge_until}，该质疑{now}，与登记时的认定不同"
    the_round = session.get(Round, ctx.round.id)
    assert the_round is not None
    params = {"matter": f"抽取质疑 {challenge.ref}", "found": found, "advice": advice}
    key = f"challenge:{challenge.id}:{draw.challenge_until}"
    owe_to_office(session, the_round, "decision_review", params, at, key, audience=Audience.SUPERVISOR)


def _has_scores(session: Session, ctx: Context) -> bool:
    return session.execute(select(col(ScoreSheet.id)).where(sheets_count(session, ctx)).limit(1)).first() is not None


def resolve_draw_challenge(session: Session, ctx: Context, event: Event) -> Receipt:
    """The answer to a challenge. Upheld, the draw is annulled, and a new plan may be published (on another day, with
    results that are still to come); its record stays public."""
    draw = _drawn(session, ctx)
    challenge = _find(session, draw, event.fields["ref"])
    if challenge is None:
        raise RefusedError(f"没有编号为“{event.fields['ref']}”的抽取质疑，请核对")
    if challenge.status != ObjectionStatus.OPEN:
        raise RefusedError(f"质疑 {challenge.ref} 已作出结论，不能再次认定")
    if ctx.round.requires(GUARDED) and event.by in (draw.published_by, draw.drawn_by):
        raise RefusedError("公布方案或者办理抽取的人，不能对抽取质疑作出结论：请由另一人核查（依据：五(二)）")
    upheld = event.fields["upheld"]
    challenge.status = ObjectionStatus.UPHELD if upheld else ObjectionStatus.DISMISSED
    challenge.finding, challenge.resolved_at, challenge.resolved_by = event.fields["finding"], event.at, event.by
    if upheld:
        _annul(session, ctx, draw, event)
    session.add(challenge)
    record_for_round(session, ctx, event)
    said = "成立，本次抽取已撤销，请重新公布抽取方案" if upheld else "不成立"
    return Receipt(f"抽取质疑 {challenge.ref} {said}。", ctx.round.id)


def _annul(session: Session, ctx: Context, draw: Draw, event: Event) -> None:
    """Sheets of the panel that it seated stay on record and count no longer. Once concluded, what is published can be
    objected to, and the draw stands."""
    now = standing_of(session, ctx)
    if now.is_concluded and not now.evaluating:
        raise RefusedError("评估结果已经汇总，不能再撤销抽取：请将此质疑作为对评估结果公示的异议登记并核查")
    annul(session, draw, event, event.fields["finding"])


def _drawn(session: Session, ctx: Context) -> Draw:
    draw = draw_of(session, ctx)
    if draw is None or draw.drawn_at is None:
        raise RefusedError("本轮尚未抽取专家，没有可以质疑的抽取：对名册或方案有意见的，请向经办中心提出")
    return draw


def _find(session: Session, draw: Draw, ref: str) -> DrawChallenge | None:
    query = select(DrawChallenge).where(col(DrawChallenge.draw_id) == draw.id, col(DrawChallenge.ref) == ref)
    return session.execute(query).scalar_one_or_none()


def expect_unchallenged(session: Session, ctx: Context, event: Event) -> None:
    """Refuses to score while the draw can be challenged, and while a challenge in time is open."""
    draw = draw_of(session, ctx)
    if draw is None or draw.drawn_at is None:
        return
    ends_on = _ends_on(ctx, draw)
    if ends_on and local_day(event.at) <= ends_on:
        raise RefusedError(f"抽取质疑期至 {ends_on}，其后方可录入评分")
    waiting = col(DrawChallenge.draw_id) == draw.id, col(DrawChallenge.status) == ObjectionStatus.OPEN
    query = select(col(DrawChallenge.ref)).where(*waiting, col(DrawChallenge.is_in_time))
    if open_ones := list(session.execute(query).scalars()):
        raise RefusedError(f"抽取质疑 {'、'.join(open_ones)} 尚未核查完结，不能录入评分")
