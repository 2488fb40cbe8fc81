"""Who is in the library, who stands aside, and who sits on the panel: for the round, and for one dossier."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import Applicant, Application, Draw, Expert, Recusal, Round, ScoreSheet
from rules.case import Context
from rules.draw import Stratum, seated, seated_by_stratum, strata_from
from rules.errors import RefusedError
from rules.round_steps import RoundStanding, too_early
from rules.vocabulary import State


def experts_of(session: Session, ctx: Context) -> Sequence[Expert]:
    """The expert library of the round, in its order."""
    query = select(Expert).where(col(Expert.round_id) == ctx.round.id).order_by(col(Expert.position))
    return session.execute(query).scalars().all()


def recusals_of(session: Session, ctx: Context) -> Sequence[Recusal]:
    """Every recusal of the round."""
    query = select(Recusal).join(Expert, col(Expert.id) == col(Recusal.expert_pk))
    return session.execute(query.where(col(Expert.round_id) == ctx.round.id)).scalars().all()


def draw_of(session: Session, ctx: Context) -> Draw | None:
    """The round's draw that stands, planned or done; one that was annulled or withdrawn is none."""
    standing = col(Draw.round_id) == ctx.round.id, col(Draw.annulled_at).is_(None), col(Draw.withdrawn_at).is_(None)
    return session.execute(select(Draw).where(*standing)).scalar_one_or_none()


def sheets_count(session: Session, ctx: Context) -> ColumnElement[bool]:
    """The condition of a score sheet that counts: given by an expert whom the draw that stands has seated."""
    draw = draw_of(session, ctx)
    return col(ScoreSheet.draw_id) == (draw.id if draw else None)


def sheets_out(session: Session, ctx: Context) -> list[tuple[str, str]]:
    """The score sheets that a dossier under evaluation still waits for: dossier and expert. Until there are none, the
    sheets are sealed: nobody is shown a score or a total."""
    waiting = select(col(Application.id), col(Applicant.applicant_id)).join(Applicant)
    of_round = col(Application.round_id) == ctx.round.id, col(Application.state) == State.EVALUATING
    given = select(col(ScoreSheet.application_id), col(Expert.expert_id)).join(Expert)
    there = set(session.execute(given.where(sheets_count(session, ctx))).tuples())
    cases = session.execute(waiting.where(*of_round).order_by(col(Applicant.applicant_id))).tuples()
    return [
        (number, expert)
        for case_id, number in cases
        for expert in panel_of(session, ctx, case_id)
        if (case_id, expert) not in there
    ]


def strata_of(draw: Draw) -> tuple[Stratum, ...]:
    """The parts of the pool that are drawn apart; a pool that is drawn whole is one."""
    return strata_from(draw.strata, len(draw.pool), draw.wanted)


def panel_of(session: Session, ctx: Context, application_id: int | None = None) -> tuple[str, ...]:
    """The seated experts in the order drawn; empty before the draw.

    For one dossier: without those who stand aside for it; where fewer than the floor would remain, substitutes come in
    in the order drawn (五(二); A7-26).
    """
    draw = draw_of(session, ctx)
    if draw is None or draw.drawn_at is None:
        return ()
    numbers = {entry["expert_id"]: entry["number"] for entry in draw.pool}
    codes = {expert.id: expert.expert_id for expert in experts_of(session, ctx)}
    recusals = [(numbers.get(codes[one.expert_pk]), one.application_id) for one in recusals_of(session, ctx)]
    gone = {number for number, scope in recusals if number and scope is None} | set(draw.unavailable)
    order, strata = tuple(draw.picks), strata_of(draw)
    panel = seated_by_stratum(order, strata, frozenset(gone))
    aside = {number for number, scope in recusals if number and scope is not None and scope == application_id}
    if aside & set(panel):
        remaining = tuple(number for number in panel if number not in aside)
        floor = ctx.policy.count("panel_min")
        panel = remaining if len(remaining) >= floor else _filled_up(order, strata, floor, frozenset(gone | aside))
    by_number = {number: expert_id for expert_id, number in numbers.items()}
    return tuple(by_number[number] for number in panel)


def expect_in_order(session: Session, ctx: Context, act: str) -> None:
    """Raises RefusedError when an act of the round comes before what the law puts first (`rules.round_steps`)."""
    if refused := too_early(act, standing_of(session, ctx)):
        raise RefusedError(refused.why)


def standing_of(session: Session, ctx: Context) -> RoundStanding:
    """Where the round stands with its draw and its evaluation."""
    of_the_round = col(Application.round_id) == ctx.round.id
    evaluating = session.execute(
        select(col(Application.id)).where(of_the_round, col(Application.state) == State.EVALUATING)
    )
    ids, draw = list(evaluating.scalars()), draw_of(session, ctx)
    concluded_at = session.execute(select(col(Round.concluded_at)).where(col(Round.id) == ctx.round.id)).scalar_one()
    panels = [len(panel_of(session, ctx, one)) for one in ids]
    return RoundStanding(
        evaluating=len(ids),
        is_planned=draw is not None,
        is_drawn=draw is not None and draw.drawn_at is not None,
        is_concluded=concluded_at is not None,
        smallest_panel=min(panels, default=0),
        panel_min=ctx.policy.count("panel_min"),
    )


def _filled_up(order: Sequence[int], strata: Sequence[Stratum], floor: int, skipped: frozenset[int]) -> tuple[int, ...]:
    """Substitutes come in up to the floor in the order drawn; of a panel by specialty each from its own stratum."""
    if len(strata) == 1:
        return seated(order, floor, skipped)
    return seated_by_stratum(order, strata, skipped)
