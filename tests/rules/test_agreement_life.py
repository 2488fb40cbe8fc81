"""An agreement's life as rules alone (六): the table is sound, the clock never dissolves, what was overturned leaves no
trace in the state; boundaries of the term and of the count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.catalogue import EVENTS
from policies.loader import load_policy
from rules.acts import CATALOGUE, Scope
from rules.case import Clock, Refused
from rules.performance import PERFORMANCE
from rules.performance.records import BY_COUNT, AgreementCase, Ending, Finding, Order, Pause, state_by_records, without
from rules.performance.states import BINDING, ENDS
from rules.vocabulary import AgreementState as A
from rules.vocabulary import ApplicantType, ClockStatus
from tests.rules.cases import event
from tests.rules.soundness import faults

POLICY = load_policy()
OF_AGREEMENTS = set(PERFORMANCE.clocks)
FIRST, LAST = date(2026, 5, 6), date(2027, 5, 5)
DAY = timedelta(days=1)
UNDONE = date(2026, 12, 1)


def agreement(**changes: object) -> AgreementCase:
    """One in force from 6 May 2026 to 5 May 2027, to be dissolved at the third suspension."""
    about = {"id": 1, "number": "协议1号", "name": "甲药房", "version": 0, "holds": 0, "audit_seq": 0, "audit_head": ""}
    of = {"round_id": 1, "applicant_pk": 1, "applicant_id": "P01", "type": "pharmacy", "limit": 3}
    term = {"state": A.IN_FORCE, "signed_on": FIRST, "effective_on": FIRST, "expires_on": LAST}
    return AgreementCase(**{**about, **of, **term, **changes})  # type: ignore[arg-type]


def finding(ref: str, code: str = "V7", on: date = FIRST, **changes: object) -> Finding:
    made = Finding(ref, code, code.startswith("D"), on, "甲", established_on=on)
    return replace(made, **changes)  # type: ignore[arg-type]


def pause(ref: str, *refs: str, on: date = FIRST, **changes: object) -> Pause:
    return replace(Pause(ref, f"暂停{ref}号", refs, on), **changes)  # type: ignore[arg-type]


def test_the_procedure_is_sound() -> None:
    acts = {name for name, act in CATALOGUE.items() if act.scope is Scope.AGREEMENT} | {
        "sign_agreement",
        "file_agreement",
        "conclude_assessment",
        *("report_to_city", "record_city_decision", "import_agreements"),
    }
    assert faults(PERFORMANCE, acts=acts, messages=EVENTS, limits=OF_AGREEMENTS & set(POLICY.clocks)) == []


def test_no_clock_dissolves_suspends_or_establishes() -> None:
    by_clock = {event for clock in PERFORMANCE.clocks.values() for event in clock.when_over}
    led_to = {row.to for row in PERFORMANCE.table if row.event in by_clock and row.moves}
    assert led_to == {A.IN_FORCE, A.EXPIRED, A.SUPERSEDED, A.LEFT}


def test_an_established_ground_leaves_only_the_decision_its_service_and_the_overturning() -> None:
    ways = {row.event for row in PERFORMANCE.table if row.frm is A.TO_BE_DISSOLVED and row.moves}
    assert ways == {"record_service", "overturn_finding", "previous_over"}  # the last: with what it renews


def test_an_end_is_left_only_by_the_overturning_of_a_dissolution() -> None:
    left = {(row.frm, row.event) for row in PERFORMANCE.table if row.frm in ENDS and row.moves}
    with_what_it_renews = {(A.DISSOLVED, "previous_over"), (A.DISSOLVED, "previous_restored")}
    assert left == {(A.DISSOLVED, "overturn_ending"), (A.DISSOLVED, "overturn_finding"), *with_what_it_renews}


@pytest.mark.parametrize("type_", [one.value for one in ApplicantType])
def test_every_ground_of_the_law_has_its_clause(type_: str) -> None:
    grounds = [one for one in POLICY.violations_of(type_) if one.is_ground]
    clauses = {"hospital": "①②③③③④⑤⑥", "pharmacy": "①②③④④④⑤⑥⑦"}[type_]
    number = {"hospital": 1, "pharmacy": 2}[type_]
    assert [one.clause for one in grounds] == [f"六(二){number}{item}" for item in clauses]
    assert {one.code for one in grounds if one.by_system} == {"D4a", "D4b", "D4c"}


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (FIRST - DAY, A.SIGNED),
        (FIRST, A.IN_FORCE),
        (LAST - DAY, A.IN_FORCE),
        (LAST, A.IN_FORCE),
        (LAST + DAY, A.EXPIRED),
    ],
)
def test_first_and_last_day_of_the_term_are_both_in_it(today: date, state: A) -> None:
    assert state_by_records(agreement(), today) is state


@pytest.mark.parametrize(
    ("on", "counts"), [(FIRST - DAY, 0), (FIRST, 1), (FIRST + DAY, 1), (LAST - DAY, 1), (LAST, 1), (LAST + DAY, 0)]
)
def test_a_suspension_counts_from_the_first_to_the_last_day_of_the_term(on: date, counts: int) -> None:
    assert agreement(pauses=(pause("1", "1", on=on),)).count == counts


@pytest.mark.parametrize(("limit", "held"), list(product((2, 3), (1, 2, 3))))
def test_the_limit_is_reached_at_the_number_and_not_before(limit: int, held: int) -> None:
    findings = tuple(finding(str(number)) for number in range(1, held + 1))
    pauses = tuple(pause(str(number), str(number), lifted_on=FIRST) for number in range(1, held + 1))
    case = agreement(limit=limit, findings=findings, pauses=pauses)
    by_count = finding("9", BY_COUNT)
    kept = without(replace(case, findings=(*findings, by_count)), (), UNDONE).finding("9")
    assert kept is not None
    assert kept.stands is (held >= limit)


def test_it_comes_into_force_once_however_often_it_is_resumed() -> None:
    """What becomes of the clock of its beginning, when it is in force again."""
    begun = Clock(1, "agreement_begins", FIRST, FIRST - DAY, FIRST - DAY, FIRST - DAY, ClockStatus.RUNNING, None)
    resumed = event("resume_agreement", "2026-06-01 09:00")
    [mark] = PERFORMANCE.clocks["agreement_begins"].settles
    assert mark.how(begun, agreement(), resumed) is not None
    over = replace(begun, status=ClockStatus.MET, closed_on=FIRST)
    assert mark.how(over, agreement(), resumed) is None


def test_a_renewed_one_is_superseded_and_a_left_one_has_left() -> None:
    assert state_by_records(agreement(successor="协议2号"), LAST + DAY) is A.SUPERSEDED
    leaves = date(2026, 12, 31)
    assert state_by_records(agreement(leaves_on=leaves), leaves) is A.IN_FORCE
    assert state_by_records(agreement(leaves_on=leaves), leaves + DAY) is A.LEFT


def test_a_ground_outlives_the_term() -> None:
    assert state_by_records(agreement(findings=(finding("1", "D1"),)), LAST + DAY) is A.TO_BE_DISSOLVED


# --- what is overturned leaves no trace ------------------------------------------------------------------------

DAYS = st.integers(0, 360).map(lambda days: FIRST + days * DAY)


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[tuple[str, date]], list[tuple[tuple[int, ...], date, bool]], int]:
    """Findings (code, day), suspensions (which findings, day, whether lifted) and the limit."""
    codes = st.sampled_from(["V1", "V7", "Q2", "F1", "D1", "D6"])
    findings = draw(st.lists(st.tuples(codes, DAYS), min_size=1, max_size=6))
    which = st.lists(st.integers(0, len(findings) - 1), min_size=1, max_size=3, unique=True).map(tuple)
    pauses = draw(st.lists(st.tuples(which, DAYS, st.booleans()), max_size=5))
    return findings, pauses, draw(st.sampled_from([2, 3]))


def lived(
    findings: Sequence[tuple[str, date]],
    pauses: Sequence[tuple[tuple[int, ...], date, bool]],
    limit: int,
    leaving_out: int | None = None,
) -> AgreementCase:
    """The records of a life in which one finding was never made: suspensions that had no other are not there, an order
    went with each suspension, and the limit's ground is there where the count reaches it."""
    kept = [place for place in range(len(findings)) if place != leaving_out]
    made = [finding(str(place), findings[place][0], findings[place][1]) for place in kept]
    orders, held = [], []
    for number, (which, on, is_lifted) in enumerate(pauses):
        refs = tuple(str(place) for place in which)
        if set(which) <= {leaving_out}:
            continue
        held.append(pause(str(number), *refs, on=on, lifted_on=UNDONE if is_lifted else None))
        orders.append(Order(str(number), refs, on, on + 15 * DAY, within_suspension=True, result="late"))
        derived = finding(f"late{number}", "D4b", on, stands_on=(f"order:{number}", f"pause:{number}"))
        made.append(derived)
    case = agreement(limit=limit, findings=tuple(made), pauses=tuple(held), orders=tuple(orders))
    if case.count >= limit:
        case = replace(case, findings=(*case.findings, finding("count", BY_COUNT)))
    grounds = case.grounds
    return replace(case, ending=Ending("解除1号", grounds[0].ref, UNDONE, UNDONE)) if grounds else case


def standing(case: AgreementCase) -> tuple[object, ...]:
    """What is left of a life: the state on a day inside the term and after it, the count, the grounds, the orders."""
    unserved = replace(case, ending=None)
    states = [state_by_records(unserved, day) for day in (UNDONE, LAST + DAY)]
    orders = [one.ref for one in case.orders if not one.overturned_on]
    return (states, case.count, [one.ref for one in case.grounds], orders)


@given(lives(), st.data())
def test_overturning_gives_the_state_that_would_have_been_without_the_finding(
    life: tuple[list[tuple[str, date]], list[tuple[tuple[int, ...], date, bool]], int], data: st.DataObject
) -> None:
    findings, pauses, limit = life
    wrong = data.draw(st.integers(0, len(findings) - 1))
    overturned = without(lived(findings, pauses, limit), [str(wrong)], UNDONE)
    never = lived(findings, pauses, limit, leaving_out=wrong)
    assert standing(overturned) == standing(never)
    assert overturned.count <= len(pauses)


def test_nothing_binds_but_what_stands() -> None:
    assert set(BINDING) == {A.IN_FORCE, A.SUSPENDED, A.TO_BE_DISSOLVED}
    refused = PERFORMANCE.decide(agreement(state=A.DISSOLVED), event("resume_agreement"), None)  # type: ignore[arg-type]
    assert isinstance(refused, Refused)
    assert "本案已办结" in refused.why


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        ("rectification", "hand_in_rectification", {"order": "1", "handed_in_on": FIRST}),
        ("re_inspection", "re_inspect", {"order": "1", "result": "done", "inspected_on": FIRST}),
        ("warning_answer", "record_measures", {"warning": "1", "answered_on": FIRST}),
        ("dissolution", "record_service", {"served_on": FIRST}),
        ("migrated_assessment", "assess_migrated", {"assessed_on": FIRST}),
    ],
)
def test_a_limit_is_met_on_the_day_of_the_fact_whenever_it_is_entered(kind: str, name: str, fields: object) -> None:
    running = Clock(1, kind, FIRST, LAST, LAST, LAST, ClockStatus.RUNNING, None)
    entered = event(name, "2026-06-01 09:00", **fields)  # type: ignore[arg-type]
    mark = PERFORMANCE.clocks[kind].settles[0]
    met = mark.how(running, agreement(), entered)
    assert (met.status, met.on) == (ClockStatus.MET, FIRST)
