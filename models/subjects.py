"""Whose a clock, a message or a record is: they name their subject by its kind and its number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, select
from sqlmodel import col

from models.agreement import Agreement
from rules.case import Case
from rules.performance.records import AgreementCase


def is_of_dossier(row: Any, dossier: Any) -> ColumnElement[bool]:
    """The condition that a row (of `Deadline`, `Notification`, `AuditRecord`) is about a dossier, given by its number
    or by the column with it."""
    return and_(col(row.subject) == literal(Case.kind), col(row.subject_id) == dossier)


def application_of(row: Any) -> ColumnElement[Any]:
    """The application that a row is about: as a dossier, or as the one from which an agreement came; else NULL."""
    whose = select(col(Agreement.application_id)).where(col(Agreement.id) == col(row.subject_id)).scalar_subquery()
    kind = col(row.subject)
    return case((kind == Case.kind, col(row.subject_id)), (kind == AgreementCase.kind, whose), else_=None)
