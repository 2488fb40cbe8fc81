"""Letters through the whole protocol (claim, record, hand over, settle) to a local server, beside a bare smtplib loop
over one connection, and beside Apprise's built-in `mailto://`, all in one run.

The three take turns, so that a drifting machine touches all alike. The loop composes and sends the same letters, and
records nothing.
"""

from __future__ import annotations

import smtplib
import statistics
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select

from benchmarks.beside import Figures, beside, timed
from benchmarks.letters import EVENT, KEYS, NOON, WHERE, clock_from, fill, owe
from benchmarks.postman import Postman
from models import Notification
from models.database import engine_for
from notifications.delivery import deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.mime import compose
from notifications.outcome import Letter
from notifications.rendering import RenderedEmail, render_email
from rules.localtime import local_day
from rules.vocabulary import Channel, MessageStatus

LETTERS = 1000
TURNS = 3
BUILT_IN_LETTERS = 3  # it waits seconds between two
SENDER = ("测速县经办中心", "office@example.cn")


def measure(url: str, database: str, letters: int = LETTERS, built_in: int = BUILT_IN_LETTERS) -> Figures:
    """Letters in a second, medians of the turns. Raises AssertionError when a letter was not stored or not settled."""
    postman = Postman()
    try:
        round_id = fill(url, letters)
        ours, bare = [], []
        _turn(url, postman, letters)  # imports, caches, first connection
        for turn in range(TURNS):
            owe(url, round_id, f"turn{turn}", (Channel.EMAIL,))
            ours.append(_turn(url, postman, letters))
            bare.append(_timed(lambda: _bare_loop(postman, letters), postman, letters))
        theirs = _timed(lambda: _built_in(postman, built_in), postman, built_in) / built_in if built_in else 0.0
    finally:
        postman.stop()
    return {
        **{"bench": "mail", "database": database, "letters": letters},
        **beside(ours, "a bare smtplib loop over one connection", bare),
        "per_second": round(letters / statistics.median(ours)),
        "baseline_per_second": round(letters / statistics.median(bare)),
        "built_in_seconds_each": round(theirs, 2),
    }


def _turn(url: str, postman: Postman, letters: int) -> float:
    settings = MailSettings(Mode.LIVE, postman.url, f"{SENDER[0]} <{SENDER[1]}>")
    clock = clock_from(datetime.now(UTC))
    seconds = _timed(lambda: deliver(url, settings, KEYS, now=clock, limit=letters, worker="bench"), postman, letters)
    with engine_for(url).connect() as connection:
        table = Notification.__table__  # type: ignore[attr-defined]
        open_ones = select(func.count()).where(table.c.status != MessageStatus.ACCEPTED)
        if left := connection.execute(open_ones).scalar_one():
            raise AssertionError(f"{left} letters are not settled")
    return seconds


def _timed(act: Callable[[], object], postman: Postman, letters: int) -> float:
    before = len(postman.stored)
    seconds = timed(act)
    if (stored := len(postman.stored) - before) != letters:
        raise AssertionError(f"{stored} letters were stored where {letters} were sent")
    return seconds


def _bare_loop(postman: Postman, letters: int) -> None:
    with smtplib.SMTP("127.0.0.1", postman.port) as smtp:
        for number in range(letters):
            email, to = _rendered(number), f"a{number}@example.cn"
            letter = Letter(to, email.subject, email.text, f"<bare.{number}@example.cn>", NOON, email.html)
            content = compose(letter, SENDER, subject=email.subject, text=email.text)
            smtp.sendmail(SENDER[1], [to], content)


def _built_in(postman: Postman, letters: int) -> None:
    from apprise import Apprise

    bus = Apprise()
    bus.add(f"mailto://127.0.0.1:{postman.port}/?from={SENDER[1]}&to=a1@example.cn&mode=insecure")
    for number in range(letters):
        email = _rendered(number)
        if not bus.notify(body=email.text, title=email.subject):
            raise AssertionError("mailto:// did not send")


def _rendered(number: int) -> RenderedEmail:
    name = f"P{number:05}"
    about = {"applicant_id": name, "applicant_name": f"药房{name}", "signed_on": "2026-03-02"}
    return render_email(EVENT, {**WHERE, **about}, local_day(NOON))
