"""What becomes of a message after each kind of outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailparts import NOW

from notifications.ledger import DETAIL_CHARACTERS, said
from notifications.outcome import Outcome, OutcomeKind
from notifications.retry_policy import PACE, Step, next_step
from rules.vocabulary import MessageStatus as S

LAST = len(PACE.backoff)
CASES = [
    (OutcomeKind.ACCEPTED, 0, 0, Step(S.ACCEPTED, None, True, 1)),
    (OutcomeKind.REJECTED, 2, 0, Step(S.REJECTED, None, True, 3)),
    (OutcomeKind.SUPPRESSED, 0, 0, Step(S.SUPPRESSED, None, True, 0)),
    (OutcomeKind.CONFIGURATION, 1, 0, Step(S.RETRY, NOW + PACE.mend_after, False, 1)),
    (OutcomeKind.UNKNOWN, 0, 0, Step(S.UNKNOWN, NOW + PACE.reconcile_waits[0], False, 1)),
    (OutcomeKind.UNKNOWN, 1, 1, Step(S.UNKNOWN, None, False, 2)),
    (OutcomeKind.RETRY, LAST, 0, Step(S.FAILED, None, True, LAST + 1)),
]


@pytest.mark.parametrize(("kind", "attempts", "unknowns", "expected"), CASES)
def test_each_outcome_has_its_step(kind: OutcomeKind, attempts: int, unknowns: int, expected: Step) -> None:
    assert next_step(Outcome(kind), key=1, attempts=attempts, unknowns=unknowns, now=NOW) == expected


@given(key=st.integers(1, 10**9), attempts=st.integers(0, LAST - 1))
def test_a_retry_waits_about_as_long_as_its_place_says(key: int, attempts: int) -> None:
    step = next_step(Outcome(OutcomeKind.RETRY), key=key, attempts=attempts, unknowns=0, now=NOW)
    assert (step.status, step.is_closed, step.attempts) == (S.RETRY, False, attempts + 1)
    assert step.next_at is not None
    wait = PACE.backoff[attempts]
    assert wait * 0.8 <= step.next_at - NOW <= wait * 1.2


def test_a_batch_does_not_come_back_all_at_once() -> None:
    waits = {next_step(Outcome(OutcomeKind.RETRY), key=key, attempts=0, unknowns=0, now=NOW) for key in range(100)}
    assert len(waits) > 20


def test_the_lease_outlives_twice_the_longest_call() -> None:
    steps, reply = timedelta(seconds=15) * 9, timedelta(seconds=60)
    assert PACE.lease / 2 > steps + reply


def test_of_a_long_reply_so_much_is_kept_as_the_column_holds() -> None:
    assert said(Outcome(OutcomeKind.REJECTED, "550", "x" * DETAIL_CHARACTERS)) == "550 " + "x" * (DETAIL_CHARACTERS - 4)
