"""One act, 20 签订协议, beside the very statements that it sends, carried out by hand on the open connection.

Turn by turn one dossier is signed by hand and one by the act. By hand means: the act is done once in a transaction that
is taken back, and what it sent is then sent again, statement by statement, by the driver alone, and committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session

from benchmarks.beside import Figures, beside, timed
from benchmarks.seed import STARTED, crowd
from models import journal
from models.database import engine_for, transaction
from rules.case import ONE_DAY, Event
from rules.localtime import local_day
from tasks.addressing import located
from tasks.announce import register_staff
from tasks.perform import act_in, perform
from tasks.sweep import is_anything_due

BY = "2001"
AT = datetime(2025, 12, 10, 2, tzinfo=UTC)
TURNS = 60
Sent = tuple[str, Any]


def measure(url: str, database: str, live: int, turns: int = TURNS) -> Figures:
    """Medians over the turns, the first left out; and how many statements the act sends."""
    crowd(url, live, due=0, batches=1)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": BY, "name": "测速", "roles": ["all"]}])
    ours, theirs, count = [], [], 0
    for turn in range(1, 2 * turns + 2, 2):
        sent = told(url, signing(turn))
        theirs.append(timed(partial(by_hand, engine_for(url), sent)))
        ours.append(timed(partial(perform, url, signing(turn + 1))))
        count = len(sent)
    about = {"bench": "act", "database": database, "live": live, "statements": count}
    return {**about, **beside(ours[1:], "the same statements by hand", theirs[1:])}


def signing(number: int) -> Event:
    """The signature of one dossier of the seeded round."""
    fields = {"applicant_id": f"P{number}", "signed_on": STARTED + 5 * ONE_DAY, "agreement_number": f"测速{number}号"}
    return Event("sign_agreement", AT, BY, fields, 1)


@contextmanager
def listening(engine: Engine) -> Iterator[list[Sent]]:
    """The statements that are sent meanwhile, with what is given to them."""
    sent: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        sent.append((statement, given))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def told(url: str, act: Event) -> Sequence[Sent]:
    """What an act sends, from an act that is taken back."""
    engine = engine_for(url)
    with listening(engine) as sent, Session(engine, expire_on_commit=False) as session:
        named, _ = located(session, act)
        is_anything_due(session, local_day(act.at))
        act_in(session, named)
        journal.close(session)
        session.rollback()
    return sent


def by_hand(engine: Engine, sent: Sequence[Sent]) -> None:
    """The statements by the driver alone, in one transaction."""
    pooled = engine.raw_connection()
    try:
        cursor: Any = pooled.cursor()
        for statement, given in sent:
            if isinstance(given, list):
                cursor.executemany(statement, given)
            else:
                cursor.execute(statement, given)
            if cursor.description:
                cursor.fetchall()
        pooled.commit()
    finally:
        pooled.close()
