"""The applicants' register with the facts of both types, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from flows.forms.entries import Code, Count, CreditCode, Day, DecimalText, Email, Entry, Number, Truth
from rules import creditcode
from rules.register import Listed, shared_codes, shared_sentence


class ContactEntry(Entry):
    """Who speaks for an applicant."""

    name: str
    phone: Number
    email: Email


class Penalty(Entry):
    """An administrative penalty."""

    authority: str
    date: Day
    kind: str


class Termination(Entry):
    """How an earlier agreement ended; only 解除 bars (六(三))."""

    date: Day
    kind: str


class CommonFacts(Entry):
    """Facts of both types."""

    is_basic_designated: Truth
    county: str
    cold_chain: Truth
    penalties: list[Penalty]
    major_liability_accident: Truth
    provincial_charity_aid_point: Truth
    prior_termination: Termination | None


class HospitalFacts(CommonFacts):
    """Facts of a hospital."""

    grade: str
    special_drug_department: Truth
    physicians: Count
    pharmacists: Count
    uses_oncology_targeted: Truth
    oncology_qualification: Truth
    gene_testing: Literal["own", "contracted", "none"]


class PharmacyFacts(CommonFacts):
    """Facts of a pharmacy."""

    group_or_chain_member: Truth
    nationwide_dtp_network: Truth
    tier1_distribution_agreement: Truth
    special_drug_varieties: Count
    area_m2: DecimalText
    group_revenue_cny: DecimalText
    licensed_pharmacists: Count
    physicians: Count
    manufacturer_award: Truth
    staff_total: Count
    staff_with_contract: Count
    staff_with_social_insurance: Count


class InstitutionEntry(Entry):
    """An applicant of the register. `campus` (院区) tells apart those that are one legal person and share its code.
    `scope` (定点范围): which special drugs and services it applies for, as the public lists print it.

    `credit_code_confirmed`: a person has compared a code whose check character does not fit with the certificate.
    """

    applicant_id: Code
    name: str
    credit_code: CreditCode = ""
    credit_code_confirmed: bool = False
    campus: Annotated[str, Field(max_length=40)] = ""
    scope: Annotated[str, Field(max_length=200)] = ""
    contact: ContactEntry

    @model_validator(mode="after")
    def _code_is_confirmed(self) -> InstitutionEntry:
        doubt = creditcode.doubt_of(self.credit_code) if self.credit_code else ""
        if doubt and not self.credit_code_confirmed:
            raise ValueError(
                f"申请人 {self.applicant_id} 的统一社会信用代码{doubt}；{creditcode.CERTIFICATE}，"
                "证照上确实如此的，在该申请人处加上 credit_code_confirmed: true"
            )
        return self


class HospitalEntry(InstitutionEntry):
    """A hospital of the register."""

    type: Literal["hospital"]
    facts: HospitalFacts


class PharmacyEntry(InstitutionEntry):
    """A pharmacy of the register."""

    type: Literal["pharmacy"]
    facts: PharmacyFacts


ApplicantEntry = Annotated[HospitalEntry | PharmacyEntry, Field(discriminator="type")]


def expect_codes_apart(entries: Sequence[InstitutionEntry]) -> None:
    """One legal person is one applicant, or campuses that are told apart."""
    listed = (Listed(one.applicant_id, getattr(one, "type", ""), one.credit_code, one.campus) for one in entries)
    if clashes := shared_codes(listed):
        raise ValueError("；".join(shared_sentence(one) for one in clashes))


class ApplicantsFile(Entry):
    """A register of applicants that comes after the announcement."""

    applicants: Annotated[list[ApplicantEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_legal_person_once(self) -> ApplicantsFile:
        expect_codes_apart(self.applicants)
        return self
