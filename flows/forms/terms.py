"""Forms of what an agreement fixes before it is signed: its terms, the test of the system (五(三))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from flows import choices
from flows.forms.parts import ApplicantId, Part, RoundForm, Text, TextOrNothing


class TermLine(Part):
    """一项条款：填数值或内容，或者写明不约定的原因。"""

    field: Annotated[
        str, choices.TERMS, Field(title="条款", description="适用于该机构的每项一行；从案件页打开时已列好")
    ]
    value: Annotated[
        TextOrNothing,
        Field(title="约定", description="指标只填数字，如 30 或 28.5，不写单位；结算方式填按项目、按服务单元或其他"),
    ] = ""
    waived_why: Annotated[
        TextOrNothing, Field(title="不约定的原因", description="没有约定的写明原因，如：县里尚未核定；约定了的留空")
    ] = ""


def as_lines(value: Any) -> Any:
    """Terms as lines: a scenario gives them as a mapping: the value, or `{waived_why: ...}`."""
    if not isinstance(value, Mapping):
        return value
    return [
        {"field": code, **(given if isinstance(given, Mapping) else {"value": given})} for code, given in value.items()
    ]


class PrepareAgreement(RoundForm):
    """起草协议条款：签订以前逐项填写指标和结算约定，不约定的写明原因；机构会收到草案。"""

    applicant_id: ApplicantId
    terms: Annotated[list[TermLine], BeforeValidator(as_lines)] = Field(
        title="协议条款", description="适用的每一项都要有；再次起草的以最后一次为准", min_length=1, max_length=60
    )


class RecordSystemTest(RoundForm):
    """登记系统测试：公告要求的，测试通过以后才能签订协议。"""

    applicant_id: ApplicantId
    passed_on: Annotated[date, Field(title="通过日期", description="测试通过的日期")]
    record: Annotated[Text, Field(title="测试记录", description="记录的名称和存放处，如：联调测试单第 8 号")]
