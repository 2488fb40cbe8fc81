"""From which day the signing limit counts under both readings, and what a late signature is told (五(三); A7-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from policies.loader import FOLDER, load_policy
from rules.case import Case, ClockSet, ClockStart, Context, Event, Outcome, Refused
from rules.evaluation import EVALUATION
from rules.evaluation.clock_effects import signing_starts_on
from rules.localtime import ZONE
from rules.periods import Suspension
from rules.vocabulary import ClockStatus, State
from tests.rules.cases import POLICY, beijing, case, clock, context, event

FROM_NOTICE, FROM_RUN_OUT = "notice_last_day", "notice_over_for_dossier"
LAST_DAY = date(2025, 10, 23)
CLOCKS = (
    clock("proposed_notice", date(2025, 10, 16), LAST_DAY),
    clock("whole_procedure", date(2025, 9, 1), date(2025, 12, 9)),
)
SIGNING = clock("signing", LAST_DAY, date(2026, 1, 16))
FOUND: dict[str, Any] = {
    **{"ref": "Y-1", "is_in_time": True, "holds": True, "next_inquiry_from": None},
    **{"notice_kind": "proposed_agreements", "finding": "经核查"},
}
RECORDED = {"recorded_at": beijing("2026-01-12 09:00")}
HELD = Suspension(date(2026, 1, 12), date(2026, 1, 20), "核查异议 Y-1", "五(三)", "经办员甲")


@pytest.fixture(params=[FROM_NOTICE, FROM_RUN_OUT])
def reading(request: pytest.FixtureRequest) -> str:
    """Both choices of the reading `signing_start`."""
    return str(request.param)


@pytest.fixture
def ctx(reading: str, tmp_path: Path) -> Context:
    """A round under a copy of the procedure file that makes the choice."""
    text = (FOLDER / "special_drug.yaml").read_text(encoding="utf-8")
    as_it_stands = f"signing_start: {{choice: {FROM_NOTICE}, choices: [{FROM_NOTICE}, {FROM_RUN_OUT}]"
    assert text.count(as_it_stands) == 1
    changed = text.replace(as_it_stands, as_it_stands.replace(f"choice: {FROM_NOTICE}", f"choice: {reading}"))
    (tmp_path / "special_drug.yaml").write_text(changed, encoding="utf-8")
    return replace(context(), policy=load_policy(folder=tmp_path))


def in_notice(released_on: date | None) -> Case:
    """A dossier in the second notice, whose last complaint was resolved on that day."""
    return case(State.NOTICE_PROPOSED, "pharmacy", *CLOCKS, released_on=released_on)


def answer(dossier: Case, name: str, at: str, ctx: Context, **fields: object) -> Outcome:
    outcome = EVALUATION.decide(dossier, event(name, at, **fields), ctx)
    assert isinstance(outcome, Outcome), outcome
    return outcome


def test_the_file_counts_from_the_last_day_of_the_notice() -> None:
    assert POLICY.reads("signing_start") == FROM_NOTICE


@pytest.mark.parametrize(
    ("released_on", "from_run_out"),
    [(None, LAST_DAY), (date(2025, 10, 21), LAST_DAY), (LAST_DAY, LAST_DAY), (date(2025, 10, 28), date(2025, 10, 28))],
)
def test_only_a_complaint_held_beyond_the_last_day_makes_the_readings_differ(
    ctx: Context, reading: str, released_on: date | None, from_run_out: date
) -> None:
    expected = {FROM_NOTICE: LAST_DAY, FROM_RUN_OUT: from_run_out}[reading]
    assert signing_starts_on(in_notice(released_on), ctx) == expected


def test_the_run_out_starts_signing_and_meets_the_notice_and_the_whole_procedure(ctx: Context, reading: str) -> None:
    over_on = date(2025, 10, 28)
    starts_on = {FROM_NOTICE: LAST_DAY, FROM_RUN_OUT: over_on}[reading]
    outcome = answer(in_notice(over_on), "period_over", "2025-10-29 00:05", ctx)
    assert outcome.to is State.SIGNING
    assert outcome.starts == (ClockStart("signing", starts_on),)
    met = [ClockSet(kind, ClockStatus.MET, over_on) for kind in ("proposed_notice", "whole_procedure")]
    assert list(outcome.sets) == met
    assert [(one.event, one.params["starts_on"]) for one in outcome.messages] == [("signing_opened", starts_on)]
    assert outcome.detail == {"over_on": over_on}


def test_the_days_that_a_complaint_held_signing_are_given_back_only_where_the_run_out_counts(
    ctx: Context, reading: str
) -> None:
    dossier = case(State.SIGNING, "pharmacy", SIGNING, holds=1)
    outcome = answer(dossier, "resolve_objection", "2026-01-15 09:00", ctx, **FOUND, **RECORDED, substantiated=False)
    held = replace(HELD, to_on=date(2026, 1, 15))
    assert outcome.suspends == {FROM_NOTICE: (), FROM_RUN_OUT: (("signing", held),)}[reading]
    assert outcome.set == {"holds": 0, "released_on": date(2026, 1, 15)}


def test_a_limit_that_ran_out_during_the_inquiry_gives_its_days_back_in_either_reading(ctx: Context) -> None:
    dossier = case(State.SIGNING, "pharmacy", SIGNING, holds=1)
    outcome = answer(dossier, "resolve_objection", "2026-01-20 09:00", ctx, **FOUND, **RECORDED, substantiated=False)
    assert outcome.suspends == (("signing", HELD),)


def test_a_dossier_held_until_its_limit_had_run_out_counts_from_the_run_out_in_either_reading(ctx: Context) -> None:
    assert signing_starts_on(in_notice(date(2026, 3, 2)), ctx) == date(2026, 3, 2)


def test_they_are_given_back_once_when_two_complaints_held_the_same_days(ctx: Context) -> None:
    dossier = case(State.SIGNING, "pharmacy", replace(SIGNING, suspensions=(HELD,)), holds=1)
    outcome = answer(dossier, "resolve_objection", "2026-01-20 09:00", ctx, **FOUND, **RECORDED, substantiated=False)
    assert outcome.suspends == ()


@pytest.mark.parametrize(("was_late", "substantiated"), [(True, False), (False, True)])
def test_a_late_complaint_and_one_found_true_give_no_days_back(
    ctx: Context, was_late: bool, substantiated: bool
) -> None:
    dossier = case(State.SIGNING, "pharmacy", SIGNING, holds=0 if was_late else 1)
    found = {**FOUND, **RECORDED, "is_in_time": not was_late, "holds": not was_late, "substantiated": substantiated}
    assert answer(dossier, "resolve_objection", "2026-01-20 09:00", ctx, **found).suspends == ()


@pytest.mark.parametrize(
    ("due_on", "limit"),
    [(date(2026, 1, 16), "签约期限至 2026-01-16 届满"), (None, "签约期限最迟不晚于 2026-01-16（暂定）")],
)
def test_a_signature_after_the_last_day_is_told_whether_that_day_is_settled(due_on: date | None, limit: str) -> None:
    running = clock("signing", LAST_DAY, due_on, earliest_on=date(2026, 1, 12), latest_on=date(2026, 1, 16))
    dossier = case(State.SIGNING, "pharmacy", running)
    late = event("sign_agreement", "2026-01-20 09:00", signed_on=date(2026, 1, 17))
    assert EVALUATION.decide(dossier, late, context()) == Refused(f"{limit}，签订日 2026-01-17 已逾期", "五(三)")
    last = event("sign_agreement", "2026-01-20 09:00", signed_on=date(2026, 1, 16))
    assert isinstance(EVALUATION.decide(dossier, last, context()), Outcome)


def test_nothing_is_signed_while_a_complaint_was_still_open(ctx: Context) -> None:
    dossier = replace(case(State.SIGNING, "pharmacy", SIGNING), released_on=date(2025, 10, 28))
    at = datetime(2025, 10, 29, 9, 0, tzinfo=ZONE)
    early = EVALUATION.decide(dossier, Event("sign_agreement", at, "x", {"signed_on": date(2025, 10, 27)}), ctx)
    assert early == Refused("异议核查至 2025-10-28 才完结，此前不能签订，请核对日期", "五(三)")
    signed = EVALUATION.decide(dossier, Event("sign_agreement", at, "x", {"signed_on": date(2025, 10, 28)}), ctx)
    assert isinstance(signed, Outcome)
