"""What is kept so that a recorded act can be taken back: how its case stood before it; and the rows that were set aside
when it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, UniqueConstraint, select
from sqlmodel import Field, SQLModel, col


class StoodBefore(SQLModel, table=True):
    """How a case stood right before one of its records: the columns that the act set, the reasons of its state, the
    clocks that it touched, and the messages that it owed (`kept`: JSON as `tasks.typed_fields` writes it). Triggers
    refuse UPDATE and DELETE."""

    __tablename__ = "stood_before"
    __table_args__ = (UniqueConstraint("subject", "subject_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_id: int
    seq: int
    kept: str


class SetAside(SQLModel, table=True):
    """A row that an act had written and that was taken out of its table: with the act, or because who had withdrawn
    applied again. Whole, with the record (`seq`) that took it out. A row of a table that is append-only stays there as
    well (`stands`). Triggers refuse UPDATE and DELETE."""

    __tablename__ = "set_aside"

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_id: int = Field(index=True)
    seq: int
    of_table: str
    row_id: int
    row: str
    at: datetime


def stands(model: type[SQLModel]) -> ColumnElement[bool]:
    """The condition that a row of an append-only table was not set aside."""
    table = model.__table__  # type: ignore[attr-defined]
    gone = select(col(SetAside.row_id)).where(col(SetAside.of_table) == table.name)
    found: ColumnElement[bool] = table.c.id.not_in(gone)
    return found
