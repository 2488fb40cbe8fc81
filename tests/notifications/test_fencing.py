"""The fencing token: who lost its lease changes nothing, whatever it does, while the next holder is at work.

The second holder has not settled yet, so the row is being sent as it was: only the token tells the two apart.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from mailparts import NOW, Outbox

from notifications import ledger
from notifications import outbox as sql
from notifications.ledger import Go, Ready
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.retry_policy import PACE
from rules.vocabulary import Channel, MessageStatus
from tests.support.database import changed, dump

TO = "h01@example.cn"
LATER = NOW + PACE.lease + timedelta(seconds=1)
OUTCOMES = [
    Outcome(OutcomeKind.ACCEPTED, "250", "queued", reference="first-1"),
    Outcome(OutcomeKind.REJECTED, "550", "no"),
    Outcome(OutcomeKind.RETRY, "451", "later"),
    Outcome(OutcomeKind.UNKNOWN, "timeout", "no reply"),
    Outcome(OutcomeKind.SUPPRESSED, "list", "held back"),
    Outcome(OutcomeKind.CONFIGURATION, "535", "password", stops_channel=True),
]


def claimed(outbox: Outbox, worker: str, at: timedelta = timedelta()) -> sql.Claim:
    """The one message, claimed by a worker."""
    [held] = sql.claim(outbox.url, Channel.EMAIL, worker, NOW + at, PACE, 10)
    return held


def ready(held: sql.Claim, of: str) -> Ready:
    return Ready(held, Letter(TO, "主题", "正文", f"<{of}@county.example.cn>", NOW), f"index of {of}")


def overtaken(outbox: Outbox, *, begun: bool) -> tuple[sql.Claim, sql.Claim]:
    """The first holder's lease ran out, with its call begun or not; the second holds the message and calls."""
    outbox.owe(TO)
    first = claimed(outbox, "first")
    if begun:
        assert ledger.start(outbox.url, [ready(first, "first")], "first", NOW, PACE) == [Go.YES]
    sql.end_leases(outbox.url, Channel.EMAIL, LATER, PACE)
    second = claimed(outbox, "second", LATER - NOW)
    assert ledger.start(outbox.url, [ready(second, "second")], "second", LATER, PACE) == [Go.YES]
    return first, second


@pytest.mark.parametrize("begun", [True, False], ids=["in the call", "before the call"])
@pytest.mark.parametrize("outcome", OUTCOMES, ids=[one.kind.value for one in OUTCOMES])
def test_the_first_holder_settles_nothing_and_the_second_does(outbox: Outbox, outcome: Outcome, begun: bool) -> None:
    first, second = overtaken(outbox, begun=begun)
    assert (first.id, first.token, second.token) == (second.id, 1, 2)
    before = dump(outbox.url)
    assert ledger.settle(outbox.url, [(first, outcome)], LATER, PACE) == [None]
    assert changed(before, dump(outbox.url)) == {}
    [step] = ledger.settle(outbox.url, [(second, OUTCOMES[0])], LATER, PACE)
    assert step is not None
    row = outbox.row(second.id)
    assert (row.status, row.provider_ref, row.lease_owner) == (MessageStatus.ACCEPTED, "first-1", "")
    assert outbox.outcomes(second.id) == (["unknown", "accepted"] if begun else ["accepted"])


@pytest.mark.parametrize("begun", [True, False], ids=["in the call", "before the call"])
def test_the_first_holder_gives_nothing_back(outbox: Outbox, begun: bool) -> None:
    first, _ = overtaken(outbox, begun=begun)
    before = dump(outbox.url)
    ledger.release(outbox.url, [first], LATER)
    assert changed(before, dump(outbox.url)) == {}


@pytest.mark.parametrize("begun", [True, False], ids=["in the call", "before the call"])
def test_the_first_holder_begins_no_call_and_writes_no_name_over_the_seconds(outbox: Outbox, begun: bool) -> None:
    first, _ = overtaken(outbox, begun=begun)
    before = dump(outbox.url)
    assert ledger.start(outbox.url, [ready(first, "first again")], "first", NOW, PACE) == [Go.LOST]
    assert changed(before, dump(outbox.url)) == {}
    assert outbox.row(first.id).message_ref == "<second@county.example.cn>"


def test_of_many_settled_at_once_only_the_lost_one_is_left_out(outbox: Outbox) -> None:
    first, _ = overtaken(outbox, begun=True)
    other = outbox.owe("h02@example.cn")
    mine = claimed(outbox, "first", LATER - NOW)
    accepted = OUTCOMES[0]
    steps = ledger.settle(outbox.url, [(first, OUTCOMES[1]), (mine, accepted)], LATER, PACE)
    assert [step is None for step in steps] == [True, False]
    assert [outbox.row(one).status for one in (first.id, other)] == [MessageStatus.SENDING, MessageStatus.ACCEPTED]


def test_a_token_is_raised_by_every_claim_and_never_used_again(outbox: Outbox) -> None:
    number = outbox.owe(TO)
    tokens = []
    for turn in range(3):
        at = turn * (LATER - NOW)
        sql.end_leases(outbox.url, Channel.EMAIL, NOW + at, PACE)
        tokens.append(claimed(outbox, f"w{turn}", at).token)
    assert tokens == [1, 2, 3]
    assert outbox.row(number).lease_token == 3


def test_who_still_holds_it_gives_it_back(outbox: Outbox) -> None:
    number = outbox.owe(TO)
    ledger.release(outbox.url, [claimed(outbox, "first")], LATER)
    assert (outbox.row(number).status, outbox.row(number).next_at) == (MessageStatus.PENDING, LATER)


@pytest.mark.parametrize(("over", "go"), [(0, Go.YES), (1, Go.LOST)], ids=["half gone", "more than half gone"])
def test_a_call_begins_up_to_the_half_of_a_lease(outbox: Outbox, over: int, go: Go) -> None:
    outbox.owe(TO)
    at = NOW + PACE.lease / 2 + timedelta(microseconds=over)
    assert ledger.start(outbox.url, [ready(claimed(outbox, "slow"), "slow")], "slow", at, PACE) == [go]
