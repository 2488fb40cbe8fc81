"""What an installation is known by (the key and the folders that its database was written with), and how its backups
proved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class Belonging(SQLModel, table=True):
    """One thing that belongs to this database, by its mark: `key` (the key's number), `inbox` and `store` (what is
    written in a file of the folder)."""

    __tablename__ = "belonging"

    name: str = Field(primary_key=True)
    mark: str


class RestoreRehearsal(SQLModel, table=True):
    """One rehearsal of a restore: the backup, and what was counted; `fault` says why it did not go well. Triggers
    refuse UPDATE and DELETE."""

    __tablename__ = "restore_rehearsal"
    __table_args__ = (CheckConstraint("is_good = (fault = '')", name="good_without_fault"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    is_good: bool
    backup: str
    made_at: str
    records: int
    chains: int
    entries: int
    files: int
    seconds: int
    fault: str
