"""What an installation is known by: the key and the folders that its database was written with."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Belonging(SQLModel, table=True):
    """One thing that belongs to this database, by its mark: `key` (the key's number), `inbox` and `store` (what is
    written in a file of the folder)."""

    __tablename__ = "belonging"

    name: str = Field(primary_key=True)
    mark: str
