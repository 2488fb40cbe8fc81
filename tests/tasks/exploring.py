"""Explores rounds: every state that acts, the clock and absences can lead to, on a real database file.

A state is a copy of the database; two copies that look alike to the procedure are one state. In each state every act is
tried that the table allows, and time goes on to the next day on which a sweep has something to do. Rounds that run side
by side are explored together: an act for one that changes how another looks is told as wrong.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Deadline, Draw, Expert, Notice, Objection, Recusal, ScoreSheet
from models.database import transaction
from rules.case import Case, Context, Event
from rules.clocks import ONE_DAY
from rules.errors import RefusedError
from rules.evaluation import EVALUATION
from rules.evaluation.states import ENDS
from rules.localtime import local_day
from rules.round_steps import ROUND_STEPS, RoundStanding, too_early
from rules.vocabulary import CityDecision, ClockStatus, NoticeKind, State
from tasks.acts.corrections import newest_retractable
from tasks.acts.notices import waiting_state
from tasks.panel import draw_of, experts_of, recusals_of, standing_of
from tasks.perform import perform
from tasks.preview import take_back_effect
from tasks.quota import places_taken
from tests.support.letting_go import let_go
from tests.support.rounds import MATERIALS
from tests.tasks.rehearsal import BOSS, TOPICS, Rehearsal, beijing, items, posted

FORMAL = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
FAR = timedelta(days=300)  # what is reminded of again and again without an end is waited for no longer
LIBRARY = 4  # experts at the announcement: with one set of new ones behind them nobody asks for more
RoundLook = tuple[Any, ...]  # dossiers, draw, notices
Look = tuple[RoundLook, ...]  # one for each round
Act = tuple[str, dict[str, Any]]


@dataclass
class Explored:
    """For each state the way to it and where it leads; which states are ends; and what was wrong on the way."""

    leads: dict[Look, set[Look]] = field(default_factory=dict)
    way: dict[Look, tuple[str, ...]] = field(default_factory=dict)
    ended: set[Look] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @property
    def states(self) -> set[str]:
        """The states of dossiers that were seen."""
        return {dossier[1] for looks in self.leads for look in looks for dossier in look[0]}

    def seen_of(self, number: int) -> set[RoundLook]:
        """How one of the rounds has looked, whatever the others did."""
        return {looks[number] for looks in self.leads}

    @property
    def panels_apart(self) -> set[Look]:
        """The states in which a panel that was drawn has lost too many."""
        return {looks for looks in self.leads if any(look[1][2] and look[1][4] for look in looks)}

    @property
    def dead_ends(self) -> list[str]:
        """The ways to states from which the dossiers cannot all be brought to an end without anybody withdrawing."""
        back: dict[Look, set[Look]] = {}
        for look, others in self.leads.items():
            for other in others:
                back.setdefault(other, set()).add(look)
        reached, todo = set(self.ended), list(self.ended)
        while todo:
            new = back.get(todo.pop(), set()) - reached
            reached |= new
            todo += new
        return [" → ".join(self.way[look]) for look in self.leads if look not in reached]


class Explorer:
    """Breadth first from one database, with the acts of these names. Every try is made in one working file, to which
    the database of the state is copied first.

    `absent`: who may be missing at the draw; `recusals`: how many experts may stand aside after it; `rounds`: how many
    rounds there are.
    """

    def __init__(
        self,
        folder: Path,
        start: Path,
        at: str,
        only: Sequence[str],
        absent: Sequence[Sequence[int]] = ((),),
        recusals: int = 0,
        rounds: int = 1,
    ) -> None:
        self.folder, self.only, self.absent, self.recusals = folder, frozenset(only), absent, recusals
        self.work, self.number = folder / "work.db", 0
        self.url = f"sqlite:///{self.work}"
        self.rehearsals = [Rehearsal(self.url, number) for number in range(1, rounds + 1)]
        self.found = Explored()
        self.todo: deque[tuple[Path, datetime, Look]] = deque()
        self._begin_with(start)
        self._keep(self._look(beijing(at)), beijing(at), (), None)

    def explore(self) -> Explored:
        """Everything that can be reached."""
        while self.todo:
            path, at, look = self.todo.popleft()
            soon = at + timedelta(minutes=1)
            for number, rehearsal in enumerate(self.rehearsals):
                self._begin_with(path)
                for step, (name, fields) in self._possible(rehearsal, soon):
                    self._begin_with(path)
                    self._act(soon, look, number, step, name, fields)
            self._begin_with(path)
            self._wait(at, look)
            path.unlink()
        return self.found

    def _act(self, at: datetime, before: Look, number: int, step: str, name: str, fields: dict[str, Any]) -> None:
        rehearsal, way = self.rehearsals[number], (*self.found.way[before], f"{step} ({number + 1})")
        try:
            if name == "register_experts":
                perform(self.url, Event(name, at, BOSS, fields, rehearsal.round_id))
            else:
                rehearsal.act(f"{at:%Y-%m-%d %H:%M}", name, **fields)
        except RefusedError:
            return
        now = self._look(at)
        if any(then != before[other] for other, then in enumerate(now) if other != number):
            self.found.wrong.append(f"{' → '.join(way)}：another round has changed")
        self._keep(now, at, way, before if name != "withdraw_application" else None)

    def _wait(self, at: datetime, before: Look) -> None:
        """Time goes on, a sweep a day, until the procedure can tell the difference, or until nothing is ahead."""
        day = self._next_day(at.date(), is_first=True)
        until = at.date() + FAR
        while day and day < until:
            at = beijing(f"{day} 10:00")
            self.rehearsals[0].sweep(f"{at:%Y-%m-%d %H:%M}")
            if (now := self._look(at)) != before:
                self._keep(now, at, (*self.found.way[before], "wait"), before)
                return
            day = self._next_day(day, is_first=False)

    def _look(self, at: datetime) -> Look:
        with transaction(self.url) as session:
            return tuple(_look(session, one.context(session), at.date()) for one in self.rehearsals)

    def _keep(self, look: Look, at: datetime, way: tuple[str, ...], before: Look | None) -> None:
        if before is not None:
            self.found.leads[before].add(look)
        if look in self.found.leads:
            return
        self.found.leads[look], self.found.way[look] = set(), way
        with transaction(self.url) as session:
            wrong = [what for one in self.rehearsals for what in _wrong(session, one.context(session))]
        self.found.wrong += [f"{' → '.join(way)}：{what}" for what in wrong]
        if all(State(state) in ENDS for one in look for _, state, *_ in one[0]):
            self.found.ended.add(look)
        self.number += 1
        kept = self.folder / f"{self.number}.db"
        let_go(self.url)
        shutil.copyfile(self.work, kept)
        self.todo.append((kept, at, look))

    def _begin_with(self, path: Path) -> None:
        let_go(self.url)
        for one in self.folder.glob("work.db-*"):
            one.unlink()
        shutil.copyfile(path, self.work)

    def _next_day(self, today: date, *, is_first: bool) -> date | None:
        """The next day on which a sweep has something to do, a limit is past, or a draw that is planned may be held.
        What an act has just made due is looked at the day after it."""
        rows = self.rehearsals[0].rows
        clocks = [one for one in rows(Deadline) if one.closed_on is None]
        days = {one.check_on for one in clocks if one.check_on}
        if is_first and any(day <= today for day in days):
            return today + ONE_DAY
        days |= {one.due_on + ONE_DAY for one in clocks if one.due_on}
        days |= {local_day(one.published_at) + ONE_DAY for one in rows(Draw)}
        return min((day for day in days if day > today), default=None)

    # --- what is tried -------------------------------------------------------------------------------------------

    def _possible(self, rehearsal: Rehearsal, at: datetime) -> list[tuple[str, Act]]:
        states = rehearsal.states()
        tried = [
            (f"{name} {one}", (name, {"applicant_id": one, **fields}))
            for one, state in states.items()
            for name, fields in _of_a_dossier(one, at)
            if name in self.only and EVALUATION.rows_for(State(state), name)
        ]
        with rehearsal.session() as session:
            ctx = rehearsal.context(session)
            now = standing_of(session, ctx)
        tried += [
            (f"{name} {label}".strip(), (name, fields))
            for name, label, fields in self._of_the_round(rehearsal, at)
            if _in_order(name, fields, now, set(states.values()), ctx)
        ]
        return [(step, act) for step, act in tried if act[0] in self.only]

    def _of_the_round(self, rehearsal: Rehearsal, at: datetime) -> Iterator[tuple[str, str, dict[str, Any]]]:
        everybody = sorted(rehearsal.states())
        for to in ("county_bureau", "city_bureau"):
            yield "request_evaluation", to, {"to": to, "applicant_ids": everybody}
        yield "publish_draw_plan", "", {"wanted": 3, "sources": ["红球（虚构）"]}
        for absent in self.absent:
            drawn = {"source_values": [[3, 9, 14, 20, 27, 33]], "unavailable": list(absent)}
            yield "draw_experts", f"without {absent}" if absent else "", drawn
        if "take_back_act" in self.only:
            yield from _mistakes(rehearsal, at)
        if len(rehearsal.own(Expert)) <= LIBRARY:
            yield "register_experts", "", {"experts": [_expert(number) for number in (1, 2, 3)]}
        panel = rehearsal.panel()
        if len(rehearsal.rows(Recusal)) < self.recusals and panel:
            yield "recuse_expert", panel[0], {"expert_id": panel[0], "reason": "亲属任职"}
        yield from _sheets(rehearsal)
        yield "conclude_evaluation", "", {}
        for kind in NoticeKind:
            yield "publish_notice", kind.value, {"kind": kind.value, "postings": posted(f"{at:%Y-%m-%d %H:%M}")}
        today = f"{at:%Y-%m-%d}"
        yield "report_to_city", "", {"reported_on": today, "report_no": "报1号", "minutes": "纪要1号"}
        for answer in CityDecision:
            given = {"decision": answer.value, "decided_on": today, "decision_no": "函1号", "reason": "见批复"}
            yield "record_city_decision", answer.value, given
        for objection in rehearsal.own(Objection):
            if objection.status == "open":
                for true in (True, False):
                    finding = {"ref": objection.ref, "substantiated": true, "finding": "核查结论"}
                    yield "resolve_objection", f"{objection.ref} {true}", finding


def _in_order(name: str, fields: dict[str, Any], now: RoundStanding, states: set[str], ctx: Context) -> bool:
    """Does the law's order allow an act of the round here, as `rules.round_steps` and the dossiers' table have it?"""
    if name in ROUND_STEPS:
        return too_early(name, now) is None
    if name == "publish_notice":
        return waiting_state(ctx, NoticeKind(fields["kind"])) in states
    if name in ("request_evaluation", "report_to_city", "record_city_decision"):
        return any(EVALUATION.rows_for(State(state), name) for state in states)
    return name not in ("recuse_expert", "register_experts") or now.evaluating > 0


def _expert(number: int) -> dict[str, str]:
    return {
        "expert_id": f"N{number:02}",
        "name": f"新专家{number}",
        "specialty": "药学",
        "employer": f"外县单位{number}",
    }


def _sheets(rehearsal: Rehearsal) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The first sheet that is still out: in which order they come decides nothing."""
    recorded = {(one.application_id, one.expert_pk, one.draw_id) for one in rehearsal.rows(ScoreSheet)}
    standing = [one.id for one in rehearsal.own(Draw) if one.annulled_at is None]
    keys = {one.expert_id: one.id for one in rehearsal.own(Expert)}
    for one, state in rehearsal.states().items():
        for expert in rehearsal.panel(one) if state == State.EVALUATING else ():
            if (rehearsal.case(one).id, keys[expert], standing[0]) not in recorded:
                total = 90 if one == "P01" else 80
                sheet = {"applicant_id": one, "expert_id": expert, "items": items(one, total)}
                yield "record_score_sheet", f"{one} {expert}", sheet
                return


def _mistakes(rehearsal: Rehearsal, at: datetime) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """For each dossier the newest act that can be taken back, with the code of its preview."""
    for one in sorted(rehearsal.states()):
        with rehearsal.session() as session:
            act = newest_retractable(session, rehearsal.case(one))
        if act:
            asked = {"applicant_id": one, "act": act, "record_no": 0}
            try:
                code = take_back_effect(rehearsal.url, asked, at, rehearsal.round_id)["code"]
            except RefusedError:
                continue
            yield "take_back_act", f"{one} {act}", {**asked, "reason": "录错", "preview_code": code}


def _of_a_dossier(one: str, at: datetime) -> Iterator[Act]:
    whole = MATERIALS["pharmacy"][:11]
    yield "submit_application", {"materials": whole, **FORMAL}
    yield "submit_application", {"materials": whole[:10], **FORMAL}
    yield "supplement_materials", {"materials": whole}
    yield "withdraw_application", {"reason": "自愿"}
    yield "verify_site", {"findings": {}, "note": ""}
    yield "sign_preliminary_opinion", {"judgements": {}}
    yield "record_negotiation", {"topics": TOPICS, "consensus": True}
    yield "record_negotiation", {"topics": [], "consensus": False, "open_point": "结算方式"}
    yield "correct_record", {"what": "有误", "reason": "录入迟延", "evidence": "原件"}
    yield "sign_agreement", {"signed_on": f"{at:%Y-%m-%d}"}
    yield "file_agreement", {"filed_on": f"{at:%Y-%m-%d}"}
    received = {"received_at": at.isoformat(), "via": "online", "allegation": "营业面积不足"}
    yield "record_objection", {"ref": f"Y-{one}", **received}


# --- what a state is, and what may never be ------------------------------------------------------------------------


def _look(session: Session, ctx: Context, today: date) -> RoundLook:
    """What the procedure can tell apart: dossiers with their open clocks, places, draw, conclusion, notices."""
    columns = (col(Applicant.applicant_id), col(Application.state), col(Application.holds), col(Application.rank))
    query = select(*columns, col(Application.id), col(Application.site_checked_on)).join(Application)
    of_round = query.where(col(Application.round_id) == ctx.round.id)
    rows = session.execute(of_round.order_by(col(Applicant.applicant_id))).all()
    clocks: dict[int, list[tuple[Any, ...]]] = {}
    watched = select(Deadline).where(
        col(Deadline.subject) == Case.kind, col(Deadline.subject_id).in_([row[4] for row in rows])
    )
    for one in session.execute(watched.order_by(col(Deadline.kind))).scalars():
        is_open = one.closed_on is None and one.status not in (ClockStatus.LAPSED, ClockStatus.ENDED)
        is_past = bool(one.due_on and one.due_on < today)
        if is_open and one.status != ClockStatus.BREACHED:
            clocks.setdefault(one.subject_id, []).append((one.kind, is_past))
    dossiers = tuple((row[0], row[1], bool(row[2]), row[3], tuple(clocks.get(row[4], ()))) for row in rows)
    now = standing_of(session, ctx)
    handed_in = select(col(ScoreSheet.id)).where(col(ScoreSheet.application_id).in_([row[4] for row in rows]))
    sheets = len(session.execute(handed_in).all()) % 7
    plan = draw_of(session, ctx)
    may_be_drawn = plan is not None and local_day(plan.published_at) < today
    draw = (now.is_planned, may_be_drawn, now.is_drawn, now.is_concluded, now.lacks_experts)
    if now.evaluating:
        aside, library = len(recusals_of(session, ctx)), len(experts_of(session, ctx))
        draw = (*draw, sheets, aside, library > LIBRARY)
    coming = col(Notice.starts_on).is_(None), col(Notice.round_id) == ctx.round.id
    notices = session.execute(select(col(Notice.kind)).where(*coming)).scalars()
    return dossiers, draw, tuple(sorted(notices))


def _wrong(session: Session, ctx: Context) -> Iterator[str]:
    """More places taken than announced; a clock that runs out and is looked at by nobody."""
    for type_, quota in ctx.round.quota.items():
        if (taken := places_taken(session, ctx.round.id, type_)) > quota:
            yield f"{taken} places of {quota} are taken"
    for one in session.execute(select(Deadline)).scalars():
        is_open = one.closed_on is None and one.status in (ClockStatus.RUNNING, ClockStatus.PROVISIONAL)
        if is_open and one.due_on and one.check_on is None and not _is_watched_by_another(session, one):
            yield f"nobody looks at {one.kind}, due on {one.due_on}"


def _is_watched_by_another(session: Session, clock: Deadline) -> bool:
    """A limit that a correction brought back ends with the correction's own."""
    query = select(col(Deadline.id)).where(
        col(Deadline.subject_id) == clock.subject_id,
        col(Deadline.kind) == "correction",
        col(Deadline.check_on).is_not(None),
    )
    return clock.kind == "signing" and session.execute(query).first() is not None
