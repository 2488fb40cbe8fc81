"""What every table shares: names of constraints (so that migrations can name them) and small column helpers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

JsonColumn = JSON().with_variant(JSONB(), "postgresql")

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A CHECK that a text column holds one of the given values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def both_or_neither(first: str, second: str) -> CheckConstraint:
    """A CHECK that two columns are filled together (a day and who set it, for instance)."""
    return CheckConstraint(f"({first} IS NULL) = ({second} IS NULL)", name=f"{first}_with_{second}")
