"""The table of clocks: each clock of the policies has a whole row, each row a clock, and nothing in it is idle."""

from __future__ import annotations

from datetime import date
from inspect import isfunction

import pytest

from policies.loader import FOLDER, load_policy
from rules.evaluation import EVALUATION, clock_effects
from rules.evaluation.clock_effects import NOTICE_CLOCKS
from rules.evaluation.clock_table import CLOCKS
from rules.performance.clock_table import CLOCKS as OF_AGREEMENTS
from rules.procedure import ClockRow, Mark
from rules.vocabulary import ClockKind, State

PROCEDURES = [file.stem for file in FOLDER.glob("*.yaml") if "\nclocks:\n" in file.read_text(encoding="utf-8")]
ROWS = pytest.mark.parametrize("row", CLOCKS.values(), ids=list(CLOCKS))


def test_every_clock_of_the_policies_has_a_row_and_every_row_a_clock() -> None:
    assert PROCEDURES == ["special_drug"]
    assert {kind for name in PROCEDURES for kind in load_policy(name, date.max).clocks} == {*CLOCKS, *OF_AGREEMENTS}
    assert not set(CLOCKS) & set(OF_AGREEMENTS)


@ROWS
def test_an_open_objection_holds_every_clock_but_the_authoritys(row: ClockRow) -> None:
    assert row.is_held is (row.holder is not ClockKind.AUTHORITY)


def test_the_clocks_of_the_notices_are_those_of_the_states_in_which_they_run() -> None:
    periods = [row for row in CLOCKS.values() if row.holder is ClockKind.PERIOD and row.kind != "city_reply"]
    assert {mark.at: row.kind for row in periods for mark in row.starts} == NOTICE_CLOCKS


def test_what_a_correction_brought_back_ends_as_its_state_does() -> None:
    ends = [EVALUATION.over("correction", state) for state in (State.SIGNING, State.INCOMPLETE)]
    assert ends == ["sign_timeout", "window_closed"]


def test_every_day_that_the_table_names_is_known_and_none_is_idle() -> None:
    used = {mark.how for row in CLOCKS.values() for mark in (*row.starts, *row.settles)}
    own = [one for one in vars(clock_effects).values() if isfunction(one) and one.__module__ == clock_effects.__name__]
    kinds = ("ClockStart", "ClockSet")
    assert {one for one in own if one.__annotations__["return"].removesuffix(" | None") in kinds} == used


@pytest.mark.parametrize(
    ("mark", "made_by"),
    [
        (Mark(print, ("submit_application",), into=State.INCOMPLETE), {"NOT_APPLIED", "TOO_EARLY", "WITHDRAWN"}),
        (Mark(print, ("submit_application",), at=State.INCOMPLETE), {"INCOMPLETE"}),
        (Mark(print, into=State.SIGNING), {"NOTICE_PROPOSED", "DEEMED_ABANDONED"}),
    ],
)
def test_a_mark_tells_moving_into_a_state_from_standing_in_it(mark: Mark, made_by: set[str]) -> None:
    assert {row.frm.value for row in EVALUATION.table if mark.is_made_by(row)} == made_by
