"""A demonstration round for `make demo`: announced two weeks ago, its window open now, some dossiers already in.

Everything in it is invented. It goes the way of every round: the same acts, as of the days on which they happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from flows.forms import FORMS
from flows.forms.round_file import RoundFile
from foundation.settings import get_settings
from models import Round
from models.database import transaction
from rules.case import Event
from rules.localtime import ZONE, local_day
from tasks import surroundings
from tasks.announce import announce_round, register_staff
from tasks.perform import perform
from tasks.surroundings import surrounded
from tasks.sweep import sweep

FOLDER = Path(__file__).resolve().parent
EXAMPLE = "示范公告.json"
OPERATOR, DIRECTOR = "1001", "1004"
HOSPITAL_FILES = [f"H{number}" for number in range(1, 11)]
PHARMACY_FILES = [f"P{number}" for number in range(1, 13)]


def load(url: str) -> None:
    """Loads the demonstration round, and puts an example announcement into the inbox; does nothing a second time."""
    data = json.loads((FOLDER / "round.json").read_text(encoding="utf-8"))
    staff = data.pop("staff")
    today = local_day(surroundings.now())
    _put_example(data, today)
    with transaction(url) as session:
        if session.exec(select(Round)).first():
            return
        register_staff(session, staff)
    head = RoundFile.model_validate({**data, "announcement": _dated(data["announcement"], today)}).plain()
    with surrounded(database_url=url):
        published = _at(today - timedelta(days=14), "09:00")
        announce_round(url, head, Event("announce_round", published, DIRECTOR), surroundings.keys())
        for event in _events(today):
            perform(url, event)
        sweep(url, surroundings.now())


def _dated(announcement: dict[str, Any], today: date) -> dict[str, Any]:
    return {
        **announcement,
        "year": today.year,
        "plan_approved_on": str(today - timedelta(days=21)),
        "published_on": str(today - timedelta(days=14)),
        "accept_from": _at(today - timedelta(days=7), "08:30").isoformat(),
        "accept_until": _at(today + timedelta(days=7), "17:30").isoformat(),
    }


def _events(today: date) -> Iterator[Event]:
    """Five dossiers came in; one of them lacks a paper and was asked for it."""
    for days_ago, applicant_id in ((6, "H01"), (6, "P01"), (5, "H03"), (4, "P02"), (3, "P03")):
        yield _submitted(today - timedelta(days=days_ago), applicant_id, lacking=[])
    yield _submitted(today - timedelta(days=2), "P04", lacking=["P10"])
    form = FORMS["request_supplement"].model_validate({"by": OPERATOR, "applicant_id": "P04", "missing": ["P10"]})
    yield Event("request_supplement", _at(today - timedelta(days=1), "10:00"), OPERATOR, form.fields())


def _submitted(day: date, applicant_id: str, lacking: list[str]) -> Event:
    papers = HOSPITAL_FILES if applicant_id.startswith("H") else PHARMACY_FILES
    given = {
        "by": OPERATOR,
        "applicant_id": applicant_id,
        "materials": [code for code in papers if code not in lacking],
        "copies": 3,
        "official_seal": True,
        "legal_rep_seal": True,
        "originals_shown": True,
    }
    fields = FORMS["submit_application"].model_validate(given).fields()
    return Event("submit_application", _at(day, "10:00"), OPERATOR, fields)


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


def _put_example(data: dict[str, Any], today: date) -> None:
    """An announcement file to try `发布公告` with: the same round, for another county."""
    inbox = get_settings().inbox
    inbox.mkdir(parents=True, exist_ok=True)
    example = {**data, "announcement": {**_dated(data["announcement"], today), "county": "示范二县"}}
    (inbox / EXAMPLE).write_text(json.dumps(example, ensure_ascii=False, indent=1), encoding="utf-8")
