"""Reads the terms of agreements: which are in force on a day, what was drafted (R53, R56, R57, R62)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import AgreedTerm, DraftedTerms
from models.bulk import among
from rules.terms import Drafted, Term, drafted_of, in_force

TERM = ("field", "value", "waived_why", "valid_from", "document_no", "valid_until")


def terms_on(session: Session, agreement_id: int, day: date) -> dict[str, Term]:
    """The terms of an agreement in force on a day, by field; a waived one is there with its reason. Nothing for an
    agreement that was signed without terms."""
    return terms_of_all_on(session, [agreement_id], day).get(agreement_id, {})


def terms_of_all_on(session: Session, agreement_ids: Sequence[int], day: date) -> dict[int, dict[str, Term]]:
    """As `terms_on`, of many agreements in one query."""
    columns = (getattr(AgreedTerm, name) for name in TERM)
    query = select(col(AgreedTerm.agreement_id), *columns).where(among(col(AgreedTerm.agreement_id), agreement_ids))
    rows: dict[int, list[Term]] = defaultdict(list)
    for agreement_id, *rest in session.execute(query.order_by(col(AgreedTerm.id))):
        rows[agreement_id].append(Term(*rest))
    return {agreement_id: in_force(terms, day) for agreement_id, terms in rows.items()}


def draft_of(session: Session, application_id: int) -> list[Drafted]:
    """The newest draft of the terms of a dossier's agreement; none where nothing was drafted."""
    query = select(col(DraftedTerms.terms)).where(col(DraftedTerms.application_id) == application_id)
    newest = session.execute(query.order_by(col(DraftedTerms.id).desc()).limit(1)).scalar_one_or_none()
    return drafted_of(newest or ())
