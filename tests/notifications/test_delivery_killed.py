"""Workers killed in the middle of their work, again and again: nothing is lost, and the only second copies are those
of calls whose end nobody saw, under the same Message-ID. The receiving server counts."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess

import pytest
from mailparts import KEYS, NOW, Behaviour, MailServer, Outbox

from notifications.delivery import deliver
from notifications.mailsettings import MailSettings
from notifications.outbox import count_owed
from notifications.retry_policy import ABANDONED, Pace
from rules.vocabulary import MessageStatus
from tests.support.patience import until

pytestmark = pytest.mark.long

MESSAGES = 60
KILLS = 8
HELD_TO = f"h{MESSAGES // 2}@example.cn"
SLOWLY = Behaviour(pause_s=0.04)
QUICK = Pace(
    batch=5,
    lease=timedelta(seconds=0.8),
    backoff=(timedelta(seconds=0.1),) * 5,
    reconcile_waits=(timedelta(seconds=0.1),),
    mend_after=timedelta(seconds=0.1),
)


def work_for_ever(url: str, mail: MailSettings, name: str, began: datetime) -> None:
    """A worker as it lives: run after run until it is killed. By its clock the letters were owed when the test began,
    an afternoon: by night, when the machine may run this, no letter goes out."""
    while True:
        deliver(url, mail, KEYS, now=lambda: NOW + (datetime.now(UTC) - began), worker=name, pace=QUICK)
        time.sleep(0.02)


def test_killed_workers_lose_nothing_and_repeat_only_what_nobody_saw_end(
    outbox: Outbox, smtp: MailServer, mail: Callable[..., MailSettings]
) -> None:
    numbers = [outbox.owe(f"h{place}@example.cn") for place in range(MESSAGES)]
    answers = threading.Event()
    for place in range(MESSAGES):
        smtp.when(f"h{place}@example.cn", *[Behaviour(held=answers) if place == MESSAGES // 2 else SLOWLY] * 3)
    _work_and_kill(outbox.url, mail(), smtp, answers)

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
    struck = numbers[MESSAGES // 2]
    assert outcomes[struck][0] == "unknown"
    assert ABANDONED.code in outbox.said(struck)[0]


def _work_and_kill(url: str, mail: MailSettings, smtp: MailServer, answers: threading.Event) -> None:
    """Two workers; one is killed while letters go out and another put in its place, and both while one of them waits
    for a reply; the last two finish the work, however long it takes them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["notifications.delivery", "notifications.mail", "mailparts"])
    names, began = itertools.count(), datetime.now(UTC)

    def hire() -> BaseProcess:
        worker = context.Process(target=work_for_ever, args=(url, mail, f"w{next(names)}", began), daemon=True)
        worker.start()
        return worker

    def replace(place: int) -> None:
        workers[place].kill()
        workers[place].join()
        workers[place] = hire()

    workers = [hire(), hire()]
    try:
        for turn in range(KILLS):
            _await_more(smtp, workers)
            if smtp.is_stored(HELD_TO):
                break
            replace(turn % 2)
        _await(lambda: smtp.holding and smtp.is_stored(HELD_TO), "the letter that is not answered", workers)
        for place in (0, 1):
            replace(place)
        answers.set()
        _await(lambda: not count_owed(url), "the end of the work", workers)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _await_more(smtp: MailServer, workers: list[BaseProcess]) -> None:
    """Until letters go out again: a kill strikes workers that are at work, however slow the machine is to start them.
    None will where all the rest is delivered or waits behind the one that is not answered."""
    before = len(smtp.ids())
    _await(lambda: len(smtp.ids()) >= before + 3 or smtp.is_stored(HELD_TO), "letters", workers)


def _await(found: Callable[[], object], what: str, workers: list[BaseProcess]) -> None:
    until(found, what, alive=lambda: any(worker.is_alive() for worker in workers))
