"""Forms of what the office does of its own to watch over agreements: double random inspections, complaints, lists."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from flows import choices
from flows.forms.draw import Numbers, SourceForm, as_numbers, as_sources
from flows.forms.parts import (
    DayOrNothing,
    OptionalApplicantId,
    Part,
    RoundForm,
    Text,
    TextOrNothing,
    TimeOfDay,
    YesNo,
)
from flows.forms.pasted import APART, BARE, IS_REF, OR_NOTHING
from flows.forms.performance import AgreementForm, LongText, SecondPerson, StaffNo
from flows.instants import beijing, day_or_none, split_instant
from rules.vocabulary import ApplicantType, HandDelivery, InspectorConflict, InstitutionList, ObjectionVia

PlanRef = Annotated[
    str, BARE, IS_REF, Field(title="检查计划编号", description="本轮第几号检查计划，如 1；看板“双随机”可查")
]
ComplaintRef = Annotated[
    str, BARE, IS_REF, Field(title="举报投诉序号", description="该协议下的第几件，如 1；看板的协议页可查")
]
ANY_TYPE = "any"


class InspectorConflictForm(Part):
    """一名检查人员对一家机构回避。"""

    inspector: Annotated[StaffNo, Field(title="检查人员工号", description="应当回避的人员")]
    institution: Annotated[
        Text, Field(title="机构", description="协议编号，如 样例县特药协议〔2025〕1号；也可填申请人编号")
    ]
    kind: Annotated[
        str,
        choices.Choice({one.value: one.label for one in (InspectorConflict.EMPLOYER, InspectorConflict.FAMILY)}),
        Field(title="回避事由", description="公布的计划只写某号人员不去某号机构，不写事由"),
    ]


class PlanInspections(RoundForm):
    """制定检查计划：冻结并公布机构、检查人员两个名册和将来才产生的公开随机源。"""

    from_on: Annotated[date, Field(title="检查起日", description="公布计划之后的日期")]
    to_on: Annotated[date, Field(title="检查止日", description="期间的最后一日，须晚于各随机源的公布日")]
    types: Annotated[
        str,
        choices.Choice({ANY_TYPE: "全部机构", **{one.value: one.label for one in ApplicantType}}),
        Field(title="检查对象", description="正在履行协议的哪一类机构"),
    ] = ANY_TYPE
    count: Annotated[int, Field(title="抽取家数", description="抽几家；按比例抽取的填 0", ge=0, le=9999)] = 0
    share: Annotated[
        int, Field(title="抽取比例（%）", description="如 10，不足一家的按一家；按家数抽取的填 0", ge=0, le=100)
    ] = 0
    sources: Annotated[list[SourceForm], BeforeValidator(as_sources)] = Field(
        title="随机源",
        description="将来才产生的公开结果，写明期号、种类、公布日；秘密源由系统产生",
        min_length=1,
        max_length=9,
    )
    inspectors: Annotated[list[StaffNo], APART] = Field(
        default_factory=list,
        title="检查人员工号",
        description="检查人员名册，每格一个；留空则为有权登记检查的全部在岗人员",
        max_length=500,
    )
    conflicts: list[InspectorConflictForm] = Field(
        default_factory=list,
        title="回避",
        description="任职、亲属关系等；近期检查过该机构的由系统自动回避",
        max_length=500,
    )

    @model_validator(mode="after")
    def _number_or_share(self) -> PlanInspections:
        if bool(self.count) == bool(self.share):
            raise ValueError("“抽取家数”和“抽取比例（%）”须填其中一项，另一项填 0")
        return self

    def fields(self) -> dict[str, Any]:
        """The sources by name with their rules; the types as a list, empty for all."""
        rules = [one.model_dump(exclude={"name"}) for one in self.sources]
        return super().fields() | {
            "types": [] if self.types == ANY_TYPE else [self.types],
            "sources": [one.name for one in self.sources],
            "source_rules": rules if any(one.kind for one in self.sources) else [],
        }


class DrawInspections(RoundForm):
    """抽取检查对象：按公布的随机源结果和秘密源抽取机构和检查人员，结果检查结束以前只有本单位知道。"""

    plan: PlanRef
    source_values: Annotated[list[Numbers], BeforeValidator(as_numbers)] = Field(
        title="随机源结果", description="按计划公布的顺序逐个填写；秘密源不填", min_length=1, max_length=9
    )

    def fields(self) -> dict[str, Any]:
        """Each source as a list of numbers."""
        return {"plan": self.plan, "source_values": [one.numbers for one in self.source_values]}


class RevealInspections(RoundForm):
    """公开抽查结果：全部检查结束或期间届满之后，公开秘密源、抽取和检查结果，任何人都可以重算。"""

    plan: PlanRef


class RecordComplaint(AgreementForm):
    """登记举报投诉：对签约以后的定点机构；十五个工作日内核查。不写举报人的姓名和电话。"""

    received_on: Annotated[date, Field(title="收到日期", description="核查期限自次日起算")]
    received_time: Annotated[TimeOfDay, Field(title="收到时间", description="北京时间，如 16:20")]
    via: Annotated[str, choices.of_terms(ObjectionVia), Field(title="途径", description="网上、窗口或邮寄；来电选窗口")]
    matter: Annotated[LongText, Field(title="举报投诉事项", description="只写事实，不写举报人的姓名和电话")]
    is_anonymous: Annotated[
        YesNo, Field(title="是否匿名", description="匿名的照常核查，无从答复；实名的另行用“32 登记异议人”的文件登记")
    ]
    acknowledged_on: Annotated[
        DayOrNothing,
        Field(title="出具受理回执的日期", description="受理回执交举报人的日期；匿名或尚未出具的留空"),
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "received_at", "received_on", "received_time")

    def fields(self) -> dict[str, Any]:
        """The instant of receipt; the day of the acknowledgement as a day."""
        given = super().fields()
        del given["received_on"], given["received_time"]
        received_at = beijing(self.received_on, self.received_time)
        return given | {"received_at": received_at, "acknowledged_on": day_or_none(self.acknowledged_on)}


class ResolveComplaint(AgreementForm):
    """举报核查结论：属实的同时拟认定违规事实，由另一人认定；不属实的写明理由。"""

    complaint: ComplaintRef
    substantiated: Annotated[YesNo, Field(title="是否属实", description="选“是”的须选违规情形，拟认定随即告知机构")]
    reason: Annotated[LongText, Field(title="核查结论和理由", description="会写进答复，不写举报人的姓名")]
    code: Annotated[
        str,
        OR_NOTHING,
        choices.FOUND_OR_NOT,
        Field(title="违规情形", description="属实的选一种；协议已经结束的也要选，只记入结论"),
    ] = ""
    facts: Annotated[
        str,
        OR_NOTHING,
        Field(title="事实", description="属实的填写，会告知机构；不写患者和举报人的姓名", max_length=4000),
    ] = ""
    evidence: Annotated[TextOrNothing, Field(title="证据", description="属实的填写材料名称和存放处")] = ""

    @model_validator(mode="after")
    def _whole(self) -> ResolveComplaint:
        given = bool(self.code), bool(self.facts), bool(self.evidence)
        if self.substantiated and not all(given):
            raise ValueError("属实的须填写“违规情形”“事实”和“证据”")
        if not self.substantiated and any(given):
            raise ValueError("不属实的，“违规情形”“事实”和“证据”留空")
        return self


class ReplyComplaint(AgreementForm):
    """答复举报人：作出结论以后逐件登记；联系方式不在界面出现。"""

    complaint: ComplaintRef
    replied_on: Annotated[date, Field(title="答复日期", description="实际答复的日期")]
    how: Annotated[str, choices.of_terms(HandDelivery), Field(title="答复方式", description="电话、书面或窗口")]
    proof: Annotated[Text, Field(title="答复证明", description="如：挂号回执第 3 号；不写姓名和电话")]


class ListForm(RoundForm):
    """What both acts on a list ask: which institution, which list."""

    applicant_id: OptionalApplicantId = ""
    credit_code: Annotated[
        TextOrNothing,
        Field(title="统一社会信用代码", description="没有申请过的机构填 18 位代码；填了申请人编号的留空"),
    ] = ""
    on_list: Annotated[
        str, choices.of_terms(InstitutionList), Field(title="名单", description="县里的规则启用的名单才能登记")
    ]

    @model_validator(mode="after")
    def _names_one(self) -> ListForm:
        if bool(self.applicant_id) == bool(self.credit_code):
            raise ValueError("“申请人编号”和“统一社会信用代码”须填其中一项")
        return self


class ListAdd(ListForm):
    """列入名单：两人办理，凭有权机关的文书；告知机构，不公布。"""

    ground: Annotated[str, choices.LIST_GROUNDS, Field(title="情形", description="规则列明的情形")]
    name: Annotated[TextOrNothing, Field(title="机构名称", description="按信用代码列入的填写；其他留空")] = ""
    document: Annotated[Text, Field(title="依据的文书", description="有权机关的文书名称和文号")]
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处")]
    until: Annotated[DayOrNothing, Field(title="截止日期", description="最后一日；不填则至移出为止")] = ""
    confirmed_by: SecondPerson

    def fields(self) -> dict[str, Any]:
        """The last day as a day, None where it stays until it is removed."""
        return super().fields() | {"until": day_or_none(self.until)}


class ListRemove(ListForm):
    """移出名单：两人办理，写明理由和证据；告知机构。"""

    ground: Annotated[str, choices.LIST_GROUNDS, Field(title="情形", description="列入时的情形")]
    reason: Annotated[Text, Field(title="理由", description="会告知机构")]
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处")]
    confirmed_by: SecondPerson
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only
