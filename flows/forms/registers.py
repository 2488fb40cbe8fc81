"""What comes by file, never by form: the announcement, the rubric, the expert library and the applicants' register.

The head of a scenario file and the file that `announce_round` reads from the inbox are the same document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from foundation import addresses
from policies.loader import load_policy
from rules import creditcode
from rules.clocktime import day_of, instant_of
from rules.localtime import ZONE
from rules.phones import office_fault, office_numbers, own_number
from rules.register import Listed, shared_codes, shared_sentence
from rules.texts import cleaned, half_width, hyphened, latin, unholdable

DecimalText = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
Code = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9-]{1,20}$"),
    BeforeValidator(lambda value: latin(hyphened(half_width(value))) if isinstance(value, str) else value),
]


def _credit_code(text: str) -> str:
    code = creditcode.code_of(text)
    if code and (fault := creditcode.fault_of(code)):
        raise ValueError(f"统一社会信用代码不成立：{fault}；{creditcode.CERTIFICATE}")
    return code


def _email(text: str) -> str:
    address = addresses.address_of(text)
    if address and (fault := addresses.fault_of(address)):
        raise ValueError(f"邮箱不成立：{fault}")
    return address


def _office_numbers(text: str) -> str:
    if fault := office_fault(text):
        raise ValueError(f"电话{fault}")
    return office_numbers(text)


def _own_number(text: str) -> str:
    """A number in the one form it is kept in; another text stays, for a file may hold what is no number yet."""
    return own_number(text) or text


def _kept(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(name, one) for one in value]
    if not isinstance(value, str):
        return value
    text = cleaned(value)
    if lost := unholdable(text):
        raise ValueError(f"“{name}”{lost}")
    return text


CreditCode = Annotated[str, AfterValidator(_credit_code)]
Email = Annotated[str, AfterValidator(_email)]
Number = Annotated[str, AfterValidator(_own_number)]


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
    """A part of a register: unknown keys are refused, texts are cleaned of what nobody sees."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _cleaned(cls, data: Any) -> Any:
        return {name: _kept(name, value) for name, value in data.items()} if isinstance(data, Mapping) else data


class Quota(Entry):
    """How many of each type (A7-23)."""

    hospital: Count
    pharmacy: Count


class ObjectionContact(Entry):
    """Where objections to a notice go, as the public pages print it: an office's landline, never a person's phone."""

    department: str = ""
    phone: Annotated[str, AfterValidator(_office_numbers)] = ""
    address: str = ""
    email: Email = ""
    online: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""


class Announcement(Entry):
    """What the announcement fixes (三; R20). `batch` counts the rounds of one year;
    `objection_contact` is printed on the public notices where it is given;
    `readings` are those that a round may choose for itself."""

    county: str
    year: Year
    batch: Annotated[int, Field(ge=1, le=99)] = 1
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
    readings: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _choices(self) -> Announcement:
        known = load_policy(on=self.published_on)
        for name, choice in self.readings.items():
            if name not in known.recommended:
                raise ValueError(f"公告不能选择读法“{name}”；可选：{'、'.join(known.recommended)}")
            if choice not in known.readings[name].choices:
                raise ValueError(f"读法 {name} 没有“{choice}”；可选：{'、'.join(known.readings[name].choices)}")
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
    """One item of the scoring standard: points up to `max`; with `deduction` they are taken off; with `veto` the item
    has no points and is only met (1) or not met (0)."""

    code: str
    item: str
    max: Points = Decimal(1)
    veto: bool = False
    deduction: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> RubricItem:
        if self.veto and self.deduction:
            raise ValueError(f"项目 {self.code} 不能既是否决项又是扣分项")
        if not self.veto and "max" not in self.model_fields_set:
            raise ValueError(f"项目 {self.code} 须写明满分 max")
        return self

    @model_serializer(mode="wrap")
    def _as_announced(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is not said of an item is not stored of it."""
        return {name: value for name, value in handler(self).items() if value is not False}


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


class ExpertsFile(Entry):
    """Experts whom the city bureau adds to its library after the announcement."""

    experts: Annotated[list[ExpertEntry], Field(title="专家", min_length=1)]


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
    `objection_preview`: a finding that is true needs the code of its preview. `site_check`: no opinion before the site
    was checked. `county_first`: the city bureau is not asked before the county bureau. What is announced by the form
    has the last three and `announced_sources` unless its file says otherwise (`AT_THE_DESK`). `guarded_draw`: results
    of sources and absences with evidence, a recusal after the plan with proof, a challenge decided by somebody else.
    """

    expert_declarations: bool = False
    announced_sources: bool = False
    draw_challenge_days: Annotated[int, Field(ge=0, le=30)] = 0
    objection_preview: bool = False
    site_check: bool = False
    county_first: bool = False
    guarded_draw: bool = False


# What an office should require and a file need not say.
AT_THE_DESK = {
    "site_check": "初审之前实地核查",
    "county_first": "先报县局再报市局",
    "announced_sources": "随机源逐项公布",
    "guarded_draw": "抽取凭证据办理",
}


class ComplainantEntry(Entry):
    """Who made an objection, or (`agreement_number`) a complaint about a designated institution, by its number under
    that agreement."""

    ref: Code
    agreement_number: str = ""
    name: Annotated[str, Field(min_length=1)]
    phone: Number = ""
    email: Email = ""
    address: str = ""

    @model_validator(mode="after")
    def _can_be_answered(self) -> ComplainantEntry:
        if not (self.phone or self.email or self.address):
            raise ValueError(f"“{self.ref}”的异议人（举报人）没有电话、邮箱或地址：留不下联系方式的按匿名登记")
        return self


class ComplainantsFile(Entry):
    """Who made which objection."""

    complainants: Annotated[list[ComplainantEntry], Field(title="异议人", min_length=1)]


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


def _expect_codes_apart(entries: Sequence[InstitutionEntry]) -> None:
    """One legal person is one applicant, or campuses that are told apart."""
    listed = (Listed(one.applicant_id, getattr(one, "type", ""), one.credit_code, one.campus) for one in entries)
    if clashes := shared_codes(listed):
        raise ValueError("；".join(shared_sentence(one) for one in clashes))


class ApplicantsFile(Entry):
    """A register of applicants that comes after the announcement."""

    applicants: Annotated[list[ApplicantEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_legal_person_once(self) -> ApplicantsFile:
        _expect_codes_apart(self.applicants)
        return self


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
        _expect_codes_apart(self.applicants)
        return self

    def plain(self) -> dict[str, Any]:
        """JSON-ready data; days and instants as text, in Beijing time."""
        data = self.model_dump(mode="json")
        data["safeguards"] = self.safeguards.model_dump(mode="json", exclude_unset=True) if self.safeguards else None
        for name in ("accept_from", "accept_until"):
            data["announcement"][name] = getattr(self.announcement, name).astimezone(ZONE).isoformat()
        for name, unsaid in (("readings", {}), ("batch", 1)):
            if data["announcement"][name] == unsaid:
                del data["announcement"][name]
        return data


def as_at_the_desk(head: Mapping[str, Any]) -> dict[str, Any]:
    """A round file as the office announces it: what it does not say of a reading or a safeguard is the recommended."""
    policy = load_policy(on=date.fromisoformat(head["announcement"]["published_on"]))
    return _saying(head, dict.fromkeys(AT_THE_DESK, True), policy.recommended)


def as_it_stands(head: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's head as a round file that declines by name what the scenario does not ask for."""
    policy = load_policy(on=date.fromisoformat(head["announcement"]["published_on"]))
    return _saying(head, dict.fromkeys(AT_THE_DESK, False), {name: policy.reads(name) for name in policy.recommended})


def _saying(head: Mapping[str, Any], safeguards: Mapping[str, bool], readings: Mapping[str, str]) -> dict[str, Any]:
    said = head["announcement"]
    return {
        **head,
        "announcement": {**said, "readings": {**readings, **said.get("readings", {})}},
        "safeguards": {**safeguards, **(head.get("safeguards") or {})},
    }
