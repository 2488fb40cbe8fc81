"""The forms of what operators do with messages. No number, address or name of a person ever enters one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from flows.choices import Choice, of_terms
from flows.forms.parts import ActForm, ApplicantId, DayOrNothing, RoundForm, Text
from flows.instants import day_or_none
from rules.vocabulary import Channel, HandDelivery

Number = Annotated[int, Field(title="通知号", description="“通知一览”中的通知号", ge=1)]
Reason = Annotated[Text, Field(title="理由", description="如：更正邮箱后重发；记录在案，请勿写姓名、电话和邮箱")]
ChannelChoice = Annotated[str, of_terms(Channel), Field(title="方式", description="电子邮件、短信或工作群")]
CONTACT_WAYS = Choice({one.value: one.label for one in (Channel.EMAIL, Channel.SMS)})
ContactChoice = Annotated[str, CONTACT_WAYS, Field(title="方式", description="短信或电子邮件")]


class RetryNotification(ActForm):
    """重试一条通知：等候中的立即发送；被拒收或已放弃的，在更正联系方式后重试。"""

    number: Number
    reason: Reason


class CancelNotification(ActForm):
    """取消一条尚未送出的通知。"""

    number: Number
    reason: Reason


class ReleaseNotification(ActForm):
    """放行一条待复看的通知：看过全文、由办理人以外的另一人办理；同一通知的邮件和短信一并放行。"""

    number: Number
    reason: Annotated[
        Text, Field(title="复看意见", description="如：当事人、期限、依据均无误；记录在案，请勿写姓名、电话和邮箱")
    ]


class ResendNotification(ActForm):
    """有意再发一次：另立一条新的通知，原记录保留。"""

    number: Number
    reason: Reason


class RecordHandDelivery(ActForm):
    """登记人工送达：谁、何时、怎样送达，凭证是什么。"""

    task: Annotated[int, Field(title="任务号", description="“通知一览”中待人工送达的任务号", ge=1)]
    how: Annotated[str, of_terms(HandDelivery), Field(title="送达方式", description="电话告知、书面送达或窗口签收")]
    delivered_on: Annotated[date, Field(title="送达日期", description="实际送达的日期")]
    proof: Annotated[
        Text, Field(title="凭证", description="如送达回证编号、快递单号、通话登记簿页码；请勿写姓名和电话")
    ]


class RecordConsent(RoundForm):
    """登记申请人签署的电子送达确认书：此后电子送达有效，不再另行书面送达。"""

    applicant_id: ApplicantId
    reference: Annotated[Text, Field(title="确认书编号", description="卷宗中的编号或页码")]
    signed_on: Annotated[date, Field(title="签署日期", description="确认书上的签署日期")]


class SuppressContact(RoundForm):
    """停止向一家申请人的邮箱或号码发送（如号码已换人），或者恢复。必须送达的文书转为人工送达。"""

    applicant_id: ApplicantId
    channel: ContactChoice
    reason: Reason
    until: Annotated[DayOrNothing, Field(title="停发至", description="如 2026-03-05；留空表示一直停发")] = ""
    lift: Annotated[bool, Field(title="恢复发送", description="勾选表示解除停发")] = False

    def fields(self) -> dict[str, Any]:
        """The fields, the day as a day."""
        return {**super().fields(), "until": day_or_none(self.until)}


class ResumeChannel(ActForm):
    """通道修复后立即恢复，不等定时试发。"""

    channel: ChannelChoice
    reason: Reason


MESSAGE_FORMS: Mapping[str, type[ActForm]] = {
    "retry_notification": RetryNotification,
    "cancel_notification": CancelNotification,
    "resend_notification": ResendNotification,
    "release_notification": ReleaseNotification,
    "record_hand_delivery": RecordHandDelivery,
    "record_consent": RecordConsent,
    "suppress_contact": SuppressContact,
    "resume_channel": ResumeChannel,
}
