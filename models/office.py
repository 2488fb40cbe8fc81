"""What the office says of itself in letters and notices: address, telephones, hours, where objections go. Dated
records: the newest counts from its instant on, what was told before keeps its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Field, Session, SQLModel, col

from rules.localtime import local_day

OBJECTIONS = ("department", "phone", "address", "email", "online")  # as an announcement's file names them


class OfficeRecord(SQLModel, table=True):
    """The office's data as somebody entered them at an instant; an empty field leaves it to the announcement. `place`,
    `phones` and `hours` are the counter's, the others where objections go. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "office_record"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    evidence: str
    place: str = ""
    phones: str = ""
    hours: str = ""
    department: str = ""
    phone: str = ""
    address: str = ""
    email: str = ""
    online: str = ""

    def told_place(self, announced: str, announced_at: datetime | None) -> str:
        """The counter as letters print it, with its telephones and hours as far as they were entered."""
        place = announced if _is_older(self, announced_at) else self.place or announced
        further = [f"电话：{self.phones}"] * bool(self.phones) + [f"办公时间：{self.hours}"] * bool(self.hours)
        return f"{place}（{'；'.join(further)}）" if further else place

    def told_contact(self, announced: Mapping[str, Any], announced_at: datetime | None) -> dict[str, str]:
        """Where objections go, field by field: what was entered last."""
        own = {name: str(getattr(self, name)) for name in OBJECTIONS}
        said = {name: str(announced.get(name) or "") for name in OBJECTIONS}
        first, then = (said, own) if _is_older(self, announced_at) else (own, said)
        return {name: first[name] or then[name] for name in OBJECTIONS}


def _is_older(record: OfficeRecord, announced_at: datetime | None) -> bool:
    """Whether a round was announced after the record: then its announcement is the newer word."""
    return announced_at is not None and record.at < announced_at


def office_records(session: Session) -> list[OfficeRecord]:
    """Every record, the newest first."""
    return list(session.execute(select(OfficeRecord).order_by(col(OfficeRecord.id).desc())).scalars())


_NEWEST = select(OfficeRecord).order_by(col(OfficeRecord.id).desc()).limit(1)


def office_at(session: Session, at: datetime | None = None) -> OfficeRecord | None:
    """The record in force at an instant, or now; None where nothing was entered until then."""
    query = _NEWEST.where(col(OfficeRecord.at) <= at) if at else _NEWEST
    found: OfficeRecord | None = session.execute(query).scalar_one_or_none()
    return found


def office_on(records: Sequence[OfficeRecord], day: date) -> OfficeRecord | None:
    """Of records, the newest first, the one in force at the end of a day."""
    return next((one for one in records if local_day(one.at) <= day), None)


def office_then(records: Sequence[OfficeRecord], at: datetime) -> OfficeRecord | None:
    """Of records, the newest first, the one in force at an instant."""
    return next((one for one in records if one.at <= at), None)


def place_told(record: OfficeRecord | None, announced: str, announced_at: datetime | None) -> str:
    """Where to go, as a letter prints it."""
    return record.told_place(announced, announced_at) if record else announced


def contact_told(
    record: OfficeRecord | None, announced: Mapping[str, Any] | None, announced_at: datetime | None
) -> dict[str, str]:
    """Where objections go; fields that nobody gave are empty."""
    given = announced or {}
    if record is None:
        return {name: str(given.get(name) or "") for name in OBJECTIONS}
    return record.told_contact(given, announced_at)
