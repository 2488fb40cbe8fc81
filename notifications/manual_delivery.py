"""Notices that a person has to deliver because no channel could, or because an electronic one is a reminder only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from models.bulk import changed
from models.outbox import ManualTask

TABLE = SQLModel.metadata.tables[str(ManualTask.__tablename__)]
WITHOUT_CONSENT = "申请人未签署电子送达确认书，电子方式仅为提示"
VARIANT = re.compile(r"(:sms)?(:g\d+)?$")
GENERATION = re.compile(r":g\d+$")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that must arrive, and why a person has to see to it."""

    notification_id: int
    dedupe_key: str
    event: str
    reason: str

    @classmethod
    def of_row(cls, row: Any, reason: str) -> Notice:
        """From a row of the outbox, as a mapping."""
        return cls(row["id"], row["dedupe_key"], row["event"], reason)

    @property
    def key(self) -> str:
        """One task for one notice, whatever channels and resends it had."""
        return VARIANT.sub("", self.dedupe_key)


def owe_by_hand(session: Session, notices: Sequence[Notice], now: datetime) -> None:
    """Writes the tasks, in the transaction that gives the messages up; a notice that already has one keeps it."""
    if not notices:
        return
    rows = [
        {
            "dedupe_key": one.key,
            "notification_id": one.notification_id,
            "event": one.event,
            "reason": one.reason,
            "created_at": now,
            "how": "",
            "proof": "",
        }
        for one in notices
    ]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    changed(session, dialect.insert(TABLE).values(rows).on_conflict_do_nothing(index_elements=["dedupe_key"]))
