"""Every message of the procedure: who gets it, which parameters it has, which edition of the wording is in use.

Parameters are checked before a row is written to the outbox (`validate`): a message that could not be rendered is
refused in the transaction that would owe it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from notifications import agreement_params as a
from notifications import params as p
from notifications.editions import NEWEST
from rules.errors import InputError
from rules.vocabulary import Audience

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One kind of message: its name, who gets it, its parameters, its Chinese title."""

    name: str
    audience: Audience
    model: type[p.Base]
    title: str


def _applicant(name: str, model: type[p.Base], title: str) -> EventSpec:
    return EventSpec(name, Audience.APPLICANT, model, title)


EVENTS: dict[str, EventSpec] = {
    spec.name: spec
    for spec in (
        _applicant("application_accepted", p.ApplicationAccepted, "受理告知书"),
        _applicant("supplement_wanted", p.SupplementWanted, "补正材料一次性告知书"),
        _applicant("supplement_reminder", p.SupplementReminder, "补正期限提醒"),
        _applicant("application_not_accepted", p.ApplicationNotAccepted, "不予受理告知书"),
        _applicant("preliminary_opinion", p.PreliminaryOpinion, "初审意见告知书"),
        _applicant("panel_drawn", p.PanelDrawn, "评估专家组抽取告知"),
        _applicant("evaluation_result", p.EvaluationResult, "履约能力评估结果告知书"),
        _applicant("notice_started", p.NoticeStarted, "公示告知"),
        _applicant("objection_received", p.ObjectionReceived, "收到异议告知"),
        _applicant("objection_rejudged", p.ObjectionRejudged, "异议重新认定告知"),
        _applicant("objection_resolved", p.ObjectionResolved, "异议核查结论告知书"),
        _applicant("negotiation_opened", p.NegotiationOpened, "谈判通知"),
        _applicant("negotiation_result", p.NegotiationResult, "谈判结果告知书"),
        _applicant("signing_opened", p.SigningOpened, "签约通知"),
        _applicant("signing_reminder", p.SigningReminder, "签约期限提醒"),
        _applicant("deemed_abandoned", p.DeemedAbandoned, "视作自动放弃告知书"),
        _applicant("terms_draft", a.TermsDraft, "协议条款草案"),
        _applicant("agreement_signed", p.AgreementSigned, "协议签订告知"),
        _applicant("agreement_filed", p.AgreementFiled, "协议备案告知"),
        _applicant("result_published", p.ResultPublished, "定点名单公布告知"),
        _applicant("application_withdrawn", p.ApplicationWithdrawn, "撤回申请告知书"),
        _applicant("disqualified", p.Disqualified, "取消资格告知书"),
        _applicant("effect_reversed", p.EffectReversed, "更正告知书"),
        _applicant("deadline_moved", p.DeadlineMoved, "期限变更告知"),
        _applicant("reminder_digest", p.ReminderDigest, "期限提醒汇总"),
        _applicant("agreement_in_force", a.AgreementInForce, "协议生效告知"),
        _applicant("agreement_expired", a.AgreementExpired, "协议到期告知"),
        _applicant("expiry_reminder", a.ExpiryReminder, "协议到期提醒"),
        _applicant("inspection_held", a.InspectionHeld, "检查情况告知"),
        _applicant("finding_proposed", a.FindingProposed, "拟认定告知书"),
        _applicant("finding_confirmed", a.FindingConfirmed, "认定决定告知书"),
        _applicant("finding_overturned", a.FindingOverturned, "撤销认定告知书"),
        _applicant("order_to_rectify", a.OrderToRectify, "责令限期整改通知书"),
        _applicant("rectification_reminder", a.RectificationReminder, "整改期限提醒"),
        _applicant("order_late", a.OrderLate, "整改逾期告知"),
        _applicant("rectification_result", a.RectificationResult, "整改复查结果告知"),
        _applicant("agreement_suspended", a.AgreementSuspended, "暂停协议通知书"),
        _applicant("agreement_resumed", a.AgreementResumed, "恢复协议通知书"),
        _applicant("dissolution_due", a.DissolutionDue, "应予解除协议告知书"),
        _applicant("agreement_dissolved", a.AgreementDissolved, "解除服务协议通知书"),
        _applicant("warning", a.WarningIssued, "预警通知书"),
        _applicant("renewal_applied", a.RenewalApplied, "续签申请告知"),
        _applicant("renewal_signed", a.RenewalSigned, "续签协议告知"),
        _applicant("supplement_signed", a.SupplementSigned, "签订补充协议告知"),
        _applicant("annual_signed", a.AnnualSigned, "年度协议告知"),
        _applicant("stock_list_recorded", a.StockListRecorded, "备药清单登记告知"),
        _applicant("change_noted", a.ChangeNoted, "变更登记告知"),
        _applicant("agreement_left", a.AgreementLeft, "退出定点告知"),
        _applicant("assessment_result", a.AssessmentResult, "年度考核结果告知书"),
        _applicant("assessment_corrected", a.AssessmentCorrected, "考核结果更正告知书"),
        _applicant("grade_effect", a.GradeEffect, "信用等级处理告知"),
        _applicant("cost_decision", a.CostDecision, "费用处理告知书"),
        _applicant("list_changed", a.ListChanged, "名单变动告知书"),
        _applicant("city_returned", a.CityAnswer, "市级退回告知书"),
        _applicant("city_refused", a.CityAnswer, "市级不予确定告知书"),
        _applicant("migration_assess_by", a.MigrationAssessBy, "在册协议登记告知"),
        _applicant("agreement_cancelled", a.AgreementCancelled, "取消定点资格通知书"),
        EventSpec("city_reminder", Audience.AUTHORITY, p.CityReminder, "市级意见催办"),
        EventSpec("authority_reminder", Audience.AUTHORITY, p.AuthorityReminder, "机关办理期限提醒"),
        EventSpec("authority_digest", Audience.AUTHORITY, p.ReminderDigest, "机关办理期限提醒汇总"),
        EventSpec("authority_breach", Audience.SUPERVISOR, p.AuthorityBreach, "机关办理逾期报告"),
        EventSpec("objection_open", Audience.SUPERVISOR, p.ObjectionOpen, "异议待核查报告"),
        EventSpec("decision_review", Audience.SUPERVISOR, p.DecisionReview, "既往处理待核对报告"),
        EventSpec("posting_alert", Audience.AUTHORITY, p.PostingAlert, "已发布页面核对告警"),
        EventSpec("service_fault", Audience.AUTHORITY, p.ServiceFault, "系统运行告警"),
        EventSpec("morning_digest", Audience.AUTHORITY, p.MorningDigest, "早间提要"),
        EventSpec("channel_paused", Audience.SUPERVISOR, p.ChannelPaused, "消息通道暂停报告"),
    )
}


def spec_of(event: str) -> EventSpec:
    """The catalogue's entry of an event.

    Raises:
        InputError: no such event.
    """
    if event not in EVENTS:
        raise InputError(f"没有名为“{event}”的通知：请用 notifications/catalogue.py 中列出的名称")
    return EVENTS[event]


def parse(event: str, params: Mapping[str, Any]) -> p.Base:
    """The typed parameters of an event.

    Raises:
        InputError: unknown event; a parameter is missing, unknown or of the wrong kind (every one is named).
    """
    return _checked(event, spec_of(event).model, params)


def _checked(event: str, model: type[M], params: Mapping[str, Any]) -> M:
    try:
        return model.model_validate(params)
    except ValidationError as error:
        faults = "；".join(f"{'.'.join(map(str, fault['loc']))}：{fault['msg']}" for fault in error.errors())
        raise InputError(f"通知“{event}”的参数不成立：{faults}") from None


def validate(event: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they are stored: checked, complete, JSON-ready (days as ISO strings).

    Raises:
        InputError: as `parse`.
    """
    return parse(event, params).model_dump(mode="json")


def validate_party(event: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Of the parameters of an event those that name the applicant, as they are stored: all that differs between the
    letters of one batch.

    Raises:
        InputError: as `parse`.
    """
    party = _checked(event, p.Party, params)
    return {"applicant_id": party.applicant_id, "applicant_name": party.applicant_name}


def template_names(event: str) -> tuple[str, str]:
    """The file names of an event's e-mail subject and text, in the folder of an edition."""
    return f"{event}.email.subject.j2", f"{event}.email.txt.j2"


TEMPLATE_VERSION: dict[str, str] = dict.fromkeys(EVENTS, NEWEST)
