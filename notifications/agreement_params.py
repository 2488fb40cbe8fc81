"""The parameters of the messages of an agreement's life, from its first day to its end (六). As those of `params`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from notifications.params import Common, Reasons
from rules.months import OURS

Month = Annotated[str, Field(pattern=f"^{OURS}$")]


class TermTold(BaseModel):
    """One term: what it is, and what is agreed, in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=1)
    told: str = Field(min_length=1)


class TermsDraft(Common):
    """协议条款草案（五(三)）: every term that applies, agreed or waived, in the order of the clauses."""

    terms: tuple[TermTold, ...] = Field(min_length=1)


class Exceeded(BaseModel):
    """One value beyond what was agreed: what it is, how the value and the limit came about, by how much."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(min_length=1)
    label: str = Field(min_length=1)
    value: str = Field(min_length=1)
    limit: str = Field(min_length=1)
    over: str = Field(min_length=1)


class WarningIssued(Common):
    """预警通知书（R83）. `month` as 2026-03; `answer_due` is the last day for measures, itself included, None where no
    limit is set."""

    ref: str = Field(min_length=1)
    month: str = Field(min_length=1)
    exceeded: tuple[Exceeded, ...] = Field(min_length=1)
    answer_due: date | None


class AgreementInForce(Common):
    """协议生效（六(一)）. `number` is the agreement's; first and last day of the term are both inside it."""

    number: str = Field(min_length=1)
    effective_on: date
    expires_on: date


class AgreementExpired(Common):
    """协议到期. `successor` is the number of the renewed agreement, empty where there is none."""

    number: str = Field(min_length=1)
    expires_on: date
    successor: str


class ExpiryReminder(Common):
    """协议到期提醒. `working_days_left` counts up to and including the last day of the term; 0 is today."""

    due_on: date
    working_days_left: int = Field(ge=0)


class InspectionHeld(Common):
    """检查情况. `kind` in Chinese; `corrections`: what was to be put right on the spot, may be empty."""

    held_on: date
    kind: str = Field(min_length=1)
    corrections: tuple[str, ...]
    refused: bool


class FindingProposed(Common):
    """拟认定. `statement_due` is the last day for a written statement, itself included."""

    ref: str = Field(min_length=1)
    what: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    facts: str = Field(min_length=1)
    statement_due: date


class FindingConfirmed(Common):
    """认定. `is_ground`: a ground on which the agreement is dissolved without discretion (六(二))."""

    ref: str = Field(min_length=1)
    what: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    established_on: date
    is_ground: bool


class FindingOverturned(Common):
    """撤销认定. `undone`: what stood on the finding and falls with it, a sentence each, may be empty."""

    ref: str = Field(min_length=1)
    what: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    undone: tuple[str, ...]


class OrderToRectify(Common):
    """责令限期整改. `due_on` is inside the limit; `on_failure` is a sentence: what follows when it is not done."""

    ref: str = Field(min_length=1)
    items: tuple[str, ...] = Field(min_length=1)
    due_on: date
    within_suspension: bool
    on_failure: str = Field(min_length=1)


class RectificationReminder(Common):
    """整改期限提醒. `working_days_left` counts up to and including the due day; 0 is today."""

    due_on: date
    working_days_left: int = Field(ge=0)


class OrderLate(Common):
    """整改逾期: nothing was handed in up to the end of `due_on`."""

    ref: str = Field(min_length=1)
    due_on: date
    on_failure: str = Field(min_length=1)


class RectificationResult(Common):
    """整改复查结果. `note` may be empty; `on_failure` is printed where it was not done."""

    ref: str = Field(min_length=1)
    done: bool
    note: str
    on_failure: str


class AgreementSuspended(Common):
    """暂停协议. Without `to_on` it lasts until rectified. `count` is this suspension's number in the term, `limit` the
    count at which the agreement is dissolved (`is_last`: reached), `national` the count of the national rule."""

    decision_no: str = Field(min_length=1)
    from_on: date
    to_on: date | None
    clause: str = Field(min_length=1)
    count: int = Field(ge=1)
    limit: int = Field(ge=1)
    national: int = Field(ge=1)
    is_last: bool


class AgreementResumed(Common):
    """恢复协议. `count` and `limit` as in `AgreementSuspended`; 0 when the suspension is not counted any more."""

    resumed_on: date
    count: int = Field(ge=0)
    limit: int = Field(ge=1)


class DissolutionDue(Common):
    """应予解除协议（六(二)）: a listed fact is established; the decision is not served yet."""

    what: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    established_on: date


class AgreementDissolved(Common):
    """解除服务协议（六(二)、六(三)）. Both days of the bar are inside it."""

    decision_no: str = Field(min_length=1)
    what: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    effective_on: date
    bar_from: date
    bar_last_day: date


class RenewalApplied(Common):
    """续签申请; reasons are given where it is not accepted. A late one is noted, nothing more."""

    accepted: bool
    applied_on: date
    is_late: bool
    reasons: Reasons = ()


class RenewalSigned(Common):
    """续签协议. `previous` is the number of the agreement that it follows."""

    number: str = Field(min_length=1)
    effective_on: date
    expires_on: date
    previous: str = Field(min_length=1)


class TermChanged(BaseModel):
    """One term of a supplement: what it is, what was agreed before, what is from then on, in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=1)
    before: str = Field(min_length=1)
    after: str = Field(min_length=1)


class SupplementSigned(Common):
    """补充协议（R60、R63）. `number`: the supplement's; `other_terms`: what it fixes beside the terms, or empty."""

    number: str = Field(min_length=1)
    agreement_number: str = Field(min_length=1)
    signed_on: date
    effective_on: date
    changes: tuple[TermChanged, ...]
    other_terms: str
    reason: str = Field(min_length=1)


class AnnualSigned(Common):
    """年度协议（R63）. The terms hold from `from_on` to `until_on`, both days included."""

    number: str = Field(min_length=1)
    agreement_number: str = Field(min_length=1)
    year: int
    from_on: date
    until_on: date
    terms: tuple[TermTold, ...] = Field(min_length=1)


class StockListRecorded(Common):
    """备药清单（R54）. `ref`: which edition of the annex; `count` drugs."""

    ref: str = Field(min_length=1)
    agreement_number: str = Field(min_length=1)
    valid_from: date
    count: int = Field(ge=1)


class ChangeNoted(Common):
    """变更登记. `follows`: what comes of it, a sentence."""

    what: str = Field(min_length=1)
    changed_on: date
    reported_on: date
    is_late: bool
    follows: str = Field(min_length=1)


class AgreementLeft(Common):
    """退出定点: at the institution's own notice; no bar follows."""

    leaves_on: date
    notice_on: date


class AssessmentResult(Common):
    """年度考核结果（R51）. Points as exact text; `satisfaction` is empty where none counts, `why` says why there is no
    grade, empty where there is one."""

    clause: str = Field(min_length=1)
    year: int
    total: str = Field(min_length=1)
    satisfaction: str
    grade: str = Field(min_length=1)
    why: str


class AssessmentCorrected(AssessmentResult):
    """考核结果更正（更正规则）. What was published before, as `AssessmentResult` told it, and why it is another."""

    total_before: str = Field(min_length=1)
    satisfaction_before: str
    grade_before: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class GradeEffect(Common):
    """信用等级的处理（R51）. `effect`: simpler audit (a), stricter (b), or proposed and heard (c). The coefficient
    begins to count with the month `counts_from`."""

    clause: str = Field(min_length=1)
    year: int
    grade: str = Field(min_length=1)
    effect: Literal["a", "b", "c"]
    coefficient: str = Field(min_length=1)
    counts_from: Month


class CostDecision(Common):
    """费用处理（R58）. `kind` in Chinese; `settled_in` is the month in whose settlement it is done."""

    clause: str = Field(min_length=1)
    ref: str = Field(min_length=1)
    month: Month
    amount: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    settled_in: Month
    ground: str = Field(min_length=1)


class ListChanged(Common):
    """名单变动: put on a list (`listed`), or taken off with a reason. `refuses`: no application is taken."""

    listed: bool
    list_name: str = Field(min_length=1)
    what: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    changed_on: date
    last_day: date | None = None
    document: str = Field(min_length=1)
    reason: str = ""
    refuses: bool = False


class CityAnswer(Common):
    """市级退回、不予确定 (R75): the day and number of the answer, and its questions or reasons."""

    decided_on: date
    decision_no: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class MigrationAssessBy(Common):
    """在册协议登记 (R74). `count` suspensions are brought along of `limit`; `assess_by`: the agency's last day."""

    number: str = Field(min_length=1)
    effective_on: date
    expires_on: date
    count: int = Field(ge=0)
    limit: int = Field(ge=1)
    assess_by: date


class AgreementCancelled(Common):
    """取消定点资格 (R74; L9): without a bar. The agreement ends with the day `cancelled_on`."""

    number: str = Field(min_length=1)
    decision_no: str = Field(min_length=1)
    assessed_on: date
    cancelled_on: date
    reasons: Reasons
