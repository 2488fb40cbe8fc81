"""What the doomed processes of `test_killed.py` do: they work until somebody kills them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from multiprocessing.connection import Connection

from rules.case import Event
from rules.errors import RefusedError
from tasks import batch
from tasks.perform import perform
from tasks.sweep import sweep


def sweep_in_chunks(ready: Connection, url: str, at: datetime) -> None:
    """Sweeps everything that is due, ten at a time."""
    sweep(url, at, only=[])
    ready.send("ready")
    sweep(url, at, chunk=10)


def sign_one_by_one(ready: Connection, url: str, at: datetime, applicants: Sequence[str], signed_on: date) -> None:
    """Signs for one applicant after the other; who has signed already is passed over."""
    ready.send("ready")
    for applicant_id in applicants:
        try:
            perform(url, Event("sign_agreement", at, "全能员", {"applicant_id": applicant_id, "signed_on": signed_on}))
        except RefusedError:
            continue


def review_in_chunks(ready: Connection, url: str, at: datetime) -> None:
    """Signs the opinion of everybody who waits, ten at a time, in the order in which a batch does it."""
    ready.send("ready")
    for part in batch.chunks(batch.to_do(url, batch.Portion("review", 0, (), "全能员", at)), 10):
        batch.do_chunk(url, part)
