"""Forms of 分级确定: what goes to the city bureau, and what it answers (R75; A7-27)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from flows import choices
from flows.forms.parts import ApplicantId, RoundForm, Text, TextOrNothing
from flows.forms.pasted import APART
from rules.vocabulary import CityDecision

Number = Annotated[
    TextOrNothing,
    Field(title="协议编号", description="报的是解除决定的才填，如 样例县特药协议〔2025〕1号；报拟签约名单的留空"),
]


class CityForm(RoundForm):
    """Who is meant: dossiers of the round, or the agreement that is to be dissolved."""

    applicant_ids: Annotated[list[ApplicantId], APART] = Field(
        default_factory=list,
        title="申请人编号",
        description="每格一家，也可整列粘贴；留空表示全部等候的",
        max_length=500,
    )
    agreement_number: Number = ""

    @model_validator(mode="after")
    def _means_one(self) -> CityForm:
        if self.agreement_number and self.applicant_ids:
            raise ValueError("“申请人编号”和“协议编号”只填一项：拟签约名单和解除决定分别办理")
        return self


class ReportToCity(CityForm):
    """上报市级确定：达成共识之后、拟签约公示之前，或解除决定送达之前；只用于公告选择由市级确定的轮次。"""

    reported_on: Annotated[date, Field(title="上报日期", description="报文发出的日期")]
    report_no: Annotated[Text, Field(title="报文文号", description="如：样例县医保报〔2026〕3号")]
    minutes: Annotated[
        Text, Field(title="会议纪要", description="研究确定的会议纪要及存放处，如：会议纪要第 5 期，卷宗第 12 页")
    ]


class RecordCityDecision(CityForm):
    """登记市级意见：同意的可以公示（或送达解除决定）；退回的答复后再次上报；不同意的终止，须写明理由。"""

    decision: Annotated[str, choices.of_terms(CityDecision), Field(title="市级意见", description="按市级批复选一种")]
    decided_on: Annotated[date, Field(title="意见日期", description="批复上写的日期")]
    decision_no: Annotated[Text, Field(title="批复文号", description="如：样例市医保函〔2026〕8号")]
    reason: Annotated[
        TextOrNothing, Field(title="问题或理由", description="退回或不同意的必填，会告知机构；同意的留空")
    ] = ""
