"""A round as the pipeline of its stages: how many dossiers entered each, wait in it, are held, left it and how, and
went on; what is due there, and who acts next.

A dossier has one place: the stage that it stands in, or the one that it left the round from. Whoever stands in a stage
has entered all the stages before it; whoever was brought back counts where it stands now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlmodel import Session, col

from models import Application, AuditRecord
from models.subjects import is_of_dossier
from rules.case import Context
from rules.evaluation import EVALUATION
from rules.evaluation.states import ENDS, UNAPPLIED
from rules.localtime import local_day
from rules.vocabulary import AuditSubject, State
from tasks.panel import draw_of
from views.dossiers import nearest, urgency_of
from views.next_steps import FINDING, NextAct, roles_of
from views.stages import GOAL, ORDER, Stage, stage_of

HELD = "held"
BY_THE_APPLICANT = ("submit_application", "supplement_materials", "sign_agreement")
BY_ITSELF = "期满自动进入下一环节"


@dataclass(frozen=True, slots=True)
class Due:
    """The limit of a stage that ends first, and of how many dossiers it is the nearest."""

    on: date
    label: str
    dossiers: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """What dossiers of a state wait for: how many they are, who is to move, and the act (None: a period runs)."""

    state: State
    dossiers: int
    who: str
    act: NextAct | None


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage. `entered` = `waiting` + `held` + all of `left` + `moved_on`; `late` of those here are late.

    `standing` are those that wait or are held, by state; what left the last stage for the published list moved on.
    """

    stage: Stage
    entered: int
    waiting: int
    held: int
    moved_on: int
    late: int
    standing: Mapping[State, int]
    left: Mapping[State, int]
    due: Due | None
    steps: tuple[NextStep, ...]


@dataclass(frozen=True, slots=True)
class RoundPipeline:
    """A round at an instant; its stages in the order of the law."""

    round_id: int
    name: str
    as_of: datetime
    stages: tuple[StageView, ...]

    def of(self, stage: Stage) -> StageView:
        """One stage."""
        return self.stages[ORDER[stage]]


@dataclass(frozen=True, slots=True)
class _Standing:
    """Dossiers that stand alike: in one state, with one nearest limit."""

    state: State
    stage: Stage
    urgency: str
    kind: str | None
    due_on: date | None
    dossiers: int


def round_pipeline(session: Session, at: datetime, ctx: Context, acts: Mapping[State, NextAct]) -> RoundPipeline:
    """The stages of a round at an instant, from one reading; `acts` (`next_steps.for_round`) take each state on."""
    round_id = ctx.round.id
    draw = draw_of(session, ctx)
    drawn_at = draw.drawn_at if draw else None
    standing = _standing(session, ctx, local_day(at), is_drawn=drawn_at is not None)
    left = _left(session, round_id, drawn_at)
    published = sum(one.dossiers for one in standing if one.state is GOAL)
    standing = [one for one in standing if one.state is not GOAL]
    if at > ctx.round.accept_until:  # nobody can apply any more: who did not is out
        left += Counter({(Stage.APPLICATION, one.state): one.dossiers for one in standing if one.state in UNAPPLIED})
        standing = [one for one in standing if one.state not in UNAPPLIED]
    stages: list[StageView] = []
    moved_on = published
    for stage in reversed(Stage):
        here = [one for one in standing if one.stage is stage]
        view = _view(ctx, stage, here, {state: n for (of, state), n in left.items() if of is stage}, moved_on, acts)
        stages.insert(0, view)
        moved_on = view.entered
    return RoundPipeline(round_id, ctx.round.name, at, tuple(stages))


def _view(
    ctx: Context,
    stage: Stage,
    here: Sequence[_Standing],
    left: Mapping[State, int],
    moved_on: int,
    acts: Mapping[State, NextAct],
) -> StageView:
    standing: Counter[State] = Counter()
    for one in here:
        standing[one.state] += one.dossiers
    held = sum(one.dossiers for one in here if one.urgency == HELD)
    return StageView(
        stage=stage,
        entered=standing.total() + sum(left.values()) + moved_on,
        waiting=standing.total() - held,
        held=held,
        moved_on=moved_on,
        late=sum(one.dossiers for one in here if one.urgency == "late"),
        standing={state: standing[state] for state in State if standing[state]},
        left={state: left[state] for state in State if left.get(state)},
        due=_due(ctx, here),
        steps=tuple(_steps(ctx, here, acts)),
    )


def _due(ctx: Context, here: Sequence[_Standing]) -> Due | None:
    """The limit that ends first; one whose last day is not certain yet is none."""
    known = [(one.due_on, one.kind, one.dossiers) for one in here if one.due_on and one.kind]
    if not known:
        return None
    first, kind, _ = min(known, key=lambda one: one[0])
    count = sum(dossiers for day, of, dossiers in known if (day, of) == (first, kind))
    return Due(first, ctx.policy.clocks[kind].label, count)


def _steps(ctx: Context, here: Sequence[_Standing], acts: Mapping[State, NextAct]) -> list[NextStep]:
    """What each state here waits for; what is held waits for the finding on its objection."""
    tally: Counter[tuple[State, bool]] = Counter()
    for one in here:
        tally[one.state, one.urgency == HELD] += one.dossiers
    finding = NextAct(FINDING, values={"round": str(ctx.round.id)}, roles=roles_of(ctx, FINDING))
    found = []
    for state, is_held in sorted(tally, key=lambda key: (EVALUATION.place(key[0]), key[1])):
        act = finding if is_held else acts.get(state)
        found.append(NextStep(state, tally[state, is_held], _who(act), act))
    return found


def _who(act: NextAct | None) -> str:
    """Who is to move: the applicant, the roles that may do the act, or nobody while a period runs."""
    if act is None:
        return BY_ITSELF
    if act.do in BY_THE_APPLICANT:
        return "申请人"
    return "、".join(act.roles) or "经办机构"


def _standing(session: Session, ctx: Context, today: date, *, is_drawn: bool) -> list[_Standing]:
    """Every dossier that has not left the round, grouped by what is told of it: one pass."""
    clock = nearest()
    keys = (
        col(Application.state),
        urgency_of(clock, today).label("urgency"),
        clock.c.kind,
        clock.c.due_on,
    )
    query = select(*keys, func.count().label("dossiers")).select_from(Application)
    query = query.outerjoin(clock, clock.c.subject_id == col(Application.id))
    query = query.where(col(Application.round_id) == ctx.round.id, col(Application.state).not_in(_LEFT))
    return [_one_standing(row, is_drawn) for row in session.execute(query.group_by(*keys)).all()]


def _one_standing(row: Row[Any], is_drawn: bool) -> _Standing:
    state = State(row.state)
    stage = Stage.RESULT if state is GOAL else stage_of(state, is_drawn=is_drawn)
    return _Standing(state, stage, row.urgency, row.kind, row.due_on, row.dossiers)


def _left(session: Session, round_id: int, drawn_at: datetime | None) -> Counter[tuple[Stage, State]]:
    """Who left the round, by the stage that they left and the end that they came to: as the last record says that led
    from a stage to an end."""
    record, leaving = AuditRecord, _leaving(round_id)
    query = (
        select(col(Application.state), col(record.from_state), col(record.at))
        .select_from(Application)
        .outerjoin(leaving, leaving.c.subject_id == col(Application.id))
        .outerjoin(
            record,
            and_(is_of_dossier(record, leaving.c.subject_id), col(record.seq) == leaving.c.seq),
        )
        .where(col(Application.round_id) == round_id, col(Application.state).in_(_LEFT))
    )
    return Counter((_left_from(frm, at, drawn_at), State(state)) for state, frm, at in session.execute(query))


def _leaving(round_id: int) -> Any:
    of_round = select(col(Application.id)).where(col(Application.round_id) == round_id)
    query = (
        select(col(AuditRecord.subject_id), func.max(col(AuditRecord.seq)).label("seq"))
        .where(col(AuditRecord.subject) == AuditSubject.APPLICATION, col(AuditRecord.subject_id).in_(of_round))
        .where(col(AuditRecord.from_state).not_in(ENDS), col(AuditRecord.to_state).in_(_LEFT))
        .group_by(col(AuditRecord.subject_id))
    )
    return query.subquery("leaving")


def _left_from(frm: str | None, at: datetime | None, drawn_at: datetime | None) -> Stage:
    if frm is None or at is None:  # a dossier without a history was never further
        return Stage.APPLICATION
    return stage_of(State(frm), is_drawn=drawn_at is not None and at >= drawn_at)


_LEFT = tuple(state for state in ENDS if state is not GOAL)
