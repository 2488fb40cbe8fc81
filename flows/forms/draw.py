"""Forms of the draw of the experts (五(二); RFC 3797)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from flows import choices
from flows.forms.parts import (
    NONE_YET,
    DayOrNothing,
    ExpertId,
    Part,
    RoundForm,
    Text,
    TextOrNothing,
    TimeOfDay,
    YesNo,
)
from flows.forms.pasted import BARE, IS_CODE_OR_NOTHING, IS_REF, IS_REF_OR_NOTHING, OR_NOTHING, is_from_a_form
from flows.instants import beijing, day_or_none
from policies.loader import load_policy
from rules.vocabulary import ObjectionVia, SourceFallback, SourceState

ChallengeRef = Annotated[
    str, BARE, IS_REF, Field(title="质疑编号", description="本单位自编，不重复即可，如 CQ-1；作结论时填同一编号")
]


class RecuseExpert(RoundForm):
    """登记专家回避：方案公布前的不入名册，公布后的跳过、编号不变。"""

    expert_id: ExpertId
    reason: Annotated[Text, Field(title="回避事由", description="如：近亲属在申请单位任职")]
    applicant_id: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_CODE_OR_NOTHING,
        Field(title="只对哪一家回避", description="填申请人编号，如 H01；留空表示整轮回避"),
    ] = ""
    evidence: Annotated[
        TextOrNothing, Field(title="证明", description="方案公布以后的须填：书面申请等材料的名称和存放处，供复核人核对")
    ] = ""
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"evidence"}

    def fields(self) -> dict[str, Any]:
        """The proof where there is one."""
        return {name: value for name, value in super().fields().items() if name != "evidence" or value}


class SourceForm(Part):
    """一个随机源：将来才产生的公开结果，和它不按时产生时怎么办。"""

    name: Annotated[
        str, Field(title="名称和期号", description="如“双色球第2026134期红球”", min_length=1, max_length=200)
    ]
    kind: Annotated[
        str,
        choices.DRAW_SOURCES,
        Field(title="种类", description="决定取几个号码、号码范围", json_schema_extra={"default": "未声明"}),
    ] = ""
    due_on: Annotated[DayOrNothing, Field(title="公布日", description="结果应在哪一天公布，如 2026-03-05")] = ""
    fallback: Annotated[
        str,
        choices.of_terms(SourceFallback),
        Field(
            title="不公布时",
            description="事先定好，结果不按时产生时照此办理",
            json_schema_extra={"default": SourceFallback.WAIT.label},
        ),
    ] = SourceFallback.WAIT.value
    replacement: Annotated[
        str, Field(title="替代结果", description="不公布时改用哪一项公开结果，种类须相同；否则留空", max_length=200)
    ] = ""

    @model_validator(mode="after")
    def _fallback_is_whole(self, info: ValidationInfo) -> SourceForm:
        if self.due_on and not self.kind and is_from_a_form(info):
            raise ValueError(f"“{self.name}”填了公布日的须选种类：未声明种类的，公布日不起作用")
        if self.kind and not self.due_on:
            raise ValueError(f"“{self.name}”须写明公布日")
        if (self.fallback == SourceFallback.REPLACEMENT) != bool(self.replacement):
            raise ValueError(f"“{self.name}”：选择改用替代结果的须写明替代结果，其他情形不填")
        return self


def as_sources(value: Any) -> Any:
    """A scenario names its sources and says no more of them."""
    if not isinstance(value, list):
        return value
    return [{"name": one} if isinstance(one, str) else one for one in value]


class StratumForm(Part):
    """一个专业抽取几人。"""

    specialty: Annotated[
        str, Field(title="专业", description="与专家库中的写法一致，如“药学”", min_length=1, max_length=40)
    ]
    wanted: Annotated[int, Field(title="抽取人数", description="这个专业抽几人，如 1", ge=1, le=99)]


class WithdrawDrawPlan(RoundForm):
    """撤回一份还没有抽取的方案：随机源公布以前，公开说明，之后重新公布。"""

    told: Annotated[Text, Field(title="公开说明", description="印在抽取页上；如：名册漏列市局增补的两名专家")]
    reason: Annotated[Text, Field(title="理由", description="入卷，供复核人核对")]


class TakeBackDraw(RoundForm):
    """撤回一次随机源结果录错的抽取：专家评分以前，公开说明，方案不变，按正确的结果重新抽取。"""

    told: Annotated[Text, Field(title="公开说明", description="印在抽取页上；如：第三个红球应为 14，误录为 41")]
    evidence: Annotated[Text, Field(title="证据", description="随机源官方公布页的网址或截图存放处，供复核人核对")]


class PublishDrawPlan(RoundForm):
    """公布抽取方案：冻结名册、人数和将来才产生的公开随机源。"""

    wanted: Annotated[
        int,
        Field(
            title="抽取人数",
            description="不少于、不多于办法规定的人数，如 3",
            ge=1,
            le=99,
            json_schema_extra={"default": load_policy().count("panel_min")},
        ),
    ]
    sources: Annotated[list[SourceForm], BeforeValidator(as_sources)] = Field(
        title="随机源", description="将来才产生的公开结果，写明期号", min_length=1, max_length=9
    )
    strata: list[StratumForm] = Field(
        default_factory=list,
        title="按专业分组抽取",
        description="各组分别抽取，人数合计等于抽取人数；不分组则留空",
        max_length=9,
    )
    namesakes_checked: Annotated[
        bool, Field(title="同名者已核对", description="名册中姓名和单位都相同的，逐一核对确属不同的人后打开")
    ] = False
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"strata", "namesakes_checked"}

    @model_validator(mode="after")
    def _strata_add_up(self) -> PublishDrawPlan:
        names = [one.specialty for one in self.strata]
        if len(set(names)) != len(names):
            raise ValueError("同一专业只能写一组")
        if self.strata and sum(one.wanted for one in self.strata) != self.wanted:
            raise ValueError(f"各专业人数合计应等于抽取人数 {self.wanted}")
        return self

    def fields(self) -> dict[str, Any]:
        """The names of the sources; their rules only where they were announced."""
        rules = [one.model_dump(exclude={"name"}) for one in self.sources]
        told = rules if any(one.kind for one in self.sources) else []
        strata = [one.model_dump() for one in self.strata]
        names = [one.name for one in self.sources]
        checked = {"namesakes_checked": True} if self.namesakes_checked else {}
        return {"wanted": self.wanted, "sources": names, "source_rules": told, "strata": strata, **checked}


class SourceEventForm(RoundForm):
    """登记随机源延期或确定不公布；不公布的按方案公布的办法处理。"""

    number: Annotated[int, Field(title="第几个随机源", description="按方案公布的顺序，自 1 起", ge=1, le=9)]
    happened: Annotated[
        str,
        choices.Choice({SourceState.POSTPONED.value: "延期", SourceState.MISSING.value: "确定不公布"}),
        Field(title="情形", description="以发行机构的公告为准"),
    ]
    postponed_to: Annotated[DayOrNothing, Field(title="延期到", description="延期的填写新的公布日")] = ""
    evidence: Annotated[Text, Field(title="依据", description="如发行机构公告的名称、日期或网址")]
    plan: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_REF_OR_NOTHING,
        Field(title="检查计划编号", description="双随机检查计划的随机源填写，如 1；专家抽取的留空"),
    ] = ""

    @model_validator(mode="after")
    def _day_when_postponed(self) -> SourceEventForm:
        if (self.happened == SourceState.POSTPONED) != bool(self.postponed_to):
            raise ValueError("延期的须填写新的公布日，确定不公布的不填")
        return self

    def fields(self) -> dict[str, Any]:
        """The new day as a day, or None."""
        given = super().fields()
        if not self.plan:
            del given["plan"]
        return {**given, "postponed_to": day_or_none(self.postponed_to)}


class ChallengeDraw(RoundForm):
    """登记对抽取的质疑：质疑期内的，核查完结以前不能评分。"""

    ref: ChallengeRef
    received_on: Annotated[date, Field(title="收到日期", description="决定是否在质疑期内，以实际收到为准")]
    received_time: Annotated[TimeOfDay, Field(title="收到时间", description="北京时间，如 16:30")]
    via: Annotated[
        str, choices.of_terms(ObjectionVia), Field(title="途径", description="网上、窗口或邮寄；窗口以下班时间为限")
    ]
    postmarked_on: Annotated[DayOrNothing, Field(title="邮戳日期", description="邮寄的填写，如 2026-03-05")] = ""
    content: Annotated[Text, Field(title="质疑内容", description="只写事实，不写质疑人的姓名和电话")]

    def fields(self) -> dict[str, Any]:
        """The instant of receipt, the postmark as a day or None."""
        received_at = beijing(self.received_on, self.received_time)
        told = {"ref": self.ref, "via": self.via, "content": self.content}
        return {**told, "received_at": received_at, "postmarked_on": day_or_none(self.postmarked_on)}


class ResolveDrawChallenge(RoundForm):
    """作出抽取质疑的结论：成立的撤销本次抽取，须重新公布方案。"""

    ref: ChallengeRef
    upheld: Annotated[YesNo, Field(title="是否成立", description="选“是”的，撤销本次抽取；选“否”的，程序继续")]
    finding: Annotated[Text, Field(title="核查结论", description="会在抽取网页公布，不写质疑人的姓名")]


class Numbers(Part):
    """一个随机源的开奖结果。"""

    numbers: list[Annotated[int, Field(ge=0)]] = Field(
        title="数字", description="逐个填写，顺序不限", min_length=1, max_length=40
    )


def as_numbers(value: Any) -> Any:
    """A scenario gives a source as one number or a list of numbers."""
    if not isinstance(value, list):
        return value
    return [one if isinstance(one, dict) else {"numbers": one if isinstance(one, list) else [one]} for one in value]


class DrawExperts(RoundForm):
    """按公布的随机源结果抽取专家；只能抽取一次，最早在方案公布的次日。"""

    source_values: Annotated[list[Numbers], BeforeValidator(as_numbers)] = Field(
        title="随机源结果", description="按方案公布的顺序逐个填写", min_length=1, max_length=9
    )
    unavailable: list[int] = Field(
        title="当天不能到场的名册编号",
        description="没有则留空；编号不变，依次递补",
        max_length=500,
        json_schema_extra=NONE_YET,
    )
    evidence: Annotated[
        TextOrNothing,
        Field(title="开奖公告", description="各随机源结果的官方网页地址或留存文件；复核人据此核对，一并公布"),
    ] = ""
    absence_note: Annotated[
        TextOrNothing,
        Field(title="不能到场的说明", description="有当天不能到场的填写：证明材料和缘由，一并公布；不写个人隐私"),
    ] = ""
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"evidence", "absence_note"}

    def fields(self) -> dict[str, Any]:
        """Each source as a list of numbers; evidence and note where there are any."""
        told = {"evidence": self.evidence, "absence_note": self.absence_note}
        given = {"source_values": [one.numbers for one in self.source_values], "unavailable": self.unavailable}
        return given | {name: value for name, value in told.items() if value}
