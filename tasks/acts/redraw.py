"""A draw whose results were entered wrongly is taken back before the panel acts: the same plan is drawn with the true
ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Draw, DrawChallenge, ScoreSheet
from rules.case import Case, Change, Context, Event, Message, Outcome
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.vocabulary import State
from tasks.act_result import Receipt
from tasks.acts.draw import annul
from tasks.case_loading import load_cases
from tasks.panel import draw_of
from tasks.recording import record
from tasks.rounds import record_for_round

CLAUSE = "五(二)"
OF_THE_PLAN = (
    *("round_id", "wanted", "pool", "pool_sha256", "sources", "published_at", "published_by"),
    *("strata", "source_rules", "excluded", "challenge_days"),
)


def take_back_draw(session: Session, ctx: Context, event: Event) -> Receipt:
    """The record of the wrong draw stays public, with why; the plan stands as it was announced, and is drawn again.

    Raises RefusedError where nothing was drawn, where the panel has handed in a sheet, and where the draw is
    challenged: then the answer to the challenge decides.
    """
    drawn = draw_of(session, ctx)
    if drawn is None or drawn.drawn_at is None:
        raise RefusedError("尚未抽取专家，没有可以撤回的抽取结果")
    _expect_untouched(session, drawn)
    told = event.fields["told"]
    annul(session, drawn, event, f"随机源结果录入有误：{told}")
    session.add(Draw(**{name: getattr(drawn, name) for name in OF_THE_PLAN}))
    session.flush()
    record_for_round(session, ctx, event, {"source_values": drawn.source_values, "picks": drawn.picks})
    waiting = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.EVALUATING)
    cases = load_cases(session, waiting, with_facts=False)
    record(session, ctx, [_told(case, drawn, event) for case in cases])
    numbers = tuple(case.applicant_id for case in cases)
    return Receipt("抽取结果已撤回并公开说明，方案不变：请按正确的随机源结果重新抽取。", ctx.round.id, numbers)


def _expect_untouched(session: Session, drawn: Draw) -> None:
    sheets = select(col(ScoreSheet.id)).where(col(ScoreSheet.draw_id) == drawn.id)
    if session.execute(sheets.limit(1)).first():
        raise RefusedError(
            f"专家组已经评分，抽取结果不能撤回：对抽取有意见的，请登记抽取质疑（依据：{CLAUSE}、RFC 3797）"
        )
    challenged = select(col(DrawChallenge.ref)).where(col(DrawChallenge.draw_id) == drawn.id)
    if refs := session.execute(challenged).scalars().all():
        raise RefusedError(f"本次抽取已有质疑 {'、'.join(refs)}，由质疑结论处理，不能撤回（依据：{CLAUSE}、RFC 3797）")


def _told(case: Case, drawn: Draw, event: Event) -> Change[Case]:
    assert drawn.drawn_at is not None
    today = local_day(event.at)
    params: dict[str, Any] = {
        "what": f"{local_day(drawn.drawn_at)} 抽取的评估专家组",
        "reason": f"随机源结果录入有误，已于 {today} 撤回；方案不变，按正确的结果重新抽取后另行告知",
        "clause": CLAUSE,
    }
    own = Event(event.name, event.at, event.by, {"drawn_on": local_day(drawn.drawn_at)})
    return Change(case, own, Outcome(case.state, CLAUSE, messages=(Message("effect_reversed", params),)))
