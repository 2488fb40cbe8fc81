"""A case under any events in any order: outcomes applied as the writer applies them, invariants checked after each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rules.case import Case, Clock, Context, Event, Outcome, Refused
from rules.clocks import compute_deadline
from rules.evaluation import EVALUATION
from rules.evaluation.states import AGREED, ENDS
from rules.localtime import local_day
from rules.vocabulary import ClockKind, ClockStatus, State
from tests.rules.cases import FORMAL, MATERIALS, beijing, case, context
from tests.rules.witnesses import ALL_TOPICS

REOPENED = {"correct_record", "move_up", "withdraw_application"}
materials = st.lists(st.sampled_from(sorted(MATERIALS["pharmacy"])), max_size=20, unique=True)
whole = st.just(sorted(MATERIALS["pharmacy"]))
steps = st.sampled_from([0, 1, 2, 5, 11, 30]) | st.integers(0, 120)


AGAIN = ("objection_inquiry", "correction")  # clocks that a case may have more than once


def applied(dossier: Case, happened: Event, outcome: Outcome, ctx: Context, *, has_yielded: bool = False) -> Case:
    """What the writer makes of an outcome, on the frozen case."""
    clocks = dict(dossier.clocks)
    for start in outcome.starts:
        assert has_yielded or start.kind in AGAIN or start.kind not in clocks, f"{start.kind} was started before"
        worked = compute_deadline(ctx.policy.clocks[start.kind], start.start_on, ctx.workdays, due_on=start.due_on)
        bounds = (worked.due_on, worked.earliest_on, worked.latest_on)
        clocks[start.kind] = Clock(len(clocks), start.kind, start.start_on, *bounds, worked.status, None)
    for one in outcome.sets:
        late = clocks[one.kind].status == ClockStatus.BREACHED
        status = ClockStatus.BREACHED if late else one.status
        clocks[one.kind] = replace(clocks[one.kind], status=status, closed_on=one.on)
    for kind, days in outcome.suspends:
        spans = [(known.from_on, known.to_on) for known in clocks[kind].suspensions]
        assert (days.from_on, days.to_on) not in spans, "the same days twice"
        clock = replace(clocks[kind], suspensions=(*clocks[kind].suspensions, days))
        worked = compute_deadline(ctx.policy.clocks[kind], clock.start_on, ctx.workdays, suspensions=clock.suspensions)
        clocks[kind] = replace(clock, due_on=worked.due_on, earliest_on=worked.earliest_on, latest_on=worked.latest_on)
    columns = {name: value for name, value in outcome.set.items() if name in Case.__dataclass_fields__}
    if "findings" in outcome.set:
        columns["facts"] = {**dossier.facts, **outcome.set["findings"]}
    if happened.name in ("submit_application", "supplement_materials") and outcome.to in (
        State.INCOMPLETE,
        State.ACCEPTED,
    ):
        columns["materials"] = dossier.materials | set(happened.fields["materials"])
    return replace(dossier, state=outcome.to, version=dossier.version + 1, clocks=clocks, **columns)


class CaseLife(RuleBasedStateMachine):
    """Anything may be tried at any time; time only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.ctx = context()
        self.at: datetime = beijing("2025-09-01 08:00")
        self.case: Case = case(State.NOT_APPLIED, materials=frozenset(), version=0, submitted_at=None)
        self.past: list[tuple[State, Event, State]] = []
        self.open: dict[str, dict[str, Any]] = {}

    @initialize(
        barred=st.sampled_from([False] * 7 + [True]),
        cold_chain=st.sampled_from([True] * 7 + [False]),
        hours=st.sampled_from([0, 2, 48]),
        steps_done=st.integers(0, 13),
    )
    def begin_somewhere(self, barred: bool, cold_chain: bool, hours: int, steps_done: int) -> None:
        self.at += timedelta(hours=hours)
        ended = {"date": "2024-01-01", "kind": "解除"} if barred else None
        self.case = replace(self.case, facts={**self.case.facts, "prior_termination": ended, "cold_chain": cold_chain})
        self.go_on(steps_done)

    def happen(self, name: str, **fields: Any) -> Outcome | None:
        happened = Event(name, self.at, "经办员甲", fields)
        answer = EVALUATION.decide(self.case, happened, self.ctx)
        if isinstance(answer, Refused):
            assert answer.why
            assert answer.clause
            return None
        assert answer.to in {row.to for row in EVALUATION.rows_for(self.case.state, name)}
        self.past.append((self.case.state, happened, answer.to))
        has_yielded = any(one.name == "yield_place" for _, one, _ in self.past)
        self.case = applied(self.case, happened, answer, self.ctx, has_yielded=has_yielded)
        return answer

    @rule(days=steps, minutes=st.integers(0, 600))
    def time_passes(self, days: int, minutes: int) -> None:
        self.at += timedelta(days=days, minutes=minutes)

    @rule(codes=whole | materials, copies=st.integers(2, 3))
    def submit(self, codes: list[str], copies: int) -> None:
        handed = [code for code in codes if code.startswith("P")]
        self.happen("submit_application", materials=handed, **{**FORMAL, "copies": copies})

    @rule(codes=whole | materials)
    def supplement(self, codes: list[str]) -> None:
        self.happen("supplement_materials", materials=codes)

    @rule(codes=materials)
    def ask_for_supplement(self, codes: list[str]) -> None:
        self.happen("request_supplement", missing=codes)

    @rule(is_sure=st.sampled_from([False] * 9 + [True]))
    def withdraw(self, is_sure: bool) -> None:
        if is_sure:
            self.happen("withdraw_application", reason="自愿")

    @rule(cold_chain=st.booleans())
    def visit(self, cold_chain: bool) -> None:
        self.happen("verify_site", findings={"cold_chain": cold_chain}, note="")

    @rule()
    def sign_opinion(self) -> None:
        self.happen("sign_preliminary_opinion", judgements={})

    @rule(to=st.sampled_from(["county_bureau", "city_bureau"]))
    def ask_for_evaluation(self, to: str) -> None:
        self.happen("request_evaluation", to=to, applicant_ids=["P01"])

    @rule(standing=st.sampled_from(["below", "within", "beyond"]))
    def conclude(self, standing: str) -> None:
        place = None if standing == "below" else 1
        self.happen("conclude_evaluation", standing=standing, mean_score="80.00", exact="80", rank=place)

    @rule()
    def move_up(self) -> None:
        self.happen("move_up", mean_score="80.00", rank=3)

    @rule(is_sure=st.sampled_from([False] * 4 + [True]))
    def yield_place(self, is_sure: bool) -> None:
        if is_sure:
            self.happen("yield_place", because="名额归还原机构", mean_score="80.00")

    @rule(rank=st.integers(1, 5))
    def change_rank(self, rank: int) -> None:
        if self.case.rank is not None:
            self.happen("change_rank", mean_score="80.00", rank=rank)

    @rule(kind=st.sampled_from(["evaluation_result", "proposed_agreements", "final_result"]), starts=st.booleans())
    def publish(self, kind: str, starts: bool) -> None:
        done = self.happen("publish_notice", kind=kind, number=1, starts_on=local_day(self.at))
        if done and starts and self.case.state is not State.PUBLISHED:
            self.start()

    @precondition(lambda self: self.case.state in (State.NOTICE_RESULT, State.NOTICE_PROPOSED))
    @rule()
    def start(self) -> None:
        kind = "result_notice" if self.case.state is State.NOTICE_RESULT else "proposed_notice"
        clock = self.case.clock(kind)
        if clock is None or not clock.is_open:
            day = local_day(self.at)
            self.happen("start_notice", kind="evaluation_result", starts_on=day, last_day=day + timedelta(days=7))

    @rule(is_in_time=st.booleans(), ref=st.integers(1, 5))
    def object(self, is_in_time: bool, ref: int) -> None:
        if str(ref) not in self.open and self.happen(
            "record_objection", ref=str(ref), is_in_time=is_in_time, holds=is_in_time, received_at=self.at
        ):
            second = self.case.state in (State.NOTICE_PROPOSED, State.SIGNING, *AGREED)
            kind = "proposed_agreements" if second else "evaluation_result"
            judged = {"is_in_time": is_in_time, "holds": is_in_time}
            self.open[str(ref)] = {**judged, "notice_kind": kind, "recorded_at": self.at}

    def next_inquiry(self) -> date | None:
        return min((local_day(one["recorded_at"]) for one in self.open.values()), default=None)

    @precondition(lambda self: self.open)
    @rule(substantiated=st.booleans(), data=st.data())
    def resolve(self, substantiated: bool, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(sorted(self.open)))
        known = self.open.pop(ref) | {"next_inquiry_from": self.next_inquiry()}
        done = self.happen("resolve_objection", ref=ref, substantiated=substantiated, finding="核查结论", **known)
        assert done, "an open objection can always be resolved"

    @precondition(lambda self: self.open)
    @rule(ends_inquiry=st.booleans(), data=st.data())
    def withdraw_objection(self, ends_inquiry: bool, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(sorted(self.open)))
        known = self.open.pop(ref) if ends_inquiry else self.open[ref]
        known = {**known, "next_inquiry_from": self.next_inquiry(), "ends_inquiry": ends_inquiry}
        assert self.happen("withdraw_objection", ref=ref, **known), "an open objection can always be withdrawn"

    @rule(consensus=st.booleans(), topics=st.just(ALL_TOPICS) | st.just(ALL_TOPICS[:3]))
    def negotiate(self, consensus: bool, topics: list[str]) -> None:
        self.happen("record_negotiation", consensus=consensus, topics=topics, open_point=None)

    @precondition(lambda self: "signing" in self.case.clocks)
    @rule(back=st.integers(-3, 70), length=st.integers(-1, 20))
    def delay(self, back: int, length: int) -> None:
        first = local_day(self.at) - timedelta(days=back)
        last = first + timedelta(days=length)
        self.happen("record_agency_delay", delay_from=first, delay_to=last, cause="系统联调")

    @precondition(lambda self: "signing" in self.case.clocks)
    @rule(back=st.integers(-3, 70))
    def sign(self, back: int) -> None:
        self.happen("sign_agreement", signed_on=local_day(self.at) - timedelta(days=back))

    @rule(back=st.integers(-3, 30))
    def file(self, back: int) -> None:
        self.happen("file_agreement", filed_on=local_day(self.at) - timedelta(days=back))

    @rule(evidence=st.sampled_from(["协议原件", " "]))
    def correct(self, evidence: str) -> None:
        self.happen("correct_record", what="误判", reason="录入迟延", evidence=evidence)

    @rule(times=st.integers(1, 3))
    def go_on(self, times: int) -> None:
        """The usual next steps, so that the late states are seen as often as the early ones."""
        for _ in range(times):
            self.go_one_step()

    def go_one_step(self) -> None:
        steps = {
            State.TOO_EARLY: self.wait_for_the_window,
            State.NOT_APPLIED: lambda: self.submit(sorted(MATERIALS["pharmacy"]), 3),
            State.ACCEPTED: self.sign_opinion,
            State.PRELIM_PASSED: lambda: self.ask_for_evaluation("city_bureau"),
            State.EVALUATING: lambda: self.conclude("within"),
            State.SELECTED: lambda: self.publish("evaluation_result", True),
            State.NOTICE_RESULT: self.wait_for_the_period,
            State.NEGOTIATING: lambda: self.negotiate(True, ALL_TOPICS),
            State.CONSENSUS: lambda: self.publish("proposed_agreements", True),
            State.NOTICE_PROPOSED: self.wait_for_the_period,
            State.SIGNING: lambda: self.sign(0),
            State.SIGNED: lambda: self.file(0),
            State.FILED: lambda: self.publish("final_result", True),
        }
        steps.get(self.case.state, lambda: None)()

    def wait_for_the_window(self) -> None:
        self.at = max(self.at, self.ctx.round.accept_from)
        self.submit(sorted(MATERIALS["pharmacy"]), 3)

    def wait_for_the_period(self) -> None:
        self.at += timedelta(days=8)
        self.sweep()

    @rule()
    def sweep(self) -> None:
        """The clocks whose last day is over, as a sweep takes them."""
        today = local_day(self.at)
        over = [one for one in self.case.clocks.values() if one.is_open and one.due_on and one.due_on < today]
        for one in sorted(over, key=lambda clock: clock.due_on or today):
            self._over(one.kind)

    def _over(self, kind: str) -> None:
        clock, holder = self.case.clocks[kind], self.ctx.policy.clocks[kind].holder
        if not clock.is_open or clock.status == ClockStatus.BREACHED or self._waits_for_the_other(kind):
            return
        if holder is ClockKind.AUTHORITY:
            assert self.happen("breach", kind=kind, due_on=clock.due_on, check_on=None)
        else:
            brought_back = "sign_timeout" if self.case.state is State.SIGNING else "window_closed"
            events = {"supplement": "window_closed", "signing": "sign_timeout", "correction": brought_back}
            event = events.get(kind, "period_over")
            done = self.happen(event, kind=kind, due_on=clock.due_on)
            assert done or self.case.holds, f"{kind} ran out in {self.case.state} and nothing came of it"

    def _waits_for_the_other(self, kind: str) -> bool:
        """After a correction the limit itself and the limit of the correction must both be over."""
        correction, today = self.case.clock("correction"), local_day(self.at)
        if kind not in ("signing", "correction") or correction is None or not correction.is_open:
            return False
        limits = [one for name in ("signing", "correction") if (one := self.case.clock(name))]
        return any(one.latest_on >= today for one in limits)

    @invariant()
    def a_case_that_was_brought_back_has_a_limit_that_is_watched(self) -> None:
        if self.past and self.past[-1][1].name == "correct_record":
            signing, correction = self.case.clock("signing"), self.case.clock("correction")
            is_to_come = signing is not None and signing.latest_on >= local_day(self.past[-1][1].at)
            assert (self.case.state is State.SIGNING and is_to_come) or (correction and correction.is_open)

    @invariant()
    def holds_are_the_open_objections_that_came_in_time(self) -> None:
        assert self.case.holds == sum(1 for one in self.open.values() if one["is_in_time"])

    @invariant()
    def every_change_counts_one_version(self) -> None:
        assert self.case.version == len(self.past)

    @invariant()
    def an_end_stays_an_end_unless_a_person_or_a_free_place_reopens_it(self) -> None:
        for frm, happened, to in self.past:
            assert frm not in ENDS or frm is to or happened.name in REOPENED

    @invariant()
    def an_agreement_is_signed_within_its_limits(self) -> None:
        signed_on, clock = self.case.signed_on, self.case.clock("signing")
        assert (signed_on is not None) == (self.case.state in AGREED)
        if signed_on:
            assert clock is not None
            assert clock.start_on < signed_on <= clock.latest_on
            assert signed_on <= local_day(self.at)

    @invariant()
    def an_accepted_dossier_knows_its_day_and_has_everything(self) -> None:
        if "preliminary_review" in self.case.clocks:
            assert self.case.accepted_on == self.case.clocks["preliminary_review"].start_on
            assert self.case.materials >= MATERIALS["pharmacy"] - {"P12", "COPIES"} - set(FORMAL_CODES)

    @invariant()
    def a_case_that_ended_has_no_clock_running(self) -> None:
        if self.case.state in ENDS:
            running = {kind for kind, one in self.case.clocks.items() if one.status == ClockStatus.RUNNING}
            assert running <= ({"objection_inquiry"} if self.open else set())

    @invariant()
    def the_inquiry_runs_from_the_oldest_open_objection(self) -> None:
        clock = self.case.clock("objection_inquiry")
        assert bool(self.open) == (clock is not None and clock.is_open)
        if clock and self.open:
            assert clock.start_on == self.next_inquiry()

    @invariant()
    def what_is_met_has_a_day_and_what_is_provisional_has_none(self) -> None:
        for one in self.case.clocks.values():
            assert one.status != ClockStatus.MET or isinstance(one.closed_on, date)
            assert (one.due_on is None) == (one.status == ClockStatus.PROVISIONAL) or one.closed_on or not one.is_open


FORMAL_CODES = ("COPIES", "OFFICIAL_SEAL", "LEGAL_REP_SEAL", "ORIGINALS")
TestCaseLife = CaseLife.TestCase
TestCaseLife.settings = settings(max_examples=200, stateful_step_count=60)
