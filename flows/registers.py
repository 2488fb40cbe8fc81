"""What comes by file, never by form: the announcement, the rubric, the expert library and the applicants' register.

The head of a scenario file and the file that `announce_round` reads from the inbox are the same document.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from models.creditcode import is_credit_code
from rules.localtime import ZONE

LANDLINE = (
    r"^((0\d{2,3}-)?[2-9]\d{6,7}(-\d{1,6})?|1\d{4,5}|[48]00-?\d{3}-?\d{4})?$"  # a service number has five or six digits
)
DecimalText = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$")]


def _valid_credit_code(text: str) -> str:
    if text and not is_credit_code(text):
        raise ValueError("统一社会信用代码应为 18 位大写字母和数字且校验位正确，请对照证照核对")
    return text


CreditCode = Annotated[str, AfterValidator(_valid_credit_code)]


class Entry(BaseModel):
    """A part of a register: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class Quota(Entry):
    """How many of each type (A7-23)."""

    hospital: Annotated[int, Field(ge=0)]
    pharmacy: Annotated[int, Field(ge=0)]


class ObjectionContact(Entry):
    """Where objections to a notice go, as the public pages print it: an office's landline, never a person's phone."""

    department: str = ""
    phone: Annotated[str, Field(pattern=LANDLINE)] = ""
    address: str = ""
    email: Annotated[str, Field(pattern=r"^([^\s@]+@[^\s@]+)?$")] = ""
    online: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""


class Announcement(Entry):
    """What the announcement fixes (三; R20). `objection_contact` is printed on the public notices where it is given."""

    county: str
    year: int
    plan_approved_on: date
    published_on: date
    channels: Annotated[list[str], Field(min_length=2, max_length=2)]
    quota: Quota
    accept_from: datetime
    accept_until: datetime
    place: str
    min_special_drug_varieties: Annotated[int, Field(ge=0)]
    tie_rule: str
    substitution: Literal["none", "next_in_rank"]
    objection_contact: ObjectionContact = ObjectionContact()

    @model_validator(mode="after")
    def _window(self) -> Announcement:
        if self.accept_from.tzinfo is None or self.accept_until.tzinfo is None:
            raise ValueError("受理时间须带时区，如 2026-03-02T08:30:00+08:00")
        if self.accept_from >= self.accept_until:
            raise ValueError("受理开始时间须早于截止时间")
        return self


class PlanEntry(Entry):
    """The yearly development plan that the announcement rests on (三; R19). `evidence` says where the paper lies."""

    title: Annotated[str, Field(min_length=1)]
    number: str = ""
    approved_on: date
    approved_by: Annotated[str, Field(min_length=1)]
    quota: Quota
    evidence: str = ""
    evidence_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class RubricItem(Entry):
    """One item of the scoring standard."""

    code: str
    item: str
    max: Annotated[float | int, Field(gt=0)]


class Rubric(Entry):
    """The scoring standard of both types."""

    hospital: Annotated[list[RubricItem], Field(min_length=1)]
    pharmacy: Annotated[list[RubricItem], Field(min_length=1)]


class ExpertEntry(Entry):
    """One expert of the city library."""

    expert_id: Code
    name: str
    specialty: str
    employer: str


class InterestEntry(Entry):
    """A tie that an expert declares: employment, office, advice, kinship, litigation (五(二))."""

    institution: str
    kind: str
    until: date | None = None


class DeclarationEntry(Entry):
    """What one expert declares for the round; an empty list says that there is nothing to declare."""

    expert_id: Code
    interests: list[InterestEntry]
    signed_on: date


class DeclarationsFile(Entry):
    """Declarations that come after the announcement."""

    declarations: Annotated[list[DeclarationEntry], Field(title="利益申报", min_length=1)]


class GroupEntry(Entry):
    """Institutions under one roof; members by name or applicant number."""

    name: str
    members: Annotated[list[str], Field(min_length=1)]


class Safeguards(Entry):
    """What this round requires beyond the procedure: fixed with its announcement, off where it says nothing.

    `expert_declarations`: who has declared nothing is not in the pool. `announced_sources`: every source of the draw
    with its figures, day and fallback. `draw_challenge_days`: calendar days after the draw in which nobody scores.
    `objection_preview`: a finding that is true needs the code of its preview.
    """

    expert_declarations: bool = False
    announced_sources: bool = False
    draw_challenge_days: Annotated[int, Field(ge=0, le=30)] = 0
    objection_preview: bool = False


class ComplainantEntry(Entry):
    """Who made an objection."""

    ref: Code
    name: Annotated[str, Field(min_length=1)]
    phone: str = ""
    email: str = ""
    address: str = ""

    @model_validator(mode="after")
    def _can_be_answered(self) -> ComplainantEntry:
        if not (self.phone or self.email or self.address):
            raise ValueError(f"异议 {self.ref} 的异议人没有电话、邮箱或地址：留不下联系方式的按匿名登记")
        return self


class ComplainantsFile(Entry):
    """Who made which objection."""

    complainants: Annotated[list[ComplainantEntry], Field(title="异议人", min_length=1)]


class ContactEntry(Entry):
    """Who speaks for an applicant."""

    name: str
    phone: str
    email: str


class Penalty(Entry):
    """An administrative penalty."""

    authority: str
    date: date
    kind: str


class Termination(Entry):
    """How an earlier agreement ended; only 解除 bars (六(三))."""

    date: date
    kind: str


class CommonFacts(Entry):
    """Facts of both types."""

    is_basic_designated: bool
    county: str
    cold_chain: bool
    penalties: list[Penalty]
    major_liability_accident: bool
    provincial_charity_aid_point: bool
    prior_termination: Termination | None


class HospitalFacts(CommonFacts):
    """Facts of a hospital."""

    grade: str
    special_drug_department: bool
    physicians: Annotated[int, Field(ge=0)]
    pharmacists: Annotated[int, Field(ge=0)]
    uses_oncology_targeted: bool
    oncology_qualification: bool
    gene_testing: Literal["own", "contracted", "none"]


class PharmacyFacts(CommonFacts):
    """Facts of a pharmacy."""

    group_or_chain_member: bool
    nationwide_dtp_network: bool
    tier1_distribution_agreement: bool
    special_drug_varieties: Annotated[int, Field(ge=0)]
    area_m2: DecimalText
    group_revenue_cny: DecimalText
    licensed_pharmacists: Annotated[int, Field(ge=0)]
    physicians: Annotated[int, Field(ge=0)]
    manufacturer_award: bool
    staff_total: Annotated[int, Field(ge=0)]
    staff_with_contract: Annotated[int, Field(ge=0)]
    staff_with_social_insurance: Annotated[int, Field(ge=0)]


class HospitalEntry(Entry):
    """A hospital of the register."""

    applicant_id: Code
    type: Literal["hospital"]
    name: str
    credit_code: CreditCode = ""
    contact: ContactEntry
    facts: HospitalFacts


class PharmacyEntry(Entry):
    """A pharmacy of the register."""

    applicant_id: Code
    type: Literal["pharmacy"]
    name: str
    credit_code: CreditCode = ""
    contact: ContactEntry
    facts: PharmacyFacts


ApplicantEntry = Annotated[HospitalEntry | PharmacyEntry, Field(discriminator="type")]


class ApplicantsFile(Entry):
    """A register of applicants that comes after the announcement."""

    applicants: Annotated[list[ApplicantEntry], Field(min_length=1)]


class RoundFile(Entry):
    """Everything that opens a round."""

    announcement: Announcement
    rubric: Rubric
    expert_library: list[ExpertEntry]
    applicants: list[ApplicantEntry]
    safeguards: Safeguards | None = None
    expert_declarations: list[DeclarationEntry] = Field(default_factory=list)
    groups: list[GroupEntry] = Field(default_factory=list)
    development_plan: PlanEntry | None = None

    @model_validator(mode="after")
    def _numbers_are_unique(self) -> RoundFile:
        for what, numbers in (
            ("申请人编号", [one.applicant_id for one in self.applicants]),
            ("专家编号", [one.expert_id for one in self.expert_library]),
        ):
            if repeated := sorted({number for number in numbers if numbers.count(number) > 1}):
                raise ValueError(f"{what}重复：{'、'.join(repeated)}")
        known = {one.expert_id for one in self.expert_library}
        if strangers := [one.expert_id for one in self.expert_declarations if one.expert_id not in known]:
            raise ValueError(f"利益申报中的专家 {'、'.join(strangers)} 不在专家库中")
        return self

    def plain(self) -> dict[str, Any]:
        """JSON-ready data; days and instants as text, in Beijing time."""
        data = self.model_dump(mode="json")
        for name in ("accept_from", "accept_until"):
            data["announcement"][name] = getattr(self.announcement, name).astimezone(ZONE).isoformat()
        return data
