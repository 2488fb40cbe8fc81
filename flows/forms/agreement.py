"""Forms of 谈判签约 and of corrections (五(三))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator

from flows import choices
from flows.forms.parts import NONE_YET, ApplicantId, DayOrNothing, Part, RoundForm, Text, TextOrNothing, YesNo
from flows.instants import day_or_none
from rules.vocabulary import CopyHolder

TOPIC = Annotated[str, choices.TOPICS]
OTHER_TOPIC = Annotated[str, Field(min_length=1, max_length=choices.TOPICS.longest)]
RECEIPT = {"received_by": "received_by", "number": "receipt_number", "on": "received_on"}  # of a file, of the form


class RecordNegotiation(RoundForm):
    """录入谈判结果：四项全部协商并达成共识的列入拟签约名单。"""

    applicant_id: ApplicantId
    topics: list[TOPIC] = Field(
        title="已协商事项",
        description="谈到的都选上；四项全部协商才能达成共识",
        max_length=30,
        json_schema_extra=NONE_YET,
    )
    other_topics: list[OTHER_TOPIC] = Field(
        default_factory=list,
        title="其他协商事项",
        description="四项以外还谈了的，每格一项，如：药品供应保障；没有则留空",
        max_length=20,
    )
    consensus: Annotated[
        YesNo,
        Field(title="是否达成共识", description="四项均达成一致的选“是”；有一项没有达成的选“否”，本案终止"),
    ]
    open_point: Annotated[
        TextOrNothing, Field(title="未达成一致之处", description="没有达成共识的写明，如：结算方式；达成的留空")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """Everything that was negotiated on in one list, each once."""
        given = super().fields()
        return given | {"topics": list(dict.fromkeys(given["topics"] + given.pop("other_topics")))}


class RecordAgencyDelay(RoundForm):
    """登记经办机构占用的日期：这些日期不计入签约期限。"""

    applicant_id: ApplicantId
    delay_from: Annotated[date, Field(title="起", description="第一天，如 2026-03-05")]
    delay_to: Annotated[date, Field(title="止", description="最后一天，含当日")]
    cause: Annotated[Text, Field(title="原因", description="如：经办系统停机，无法出具协议文本")]


class SignAgreement(RoundForm):
    """登记签订协议：以签订日为准，须在拟签约公示届满之后、签约期限之内。"""

    applicant_id: ApplicantId
    signed_on: Annotated[
        date, Field(title="签订日期", description="协议上写的签订日，不是录入日，所以不预填；点开日历选择")
    ]
    agreement_number: Annotated[TextOrNothing, Field(title="协议编号", description="不填则按签订顺序自动编号")] = ""
    effective_on: Annotated[DayOrNothing, Field(title="协议生效日", description="不填则为签订日")] = ""
    expires_on: Annotated[DayOrNothing, Field(title="协议终止日", description="不填则自生效日起满一个协议期")] = ""

    def fields(self) -> dict[str, Any]:
        """The days of the term as days, None where they were left open."""
        given = super().fields()
        days = {name: given[name] for name in ("effective_on", "expires_on")}
        return given | {name: day_or_none(day) for name, day in days.items()}


class CopyForm(Part):
    """一份卷宗由谁保管。"""

    holder: Annotated[str, choices.of_terms(CopyHolder), Field(title="份属", description="一式三份中的哪一份")]
    kept_by: Annotated[Text, Field(title="保管人或签收人", description="科室和姓名，如：医药管理科 张某")]
    on: Annotated[date, Field(title="交存日期", description="交给保管人的日期")]


class FileAgreement(RoundForm):
    """登记协议备案：备案日期，县局的备案回执，三份卷宗各由谁保管。"""

    applicant_id: ApplicantId
    filed_on: Annotated[date, Field(title="备案日期", description="报县医疗保障局备案的日期，不早于签订日期")]
    received_by: Annotated[
        TextOrNothing, Field(title="回执：接收人", description="县局医药管理科接收人；没有回执的三项都留空")
    ] = ""
    receipt_number: Annotated[TextOrNothing, Field(title="回执：编号", description="备案回执上的编号")] = ""
    received_on: Annotated[DayOrNothing, Field(title="回执：日期", description="回执上的日期，不早于备案日期")] = ""
    copies: list[CopyForm] = Field(
        default_factory=list,
        title="卷宗去向",
        description="一式三份：申报单位、经办中心、县医疗保障局各一份；知道的各填一行",
        max_length=3,
    )

    @model_validator(mode="before")
    @classmethod
    def _receipt_of_a_file(cls, value: Any) -> Any:
        """A file gives the receipt as a group of its own."""
        receipt = value.get("receipt") if isinstance(value, Mapping) else None
        if not isinstance(receipt, Mapping):
            return value
        told = {RECEIPT.get(name, f"receipt.{name}"): given for name, given in receipt.items()}
        return {name: given for name, given in value.items() if name != "receipt"} | told

    @model_validator(mode="after")
    def _is_whole(self) -> FileAgreement:
        receipt = (self.received_by, self.receipt_number, self.received_on)
        if any(receipt) and not all(receipt):
            raise ValueError("备案回执的接收人、编号、日期须一并填写；没有回执的三项都留空")
        holders = [one.holder for one in self.copies]
        if len(set(holders)) != len(holders):
            raise ValueError("“卷宗去向”中同一份属只能填一次")
        return self

    def fields(self) -> dict[str, Any]:
        """The receipt as a group, and the copies, where they were given."""
        told: dict[str, Any] = {"applicant_id": self.applicant_id, "filed_on": self.filed_on}
        if self.received_on:
            on = day_or_none(self.received_on)
            told["receipt"] = {"received_by": self.received_by, "number": self.receipt_number, "on": on}
        return told | ({"copies": [one.model_dump() for one in self.copies]} if self.copies else {})


class CorrectRecord(RoundForm):
    """更正系统按期限自动作出的结论：凭理由和证据撤销，原记录保留。"""

    applicant_id: ApplicantId
    what: Annotated[Text, Field(title="更正什么", description="如：期限内已签约，录入迟延")]
    reason: Annotated[Text, Field(title="理由", description="如：协议已在期限内签订，经办人员录入迟延")]
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处，如：协议原件，卷宗第 12 页")]
