"""Delivery under fire: several processes, one killed with SIGKILL every half second, servers that refuse and lose
replies. The receiving servers count.

`python -m benchmarks.chaos [--messages 2000] [--url URL]` runs it and prints the figures as JSON.
A letter whose reply was lost, or whose process was killed, goes out once more under the same Message-ID: a mail system
that keeps one copy of a Message-ID delivers it once; the second copies are counted and reported. A short message is
never sent a second time: its end is asked for, and where the gateway does not know it a person decides.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import func, select

from benchmarks.letters import KEYS, clock_from, fill
from benchmarks.postman import Postman
from models.database import engine_for
from notifications.channels import ChannelSpec
from notifications.delivery import deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.outbox import A, N, count_owed
from notifications.retry_policy import Pace
from notifications.sms.channel import SmsChannel
from notifications.sms.settings import SmsSettings
from rules.vocabulary import Channel, MessageStatus

WORKERS = 4
KILL_EVERY = 0.5
ERRORS, LOST = 0.10, 0.04
LEASE = timedelta(seconds=6)
QUICK = Pace(
    batch=10,
    lease=LEASE,
    backoff=(timedelta(seconds=0.2),) * 10,
    reconcile_waits=(timedelta(seconds=0.5),),
    mend_after=timedelta(seconds=0.5),
)
QUICK_SMS = Pace(
    batch=10,
    ahead=1,
    lease=LEASE,
    backoff=(timedelta(seconds=0.2),) * 10,
    ambiguous=4,
    reconcile_waits=(timedelta(seconds=0.5),),
    mend_after=timedelta(seconds=0.5),
)
Figures = dict[str, Any]


@dataclass(frozen=True)
class Front:
    """Where the workers deliver to."""

    url: str
    mail: MailSettings
    sms: SmsSettings | None
    began: datetime


class QuickSms(SmsChannel):
    """Short messages at the pace of this trial."""

    pace = QUICK_SMS


def work_for_ever(front: Front, name: str) -> None:
    """A worker as it lives: run after run until it is killed."""
    channels: list[ChannelSpec] = [QuickSms(front.sms)] if front.sms else []
    while True:
        clock = clock_from(front.began)
        deliver(front.url, front.mail, KEYS, now=clock, worker=name, pace=QUICK, channels=channels)
        time.sleep(0.05)


def run(
    url: str, messages: int, gateway: Any = None, *, kill_every: float = KILL_EVERY, seconds: float = 600
) -> Figures:
    """The figures of one trial; half of the messages are short ones where there is a gateway (a `FakeSms` that is up).

    Raises AssertionError when something is still owed after so many seconds.
    """
    postman = Postman(errors=ERRORS, lost=LOST)
    channels = (Channel.EMAIL, Channel.SMS) if gateway else (Channel.EMAIL,)
    fill(url, messages // len(channels), channels)
    mail = MailSettings(Mode.LIVE, postman.url, "经办中心 <office@example.cn>")
    front = Front(url, mail, gateway.settings("gateway") if gateway else None, datetime.now(UTC))
    start = time.monotonic()
    try:
        kills = _work_and_kill(front, kill_every, seconds)
    finally:
        postman.stop()
    told = {"messages": messages, "seconds": round(time.monotonic() - start, 1), "kills": kills}
    return {**told, "mail": _of_mail(url, postman), **({"sms": _of_sms(url, gateway)} if gateway else {})}


def _work_and_kill(front: Front, every: float, seconds: float) -> int:
    """The workers; every moment one is killed and another put in its place, until nothing is owed. Returns kills.

    Nobody is killed when no try was put on record since the last time: a machine too busy to start workers as fast as
    they are killed would try nothing any more.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.warm", "tasks.outbox_rows"])
    names = itertools.count()

    def hire() -> BaseProcess:
        worker = context.Process(target=work_for_ever, args=(front, f"w{next(names)}"), daemon=True)
        worker.start()
        return worker

    workers = [hire() for _ in range(WORKERS)]
    end, kills, tried = time.monotonic() + seconds, 0, 0
    try:
        while count_owed(front.url):
            if time.monotonic() > end:
                raise AssertionError(f"{count_owed(front.url)} messages are still owed after {seconds} s")
            time.sleep(every)
            before, tried = tried, _tries(front.url)
            if tried == before:
                continue
            place = kills % WORKERS
            workers[place].kill()
            workers[place].join()
            workers[place] = hire()
            kills += 1
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    return kills


def _of_mail(url: str, postman: Postman) -> Figures:
    """`delivered_twice`: parties that got letters under two Message-IDs, which no mail system takes for one letter.
    Second copies under one Message-ID are told apart by their cause: a lost reply (no protocol over SMTP can avoid the
    copy) or a killed process."""
    copies = postman.copies()
    by_party = Counter(recipient for recipient, _ in copies)
    rows = _rows(url, Channel.EMAIL)
    again = {letter: count - 1 for letter, count in copies.items() if count > 1}
    for_lost_replies = sum(min(count, postman.unanswered[letter]) for letter, count in again.items())
    return {
        **_ends(rows, {message_id for _, message_id in copies}),
        "refused": postman.refused,
        "replies_lost": sum(postman.unanswered.values()),
        "delivered": len(copies),
        "delivered_twice": sum(count > 1 for count in by_party.values()),
        "raw_copies": sum(copies.values()),
        "second_copies_after_a_lost_reply": for_lost_replies,
        "second_copies_after_a_kill": sum(again.values()) - for_lost_replies,
    }


def _of_sms(url: str, gateway: Any) -> Figures:
    counts = gateway.counts()
    rows = _rows(url, Channel.SMS)
    return {
        **_ends(rows, set(counts)),
        "delivered": len(counts),
        "delivered_twice": sum(count > 1 for count in counts.values()),
    }


def _ends(rows: list[dict[str, Any]], arrived: set[str]) -> Figures:
    """How messages ended. `lost`: neither arrived nor left to a person."""
    missing = [row for row in rows if row["message_ref"] not in arrived]
    for_a_person = {MessageStatus.UNKNOWN, MessageStatus.FAILED, MessageStatus.REJECTED, MessageStatus.EXPIRED}
    return {
        "by_status": dict(Counter(row["status"] for row in rows)),
        "lost": sum(row["status"] not in for_a_person for row in missing),
        "not_arrived_and_known": sum(row["status"] in for_a_person for row in missing),
    }


def _tries(url: str) -> int:
    """How many tries are on record."""
    with engine_for(url).connect() as connection:
        return int(connection.execute(select(func.count()).select_from(A)).scalar_one())


def _rows(url: str, channel: Channel) -> list[dict[str, Any]]:
    with engine_for(url).connect() as connection:
        query = select(N.c.message_ref, N.c.status).where(N.c.channel == channel)
        return [dict(row) for row in connection.execute(query).mappings()]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--url", default="", help="an empty database; default: a SQLite file of its own")
    parser.add_argument("--mail-only", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dingdian-chaos-"))
        gateway = None if given.mail_only else stack.enter_context(_gateway())
        url = given.url or f"sqlite:///{folder}/chaos.db"
        figures = run(url, given.messages, gateway)
    print(json.dumps({"database": url.partition(":")[0], **figures}, ensure_ascii=False))


def _gateway() -> Any:
    """The fake gateway of the tests: this trial runs from a checkout."""
    return import_module("tests.support.sms_gateway").FakeSms(error_rate=ERRORS, lost_rate=LOST)


if __name__ == "__main__":
    import_module("benchmarks.chaos").main()  # workers are told the module's own name, not `__main__`
