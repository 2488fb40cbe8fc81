"""办公信息: what letters and notices say of the office itself, entered on a page of the gate. Each entry is a record
of its own, in force from its instant; what was sent or published before keeps what it said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from foundation import addresses
from models import OfficeRecord
from models.database import reading, transaction
from models.journal import say
from models.office import OBJECTIONS, contact_told, office_at, office_records, place_told
from rules.case import Event
from rules.errors import InputError, RefusedError
from rules.phones import office_fault, office_numbers
from tasks.case_loading import newest_round
from tasks.page_fields import evidence_of, line_of
from tasks.roles import expect_reach

PLACE = "office"
TITLES: Mapping[str, str] = {
    "place": "办公地址",
    "phones": "办公电话",
    "hours": "办公时间",
    "department": "异议受理部门",
    "phone": "异议受理电话",
    "address": "异议邮寄地址",
    "email": "异议电子邮箱",
    "online": "异议网上地址",
}
NUMBERS = ("phones", "phone")
WEB = re.compile(r"https?://[^\s/]\S*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entered:
    """One record, as the page lists it."""

    at: datetime
    by: str
    evidence: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The entries, the newest first; `number` is that of the newest (0: none). `letters` is how a letter of now names
    the counter, `notices` where a notice of now sends objections; empty while there is no round."""

    number: int
    entries: tuple[Entered, ...]
    letters: str
    notices: Mapping[str, str]

    @property
    def now(self) -> Mapping[str, str]:
        """What was entered last; empty where nothing was."""
        return self.entries[0].values if self.entries else dict.fromkeys(TITLES, "")


def shown(url: str) -> Shown:
    """The office's data as the page shows them."""
    with reading(url) as session:
        records = office_records(session)
        entries = tuple(Entered(one.at, one.by, one.evidence, _values(one)) for one in records)
        return Shown(records[0].id or 0 if records else 0, entries, *_told(session))


def enter(url: str, event: Event) -> str:
    """A new record of what `event.fields` give by the names of `TITLES`; `seen`: the number of the record that whoever
    enters it had before him.

    Raises InputError that names the field; RefusedError where nothing is new, and where somebody entered another in
    between; NotEntitledError for whose roles do not reach the page.
    """
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        evidence = evidence_of(event.fields)
        wanted: dict[str, Any] = {name: _checked(name, event.fields.get(name, "")) for name in TITLES}
        before = office_at(session)
        if str(before.id if before else 0) != event.fields.get("seen", "0"):
            raise RefusedError("办公信息刚刚由他人改过：请核对现在的内容后重新填写")
        if wanted == (_values(before) if before else dict.fromkeys(TITLES, "")):
            raise RefusedError("与现在的办公信息相同，没有要变更的内容")
        record = OfficeRecord(at=event.at, by=event.by, evidence=evidence, **wanted)
        session.add(record)
        session.flush()
        say(session, "office_entered", event.by, record=record.id)
    return "办公信息已变更：此后的通知、公示和文书照此印制，已经发出的不变"


def _checked(name: str, text: str) -> str:
    title = TITLES[name]
    line = line_of(title, text)
    if name in NUMBERS:
        if fault := office_fault(line):
            raise InputError(f"“{title}”{fault}")
        return office_numbers(line)
    if name == "email" and line:
        if fault := addresses.fault_of(line):
            raise InputError(f"“{title}”{fault}")
        return addresses.address_of(line)
    if name == "online" and line and not WEB.fullmatch(line):
        raise InputError(f"“{title}”应以 http:// 或 https:// 开头，中间没有空格")
    return line


def _values(record: OfficeRecord) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in TITLES}


def _told(session: Session) -> tuple[str, Mapping[str, str]]:
    try:
        the_round = newest_round(session)
    except RefusedError:
        return "", dict.fromkeys(OBJECTIONS, "")
    office, said, since = office_at(session), the_round.announcement, the_round.announced_at
    return place_told(office, str(said["place"]), since), contact_told(office, said.get("objection_contact"), since)
