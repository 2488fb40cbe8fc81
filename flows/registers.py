"""What comes by file, never by form: the announcement, the rubric, the expert library and the applicants' register.

The head of a scenario file and the file that `announce_round` reads from the inbox are the same document.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from models.creditcode import is_credit_code
from rules.clocktime import day_of, instant_of
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


def _instant(value: Any) -> Any:
    if isinstance(value, (bool, int, float, Decimal)):
        raise ValueError("不是时间，应如 2026-03-02T08:30:00+08:00")
    return instant_of(value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    """A day as text; a bare number is none, though it could be read as seconds since 1970."""
    if isinstance(value, (bool, int, float, Decimal)) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError("不是有效日期，应如 2026-03-05")
    return (day_of(value) or value) if isinstance(value, str) else value


def _as_stored(points: Decimal) -> int | str:
    """Whole points as a number, others as exact text: a binary fraction would not add up to the full mark."""
    return int(points) if points == points.to_integral_value() else f"{points.normalize():f}"


MOST_COUNTED = 2_000_000_000  # what a column of the database holds
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED, strict=True)]
Year = Annotated[int, Field(ge=2000, le=2200, strict=True)]
Truth = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Points = Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=4), PlainSerializer(_as_stored)]


class Entry(BaseModel):
    """A part of a register: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class Quota(Entry):
    """How many of each type (A7-23)."""

    hospital: Count
    pharmacy: Count


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
    year: Year
    plan_approved_on: Day
    published_on: Day
    channels: Annotated[list[str], Field(min_length=2, max_length=2)]
    quota: Quota
    accept_from: Instant
    accept_until: Instant
    place: str
    min_special_drug_varieties: Count
    tie_rule: str
    substitution: Literal["none", "next_in_rank"]
    objection_contact: ObjectionContact = ObjectionContact()


class RubricItem(Entry):
    """One item of the scoring standard."""

    code: str
    item: str
    max: Points


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
    until: Day | None = None


class DeclarationEntry(Entry):
    """What one expert declares for the round; an empty list says that there is nothing to declare."""

    expert_id: Code
    interests: list[InterestEntry]
    signed_on: Day


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
