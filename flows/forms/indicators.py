"""Forms of the monthly indicators: values of a month, written warnings, measures, occurrences (R70, R83)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from flows import choices
from flows.forms.parts import OptionalApplicantId, Part, RoundForm, Text, TextOrNothing, TimeOfDay
from flows.forms.pasted import BARE, IS_REF, OR_NOTHING, SQUEEZED
from flows.forms.performance import AgreementForm, LongText
from flows.instants import beijing, split_instant
from rules.vocabulary import EventKind, IndicatorSource

Month = Annotated[
    str, SQUEEZED, Field(title="月份", description="哪一个月的数值，如 2026-03", pattern=r"^[0-9]{4}-[0-9]{2}$")
]
Figure = Annotated[str, SQUEEZED, Field(min_length=1, max_length=20)]
FigureOrNothing = Annotated[str, OR_NOTHING, SQUEEZED, Field(max_length=20)]
WarningRef = Annotated[
    str, BARE, IS_REF, Field(title="预警序号", description="该协议下的第几号预警，如 1；看板的协议页可查")
]


class IndicatorLine(Part):
    """一项指标的数值。"""

    field: Annotated[str, choices.INDICATORS, Field(title="指标", description="协议约定的指标")]
    value: Annotated[Figure, Field(title="数值", description="只填数字，如 28.5，不写单位")]
    numerator: Annotated[FigureOrNothing, Field(title="分子", description="可不填；填了的与分母一并填写")] = ""
    denominator: Annotated[FigureOrNothing, Field(title="分母", description="可不填")] = ""


def _as_lines(value: Any) -> Any:
    """A scenario gives values as a mapping: the value, or a mapping with numerator and denominator."""
    if not isinstance(value, Mapping):
        return value
    return [
        {"field": code, **(given if isinstance(given, Mapping) else {"value": given})} for code, given in value.items()
    ]


class RecordIndicators(AgreementForm):
    """录入一家机构一个月的指标；更正的再录一次，原来的数值保留。全部机构的用“70 下载表格”“71 导入表格”。"""

    month: Month
    values: Annotated[list[IndicatorLine], BeforeValidator(_as_lines)] = Field(
        title="数值", description="每项指标一行", min_length=1, max_length=60
    )
    source: Annotated[
        str, choices.of_terms(IndicatorSource), Field(title="来源", description="机构报送的，或者经办系统统计的")
    ]
    received_on: Annotated[date, Field(title="收到日期", description="收到数据的日期")]


class IssueWarning(RoundForm):
    """发出预警通知书：写明超出的指标、约定和数值；不填机构的，向本轮该月超出而未预警的机构逐家发出。"""

    agreement_number: Annotated[
        TextOrNothing, Field(title="协议编号", description="从看板的协议页打开时已填好；留空则向全部超出的机构发出")
    ] = ""
    applicant_id: OptionalApplicantId = ""
    month: Month
    served_on: Annotated[date, Field(title="送达日期", description="预警通知书送达机构的日期，答复期限自次日起算")]


class RecordMeasures(AgreementForm):
    """登记整改措施：机构对预警的答复；逾期的也登记。"""

    warning: WarningRef
    answered_on: Annotated[date, Field(title="答复日期", description="机构书面答复的日期")]
    measures: Annotated[LongText, Field(title="整改措施", description="机构准备怎样改进、到什么时候；不写患者姓名")]


class ReportEvent(AgreementForm):
    """登记突发情况：机构收治外伤、重复住院的报告，按小时计算；公告要求的才登记。"""

    kind: Annotated[str, choices.of_terms(EventKind), Field(title="种类", description="按报告的内容选一种")]
    described: Annotated[Text, Field(title="情况", description="写科室、床位和经过；不写患者姓名和身份证号")]
    occurred_on: Annotated[date, Field(title="发生日期", description="收治或者再次入院的日期")]
    occurred_time: Annotated[TimeOfDay, Field(title="发生时间", description="北京时间，如 16:20")]
    reported_on: Annotated[date, Field(title="报告日期", description="经办机构收到报告的日期")]
    reported_time: Annotated[TimeOfDay, Field(title="报告时间", description="北京时间，如 09:05")]

    @model_validator(mode="before")
    @classmethod
    def _from_instants(cls, value: Any) -> Any:
        value = split_instant(value, "occurred_at", "occurred_on", "occurred_time")
        return split_instant(value, "reported_at", "reported_on", "reported_time")

    def fields(self) -> dict[str, Any]:
        """The two instants."""
        given = super().fields()
        for name in ("occurred", "reported"):
            del given[f"{name}_on"], given[f"{name}_time"]
            given[f"{name}_at"] = beijing(getattr(self, f"{name}_on"), getattr(self, f"{name}_time"))
        return given
