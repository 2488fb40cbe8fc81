"""Workers killed in the middle of their work, again and again: nothing is lost, and the only second copies are those
of calls whose end nobody saw, under the same Message-ID. The receiving server counts."""

from __future__ import annotations

import itertools
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess

import pytest
from mailparts import KEYS, Behaviour, MailServer, Outbox

from notifications.delivery import deliver
from notifications.mailsettings import MailSettings
from notifications.outbox import count_owed
from notifications.pace import Pace
from rules.vocabulary import MessageStatus

pytestmark = pytest.mark.long

MESSAGES = 60
KILLS = 8
BOUND_S = 20.0
QUICK = Pace(
    batch=5,
    lease=timedelta(seconds=0.8),
    backoff=(timedelta(seconds=0.1),) * 5,
    reconcile_waits=(timedelta(seconds=0.1),),
    mend_after=timedelta(seconds=0.1),
)


def work_for_ever(url: str, mail: MailSettings, name: str) -> None:
    """A worker as it lives: run after run until it is killed."""
    while True:
        deliver(url, mail, KEYS, now=lambda: datetime.now(UTC), worker=name, pace=QUICK)
        time.sleep(0.02)


def test_killed_workers_lose_nothing_and_repeat_only_what_nobody_saw_end(
    outbox: Outbox, smtp: MailServer, mail: Callable[..., MailSettings]
) -> None:
    numbers = [outbox.owe(f"h{place}@example.cn") for place in range(MESSAGES)]
    for place in range(MESSAGES):
        smtp.when(f"h{place}@example.cn", *[Behaviour(pause_s=0.04)] * 3)
    _work_and_kill(outbox.url, mail(), lambda: len(smtp.ids()))

    copies = Counter(smtp.ids())
    rows = {number: outbox.row(number) for number in numbers}
    outcomes = {number: outbox.outcomes(number) for number in numbers}
    told = {number for number in numbers if copies[rows[number].message_ref]}
    for_a_person = {number for number in numbers if rows[number].status == MessageStatus.UNKNOWN}
    assert {row.status for row in rows.values()} <= {MessageStatus.ACCEPTED, MessageStatus.UNKNOWN}
    assert told | for_a_person == set(numbers)
    for number in numbers:
        assert copies[rows[number].message_ref] <= 1 + outcomes[number].count("unknown")
        assert outcomes[number].count("unknown") <= QUICK.abandoned
    assert sum(copies.values()) == sum(copies[rows[number].message_ref] for number in numbers)
    assert any("unknown" in ended for ended in outcomes.values()), "no kill struck a call: the test showed nothing"


def _work_and_kill(url: str, mail: MailSettings, delivered: Callable[[], int]) -> None:
    """Two workers; one is killed while letters go out and another put in its place; the last two finish the work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["notifications.delivery", "notifications.mail", "mailparts"])
    names = itertools.count()

    def hire() -> BaseProcess:
        worker = context.Process(target=work_for_ever, args=(url, mail, f"w{next(names)}"), daemon=True)
        worker.start()
        return worker

    workers = [hire(), hire()]
    end = time.monotonic() + BOUND_S
    try:
        for turn in range(KILLS):
            _await_more(delivered)
            workers[turn % 2].kill()
            workers[turn % 2].join()
            workers[turn % 2] = hire()
        while count_owed(url) and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    assert not count_owed(url), f"still owed after {BOUND_S} s"


def _await_more(delivered: Callable[[], int]) -> None:
    """Until letters go out again, and a moment longer: a kill strikes workers that are at work, however slow the
    machine is to start them."""
    before, end = delivered(), time.monotonic() + 3.0
    while delivered() < before + 3 and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.03)
