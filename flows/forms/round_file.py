"""What opens a round, as a file: the announcement, the plan it rests on, the rubric, the registers.

The head of a scenario file and the file that `announce_round` reads from the inbox are the same document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from flows.forms.applicants import ApplicantEntry, expect_codes_apart
from flows.forms.entries import Count, Day, Email, Entry, Instant, OfficeNumbers, Points, Year
from flows.forms.experts import DeclarationEntry, ExpertEntry
from policies.loader import load_policy
from rules.localtime import ZONE


class Quota(Entry):
    """How many of each type (A7-23)."""

    hospital: Count
    pharmacy: Count


class ObjectionContact(Entry):
    """Where objections to a notice go, as the public pages print it: an office's landline, never a person's phone."""

    department: str = ""
    phone: OfficeNumbers = ""
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
        expect_codes_apart(self.applicants)
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
