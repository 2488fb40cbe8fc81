"""The forms of the acts: what an operator fills in, in the words of the procedure, with bounds and hints.

One nested model per deployment (Prefect shows nothing better). No `Optional`, no `Decimal`, no `datetime`: they render
badly; instants are a day and a time of day in Beijing. Field names are those of the scenario file, which is read
through the same models. No phone number and no complainant ever enters a form: Prefect stores parameters in clear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from flows import choices
from flows.instants import beijing, split_instant
from flows.registers import Penalty, Termination
from policies.loader import load_policy
from rules.vocabulary import EvaluationStage, NoticeKind, ObjectionVia

ApplicantId = Annotated[
    str,
    Field(title="申请人编号", description="看板和申请登记册中的编号，如 H01、P03", pattern=r"^[A-Za-z0-9-]{1,20}$"),
]
ExpertId = Annotated[
    str, Field(title="专家编号", description="专家库中的编号，如 Z09", pattern=r"^[A-Za-z0-9-]{1,20}$")
]
MaterialCode = Annotated[str, choices.MATERIALS]
Text = Annotated[str, Field(min_length=1, max_length=500)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]
DayOrNothing = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$"), BeforeValidator(lambda value: value or "")]
TextOrNothing = Annotated[str, Field(max_length=500), BeforeValidator(lambda value: value or "")]
DecimalText = Annotated[str, Field(pattern=r"^-?[0-9]{1,4}(\.[0-9]{1,4})?$")]


class Part(BaseModel):
    """A group of fields: unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class ActForm(Part):
    """What every act asks: who acts. `fields` is what the rules are given."""

    by: Annotated[
        str, Field(title="经办人工号", description="本人的工号；须在在岗人员名单中", min_length=1, max_length=40)
    ]

    def fields(self) -> dict[str, Any]:
        """The act's own fields, as typed values."""
        return self.model_dump(exclude={"by"})


class SubmitApplication(ActForm):
    """登记一家机构的申请。材料齐全的当日受理，不齐的转入待补正，不在受理时间内的不予受理。"""

    applicant_id: ApplicantId
    materials: list[MaterialCode] = Field(
        title="已提交材料", description="医疗机构选 H 开头的，零售药店选 P 开头的；可多选", max_length=30
    )
    copies: Annotated[int, Field(title="卷宗份数", description="申请人、经办中心、医保局各一份", ge=0, le=99)]
    official_seal: Annotated[bool, Field(title="已加盖公章")]
    legal_rep_seal: Annotated[bool, Field(title="已加盖法人章")]
    originals_shown: Annotated[bool, Field(title="已提交资质证件原件")]


class RequestSupplement(ActForm):
    """一次性告知补正：所缺材料须一次写全，申请人会收到告知。"""

    applicant_id: ApplicantId
    missing: list[MaterialCode] = Field(title="所缺材料", description="一次写全；漏写的会被退回并提示", max_length=30)


class SupplementMaterials(ActForm):
    """登记补来的材料：补齐的当日受理，受理截止后不能再补。"""

    applicant_id: ApplicantId
    materials: list[MaterialCode] = Field(title="补来的材料", min_length=1, max_length=30)


class WithdrawApplication(ActForm):
    """登记撤回申请：签约前申请人可以撤回。"""

    applicant_id: ApplicantId
    reason: Annotated[Text, Field(title="撤回理由")]


FACTS = {
    "bool": (
        *("is_basic_designated", "cold_chain", "major_liability_accident", "provincial_charity_aid_point"),
        *("special_drug_department", "uses_oncology_targeted", "oncology_qualification", "group_or_chain_member"),
        *("nationwide_dtp_network", "tier1_distribution_agreement", "manufacturer_award"),
    ),
    "int": (
        *("physicians", "pharmacists", "special_drug_varieties", "licensed_pharmacists"),
        *("staff_total", "staff_with_contract", "staff_with_social_insurance"),
    ),
    "decimal": ("area_m2", "group_revenue_cny"),
}
READ_AS: Mapping[str, TypeAdapter[Any]] = {
    "penalties": TypeAdapter(list[Penalty]),
    "prior_termination": TypeAdapter(Termination | None),
}
EXAMPLES = {
    "penalties": '[{"authority": "县市场监督管理局", "date": "2025-03-01", "kind": "罚款"}]',
    "prior_termination": '{"date": "2024-05-01", "kind": "解除"}',
}
WORDS = {"是": True, "否": False, "true": True, "false": False, "True": True, "False": False}


class Finding(Part):
    """实地核查结果与申报不一致的一项。"""

    fact: Annotated[str, choices.FACTS, Field(title="事实项")]
    value: Annotated[str, Field(title="核查结果", description="是/否、数字或文字", max_length=2000)]

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Finding:
        if self.fact in FACTS["bool"] and self.value not in WORDS:
            raise ValueError(f"{self.fact} 应填“是”或“否”，现为“{self.value}”")
        if self.fact in FACTS["int"] and not self.value.isdigit():
            raise ValueError(f"{self.fact} 应填整数，现为“{self.value}”")
        if self.fact in FACTS["decimal"] and not re.fullmatch(r"\d+(\.\d+)?", self.value):
            raise ValueError(f"{self.fact} 应填数字，如 180.5，现为“{self.value}”")
        if self.fact == "grade" and self.value not in load_policy().grades:
            raise ValueError(f"grade 应为 {'、'.join(load_policy().grades)} 之一，现为“{self.value}”")
        if self.fact in READ_AS:
            try:
                READ_AS[self.fact].validate_json(self.value)
            except ValidationError:
                raise ValueError(f"{self.fact} 应为 JSON，如 {EXAMPLES[self.fact]}") from None
        return self

    @property
    def typed(self) -> Any:
        """The value as the rules need it."""
        if self.fact in FACTS["bool"]:
            return WORDS[self.value]
        if self.fact in READ_AS:
            return json.loads(self.value)
        return int(self.value) if self.fact in FACTS["int"] else self.value


def _as_findings(value: Any) -> Any:
    """A scenario gives findings as a mapping of facts; lists and mappings are written as JSON."""
    if not isinstance(value, Mapping):
        return value
    return [
        {
            "fact": fact,
            "value": json.dumps(found, ensure_ascii=False) if isinstance(found, (list, dict)) else str(found),
        }
        for fact, found in value.items()
    ]


class VerifySite(ActForm):
    """录入实地核查情况：与申报不一致的，以核查结果为准。"""

    applicant_id: ApplicantId
    findings: Annotated[list[Finding], BeforeValidator(_as_findings)] = Field(
        title="与申报不一致的事实", description="只填不一致的；没有则留空", max_length=30
    )
    note: Annotated[TextOrNothing, Field(title="核查说明")] = ""

    def fields(self) -> dict[str, Any]:
        """Findings as a mapping of facts to values."""
        return {**super().fields(), "findings": {one.fact: one.typed for one in self.findings}}


class Judgement(Part):
    """须由人判断的一项。"""

    subject: Annotated[str, choices.JUDGEMENTS, Field(title="判断事项")]
    accepted: Annotated[bool, Field(title="是否认可")]
    reason: Annotated[str, Field(title="理由", max_length=500)]


def _as_judgements(value: Any) -> Any:
    """A scenario gives judgements as a mapping of subjects."""
    if not isinstance(value, Mapping):
        return value
    return [{"subject": subject, **given} for subject, given in value.items()]


class SignPreliminaryOpinion(ActForm):
    """签署初审意见：合格与否由申请条件、事实和判断得出，每家只能签署一次。"""

    applicant_id: ApplicantId
    judgements: Annotated[list[Judgement], BeforeValidator(_as_judgements)] = Field(
        title="须由人判断的事项", description="系统提示需要时才填，须写明理由", max_length=5
    )

    def fields(self) -> dict[str, Any]:
        """Judgements by subject."""
        given = {one.subject: {"accepted": one.accepted, "reason": one.reason} for one in self.judgements}
        return {**super().fields(), "judgements": given}


class RequestEvaluation(ActForm):
    """提出履约能力评估申请：先报县医疗保障局，再报市医疗保障局；逐家办理。"""

    to: Annotated[str, choices.of_terms(EvaluationStage), Field(title="向谁提出")]
    applicant_ids: list[ApplicantId] = Field(
        title="申请人编号", description="初审合格的机构", min_length=1, max_length=500
    )


class RecuseExpert(ActForm):
    """登记专家回避：方案公布前的不入名册，公布后的跳过、编号不变。"""

    expert_id: ExpertId
    reason: Annotated[Text, Field(title="回避事由")]
    applicant_id: Annotated[
        str,
        Field(title="只对哪一家回避", description="留空表示整轮回避", pattern=r"^[A-Za-z0-9-]{0,20}$"),
        BeforeValidator(lambda value: value or ""),
    ] = ""


class PublishDrawPlan(ActForm):
    """公布抽取方案：冻结名册、人数和将来才产生的公开随机源。"""

    wanted: Annotated[int, Field(title="抽取人数", description="不少于、不多于办法规定的人数", ge=1, le=99)]
    sources: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        title="随机源",
        description="将来才产生的公开结果，写明期号，如“双色球第2026134期红球”",
        min_length=1,
        max_length=9,
    )


class Numbers(Part):
    """一个随机源的开奖结果。"""

    numbers: list[Annotated[int, Field(ge=0)]] = Field(
        title="数字", description="逐个填写，顺序不限", min_length=1, max_length=40
    )


def _as_numbers(value: Any) -> Any:
    """A scenario gives a source as one number or a list of numbers."""
    if not isinstance(value, list):
        return value
    return [one if isinstance(one, dict) else {"numbers": one if isinstance(one, list) else [one]} for one in value]


class DrawExperts(ActForm):
    """按公布的随机源结果抽取专家；只能抽取一次，最早在方案公布的次日。"""

    source_values: Annotated[list[Numbers], BeforeValidator(_as_numbers)] = Field(
        title="随机源结果", description="按方案公布的顺序逐个填写", min_length=1, max_length=9
    )
    unavailable: list[int] = Field(
        title="当天不能到场的名册编号", description="没有则留空；编号不变，依次递补", max_length=500
    )

    def fields(self) -> dict[str, Any]:
        """Each source as a list of numbers."""
        return {"source_values": [one.numbers for one in self.source_values], "unavailable": self.unavailable}


class ItemScore(Part):
    """一个评分项目。"""

    code: Annotated[str, Field(title="项目代码", max_length=20)]
    score: Annotated[DecimalText, Field(title="得分", description="如 18.5")]


def _as_scores(value: Any) -> Any:
    """A scenario gives scores as a mapping of item codes."""
    if not isinstance(value, Mapping):
        return value
    return [{"code": code, "score": score} for code, score in value.items()]


class RecordScoreSheet(ActForm):
    """录入一名专家对一家机构的评分表，逐项评分。"""

    applicant_id: ApplicantId
    expert_id: ExpertId
    items: Annotated[list[ItemScore], BeforeValidator(_as_scores)] = Field(
        title="各项得分", description="评分标准的每一项各填一行", min_length=1, max_length=60
    )

    @model_validator(mode="after")
    def _each_item_once(self) -> RecordScoreSheet:
        if len({one.code for one in self.items}) != len(self.items):
            raise ValueError("同一评分项目只能填一次")
        return self

    def fields(self) -> dict[str, Any]:
        """Scores as exact decimals by item."""
        return {**super().fields(), "items": {one.code: Decimal(one.score) for one in self.items}}


class ConcludeEvaluation(ActForm):
    """汇总评估结果：评分表全部录入后，按平均分排名，按公告名额择优。"""


class PostingForm(Part):
    """一个渠道的发布凭证。"""

    channel: Annotated[
        str, Field(title="渠道", description="须与公告所列渠道一致，如“县政府网站”", min_length=1, max_length=40)
    ]
    posted_on: Annotated[date, Field(title="发布日期")]
    posted_time: Annotated[TimeOfDay, Field(title="发布时间", description="北京时间，如 09:00")]
    url: Annotated[str, Field(title="网址", max_length=500), BeforeValidator(lambda value: value or "")] = ""
    sha256: Annotated[
        str,
        Field(title="截图或文件的 SHA-256", pattern=r"^[0-9a-f]{0,64}$"),
        BeforeValidator(lambda value: value or ""),
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "posted_at", "posted_on", "posted_time")

    def row(self) -> dict[str, Any]:
        """The posting as the record keeps it."""
        posted_at = beijing(self.posted_on, self.posted_time)
        return {"channel": self.channel, "posted_at": posted_at, "url": self.url, "sha256": self.sha256}


class PublishNotice(ActForm):
    """发布公示或公布名单。两个渠道都发布后公示期起算；缺一个渠道时先登记已有的，再运行一次补登。"""

    kind: Annotated[str, choices.of_terms(NoticeKind), Field(title="种类")]
    postings: list[PostingForm] = Field(
        title="发布凭证", description="两个渠道各一条；公示期自较晚的一条起算，当日不计", max_length=5
    )

    def fields(self) -> dict[str, Any]:
        """Postings with aware instants."""
        return {"kind": self.kind, "postings": [one.row() for one in self.postings]}


class RecordObjection(ActForm):
    """登记公示异议：期内的只暂停被异议的那一家，逾期的按一般投诉核查。"""

    applicant_id: ApplicantId
    ref: Annotated[str, Field(title="异议编号", pattern=r"^[A-Za-z0-9-]{1,40}$")]
    received_on: Annotated[date, Field(title="收到日期")]
    received_time: Annotated[TimeOfDay, Field(title="收到时间", description="北京时间，如 16:30")]
    via: Annotated[str, choices.of_terms(ObjectionVia), Field(title="途径")]
    allegation: Annotated[Text, Field(title="异议内容", description="只写事实，不写异议人的姓名和电话")]
    postmarked_on: Annotated[DayOrNothing, Field(title="邮戳日期", description="邮寄的填写，如 2026-03-05")] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "received_at", "received_on", "received_time")

    def fields(self) -> dict[str, Any]:
        """The instant of receipt, the postmark as a day or None."""
        given = self.model_dump(exclude={"by", "received_on", "received_time"})
        postmark = date.fromisoformat(self.postmarked_on) if self.postmarked_on else None
        received_at = beijing(self.received_on, self.received_time)
        return {**given, "received_at": received_at, "postmarked_on": postmark}


class ResolveObjection(ActForm):
    """作出异议核查结论：属实的取消资格，不属实的继续程序。"""

    ref: Annotated[str, Field(title="异议编号", pattern=r"^[A-Za-z0-9-]{1,40}$")]
    substantiated: Annotated[bool, Field(title="是否属实", description="属实的取消该机构资格")]
    finding: Annotated[Text, Field(title="核查结论")]


class RecordNegotiation(ActForm):
    """录入谈判结果：四项全部协商并达成共识的列入拟签约名单。"""

    applicant_id: ApplicantId
    topics: list[Literal["服务人群", "服务范围", "服务内容", "结算方式"]] = Field(title="已协商事项", max_length=4)
    consensus: Annotated[bool, Field(title="是否达成共识")]
    open_point: Annotated[TextOrNothing, Field(title="未达成一致之处")] = ""


class RecordAgencyDelay(ActForm):
    """登记经办机构占用的日期：这些日期不计入签约期限。"""

    applicant_id: ApplicantId
    delay_from: Annotated[date, Field(title="起")]
    delay_to: Annotated[date, Field(title="止", description="含当日")]
    cause: Annotated[Text, Field(title="原因")]


class SignAgreement(ActForm):
    """登记签订协议：以签订日为准，须在拟签约公示届满之后、签约期限之内。"""

    applicant_id: ApplicantId
    signed_on: Annotated[date, Field(title="签订日期", description="以实际签订日为准，不是录入日")]


class FileAgreement(ActForm):
    """登记协议备案。"""

    applicant_id: ApplicantId
    filed_on: Annotated[date, Field(title="备案日期")]


class CorrectRecord(ActForm):
    """更正系统按期限自动作出的结论：凭理由和证据撤销，原记录保留。"""

    applicant_id: ApplicantId
    what: Annotated[Text, Field(title="更正什么", description="如：期限内已签约，录入迟延")]
    reason: Annotated[Text, Field(title="理由")]
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处")]


class DayRange(Part):
    """一段放假日期。"""

    first: Annotated[date, Field(title="起")]
    last: Annotated[date, Field(title="止", description="含当日")]

    @model_validator(mode="before")
    @classmethod
    def _from_any_range(cls, value: Any) -> Any:
        """A scenario writes a range as a pair, as `first..last`, as a mapping or as one day."""
        if isinstance(value, str):
            value = value.replace("..", "/").split("/")
        if isinstance(value, Mapping):
            value = list(value.values())
        return {"first": value[0], "last": value[-1]} if isinstance(value, list) and value else value


class LoadWorkdays(ActForm):
    """录入国务院办公厅公布或调整的全年放假安排；在办案件的期限随即重新推算。"""

    year: Annotated[int, Field(title="年份", ge=2018, le=2100)]
    notice: Annotated[str, Field(title="通知文号", description="如 国办发明电〔2025〕7号", min_length=1, max_length=80)]
    off: list[DayRange] = Field(title="放假日期", description="全年各段，含调休", max_length=40)
    working: list[date] = Field(title="调休上班日", max_length=40)

    def fields(self) -> dict[str, Any]:
        """Ranges as pairs of days."""
        return {**super().fields(), "off": [(one.first, one.last) for one in self.off]}


class FileForm(ActForm):
    """含联系方式的内容不经表单：把文件放进收件夹，在这里填文件名。"""

    file: Annotated[
        str, Field(title="文件名", description="收件夹（var/inbox）里的文件名，不带路径", min_length=1, max_length=120)
    ]


class CaseForm(Part):
    """查看一家机构。"""

    applicant_id: ApplicantId


class SweepForm(Part):
    """期限巡查的选项。"""

    as_of_day: Annotated[DayOrNothing, Field(title="截至哪一天", description="留空表示现在；补跑某天填 2026-03-05")] = (
        ""
    )
    dry_run: Annotated[bool, Field(title="只看不做", description="列出会做什么，不写入")] = False

    @property
    def instant(self) -> datetime | None:
        """The end of the given day in Beijing; None means now."""
        return beijing(date.fromisoformat(self.as_of_day), "23:59:59") if self.as_of_day else None


FORMS: Mapping[str, type[ActForm]] = {
    "submit_application": SubmitApplication,
    "request_supplement": RequestSupplement,
    "supplement_materials": SupplementMaterials,
    "withdraw_application": WithdrawApplication,
    "verify_site": VerifySite,
    "sign_preliminary_opinion": SignPreliminaryOpinion,
    "request_evaluation": RequestEvaluation,
    "recuse_expert": RecuseExpert,
    "publish_draw_plan": PublishDrawPlan,
    "draw_experts": DrawExperts,
    "record_score_sheet": RecordScoreSheet,
    "conclude_evaluation": ConcludeEvaluation,
    "publish_notice": PublishNotice,
    "record_objection": RecordObjection,
    "resolve_objection": ResolveObjection,
    "record_negotiation": RecordNegotiation,
    "record_agency_delay": RecordAgencyDelay,
    "sign_agreement": SignAgreement,
    "file_agreement": FileAgreement,
    "correct_record": CorrectRecord,
    "load_workdays": LoadWorkdays,
}
