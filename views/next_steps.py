"""What can be done next with a dossier, whose it is, until when: decided here for the board and the result pages alike.

Of the acts that the table allows, those that fit where the round stands. Each comes with what its form can be filled
with beforehand, in codes; `views.form_address` turns that into the link to the form. Nothing that a person must
assert (a paper handed in, a day of signing, a finding) is ever filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models import Applicant, Application, Expert, Notice, NoticeEntry, Objection, Posting, ScoreSheet
from policies.corrections import load_corrections
from rules.acts import CATALOGUE, Scope
from rules.case import Case, Context
from rules.corrections import TAKE_BACK
from rules.evaluation import EVALUATION
from rules.evaluation.guards import fields_for
from rules.materials import gaps
from rules.terms import Drafted
from rules.vocabulary import EvaluationStage, NoticeKind, ObjectionStatus, State
from tasks.acts import ACTS
from tasks.acts.corrections import newest_retractable
from tasks.acts.notices import WAITING
from tasks.agreed_terms import draft_of
from tasks.case_loading import context_numbered, load_cases, the_case
from tasks.labels import ROLES
from tasks.panel import draw_of, panels_of, sheets_count, standing_of

FINDING, WITHDRAWAL = "resolve_objection", "withdraw_objection"
TRY_TAKE_BACK = "try_take_back"  # before an act is taken back its consequences are looked at
ON_AN_OBJECTION = (FINDING, WITHDRAWAL)  # known by its own number, possible while one is open
POSTED = (State.NOTICE_RESULT, State.NOTICE_PROPOSED, State.PUBLISHED)
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NextAct:
    """An act that can be done now: the roles that may, and the last day of the limit that it meets, as far as that is
    known; `is_aside` marks what is possible but not the way forward."""

    do: str
    about: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    is_aside: bool = False
    roles: tuple[str, ...] = ()
    until: date | None = None

    @property
    def whose(self) -> str:
        """`经办、主任，2026-01-16 以前`: who may do it, and until when; as far as it is known."""
        return "，".join(filter(None, ("、".join(self.roles), f"{self.until} 以前" if self.until else "")))


Waiting = tuple[State, int, NextAct]  # a state that waits for a person, how many stand in it, what takes the first on


def for_case(session: Session, ctx: Context, case: Case, today: date) -> list[NextAct]:
    """The acts that are possible for the case now, the way forward first."""
    refs = _open_objections(session, case)
    allowed = [event for event in possible_acts(case.state, len(refs[FINDING])) if refs.get(event) != []]
    acts = dict.fromkeys(_stage(session, ctx, case, event) for event in allowed)

    def filled(do: str) -> Values:
        return {"ref": refs[do][0]} if do in refs else _values(session, ctx, case, do, today)

    def whose(do: str) -> tuple[str, ...]:
        if do == TRY_TAKE_BACK:
            return tuple(ROLES[role] for role in load_corrections()[newest_retractable(session, case)].by)
        return roles_of(ctx, do)

    found = [
        NextAct(do, case.applicant_id, filled(do) | _round(ctx), CATALOGUE[do].is_aside, whose(do), _until(case, do))
        for do in acts
        if do
    ]
    return _posting_wanted(session, ctx, case, today) + sorted(found, key=_order)


def _order(act: NextAct) -> tuple[bool, bool, bool, int]:
    """The way forward first, a finding on an objection before all else; of what is aside, what few states know; what
    takes a mistake back is last."""
    return (
        act.do == TRY_TAKE_BACK,
        act.is_aside,
        act.do != FINDING,
        len(EVALUATION.states_for(act.do)) if act.is_aside else 0,
    )


def _until(case: Case, do: str) -> date | None:
    """The last day on which the act is in time: that of the open limit that it meets first. One that has its effect
    only together with others (what a correction brought back) lasts as long as they do."""
    met = {kind for row in EVALUATION.rows_for(case.state, do) for kind in EVALUATION.marks_of(row).settles}
    open_ones = [kind for kind in met if _open_days(case, (kind,))]
    return min((max(_open_days(case, (kind, *EVALUATION.clocks[kind].with_))) for kind in open_ones), default=None)


def _open_days(case: Case, kinds: Sequence[str]) -> list[date]:
    clocks = (case.clock(kind) for kind in kinds)
    return [clock.due_on for clock in clocks if clock and clock.is_open and clock.due_on]


def for_applicant(session: Session, round_id: int, applicant_id: str, today: date) -> list[NextAct]:
    """As `for_case`, for a dossier by its number. Raises RefusedError when there is no such round or applicant."""
    ctx = context_numbered(session, round_id)
    return for_case(session, ctx, the_case(session, round_id, applicant_id), today)


def possible_acts(state: State, open_objections: int) -> tuple[str, ...]:
    """The acts of a person that the table allows in a state, in the table's order; what the clock does is not among
    them."""
    events = dict.fromkeys(row.event for row in EVALUATION.table if row.frm is state and row.event in ACTS)
    return tuple(act for act in events if act not in ON_AN_OBJECTION or open_objections)


def act_owed(state: State, is_held: bool) -> str:
    """The act that a dossier waits for while it is the authority's move, as far as its state alone tells."""
    if is_held:
        return FINDING
    if state is State.INCOMPLETE:
        return "request_supplement"
    rows = (row for row in EVALUATION.table if row.frm is state and row.event in ACTS and row.moves)
    return next(row.event for row in rows if row.to not in EVALUATION.ends or row.to is EVALUATION.goal)


def roles_of(ctx: Context, act: str) -> tuple[str, ...]:
    """Which roles may carry out an act, as people call them."""
    return tuple(ROLES[role] for role, acts in ctx.policy.roles.items() if act in acts)


def _posting_wanted(session: Session, ctx: Context, case: Case, today: date) -> list[NextAct]:
    """The proof of posting that the case's newest notice still lacks: its period waits for the later channel (A7-9)."""
    if case.state not in POSTED:
        return []
    named = select(col(NoticeEntry.notice_id)).where(col(NoticeEntry.application_id) == case.id)
    newest = select(Notice).where(col(Notice.id).in_(named)).order_by(col(Notice.id).desc()).limit(1)
    notice = session.execute(newest).scalar_one()
    there = set(session.execute(select(col(Posting.channel)).where(col(Posting.notice_id) == notice.id)).scalars())
    wanted = [channel for channel in ctx.round.channels if channel not in there]
    given = {"kind": str(notice.kind), "posted_on": today.isoformat(), **_round(ctx)}
    roles = roles_of(ctx, "record_posting")
    return [NextAct("record_posting", values={**given, "channel": channel}, roles=roles) for channel in wanted[:1]]


def for_round(session: Session, ctx: Context, today: date, only: ColumnElement[bool] | None = None) -> list[Waiting]:
    """Every state that waits for a person, how many cases stand in it, and the act that takes the first one on; `only`:
    a condition on the dossiers that are looked at."""
    query = select(col(Application.state), func.count(), func.min(col(Application.id)))
    chosen = [col(Application.round_id) == ctx.round.id, *([] if only is None else [only])]
    rows = session.execute(query.where(*chosen).group_by(col(Application.state)))
    standing = {State(row[0]): (row[1], row[2]) for row in rows}
    firsts = load_cases(session, col(Application.id).in_([first for _, first in standing.values()]))
    found: list[Waiting] = []
    for case in sorted(firsts, key=lambda case: EVALUATION.place(case.state)):
        forward = [act for act in for_case(session, ctx, case, today) if not act.is_aside]
        found += [(case.state, standing[case.state][0], act) for act in forward[:1]]
    return found


def _stage(session: Session, ctx: Context, case: Case, event: str) -> str:
    """The act that fits: a row of the table may still wait for another act of the same step; empty when it does."""
    if event == "prepare_agreement" and not ctx.policy.terms:
        return ""
    if event == "record_system_test" and not ctx.policy.asks_system_test:
        return ""
    if event == TAKE_BACK:
        return TRY_TAKE_BACK if newest_retractable(session, case) else ""
    if case.state is State.INCOMPLETE:
        notice = case.clock("supplement_notice")
        wanted = "request_supplement" if notice and notice.is_open else "supplement_materials"
        return event if event == wanted or CATALOGUE[event].is_aside else ""
    if case.state is State.CONSENSUS and event in ("publish_notice", "report_to_city"):
        return event if (event == "report_to_city") == ctx.policy.city_determines else ""
    if case.state is State.PRELIM_PASSED and event == "request_evaluation":
        return event
    if case.state is State.EVALUATING and not CATALOGUE[event].is_aside:
        return _evaluation_act(session, ctx)
    return event


def _evaluation_act(session: Session, ctx: Context) -> str:
    draw = draw_of(session, ctx)
    if draw is None or standing_of(session, ctx).lacks_experts:
        return "publish_draw_plan"
    if draw.drawn_at is None:
        return "draw_experts"
    return "record_score_sheet" if _sheets_wanted(session, ctx) else "conclude_evaluation"


def _sheets_wanted(session: Session, ctx: Context) -> list[tuple[Case, str]]:
    """The score sheets that are still out: dossier and expert, in order."""
    waiting = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.EVALUATING)
    cases = load_cases(session, waiting, with_facts=False)
    query = select(col(ScoreSheet.application_id), col(Expert.expert_id)).join(Expert)
    there = {(row[0], row[1]) for row in session.execute(query.where(sheets_count(session, ctx)))}
    panels = panels_of(session, ctx, [case.id for case in cases])
    return [(case, expert) for case in cases for expert in panels[case.id] if (case.id, expert) not in there]


def _values(session: Session, ctx: Context, case: Case, do: str, today: date) -> Values:
    own: Values = {} if CATALOGUE[do].scope is Scope.ROUND else {"applicant_id": case.applicant_id}
    fill = FILLED.get(do)
    return own | (fill(session, ctx, case, today) if fill else {})


def _round(ctx: Context) -> Values:
    """A form that is opened from a page carries the page's round."""
    return {"round": str(ctx.round.id)}


def _missing(_session: Session, ctx: Context, case: Case, _today: date) -> Values:
    return {"missing": [one.code for one in gaps(ctx.policy, case.type, case.facts, case.materials)]}


def _request(session: Session, ctx: Context, case: Case, _today: date) -> Values:
    same = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == case.state)
    ids = select(col(Applicant.applicant_id)).join(Application).where(same).order_by(col(Applicant.applicant_id))
    to = EvaluationStage.COUNTY_BUREAU if case.state is State.PRELIM_PASSED else EvaluationStage.CITY_BUREAU
    return {"to": to.value, "applicant_ids": list(session.execute(ids).scalars())}


def _draw(session: Session, ctx: Context, _case: Case, _today: date) -> Values:
    plan = draw_of(session, ctx)
    return {"source_values": [{"numbers": []} for _ in plan.sources], "unavailable": []} if plan else {}


def _sheet(session: Session, ctx: Context, case: Case, _today: date) -> Values:
    """The next sheet that is out, of this dossier first."""
    wanted = _sheets_wanted(session, ctx)
    one, expert = min(wanted, key=lambda each: each[0].id != case.id)
    items = [{"code": item["code"]} for item in ctx.round.rubric[one.type]]
    return {"applicant_id": one.applicant_id, "expert_id": expert, "items": items}


def _notice(_session: Session, ctx: Context, case: Case, today: date) -> Values:
    kind = next((kind for kind, state in WAITING.items() if state is case.state), NoticeKind.FINAL_RESULT)
    postings = [{"channel": channel, "posted_on": today.isoformat()} for channel in ctx.round.channels]
    return {"kind": kind.value, "postings": postings}


def _objection(session: Session, ctx: Context, case: Case, today: date) -> Values:
    query = select(func.count()).select_from(Objection).where(col(Objection.application_id) == case.id)
    number = session.execute(query).scalar_one() + 1
    return {"ref": f"{case.applicant_id}-{number}", "received_on": today.isoformat()}


def _open_objections(session: Session, case: Case) -> dict[str, list[str]]:
    """For each act on an objection the numbers of those it can be done on, the oldest first. Open are those without a
    finding: one that came late holds nothing and is open too, one that was withdrawn may still be inquired into."""
    columns = col(Objection.ref), col(Objection.withdrawn_on)
    of_it = (col(Objection.application_id) == case.id) & (col(Objection.status) == ObjectionStatus.OPEN)
    rows = session.execute(select(*columns).where(of_it).order_by(col(Objection.id))).all()
    return {FINDING: [ref for ref, _ in rows], WITHDRAWAL: [ref for ref, withdrawn_on in rows if not withdrawn_on]}


def _filing(_session: Session, _ctx: Context, _case: Case, today: date) -> Values:
    return {"filed_on": today.isoformat()}


def _draft(session: Session, ctx: Context, case: Case, _today: date) -> Values:
    """A line for each term that applies; what was drafted before, as it was."""
    before = {one.field: one for one in draft_of(session, case.id)}
    asked = [one for one in fields_for(case, ctx) if not one.method or one.code in before]
    lines = [(one.label, before.get(one.code, Drafted(one.code))) for one in asked]
    return {"terms": [{"field": label, "value": one.value, "waived_why": one.waived_why} for label, one in lines]}


def _mistake(session: Session, _ctx: Context, case: Case, _today: date) -> Values:
    return {"act": newest_retractable(session, case)}


FILLED: Mapping[str, Callable[[Session, Context, Case, date], Values]] = {
    "request_supplement": _missing,
    "request_evaluation": _request,
    "draw_experts": _draw,
    "record_score_sheet": _sheet,
    "prepare_agreement": _draft,
    "publish_notice": _notice,
    "record_objection": _objection,
    "file_agreement": _filing,
    TRY_TAKE_BACK: _mistake,
}
