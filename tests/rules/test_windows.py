"""The limit of an inquiry and the window for challenging a draw: holidays, make-up days, the end of the year."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from policies import yamlfile
from rules.challenges import challenge_ends_on
from rules.clocks import compute_deadline
from rules.periods import Period, Unit, due_day
from tests.rules.cases import POLICY, WORKDAYS, names

WINDOWS = yamlfile.read(Path(__file__).with_name("windows.yaml")).data


@pytest.mark.parametrize("row", WINDOWS["inquiries"], ids=names(WINDOWS["inquiries"]))
def test_by_when_an_objection_must_be_looked_into(row: dict[str, Any]) -> None:
    worked = compute_deadline(POLICY.clocks["objection_inquiry"], row["received"], WORKDAYS)
    assert worked.due_on == row["due"]
    if row["due"]:
        days = (row["received"] + timedelta(days=n) for n in range(1, (row["due"] - row["received"]).days + 1))
        assert sum(WORKDAYS.is_working(day) for day in days) == POLICY.count("objection_inquiry")


@pytest.mark.parametrize("row", WINDOWS["challenges"], ids=names(WINDOWS["challenges"]))
def test_how_long_a_draw_can_be_challenged(row: dict[str, Any]) -> None:
    until = challenge_ends_on(row["days"], row["drawn"], WORKDAYS)
    if row["until"] == "latest":
        assert until == due_day(Period(row["days"], Unit.DAYS), row["drawn"], WORKDAYS).latest
        assert until is not None
        assert until > date(2027, 1, 1)
    else:
        assert until == row["until"]
