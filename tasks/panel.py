"""Who is in the library, who stands aside, and who sits on the panel: for the round, and for one dossier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, select
from sqlmodel import Session, col

from models import Applicant, Application, Draw, Expert, Recusal, Round, ScoreSheet
from rules.case import Context
from rules.draw import Stratum, seated, seated_by_stratum, strata_from
from rules.errors import RefusedError
from rules.round_steps import RoundStanding, too_early
from rules.vocabulary import State

# What every score sheet reads is built once.
_STANDING = select(Draw).where(
    col(Draw.round_id) == bindparam("round_id"), col(Draw.annulled_at).is_(None), col(Draw.withdrawn_at).is_(None)
)
_EXPERTS = select(Expert).where(col(Expert.round_id) == bindparam("round_id")).order_by(col(Expert.position))
_RECUSALS = (
    select(Recusal)
    .join(Expert, col(Expert.id) == col(Recusal.expert_pk))
    .where(col(Expert.round_id) == bindparam("round_id"))
)
_ASIDE = _RECUSALS.with_only_columns(col(Expert.expert_id), col(Recusal.application_id))


def experts_of(session: Session, ctx: Context) -> Sequence[Expert]:
    """The expert library of the round, in its order."""
    return session.execute(_EXPERTS, {"round_id": ctx.round.id}).scalars().all()


def recusals_of(session: Session, ctx: Context) -> Sequence[Recusal]:
    """Every recusal of the round."""
    return session.execute(_RECUSALS, {"round_id": ctx.round.id}).scalars().all()


def draw_of(session: Session, ctx: Context) -> Draw | None:
    """The round's draw that stands, planned or done; one that was annulled or withdrawn is none."""
    return session.execute(_STANDING, {"round_id": ctx.round.id}).scalar_one_or_none()


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
    cases = session.execute(waiting.where(*of_round).order_by(col(Applicant.applicant_id))).tuples().all()
    panels = panels_of(session, ctx, [case_id for case_id, _ in cases])
    return [
        (number, expert) for case_id, number in cases for expert in panels[case_id] if (case_id, expert) not in there
    ]


def strata_of(draw: Draw) -> tuple[Stratum, ...]:
    """The parts of the pool that are drawn apart; a pool that is drawn whole is one."""
    return strata_from(draw.strata, len(draw.pool), draw.wanted)


def panel_of(session: Session, ctx: Context, application_id: int | None = None) -> tuple[str, ...]:
    """The seated experts in the order drawn; empty before the draw; for one dossier as `panels_of`."""
    seating = _seating(session, ctx)
    return seating.panel(application_id) if seating else ()


def panels_of(session: Session, ctx: Context, application_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Who sits for each dossier: the panel without those who stand aside for it; where fewer than the floor would
    remain, substitutes come in in the order drawn (五(二); A7-26)."""
    seating = _seating(session, ctx)
    return {one: seating.panel(one) if seating else () for one in application_ids}


@dataclass(frozen=True, slots=True)
class _Seating:
    """A draw that was done, as it is read once for any number of dossiers. `gone`: numbers that sit nowhere; `aside`:
    those who stand aside for one dossier, as number and dossier."""

    draw: Draw
    floor: int
    gone: frozenset[int]
    aside: tuple[tuple[int, int], ...]

    def panel(self, application_id: int | None) -> tuple[str, ...]:
        order, strata = tuple(self.draw.picks), strata_of(self.draw)
        panel = seated_by_stratum(order, strata, self.gone)
        aside = {number for number, scope in self.aside if scope == application_id}
        if aside & set(panel):
            remaining = tuple(number for number in panel if number not in aside)
            enough = len(remaining) >= self.floor
            panel = remaining if enough else _filled_up(order, strata, self.floor, self.gone | aside)
        by_number = {entry["number"]: entry["expert_id"] for entry in self.draw.pool}
        return tuple(by_number[number] for number in panel)


def _seating(session: Session, ctx: Context) -> _Seating | None:
    """None before the draw."""
    draw = draw_of(session, ctx)
    if draw is None or draw.drawn_at is None:
        return None
    numbers = {entry["expert_id"]: entry["number"] for entry in draw.pool}
    rows = session.execute(_ASIDE, {"round_id": ctx.round.id}).all()
    aside = [(numbers[expert_id], scope) for expert_id, scope in rows if expert_id in numbers]
    gone = frozenset({number for number, scope in aside if scope is None} | set(draw.unavailable))
    for_one = tuple((number, scope) for number, scope in aside if scope is not None)
    return _Seating(draw, ctx.policy.count("panel_min"), gone, for_one)


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
    panels = [len(one) for one in panels_of(session, ctx, ids).values()]
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
