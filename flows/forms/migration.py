"""Forms of 先纳入、后规范: agreements that were there before (R74). Contacts come with the workbook, never by form."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from flows import choices
from flows.forms.parts import ActForm, DayOrNothing, Part, Text, TextOrNothing
from flows.forms.pasted import APART, OR_NOTHING
from flows.forms.performance import AgreementForm, SecondPerson
from flows.instants import day_or_none
from rules.creditcode import code_of
from rules.vocabulary import ApplicantType, Fitness


class MigratedEntry(Part):
    """一份在册协议。"""

    type: Annotated[str, choices.of_terms(ApplicantType), Field(title="机构类型", description="医疗机构或零售药店")]
    name: Annotated[Text, Field(title="机构名称", description="与执照一致的全称")]
    credit_code: Annotated[
        str, AfterValidator(code_of), Field(title="统一社会信用代码", description="18 位，照证照填写", max_length=40)
    ]
    level: Annotated[TextOrNothing, Field(title="医院等级", description="如 二级甲等；药店留空")] = ""
    agreement_number: Annotated[Text, Field(title="协议编号", description="原协议上的编号，不能重复")]
    signed_on: Annotated[DayOrNothing, Field(title="签订日期", description="不填则为生效日")] = ""
    effective_on: Annotated[date, Field(title="生效日", description="原协议的生效日，含当日")]
    expires_on: Annotated[date, Field(title="终止日", description="原协议的最后一日，含当日")]
    suspensions: Annotated[
        int, Field(title="此前暂停次数", description="本协议期内已被暂停的次数，没有填 0", ge=0, le=9)
    ]

    def told(self) -> dict[str, Any]:
        """The entry as typed values."""
        return self.model_dump() | {"signed_on": day_or_none(self.signed_on)}


class ImportAgreements(ActForm):
    """导入在册协议：先纳入、后规范；整批的用“70 下载表格”的在册协议表填好后以“71 导入表格”导入。"""

    entries: list[MigratedEntry] = Field(
        title="在册协议", description="每份一组；同样的内容再次提交不作改变", min_length=1, max_length=500
    )
    year: Annotated[
        str,
        OR_NOTHING,
        Field(title="过渡年度", description="如 2026；不填则为今年", pattern=r"^([0-9]{4})?$"),
    ] = ""
    assess_by: Annotated[
        DayOrNothing, Field(title="审核截止日", description="县里定的日期；不填则为过渡年度的 12 月 31 日")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """Days as days, the year as a number, None where they were left open."""
        year = int(self.year) if self.year else None
        entries = [one.told() for one in self.entries]
        return {"entries": entries, "year": year, "assess_by": day_or_none(self.assess_by)}


class AssessMigrated(AgreementForm):
    """审核在册机构：按申请条件审核，两人办理；不合格的取消定点，不受三年限制。"""

    result: Annotated[
        str, choices.of_terms(Fitness), Field(title="审核结论", description="有一项条件不符合的选“不合格”")
    ]
    assessed_on: Annotated[date, Field(title="审核日期", description="作出结论的日期")]
    criteria: Annotated[list[Annotated[str, choices.CONDITIONS]], APART] = Field(
        default_factory=list, title="不符合的条件", description="不合格的逐项选；合格的留空", max_length=30
    )
    decision_no: Annotated[
        TextOrNothing, Field(title="决定文号", description="不合格的填，如：样例县医保取消〔2026〕1号")
    ] = ""
    served_on: Annotated[
        DayOrNothing, Field(title="通知送达日期", description="不合格的填：取消通知书送达机构的日期，协议自该日起终止")
    ] = ""
    confirmed_by: SecondPerson

    def fields(self) -> dict[str, Any]:
        """The day of service as a day, None where there is none."""
        return super().fields() | {"served_on": day_or_none(self.served_on)}
