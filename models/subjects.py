"""Whose a clock, a message or a record is: they name their subject by its kind and its number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, literal
from sqlmodel import col

from rules.case import Case


def is_of_dossier(row: Any, dossier: Any) -> ColumnElement[bool]:
    """The condition that a row (of `Deadline`, `Notification`, `AuditRecord`) is about a dossier, given by its number
    or by the column with it."""
    return and_(col(row.subject) == literal(Case.kind), col(row.subject_id) == dossier)
