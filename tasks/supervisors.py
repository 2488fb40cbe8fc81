"""社会监督员 (R73, R64): who watches over the designated institutions from outside, named by which body, from when
to when. Names are sealed to their row; the register is a page of the gate, for Prefect keeps in clear what a form
carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from foundation.secrets import Keyring
from models import SocialSupervisor
from models.database import reading, transaction
from models.journal import say
from rules.case import Event
from rules.errors import InputError, RefusedError
from rules.localtime import local_day
from tasks.page_fields import LONGEST, day_field, evidence_of, line_of
from tasks.roles import expect_reach

PLACE = "supervisors"


@dataclass(frozen=True, slots=True)
class Supervisor:
    """One of them, as the page shows it. `until` is the last day, None while it is open."""

    number: int
    name: str
    body: str
    evidence: str
    from_on: date
    until: date | None
    is_serving: bool


def record_supervisor(url: str, event: Event, keys: Keyring) -> str:
    """Enters one (`name`, `body`, `evidence`, `from_on`, `until`). Raises InputError that names the field, and
    NotEntitledError for whose roles do not reach the page."""
    given = event.fields
    name = line_of("姓名", given.get("name", ""), LONGEST)
    body = line_of("推荐单位", given.get("body", ""), LONGEST)
    for title, text in (("姓名", name), ("推荐单位", body)):
        if not text:
            raise InputError(f"“{title}”须填写")
    from_on = day_field("聘期自", given.get("from_on", ""))
    until = day_field("聘期至", given["until"]) if given.get("until") else None
    if until and until < from_on:
        raise InputError(f"“聘期至”{until} 早于“聘期自”{from_on}：请核对日期")
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        about: dict[str, Any] = {"body": body, "evidence": evidence_of(given), "from_on": from_on, "until": until}
        row = SocialSupervisor(name_sealed="", **about, recorded_at=event.at, recorded_by=event.by)
        session.add(row)
        session.flush()
        row.name_sealed = keys.seal(name, row.context)
        session.add(row)
        say(session, "supervisor_recorded", event.by, supervisor=row.id)
        number = row.id
    return f"第 {number} 号社会监督员已登记（{body}推荐）"


def end_supervisor(url: str, event: Event) -> str:
    """One no longer serves, from tomorrow on (`supervisor`: the number). Raises RefusedError for one that is none, or
    whose time is over."""
    today, given = local_day(event.at), event.fields.get("supervisor", "")
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        row = session.get(SocialSupervisor, int(given), with_for_update=True) if _is_number(given) else None
        if row is None or not _serves(row, today):
            raise RefusedError("没有这名在聘的社会监督员：请刷新页面后再办")
        row.until, row.ended_by = max(today, row.from_on), event.by
        session.add(row)
        say(session, "supervisor_ended", event.by, supervisor=row.id)
        return f"第 {row.id} 号社会监督员的聘期至 {row.until} 止"


def register_of(url: str, keys: Keyring, today: date) -> Sequence[Supervisor]:
    """All of them, those who serve first."""
    with reading(url) as session:
        rows = session.execute(select(SocialSupervisor).order_by(col(SocialSupervisor.id))).scalars().all()
        found = [_shown(row, keys, today) for row in rows]
    return sorted(found, key=lambda one: (not one.is_serving, one.number))


def _shown(row: SocialSupervisor, keys: Keyring, today: date) -> Supervisor:
    name = keys.unseal(row.name_sealed, row.context)
    about = (row.body, row.evidence, row.from_on, row.until)
    return Supervisor(row.id or 0, name, *about, _serves(row, today))


def _serves(row: SocialSupervisor, today: date) -> bool:
    """Appointed, perhaps from a day to come, and not over."""
    return row.until is None or (row.until >= today and row.ended_by is None)


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) <= 9
