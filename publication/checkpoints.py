"""The checkpoints of the audit records as the public site shows them: days, numbers and hashes, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, extract, func, select
from sqlmodel import Session, col

from models import AuditCheckpoint, CheckpointStamp, SignedCheckpoint
from rules.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True)
class CheckpointYear:
    """The checkpoints of a year at a glance: how many days and records, the last day and its hash, which binds all of
    them and every year before; `kept` counts the signed notes and the stamps, which may come later."""

    year: int
    days: int
    records: int
    last: date
    hash: str
    kept: int = 0


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The journal of changes as it stood when a day was bound: the signed note, and the stamp of an outside authority
    (its answer in base64; empty where there is none, or none yet)."""

    day: date
    note: str
    stamp: str


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
    return [
        CheckpointYear(int(row[0]), row[1], int(row[2]), row[3], row[4], _count_kept(session, int(row[0])))
        for row in rows
    ]


def _count_kept(session: Session, year: int) -> int:
    """Signed notes and stamps of a year."""
    days = (select(func.count()).where(_within(of.day, year)) for of in (SignedCheckpoint, CheckpointStamp))
    return sum(int(session.execute(query).scalar_one()) for query in days)


def _within(day: Any, year: int) -> ColumnElement[bool]:
    return col(day).between(date(year, 1, 1), date(year, 12, 31))


def read_heads(session: Session, year: int) -> Sequence[KeptHead]:
    """The signed notes of a year, the newest first."""
    query = select(col(SignedCheckpoint.day), col(SignedCheckpoint.note), col(CheckpointStamp.answer)).outerjoin(
        CheckpointStamp, col(CheckpointStamp.day) == col(SignedCheckpoint.day)
    )
    rows = session.execute(query.where(_within(SignedCheckpoint.day, year)).order_by(col(SignedCheckpoint.day).desc()))
    return [KeptHead(day, note, stamp or "") for day, note, stamp in rows]


def read_checkpoints(session: Session, year: int) -> Sequence[Checkpoint]:
    """The checkpoints of a year, the newest first."""
    columns = (AuditCheckpoint.day, AuditCheckpoint.records, AuditCheckpoint.root)
    more = (AuditCheckpoint.previous, AuditCheckpoint.hash)  # in the order of Checkpoint
    query = select(*map(col, (*columns, *more))).where(_within(AuditCheckpoint.day, year))
    return [Checkpoint(*row) for row in session.execute(query.order_by(col(AuditCheckpoint.day).desc()))]
