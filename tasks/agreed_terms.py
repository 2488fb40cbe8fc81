"""Keeps the terms of agreements (R53, R56, R57, R62); which are in force on a day, `models.agreed` reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import AgreedTerm, AgreementSupplement, AnnualAgreement, SystemTest
from models.agreed import draft_of, terms_of_all_on, terms_on
from rules.case import Event
from rules.terms import Drafted, Term

__all__ = ["agree", "annual_agreements_of", "draft_of", "is_tested", "supplements_of", "terms_of_all_on", "terms_on"]


def agree(
    session: Session,
    agreement_id: int,
    terms: Iterable[Drafted | Term],
    valid_from: date,
    document_no: str,
    event: Event,
    until: date | None = None,
) -> None:
    """Adds terms of an agreement that hold from a day on, or `until` another, by a document (the agreement, a
    supplement, an annual agreement)."""
    session.add_all(
        AgreedTerm(
            agreement_id=agreement_id,
            field=one.field,
            value=one.value,
            waived_why=one.waived_why,
            valid_from=valid_from,
            valid_until=until,
            document_no=document_no,
            recorded_at=event.at,
            recorded_by=event.by,
        )
        for one in terms
    )


def supplements_of(session: Session, agreement_id: int) -> Sequence[AgreementSupplement]:
    """The supplements to an agreement, in the order of their signature."""
    query = select(AgreementSupplement).where(col(AgreementSupplement.agreement_id) == agreement_id)
    return session.execute(query.order_by(col(AgreementSupplement.id))).scalars().all()


def annual_agreements_of(session: Session, agreement_id: int) -> Sequence[AnnualAgreement]:
    """The annual agreements within an agreement, in the order of their years."""
    query = select(AnnualAgreement).where(col(AnnualAgreement.agreement_id) == agreement_id)
    return session.execute(query.order_by(col(AnnualAgreement.year))).scalars().all()


def is_tested(session: Session, application_id: int) -> bool:
    """Whether the system of a dossier's institution passed its test."""
    of_it = col(SystemTest.application_id) == application_id
    return session.execute(select(col(SystemTest.id)).where(of_it)).first() is not None
