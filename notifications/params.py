"""The parameters of every message, typed: what a template may print and what an event must therefore know.
Those of an agreement's life stand in `agreement_params`.

All texts are Chinese and ready to print; days are days, not instants. Complainants and contacts are no parameters of
any message, and an unknown parameter is refused, so that neither can slip in.
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from notifications.workings import Working


class Base(BaseModel):
    """What every message names: the round, who writes (`agency`) and where to go (`place`); and the working of each
    counted date that it tells."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    round_name: str = Field(min_length=1)
    county: str = Field(min_length=1)
    agency: str = Field(min_length=1)
    place: str = Field(min_length=1)
    workings: tuple[Working, ...] = ()


class Party(BaseModel):
    """The applicant that a message is about."""

    model_config = ConfigDict(frozen=True)

    applicant_id: str = Field(min_length=1)
    applicant_name: str = Field(min_length=1)


class Common(Party, Base):
    """A message about one applicant."""


class Material(BaseModel):
    """A material or formal requirement: its code (`H4`, `COPIES`) and its name in Chinese."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    name: str


class ReasonText(BaseModel):
    """Why: the code of the reason, the clause it stands on, the sentence for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    clause: str
    text: str


Reasons = tuple[ReasonText, ...]


class ApplicationAccepted(Common):
    """受理（五(一)）. A due day is None while the calendar of a needed year is not published."""

    accepted_on: date
    preliminary_review_due: date | None
    whole_procedure_due: date | None


class SupplementWanted(Common):
    """一次性告知补正. `until` is printed as given: a moment, not only a day."""

    missing: tuple[Material, ...] = Field(min_length=1)
    until: str = Field(min_length=1)


class SupplementReminder(Common):
    """补正期限提醒. `working_days_left` counts working days up to and including the due day; 0 is today."""

    due_on: date
    working_days_left: int = Field(ge=0)


class ApplicationNotAccepted(Common):
    """不予受理."""

    reasons: Reasons = Field(min_length=1)


class PreliminaryOpinion(Common):
    """初审意见（五(一)）; reasons are given when it did not pass."""

    passed: bool
    opinion_on: date
    reasons: Reasons = ()


class PanelDrawn(Common):
    """评估专家组抽取结果（五(二)）: how many, never who."""

    drawn_on: date
    panel_size: int = Field(ge=1)


class EvaluationResult(Common):
    """履约能力评估结果（五(二)）. `mean_score` with two decimals; `rank` only for a qualified one."""

    outcome: str = Field(min_length=1)
    mean_score: str = Field(min_length=1)
    rank: int | None = Field(ge=1)
    quota: int = Field(ge=0)
    qualified: bool
    selected: bool
    vetoed: tuple[str, ...] = ()


class NoticeStarted(Common):
    """公示开始（五(二)、五(三)）; `last_day` is inside the period, None while a needed schedule is unpublished."""

    notice: str = Field(min_length=1)
    starts_on: date
    last_day: date | None


class ObjectionReceived(Common):
    """收到针对本机构的异议; the message never says from whom."""

    ref: str = Field(min_length=1)
    in_time: bool
    received_on: date


class ObjectionRejudged(Common):
    """异议重新认定: the last day of the notice became firm, and the objection is in time, or late, by that day."""

    ref: str = Field(min_length=1)
    received_on: date
    in_time: bool
    holds: bool


class ObjectionResolved(Common):
    """异议核查结论."""

    ref: str = Field(min_length=1)
    substantiated: bool
    finding: str = Field(min_length=1)


class NegotiationOpened(Common):
    """进入谈判签约环节（五(三)）."""

    opened_on: date


class NegotiationResult(Common):
    """谈判结果（五(三)）; `open_point` is empty when consensus was reached."""

    consensus: bool
    open_point: str = ""


class SigningOpened(Common):
    """可以签约（五(三)）. `period` as in the policy (`60wd`) or in words; without `due_on` the bounds are printed."""

    starts_on: date
    due_on: date | None
    earliest_on: date
    latest_on: date
    period: str = Field(min_length=1)


class SigningReminder(Common):
    """签约期限提醒. `working_days_left` counts up to and including the due day; 0 is today."""

    due_on: date
    working_days_left: int = Field(ge=0)


class DeemedAbandoned(Common):
    """逾期未签约，视作自动放弃（五(三)）."""

    due_on: date


class AgreementSigned(Common):
    """服务协议已签订（五(三)）."""

    signed_on: date


class AgreementFiled(Common):
    """协议及卷宗已备案（五(三)）."""

    filed_on: date


class ResultPublished(Common):
    """定点名单已公布（五(四)）."""

    published_on: date


class ApplicationWithdrawn(Common):
    """申请已撤回."""

    reason: str
    withdrawn_on: date


class Disqualified(Common):
    """取消资格（五(二)、五(三)）; `ref` and `finding` of the objection that was found true, empty in older rows."""

    reasons: Reasons = Field(min_length=1)
    ref: str = ""
    finding: str = ""


class EffectReversed(Common):
    """更正: an automatic effect proved wrong and was reversed, or an act was recorded by mistake and taken back."""

    what: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    clause: str = "五(三)"


class DeadlineMoved(Common):
    """期限变更; a day is None while it is provisional."""

    deadline: str = Field(min_length=1)
    old_due: date | None
    new_due: date | None
    reason: str = Field(min_length=1)


class CityReminder(Common):
    """市级意见催办 (R75): no answer from `since` to `until`; nothing is late."""

    since: date
    until: date


class AuthorityReminder(Common):
    """机关期限提醒. `working_days_left` is 0 on the due day and negative when late."""

    deadline: str = Field(min_length=1)
    due_on: date
    working_days_left: int


class AuthorityBreach(Common):
    """机关逾期. `days_late` in calendar days after the due day."""

    deadline: str = Field(min_length=1)
    due_on: date
    days_late: int = Field(ge=1)


class ObjectionOpen(Common):
    """有异议待核查: for the supervisor, without the complainant and without the allegation."""

    ref: str = Field(min_length=1)
    in_time: bool
    received_on: date


class DecisionReview(Base):
    """既往处理待核对: what was decided on a day that was not firm yet, or on a schedule that was changed since, for a
    person to look at. About one applicant, or, with `applicant_id` None, about the round."""

    applicant_id: str | None = None
    applicant_name: str | None = None
    matter: str = Field(min_length=1)
    found: str = Field(min_length=1)
    advice: str = Field(min_length=1)


class DigestItem(BaseModel):
    """One reminder of several. `working_days_left` is negative when late."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    applicant_id: str = Field(min_length=1)
    applicant_name: str = Field(min_length=1)
    deadline: str = Field(min_length=1)
    due_on: date
    working_days_left: int


class ReminderDigest(Base):
    """期限提醒汇总: the reminders of one day to one party; `first_due` is the nearest due day."""

    items: tuple[DigestItem, ...] = Field(min_length=1)
    first_due: date


class ChannelPaused(Base):
    """通道暂停报告: `since` and `reason` as they are printed; `channel` in Chinese."""

    channel: str = Field(min_length=1)
    since: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class ServiceFault(Base):
    """系统运行告警: which part of the service does not do its work, and what was found."""

    part: str = Field(min_length=1)
    found: str = Field(min_length=1)


class MorningDigest(Base):
    """早间提要: how much waits for one member of the office on a day (`told_on`), and for whom he stands in; counts and
    numbers only. `late` of `to_do` are past a limit of the office."""

    told_on: date
    to_do: int = Field(ge=0)
    late: int = Field(ge=0)
    to_confirm: int = Field(ge=0)
    stands_in: tuple[str, ...] = ()


class PostingAlert(Base):
    """已发布页面核对告警: what a look at a posted page found; `reading` says what the procedure leaves to a person.

    `is_restored`: the list stands there again after something was wrong.
    """

    notice: str = Field(min_length=1)
    channel: str = Field(min_length=1)
    url: str = Field(min_length=1)
    outcome: str = Field(min_length=1)
    is_restored: bool
    found: str = Field(min_length=1)
    checked_at: str = Field(min_length=1)
    reading: str = Field(min_length=1)
