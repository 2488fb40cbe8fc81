"""Forms of 谈判签约 and of corrections (五(三))."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from flows.forms.parts import NONE_YET, ActForm, ApplicantId, DayOrNothing, Text, TextOrNothing, YesNo
from flows.instants import day_or_none


class RecordNegotiation(ActForm):
    """录入谈判结果：四项全部协商并达成共识的列入拟签约名单。"""

    applicant_id: ApplicantId
    topics: list[Literal["服务人群", "服务范围", "服务内容", "结算方式"]] = Field(
        title="已协商事项",
        description="谈到的都选上；四项全部协商才能达成共识",
        max_length=4,
        json_schema_extra=NONE_YET,
    )
    consensus: Annotated[
        YesNo,
        Field(title="是否达成共识", description="四项均达成一致的选“是”；有一项没有达成的选“否”，本案终止"),
    ]
    open_point: Annotated[
        TextOrNothing, Field(title="未达成一致之处", description="没有达成共识的写明，如：结算方式；达成的留空")
    ] = ""


class RecordAgencyDelay(ActForm):
    """登记经办机构占用的日期：这些日期不计入签约期限。"""

    applicant_id: ApplicantId
    delay_from: Annotated[date, Field(title="起", description="第一天，如 2026-03-05")]
    delay_to: Annotated[date, Field(title="止", description="最后一天，含当日")]
    cause: Annotated[Text, Field(title="原因", description="如：经办系统停机，无法出具协议文本")]


class SignAgreement(ActForm):
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


class FileAgreement(ActForm):
    """登记协议备案。"""

    applicant_id: ApplicantId
    filed_on: Annotated[date, Field(title="备案日期", description="报县医疗保障局备案的日期，不早于签订日期")]


class CorrectRecord(ActForm):
    """更正系统按期限自动作出的结论：凭理由和证据撤销，原记录保留。"""

    applicant_id: ApplicantId
    what: Annotated[Text, Field(title="更正什么", description="如：期限内已签约，录入迟延")]
    reason: Annotated[Text, Field(title="理由", description="如：协议已在期限内签订，经办人员录入迟延")]
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处，如：协议原件，卷宗第 12 页")]
