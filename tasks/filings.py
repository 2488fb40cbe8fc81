"""What was signed after the round and waits to be filed with the county bureau (R60): supplements and renewals. The
application's own agreement is filed with its dossier (五(三))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col

from models import Agreement, AgreementSupplement
from rules.performance.records import AgreementCase
from rules.performance.supplements import ITSELF
from tasks.agreed_terms import supplements_of
from tasks.agreements import load_agreements, numbered_or_of, the_agreement


@dataclass(frozen=True, slots=True)
class Unfiled:
    """A supplement to an agreement, or (without one) the agreement itself, which is a renewal."""

    case: AgreementCase
    supplement: AgreementSupplement | None = None

    @property
    def ref(self) -> str:
        """How the form names it under its agreement."""
        return self.supplement.ref if self.supplement else ITSELF

    @property
    def signed_on(self) -> date:
        """Before this day it is not filed."""
        return self.supplement.signed_on if self.supplement else self.case.signed_on

    @property
    def called(self) -> str:
        """What it is, with its number."""
        return f"补充协议（{self.supplement.number}）" if self.supplement else f"续签协议（{self.case.number}）"

    @property
    def told(self) -> str:
        """The same, for whoever has to choose."""
        return self.ref if self.supplement else f"{self.ref}（续签协议 {self.case.number}）"


def unfiled_of(session: Session, case: AgreementCase) -> list[Unfiled]:
    """What waits under an agreement: itself, where it is a renewal, then its supplements."""
    itself = [Unfiled(case)] if case.is_to_be_filed else []
    return itself + [Unfiled(case, one) for one in supplements_of(session, case.id) if one.filed_on is None]


def unfiled_renewal_of(session: Session, case: AgreementCase) -> Unfiled | None:
    """The renewal that follows an agreement, while it waits."""
    found = load_agreements(session, col(Agreement.previous_id) == case.id) if case.successor else []
    return next((Unfiled(one) for one in found if one.is_to_be_filed), None)


def waiting_for(session: Session, round_id: int, fields: Mapping[str, Any]) -> list[Unfiled]:
    """What an act may mean: under the number that it names; of an applicant what waits under the current agreement, and
    every other renewal of his. Raises RefusedError where there is no agreement."""
    case = the_agreement(session, round_id, fields)
    others = [] if fields.get("agreement_number") else load_agreements(session, numbered_or_of(round_id, fields))
    renewals = [Unfiled(one) for one in others if one.is_to_be_filed and one.id != case.id]
    return unfiled_of(session, case) + renewals
