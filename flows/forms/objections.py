"""Forms of objections and complaints (五(二)、五(三))."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from flows import choices
from flows.forms.parts import ApplicantId, DayOrNothing, ObjectionRef, OfRound, RoundForm, Text, TimeOfDay, YesNo
from flows.forms.pasted import BARE, IS_REF_OR_NOTHING, OR_NOTHING
from flows.instants import beijing, day_or_none, split_instant
from rules.vocabulary import HandDelivery, ObjectionVia


class RecordObjection(RoundForm):
    """登记公示异议：期内的只暂停被异议的那一家，逾期的按一般投诉核查。"""

    applicant_id: ApplicantId
    ref: ObjectionRef
    received_on: Annotated[date, Field(title="收到日期", description="决定是否在公示期内，以实际收到为准")]
    received_time: Annotated[TimeOfDay, Field(title="收到时间", description="北京时间，如 16:30")]
    via: Annotated[
        str, choices.of_terms(ObjectionVia), Field(title="途径", description="网上、窗口或邮寄；窗口以下班时间为限")
    ]
    allegation: Annotated[Text, Field(title="异议内容", description="只写事实，不写异议人的姓名和电话")]
    postmarked_on: Annotated[
        DayOrNothing, Field(title="邮戳日期", description="邮寄的填写，如 2026-03-05；其他途径留空")
    ] = ""
    is_anonymous: Annotated[bool, Field(title="匿名", description="没有留下姓名和联系方式的勾选")] = False
    duplicate_of: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_REF_OR_NOTHING,
        Field(title="与哪一件重复", description="同一人就同一公示、同一事由再次提出的，填先前的异议编号；没有则留空"),
    ] = ""
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"is_anonymous", "duplicate_of"}

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "received_at", "received_on", "received_time")

    def fields(self) -> dict[str, Any]:
        """The instant of receipt, the postmark as a day or None."""
        given = super().fields()
        del given["received_on"], given["received_time"]
        received_at = beijing(self.received_on, self.received_time)
        return {**given, "received_at": received_at, "postmarked_on": day_or_none(self.postmarked_on)}


class ResolveObjection(RoundForm):
    """作出异议核查结论：属实的取消资格，不属实的继续程序。"""

    ref: ObjectionRef
    substantiated: Annotated[
        YesNo,
        Field(title="是否属实", description="选“是”的，该机构被取消资格；选“否”的，程序继续"),
    ]
    finding: Annotated[
        Text,
        Field(
            title="核查结论",
            description="会告知被异议机构和异议人，不写异议人的姓名；如：经实地丈量，营业面积 260 平方米，异议不属实",
        ),
    ]
    preview_code: Annotated[
        str,
        Field(
            title="试算码",
            description="“试算异议后果”给出的八位码；填写后，后果有变的不予办理",
            pattern=r"^([0-9a-f]{8})?$",
        ),
        OR_NOTHING,
        BARE,
    ] = ""
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"preview_code"}


class TryObjection(OfRound):
    """试算异议后果：属实、不属实各会怎样，只看不做。"""

    ref: ObjectionRef


class WithdrawObjection(RoundForm):
    """登记异议人撤回异议；是否终止核查按本轮规则，缺省继续核查。"""

    ref: ObjectionRef
    withdrawn_on: Annotated[date, Field(title="撤回日期", description="收到书面撤回的日期")]
    reason: Annotated[Text, Field(title="撤回事由", description="不写异议人的姓名和电话")]


class ReplyObjection(RoundForm):
    """登记对异议人的答复；重复的异议逐件答复。"""

    ref: ObjectionRef
    replied_on: Annotated[date, Field(title="答复日期", description="答复送达的日期")]
    how: Annotated[str, choices.of_terms(HandDelivery), Field(title="答复方式", description="实际采用的送达方式")]
    proof: Annotated[Text, Field(title="凭证", description="如 EMS 单号、答复书文号、通话记录编号；不写姓名和电话")]
