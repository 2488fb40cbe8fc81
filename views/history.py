"""What happened to a subject, from the audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import AuditRecord
from rules.localtime import ZONE


def history_of(session: Session, subject: str, subject_id: int) -> list[dict[str, Any]]:
    """Every recorded event of a subject of a kind, in order, in Beijing time."""
    of_it = col(AuditRecord.subject) == subject, col(AuditRecord.subject_id) == subject_id
    return [
        {
            "at": record.at.astimezone(ZONE).isoformat(),
            "event": record.event,
            "from": record.from_state,
            "to": record.to_state,
            "by": record.by,
            "clause": record.clause,
        }
        for record in session.execute(select(AuditRecord).where(*of_it).order_by(col(AuditRecord.seq))).scalars()
    ]
