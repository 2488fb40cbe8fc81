"""Forms of the yearly assessment and of the settlement (R51, R58, R61, R64, R82)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from flows import choices
from flows.forms.parts import NONE_YET, ActForm, DecimalText, Part, Text, TextOrNothing, YesNo
from flows.forms.pasted import BARE, IS_REF_OR_NOTHING, OR_NOTHING, SQUEEZED, held_to
from flows.forms.performance import AgreementForm, Overturning
from rules.months import OURS
from rules.vocabulary import ApplicantType, CostKind, GradeEffect

YearNumber = Annotated[int, Field(title="考核年度", description="如 2026", ge=2018, le=2100)]
Month = Annotated[
    str,
    SQUEEZED,
    held_to(re.compile(OURS), "不是月份，应如 2026-03"),
    Field(title="费用月份", description="费用发生的月份，如 2026-03"),
]
Amount = Annotated[
    str,
    SQUEEZED,
    held_to(re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII), "不是金额，应为数字，至多两位小数，如 12800.50"),
    Field(title="金额（元）", description="大于 0，至多两位小数，如 12800.50"),
]
Code = Annotated[
    str,
    BARE,
    Field(title="指标代码", description="本单位自编，如 K1；一类机构内不重复", min_length=1, max_length=20),
]
MOST_CRITERIA, MOST_GRADES = 120, 10


class CriterionForm(Part):
    """一项考核指标。"""

    type: Annotated[
        str,
        choices.of_terms(ApplicantType),
        Field(title="机构类别", description="医疗机构和零售药店分别列出各自的指标"),
    ]
    code: Code
    item: Annotated[Text, Field(title="指标", description="考核什么、看什么，如：处方审核和目录内用药")]
    max: Annotated[DecimalText, Field(title="分值", description="该项满分；同类机构各项合计 100")]


class GradeForm(Part):
    """信用等级表的一行，由高到低。"""

    label: Annotated[str, Field(title="等级", description="县里规定的名称，如 A 级", min_length=1, max_length=20)]
    from_score: Annotated[DecimalText, Field(title="起始得分", description="考核得分达到多少，如 90（含本数）")]
    from_satisfaction: Annotated[
        str,
        OR_NOTHING,
        SQUEEZED,
        held_to(re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII), "不是分数，应如 90；不看满意度的留空", may_be_empty=True),
        Field(title="起始满意度", description="满意度达到多少，如 90（含本数）；该等级不看满意度的留空"),
    ] = ""
    effect: Annotated[
        str,
        choices.of_terms(GradeEffect),
        Field(title="处理", description="该等级的后果，三种之一（劳社厅函〔2003〕258号四）"),
    ]
    coefficient: Annotated[DecimalText, Field(title="结算系数", description="如 1 或 0.95；由县里规定")]


class TableFile(Part):
    """考核办法文件：指标和等级表。"""

    criteria: list[CriterionForm] = Field(min_length=1, max_length=MOST_CRITERIA)
    grades: list[GradeForm] = Field(default_factory=list, max_length=MOST_GRADES)


class SetAssessmentTable(ActForm):
    """登记考核办法：指标（每类合计 100 分）和信用等级表，在适用年度开始以前公布；按校验值固定，不再改动。"""

    first_year: Annotated[int, Field(title="适用年度", description="自哪一年起适用，如 2027", ge=2018, le=2100)]
    title: Annotated[Text, Field(title="名称", description="如：样例县特药定点机构年度考核办法（2027年版）")]
    published_on: Annotated[date, Field(title="公布日期", description="向社会公布的日期，须早于适用年度的 1 月 1 日")]
    published_where: Annotated[Text, Field(title="公布处", description="公布的渠道和网址或文号")]
    file: Annotated[
        str,
        OR_NOTHING,
        Field(
            title="文件名", description="收件夹里的考核办法文件（JSON 或 YAML）；在下面逐项填写的留空", max_length=120
        ),
    ] = ""
    criteria: list[CriterionForm] = Field(
        title="考核指标",
        description="填了文件名的留空",
        max_length=MOST_CRITERIA,
        json_schema_extra=NONE_YET,
        default_factory=list,
    )
    grades: list[GradeForm] = Field(
        title="信用等级表",
        description="由高到低；没有规定等级的留空，结果即为“未评定等级”；填了文件名的留空",
        max_length=MOST_GRADES,
        json_schema_extra=NONE_YET,
        default_factory=list,
    )
    office_only: ClassVar[frozenset[str]] = frozenset({"file"})

    @model_validator(mode="after")
    def _by_file_or_by_hand(self) -> SetAssessmentTable:
        if bool(self.file) == bool(self.criteria or self.grades):
            raise ValueError("“文件名”和下面的“考核指标”须填一处，不能都填或都不填")
        return self


class RecordSurvey(AgreementForm):
    """录入满意度调查：有效答卷少于规定份数的，只列示、不评级。"""

    from_on: Annotated[date, Field(title="调查起日", description="第一天")]
    to_on: Annotated[date, Field(title="调查止日", description="最后一天；按这一天归入年度")]
    method: Annotated[Text, Field(title="方法", description="如：窗口发放问卷、电话回访；不写被调查人的姓名和电话")]
    sample: Annotated[int, Field(title="发放份数", description="发出的问卷或拨打的人次", ge=1, le=1000000)]
    answers: Annotated[int, Field(title="有效答卷", description="收回并有效的份数，不多于发放份数", ge=1, le=1000000)]
    score: Annotated[DecimalText, Field(title="满意度", description="0 至 100，可有小数，如 92.5")]

    def fields(self) -> dict[str, Any]:
        """The score as an exact number."""
        return super().fields() | {"score": Decimal(self.score)}


class RecordThirdParty(AgreementForm):
    """录入第三方评价：受委托的第三方对该机构的评价和报告。"""

    evaluated_on: Annotated[date, Field(title="评价日期", description="报告的日期；按这一天归入年度")]
    evaluator: Annotated[Text, Field(title="第三方", description="单位全称")]
    contract: Annotated[Text, Field(title="委托合同", description="合同编号或名称")]
    report: Annotated[
        str,
        Field(
            title="报告",
            description="收件夹里的文件名，哈希由系统计算；已存的填 64 位 SHA-256",
            min_length=1,
            max_length=120,
        ),
    ]
    score: Annotated[DecimalText, Field(title="评价得分", description="0 至 100，可有小数，如 88.5")]

    def fields(self) -> dict[str, Any]:
        """The score as an exact number."""
        return super().fields() | {"score": Decimal(self.score)}


class CriterionScore(Part):
    """一项指标的得分。"""

    code: Annotated[str, BARE, Field(title="指标代码", description="考核办法中的代码，如 K1", max_length=20)]
    score: Annotated[DecimalText, Field(title="得分", description="从 0 到该项分值，可有小数，如 18.5")]


def _as_scores(value: Any) -> Any:
    """A scenario gives scores as a mapping of codes."""
    if not isinstance(value, Mapping):
        return value
    return [{"code": code, "score": score} for code, score in value.items()]


class ScoredYear(AgreementForm):
    """What is asked of the points of a year."""

    year: YearNumber
    scores: Annotated[list[CriterionScore], BeforeValidator(_as_scores)] = Field(
        title="各项得分", description="考核办法的每一项各一行", min_length=1, max_length=MOST_CRITERIA
    )

    @model_validator(mode="after")
    def _each_once(self) -> ScoredYear:
        codes = [one.code for one in self.scores]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"指标 {'、'.join(twice)} 写了两次，每项只写一行")
        return self

    def fields(self) -> dict[str, Any]:
        """The points by code, as exact numbers."""
        return super().fields() | {"scores": {one.code: Decimal(one.score) for one in self.scores}}


class RecordAssessment(ScoredYear):
    """录入年度考核：按考核办法逐项评分；认定、检查、暂停、满意度由系统从记录中带出，一并留存。"""

    note: Annotated[TextOrNothing, Field(title="说明", description="扣分的理由和依据；不写患者姓名；可留空")] = ""


class ConcludeAssessment(ActForm):
    """确定年度考核结果：该年度有协议履行的机构全部录入以后办理；结果公布，与结算和等级挂钩。"""

    year: YearNumber


class CorrectAssessment(Overturning, ScoredYear):
    """更正年度考核结果：已经公布的结果有误的，凭证据更正，两人办理；原结果留存，等级的处理随之收回。"""


class RecordCostDecision(AgreementForm):
    """登记费用处理：拒付、追回，或者下月冲抵；不得转由患者负担。"""

    kind: Annotated[
        str, choices.of_terms(CostKind), Field(title="处理", description="拒付当月、追回已付的，或在下月结算中冲抵")
    ]
    month: Month
    amount: Amount
    ground: Annotated[Text, Field(title="理由", description="哪些费用、依据什么；会告知机构，不写患者姓名")]
    finding: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_REF_OR_NOTHING,
        Field(title="依据的认定", description="已经认定的序号，如 1；没有则留空"),
    ] = ""
    not_charged_to_patients: Annotated[
        YesNo, Field(title="是否没有转由患者负担", description="核实没有向患者收取的选“是”，否则不能登记")
    ]

    @model_validator(mode="after")
    def _is_something(self) -> RecordCostDecision:
        if not Decimal(self.amount):
            raise ValueError("“金额（元）”须大于 0")
        return self

    def fields(self) -> dict[str, Any]:
        """The amount as an exact number."""
        return super().fields() | {"amount": Decimal(self.amount)}


class HoldSettlement(AgreementForm):
    """暂停结算：核查期间暂停拨付；不是暂停协议，不计入累计次数。"""

    from_on: Annotated[date, Field(title="暂停结算起日", description="自哪一天的费用起暂停拨付")]
    reason: Annotated[Text, Field(title="理由", description="在核查什么；不写举报人和患者的姓名")]


class ReleaseSettlement(AgreementForm):
    """恢复结算：核查完结，自某日起继续拨付。"""

    released_on: Annotated[date, Field(title="恢复日期", description="自这一天的费用起恢复拨付")]
    reason: Annotated[Text, Field(title="恢复理由", description="如：核查完结，没有发现问题")]
