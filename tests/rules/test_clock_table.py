"""The table of clocks: each clock of the policies has a whole row, each row a clock, and nothing in it is idle."""

from __future__ import annotations

from datetime import date

import pytest

from notifications.catalogue import EVENTS as MESSAGES
from policies.loader import FOLDER, load_policy
from rules.clock_table import CLOCKS, ClockRow, Mark
from rules.entry import SETTLES, STARTS
from rules.transitions import EVENTS, TABLE, states_for
from rules.vocabulary import ClockKind, State

PROCEDURES = [file.stem for file in FOLDER.glob("*.yaml") if "\nclocks:\n" in file.read_text(encoding="utf-8")]
ROWS = pytest.mark.parametrize("row", CLOCKS.values(), ids=list(CLOCKS))


def test_every_clock_of_the_policies_has_a_row_and_every_row_a_clock() -> None:
    assert PROCEDURES == ["special_drug"]
    assert {kind for name in PROCEDURES for kind in load_policy(name, date.max).clocks} == set(CLOCKS)


@ROWS
def test_a_row_is_whole(row: ClockRow) -> None:
    assert row.starts
    assert row.settles
    assert row.when_over
    assert (row.when_over == ("breach",)) is (row.holder is ClockKind.AUTHORITY)
    assert row.is_held is (row.holder is not ClockKind.AUTHORITY)
    assert row.reminder in {"", *MESSAGES}


@ROWS
def test_every_mark_is_made_by_some_transition(row: ClockRow) -> None:
    idle = [mark for mark in (*row.starts, *row.settles) if not any(mark.is_made_by(one) for one in TABLE)]
    assert idle == []
    assert {event for mark in (*row.starts, *row.settles) for event in mark.events} <= set(EVENTS)


@ROWS
def test_the_end_of_a_clock_is_an_event_of_every_state_that_it_ends_in(row: ClockRow) -> None:
    ends_in = {state for event in row.when_over for state in states_for(event)}
    assert {row.over(state) for state in ends_in} == set(row.when_over)
    assert all(state in states_for(row.over(state)) for state in ends_in)


def test_what_a_correction_brought_back_ends_as_its_state_does() -> None:
    over = CLOCKS["correction"].over
    assert (over(State.SIGNING), over(State.INCOMPLETE)) == ("sign_timeout", "window_closed")


def test_every_day_that_the_table_names_is_known_and_none_is_idle() -> None:
    assert {mark.how for row in CLOCKS.values() for mark in row.starts} == set(STARTS)
    assert {mark.how for row in CLOCKS.values() for mark in row.settles} == set(SETTLES)


@pytest.mark.parametrize(
    ("mark", "made_by"),
    [
        (Mark("", ("submit_application",), into=State.INCOMPLETE), {"NOT_APPLIED", "TOO_EARLY"}),
        (Mark("", ("submit_application",), at=State.INCOMPLETE), {"INCOMPLETE"}),
        (Mark("", into=State.SIGNING), {"NOTICE_PROPOSED", "DEEMED_ABANDONED"}),
    ],
)
def test_a_mark_tells_moving_into_a_state_from_standing_in_it(mark: Mark, made_by: set[str]) -> None:
    assert {row.frm.value for row in TABLE if mark.is_made_by(row)} == made_by
