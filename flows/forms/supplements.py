"""Forms of what changes an agreement while it is performed: supplements, years, and their filing (R60, R63)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from flows.forms.parts import LongTextOrNothing, Text, TextOrNothing
from flows.forms.pasted import BARE, IS_REF_OR_NOTHING, OR_NOTHING
from flows.forms.performance import AgreementForm
from flows.forms.terms import TermLine, as_lines


class SignSupplement(AgreementForm):
    """签订补充协议：协议履行中变更约定，自生效日期起按新的约定执行，此前的不变。"""

    signed_on: Annotated[date, Field(title="签订日期", description="补充协议上写的签订日")]
    effective_on: Annotated[date, Field(title="生效日期", description="自哪一天起按新的约定执行，不早于签订日期")]
    terms: Annotated[list[TermLine], BeforeValidator(as_lines)] = Field(
        default_factory=list, title="变更的条款", description="只写变更的，每项一行；其余条款不变", max_length=60
    )
    other_terms: Annotated[
        LongTextOrNothing, Field(title="其他约定", description="条款以外的约定，照印在补充协议上；没有则留空")
    ] = ""
    reason: Annotated[Text, Field(title="变更的理由", description="如：机构级别变更；会告知机构")]
    new_number: Annotated[TextOrNothing, Field(title="补充协议编号", description="不填则自动编号")] = ""
    office_only: ClassVar[frozenset[str]] = AgreementForm.office_only | {"new_number"}

    @model_validator(mode="after")
    def _changes_something(self) -> SignSupplement:
        if not self.terms and not self.other_terms:
            raise ValueError("“变更的条款”和“其他约定”至少填一项")
        return self


class FileSupplement(AgreementForm):
    """登记补充协议、续签协议备案：已签订、待备案的，与申报的协议一样报县医疗保障局备案。"""

    supplement: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_REF_OR_NOTHING,
        Field(
            title="备案哪一份",
            description="补充协议填其序号，如 1；续签的协议本身填 0；只有一份待备案的可以留空",
        ),
    ] = ""
    filed_on: Annotated[
        date, Field(title="备案日期", description="报县医疗保障局备案的日期，不早于补充协议或续签协议的签订日期")
    ]


class SignAnnual(AgreementForm):
    """签订年度协议：长期协议内一个自然年度的指标和结算约定；签订当年按协议条款，以后每年签订。"""

    year: Annotated[int, Field(title="年度", description="自然年度，如 2027", ge=2018, le=2100)]
    signed_on: Annotated[date, Field(title="签订日期", description="年度协议上写的签订日；晚于一月一日的，自签订日起")]
    terms: Annotated[list[TermLine], BeforeValidator(as_lines)] = Field(
        title="协议条款", description="适用的每一项都要有，不约定的写明原因", min_length=1, max_length=60
    )
    new_number: Annotated[TextOrNothing, Field(title="年度协议编号", description="不填则自动编号")] = ""
    office_only: ClassVar[frozenset[str]] = AgreementForm.office_only | {"new_number"}
