"""The checkpoints of the audit records as the public site shows them: days, numbers and hashes, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import extract, func, select
from sqlmodel import Session, col

from models import AuditCheckpoint
from rules.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True)
class CheckpointYear:
    """The checkpoints of a year at a glance: how many days and records, the last day and its hash, which binds all of
    them and every year before."""

    year: int
    days: int
    records: int
    last: date
    hash: str


def checkpoint_years(session: Session) -> Sequence[CheckpointYear]:
    """Every year that has checkpoints, the newest first."""
    year = extract("year", col(AuditCheckpoint.day))
    figures = (
        select(
            year.label("year"),
            func.count().label("days"),
            func.sum(col(AuditCheckpoint.records)).label("records"),
            func.max(col(AuditCheckpoint.day)).label("last"),
        )
        .group_by(year)
        .subquery()
    )
    rows = session.execute(
        select(figures.c.year, figures.c.days, figures.c.records, col(AuditCheckpoint.day), col(AuditCheckpoint.hash))
        .join(figures, col(AuditCheckpoint.day) == figures.c.last)
        .order_by(col(AuditCheckpoint.day).desc())
    )
    return [CheckpointYear(int(row[0]), row[1], int(row[2]), row[3], row[4]) for row in rows]


def read_checkpoints(session: Session, year: int) -> Sequence[Checkpoint]:
    """The checkpoints of a year, the newest first."""
    columns = (AuditCheckpoint.day, AuditCheckpoint.records, AuditCheckpoint.root)
    more = (AuditCheckpoint.previous, AuditCheckpoint.hash)  # in the order of Checkpoint
    query = select(*map(col, (*columns, *more))).where(
        col(AuditCheckpoint.day).between(date(year, 1, 1), date(year, 12, 31))
    )
    return [Checkpoint(*row) for row in session.execute(query.order_by(col(AuditCheckpoint.day).desc()))]
