"""Forms of an agreement's performance (六): inspection, finding, order, suspension, dissolution, renewal, leaving."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from flows import choices
from flows.forms.parts import DayOrNothing, OptionalApplicantId, Part, RoundForm, Text, TextOrNothing, TimeOfDay, YesNo
from flows.forms.pasted import APART, BARE, IS_REF, IS_REF_OR_NOTHING, OR_NOTHING
from flows.instants import beijing, day_or_none, split_instant
from rules.vocabulary import (
    ChangeKind,
    FiveMatch,
    InspectionKind,
    MatchResult,
    ObjectionVia,
    RectificationResult,
    RenewalJudgement,
)

StaffNo = Annotated[str, BARE, Field(min_length=1, max_length=40)]
FindingRef = Annotated[
    str, BARE, IS_REF, Field(title="认定序号", description="该协议下的第几号认定，如 1；看板的协议页可查")
]
OrderRef = Annotated[
    str, BARE, IS_REF, Field(title="整改通知序号", description="该协议下的第几号整改通知，如 1；看板的协议页可查")
]
Refs = Annotated[list[Annotated[str, BARE, IS_REF]], APART]
SecondPerson = Annotated[
    StaffNo,
    Field(title="复核人工号", description="请谁复核：与经办人岗位不同的另一名在岗人员；由其在“44 复核”确认以后才办理"),
]
LongText = Annotated[str, Field(min_length=1, max_length=4000)]


class AgreementForm(RoundForm):
    """What every act on an agreement asks: which one, by its number, or by the applicant's number in a round."""

    agreement_number: Annotated[
        TextOrNothing,
        Field(
            title="协议编号", description="从看板打开时已填好，如 样例县特药协议〔2025〕1号；填了的不必再填申请人编号"
        ),
    ] = ""
    applicant_id: OptionalApplicantId = ""

    @model_validator(mode="after")
    def _names_one(self) -> AgreementForm:
        if not self.agreement_number and not self.applicant_id:
            raise ValueError("“协议编号”和“申请人编号”须填一项")
        return self


class MatchForm(Part):
    """五匹配中的一项。"""

    what: Annotated[str, choices.of_terms(FiveMatch), Field(title="核对项目", description="五匹配中的一项")]
    result: Annotated[str, choices.of_terms(MatchResult), Field(title="结果", description="不相符的在检查情况中写明")]


class RecordInspection(AgreementForm):
    """登记检查：日常、专项、举报核查或联合检查，两人以上。"""

    kind: Annotated[
        str, choices.of_terms(InspectionKind), Field(title="检查种类", description="按检查计划或来由选一种")
    ]
    held_on: Annotated[date, Field(title="检查日期", description="到现场的日期")]
    inspectors: Annotated[list[StaffNo], APART] = Field(
        title="检查人员工号", description="两人以上，每格一个", min_length=1, max_length=20
    )
    minutes: Annotated[LongText, Field(title="检查情况", description="看了什么、查了什么、发现了什么；不写患者姓名")]
    corrections: list[Text] = Field(
        default_factory=list, title="当场纠正", description="当场责令纠正的，每格一项；没有则留空", max_length=50
    )
    evidence: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(
        default_factory=list,
        title="照片和材料",
        description="收件夹里的文件名，哈希由系统计算；已存的填 64 位 SHA-256；没有则留空",
        max_length=50,
    )
    refused: Annotated[
        YesNo, Field(title="是否拒绝、阻挠检查", description="选“是”的，另行办理“登记违规事实”（D6），一律解除")
    ]
    plan: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_REF_OR_NOTHING,
        Field(title="检查计划编号", description="双随机检查填写，如 1；看板“双随机”可查；其他检查留空"),
    ] = ""
    matches: list[MatchForm] = Field(
        default_factory=list, title="五匹配", description="核对了的逐项选择，没有核对的不填", max_length=5
    )

    @model_validator(mode="after")
    def _each_once(self) -> RecordInspection:
        if len({one.what for one in self.matches}) < len(self.matches):
            raise ValueError("“五匹配”每项只能填一次")
        return self

    def fields(self) -> dict[str, Any]:
        """The matches by item; what was not filled in is not there."""
        given = super().fields()
        matches, plan = {one.what: one.result for one in self.matches}, given.pop("plan")
        del given["matches"]
        return given | ({"plan": plan} if plan else {}) | ({"matches": matches} if matches else {})


class RecordFinding(AgreementForm):
    """登记违规事实：先拟认定并告知机构，听取书面陈述后由另一人认定。"""

    code: Annotated[
        str, choices.VIOLATIONS, Field(title="违规情形", description="D 开头的一经认定一律解除协议；其余责令整改或暂停")
    ]
    facts: Annotated[
        LongText, Field(title="事实", description="时间、地点、经过、数额；会告知机构，不写患者和举报人的姓名")
    ]
    amount: Annotated[
        str,
        OR_NOTHING,
        Field(
            title="涉及金额（元）",
            description="如 12800.50；不涉及金额的留空",
            pattern=r"^([0-9]{1,12}(\.[0-9]{1,2})?)?$",
        ),
    ] = ""
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处，如：检查记录 2 号，照片 3 张")]
    served_on: Annotated[
        DayOrNothing, Field(title="告知书送达日期", description="拟认定告知书送达机构的日期；不填则为今日")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """The day of service as a day, None where it was left open."""
        return super().fields() | {"served_on": day_or_none(self.served_on)}


class ConfirmFinding(AgreementForm):
    """认定违规事实：由登记人以外的人办理，陈述期限届满或收到陈述之后。"""

    finding: FindingRef
    statement_on: Annotated[
        DayOrNothing, Field(title="收到陈述的日期", description="机构提交书面陈述的日期；没有提交的留空")
    ] = ""
    statement: Annotated[
        TextOrNothing, Field(title="陈述要点和采纳情况", description="如：机构称系统故障，经查不成立；没有则留空")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """The day of the statement as a day, None where there is none."""
        return super().fields() | {"statement_on": day_or_none(self.statement_on)}


class OrderRectification(AgreementForm):
    """责令限期整改：写明事项和最后一日；在暂停期间逾期或不到位的一律解除。"""

    findings: Refs = Field(
        title="依据的认定", description="已经认定的序号，每格一个，如 1", min_length=1, max_length=20
    )
    items: list[Text] = Field(title="整改事项", description="每格一项", min_length=1, max_length=30)
    served_on: Annotated[date, Field(title="送达日期", description="整改通知书送达机构的日期，当日不计")]
    due_on: Annotated[
        DayOrNothing, Field(title="整改期限", description="最后一日；不填则按办公规则自送达次日起算十五个工作日")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """The last day as a day, None where the office's own length counts."""
        return super().fields() | {"due_on": day_or_none(self.due_on)}


class HandInRectification(AgreementForm):
    """登记整改报告：网上至当日 24:00，窗口至下班时间，最后一日当日提交的算按期。"""

    order: OrderRef
    handed_in_on: Annotated[date, Field(title="提交日期", description="机构提交整改报告的日期")]
    handed_in_time: Annotated[TimeOfDay, Field(title="提交时间", description="北京时间，如 16:20")]
    via: Annotated[
        str,
        choices.Choice({one.value: one.label for one in (ObjectionVia.ONLINE, ObjectionVia.COUNTER)}),
        Field(title="提交方式", description="网上的算到 24:00，窗口的算到下班时间"),
    ]

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "handed_in_at", "handed_in_on", "handed_in_time")

    def fields(self) -> dict[str, Any]:
        """The instant at which it was handed in."""
        given = super().fields()
        del given["handed_in_on"], given["handed_in_time"]
        return given | {"handed_in_at": beijing(self.handed_in_on, self.handed_in_time)}


class ReInspect(AgreementForm):
    """整改复查：到位的可以恢复；暂停期间不到位的，系统拟认定解除情形。"""

    order: OrderRef
    inspected_on: Annotated[date, Field(title="复查日期", description="到现场复查的日期")]
    result: Annotated[
        str,
        choices.Choice({one.value: one.label for one in (RectificationResult.DONE, RectificationResult.INSUFFICIENT)}),
        Field(title="复查结果", description="整改事项全部做到的选“整改到位”"),
    ]
    note: Annotated[TextOrNothing, Field(title="说明", description="不到位的写明哪一项；会告知机构")] = ""


class SuspendAgreement(AgreementForm):
    """暂停协议：两人办理，计入协议有效期内的累计次数；达到规定次数的一律解除。"""

    findings: Refs = Field(
        title="依据的认定", description="已经认定的序号，每格一个，如 1", min_length=1, max_length=20
    )
    decision_no: Annotated[Text, Field(title="决定文号", description="如：样例县医保暂停〔2026〕1号")]
    from_on: Annotated[date, Field(title="暂停起日", description="今日或其后，不能追溯")]
    to_on: Annotated[DayOrNothing, Field(title="暂停止日", description="不填则暂停至整改到位为止")] = ""
    confirmed_by: SecondPerson

    def fields(self) -> dict[str, Any]:
        """The last day as a day, None where it runs until rectified."""
        return super().fields() | {"to_on": day_or_none(self.to_on)}


class ResumeAgreement(AgreementForm):
    """恢复协议：整改到位或暂停期满之后；累计次数不变。"""

    reason: Annotated[Text, Field(title="恢复理由", description="如：第 1 号整改通知复查到位")]


class DissolveAgreement(AgreementForm):
    """决定解除协议：解除的情形已经认定，两人办理；送达之日生效。"""

    decision_no: Annotated[Text, Field(title="决定文号", description="如：样例县医保解除〔2026〕1号")]
    finding: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_REF_OR_NOTHING,
        Field(title="依据的认定", description="解除情形的序号；只有一个的可以留空"),
    ] = ""
    confirmed_by: SecondPerson


class RecordService(AgreementForm):
    """登记解除送达：自送达之日起解除，次日起三年内不得重新申请。"""

    served_on: Annotated[date, Field(title="送达日期", description="解除通知书送达机构的日期")]
    how: Annotated[Text, Field(title="送达方式", description="如：直接送达，机构负责人签收")]
    proof: Annotated[Text, Field(title="送达证明", description="如：送达回证第 3 号，卷宗第 20 页")]


class Overturning(AgreementForm):
    """What every overturning asks (更正规则)."""

    reason: Annotated[Text, Field(title="理由", description="为什么不成立；会告知机构")]
    evidence: Annotated[Text, Field(title="证据", description="材料名称和存放处，如：复核决定书第 2 号")]
    confirmed_by: SecondPerson


class OverturnFinding(Overturning):
    """撤销认定：凭证据撤销，依据它作出的整改通知、暂停和解除情形一并失效。"""

    finding: FindingRef


class OverturnEnding(Overturning):
    """撤销解除：经复核或判决解除不成立的，协议回到没有该认定时的状态，限制期随之取消。"""


class ApplyRenewal(AgreementForm):
    """登记续签申请：到期三个月以前提出；申请条件按现在的事实重新核对。"""

    applied_on: Annotated[date, Field(title="续签申请日期", description="机构书面提出续签的日期")]
    judgement: Annotated[
        str,
        choices.Choice({"": "不适用", **{one.value: one.label for one in RenewalJudgement}}),
        Field(
            title="等级处理",
            description="上一次等级属追究责任一档的必选，由人决定；其他机构选“不适用”",
            json_schema_extra={"default": "不适用"},
        ),
    ] = ""
    judgement_reason: Annotated[
        TextOrNothing, Field(title="等级处理的理由", description="选了“等级处理”的写明理由；不予续签的会告知机构")
    ] = ""


class SignRenewal(AgreementForm):
    """续签协议：到期以前签订，自原协议到期的次日起，累计次数重新计算。"""

    signed_on: Annotated[date, Field(title="续签日期", description="续签协议上写的日期")]
    new_number: Annotated[TextOrNothing, Field(title="新协议编号", description="不填则自动编号")] = ""
    expires_on: Annotated[DayOrNothing, Field(title="新协议终止日", description="不填则为一个协议期")] = ""
    office_only: ClassVar[frozenset[str]] = AgreementForm.office_only | {"new_number", "expires_on"}

    def fields(self) -> dict[str, Any]:
        """The last day as a day, None where it was left open."""
        return super().fields() | {"expires_on": day_or_none(self.expires_on)}


class ReportChange(AgreementForm):
    """登记机构变更：名称、地址、法定代表人等，三十个工作日内报告。"""

    change: Annotated[
        str, choices.of_terms(ChangeKind), Field(title="变更事项", description="一次登记一项；几项变更的分别登记")
    ]
    described: Annotated[Text, Field(title="变更内容", description="由什么变更为什么；不写电话和身份证号")]
    changed_on: Annotated[date, Field(title="变更日期", description="如许可证上的变更日期")]
    reported_on: Annotated[date, Field(title="报告日期", description="机构向经办机构书面报告的日期")]


class LeaveAgreement(AgreementForm):
    """登记退出定点：提前三个月书面提出，不受三年限制；公立医疗机构不得主动提出。"""

    notice_on: Annotated[date, Field(title="提出日期", description="机构书面提出的日期")]
    leaves_on: Annotated[date, Field(title="退出日期", description="协议的最后一日，提出日起满三个月以后")]
    is_public_hospital: Annotated[YesNo, Field(title="是否公立医疗机构", description="公立医疗机构选“是”，药店选“否”")]
