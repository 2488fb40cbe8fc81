"""What a person can start at the desk: one record per act, from which every other list of acts is made.

The form is bound to an act in `flows.forms`, what it does in `tasks.acts`, its deployment in `prefect.yaml`; one test
(`tests/flows/test_acts.py`) names what an act still lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """How an act comes in: with a form of its own, with a file of the inbox, or through a flow that does more (or
    other) than one act on the record."""

    FORM = "form"
    FILE = "file"
    OWN = "own"


class Scope(Enum):
    """What an act is about: a dossier, an agreement, the round as a whole, or the office whatever the round."""

    CASE = "case"
    AGREEMENT = "agreement"
    ROUND = "round"
    OFFICE = "office"


FILE, OWN = Way.FILE, Way.OWN
AGREEMENT, ROUND, OFFICE = Scope.AGREEMENT, Scope.ROUND, Scope.OFFICE


@dataclass(frozen=True, slots=True)
class Act:
    """One act: the number and the label that its deployment is known by, and the clause that it stands on.

    `is_public`: changes a page of the public site. `is_aside`: possible, but not the way forward of a dossier.
    `is_in_scenario`: has a place in scenario files, whose format is fixed.
    """

    number: str
    name: str
    label: str
    clause: str = ""
    way: Way = Way.FORM
    scope: Scope = Scope.CASE
    is_public: bool = False
    is_aside: bool = False
    is_in_scenario: bool = True

    @property
    def title(self) -> str:
        """`20 签订协议`: what its deployment is called."""
        return f"{self.number} {self.label}"


_ALL = (
    Act("00", "plan_round", "推演日程", "三、五", way=OWN),
    Act("01", "announce_round", "发布公告", "三", way=OWN, is_public=True),
    Act("02", "register_applicants", "登记机构", "三、四", way=OWN),
    Act("03", "submit_application", "登记申请", "四、五(一)"),
    Act("04", "request_supplement", "一次性告知补正", "令2、令3（A7-37）"),
    Act("05", "supplement_materials", "登记补正材料", "四、五(一)"),
    Act("06", "withdraw_application", "登记撤回申请", "自愿原则", is_aside=True),
    Act("07", "verify_site", "录入实地核查", "五(一)", is_aside=True),
    Act("08", "sign_preliminary_opinion", "签署初审意见", "二、五(一)"),
    Act("09", "request_evaluation", "提出评估申请", "五(一)、五(二)", scope=ROUND),
    Act("10", "recuse_expert", "登记专家回避", "五(二)", scope=ROUND, is_public=True),
    Act("11", "publish_draw_plan", "公布抽取方案", "五(二)", scope=ROUND, is_public=True),
    Act("12", "draw_experts", "抽取专家", "五(二)、RFC 3797", scope=ROUND, is_public=True),
    Act("13", "record_score_sheet", "录入评分表", "五(二)"),
    Act("14", "conclude_evaluation", "汇总评估结果", "五(二)", scope=ROUND),
    Act("15", "publish_notice", "发布公示", "五(二)、五(三)、五(四)", scope=ROUND, is_public=True),
    Act("16", "record_objection", "登记异议", "五(二)、五(三)", is_aside=True),
    Act("17", "resolve_objection", "异议核查结论", "五(二)、五(三)"),
    Act("18", "record_negotiation", "录入谈判结果", "五(三)"),
    Act("18-1", "report_to_city", "上报市级确定", "定点管理通知二(二)", scope=ROUND),
    Act("18-2", "record_city_decision", "登记市级意见", "定点管理通知二(二)", scope=ROUND),
    Act("19", "record_agency_delay", "登记经办机构占用日期", "五(三)（A7-14）", is_aside=True),
    Act("19-1", "prepare_agreement", "起草协议条款", "五(三)；服务协议附件", is_aside=True),
    Act("19-2", "record_system_test", "登记系统测试", "五(三)", is_aside=True),
    Act("20", "sign_agreement", "签订协议", "五(三)"),
    Act("21", "file_agreement", "协议备案", "五(三)"),
    Act("22", "do_batch", "批量办理", "四、五(一)", way=OWN),
    Act("23", "register_experts", "扩充专家库", "五(二)", way=FILE, scope=ROUND),
    Act("24", "adopt_policy", "采用新规则", "R20", scope=ROUND, is_public=True, is_in_scenario=False),
    Act("25", "make_document", "制作文书", way=OWN),
    Act("26", "make_package", "制作发布包", "五(二)、五(三)、五(四)", way=OWN),
    Act("27", "check_postings", "核对已发布页面", "五(二)、五(三)", way=OWN),
    Act("28", "record_posting", "登记发布凭证", "五(二)、五(三)、五(四)", way=OWN, is_public=True),
    Act("29", "try_objection", "试算异议后果", "五(二)、五(三)", way=OWN),
    Act("30", "correct_record", "更正自动结论", "更正规则", is_aside=True),
    Act("30-1", "try_take_back", "试算撤回", "更正规则", way=OWN, is_aside=True),
    Act("30-2", "take_back_act", "撤回办理", "更正规则", is_aside=True, is_in_scenario=False),
    Act(
        "30-3",
        "take_back_posting",
        "撤回发布凭证",
        "更正规则",
        scope=ROUND,
        is_public=True,
        is_aside=True,
        is_in_scenario=False,
    ),
    Act(
        "30-4",
        "withdraw_draw_plan",
        "撤回抽取方案",
        "五(二)、RFC 3797",
        scope=ROUND,
        is_public=True,
        is_aside=True,
        is_in_scenario=False,
    ),
    Act(
        "30-5",
        "take_back_draw",
        "撤回抽取结果",
        "五(二)、RFC 3797",
        scope=ROUND,
        is_public=True,
        is_aside=True,
        is_in_scenario=False,
    ),
    Act("31", "load_workdays", "录入放假安排", "民法典201至203", scope=OFFICE, is_public=True),
    Act("32", "register_complainants", "登记异议人", "五(三)", way=FILE, scope=ROUND),
    Act("33", "withdraw_objection", "登记撤回异议", "五(三)", is_aside=True, is_in_scenario=False),
    Act("34", "register_declarations", "登记专家利益申报", "五(二)", way=FILE, scope=ROUND),
    Act(
        "35",
        "record_source_event",
        "登记随机源延期或缺失",
        "五(二)；RFC 3797",
        scope=ROUND,
        is_public=True,
        is_in_scenario=False,
    ),
    Act("36", "challenge_draw", "登记抽取质疑", "五(二)", scope=ROUND, is_public=True, is_in_scenario=False),
    Act("37", "resolve_draw_challenge", "抽取质疑结论", "五(二)", scope=ROUND, is_public=True, is_in_scenario=False),
    Act("38", "reply_objection", "登记答复异议人", "五(三)", is_in_scenario=False),
    Act("39", "record_development_plan", "登记年度发展计划", "三", way=OWN),
    Act("40", "show_board", "看板", way=OWN),
    Act("41", "show_case", "查看案件", way=OWN),
    Act("42", "show_messages", "通知一览", way=OWN),
    Act("43", "show_round", "全程", "三至五", way=OWN),
    Act("44", "confirm_proposal", "复核", "保障措施", way=OWN),
    Act("45", "change_staff", "登记人员变更", "保障措施", way=OWN, scope=OFFICE),
    Act("50", "sweep_deadlines", "期限巡查", way=OWN),
    Act("51", "deliver_notifications", "发送通知", way=OWN),
    Act("52", "rebuild_site", "更新公示网站", way=OWN),
    Act("53", "collect_receipts", "查询短信回执", way=OWN),
    Act("54", "purge_messages", "清除通知内容", way=OWN),
    Act("55", "back_up", "每日备份", way=OWN),
    Act("56", "tidy_runs", "清理运行记录", way=OWN),
    Act("57", "keep_watch", "值守", way=OWN),
    Act("58", "rehearse_restore", "恢复演练", way=OWN),
    Act("59", "tell_the_morning", "早间提要", way=OWN),
    Act("60", "retry_notification", "重试通知", way=OWN),
    Act("61", "cancel_notification", "取消通知", way=OWN),
    Act("62", "resend_notification", "重发通知", way=OWN),
    Act("63", "record_hand_delivery", "登记人工送达", way=OWN),
    Act("64", "record_consent", "登记电子送达确认书", way=OWN),
    Act("65", "suppress_contact", "停发或恢复联系方式", way=OWN),
    Act("66", "resume_channel", "恢复消息通道", way=OWN),
    Act("67", "release_notification", "放行通知", way=OWN),
    Act("70", "export_workbook", "下载表格", way=OWN),
    Act("71", "import_workbook", "导入表格", way=OWN),
    Act("71-1", "plan_inspections", "制定检查计划", "六(一)；RFC 3797", scope=ROUND, is_public=True),
    Act("71-2", "draw_inspections", "抽取检查对象", "六(一)；RFC 3797", scope=ROUND, is_public=True),
    Act("71-3", "reveal_inspections", "公开抽查结果", "六(一)；RFC 3797", scope=ROUND, is_public=True),
    Act("72", "record_inspection", "登记检查", "六(一)", scope=AGREEMENT),
    Act("73", "record_finding", "登记违规事实", "六(二)", scope=AGREEMENT),
    Act("74", "confirm_finding", "认定违规事实", "六(二)", scope=AGREEMENT),
    Act("75", "order_rectification", "责令限期整改", "六(二)", scope=AGREEMENT),
    Act("76", "hand_in_rectification", "登记整改报告", "六(二)", scope=AGREEMENT),
    Act("77", "re_inspect", "整改复查", "六(二)", scope=AGREEMENT),
    Act("78", "suspend_agreement", "暂停协议", "六(二)", scope=AGREEMENT, is_public=True),
    Act("79", "resume_agreement", "恢复协议", "六(二)", scope=AGREEMENT, is_public=True),
    Act("80", "dissolve_agreement", "决定解除协议", "六(二)", scope=AGREEMENT),
    Act("81", "record_service", "登记解除送达", "六(二)、六(三)；民法典565", scope=AGREEMENT, is_public=True),
    Act("82", "overturn_finding", "撤销认定", "更正规则", scope=AGREEMENT, is_public=True),
    Act("83", "overturn_ending", "撤销解除", "更正规则", scope=AGREEMENT, is_public=True),
    Act("84", "apply_renewal", "登记续签申请", "六(三)；令2、令3第41条", scope=AGREEMENT),
    Act("85", "sign_renewal", "续签协议", "六(三)；令2、令3第41条", scope=AGREEMENT),
    Act("85-1", "sign_supplement", "签订补充协议", "人社部发〔2015〕98号(五)、(七)", scope=AGREEMENT),
    Act(
        *("85-2", "file_supplement", "登记补充、续签协议备案", "人社部发〔2015〕98号(五)"),
        scope=AGREEMENT,
        is_public=True,
    ),
    Act("85-3", "sign_annual", "签订年度协议", "人社部发〔2015〕98号(七)", scope=AGREEMENT),
    Act("86", "report_change", "登记机构变更", "令2、令3第40条", scope=AGREEMENT),
    Act("86-1", "import_agreements", "导入在册协议", "定点管理通知二(一)", scope=OFFICE, is_public=True),
    Act("86-2", "assess_migrated", "审核在册机构", "定点管理通知二(一)", scope=AGREEMENT, is_public=True),
    Act("86-3", "record_stock_list", "登记备药清单", "服务协议附件二(一)", scope=AGREEMENT, is_public=True),
    Act("87", "leave_agreement", "登记退出定点", "令2、令3第44条", scope=AGREEMENT),
    Act("87-1", "record_complaint", "登记举报投诉", "六(一)", scope=AGREEMENT),
    Act("87-2", "resolve_complaint", "举报核查结论", "六(一)", scope=AGREEMENT),
    Act("87-3", "reply_complaint", "答复举报人", "六(一)", scope=AGREEMENT),
    Act("87-4", "list_add", "列入名单", "定点管理通知四(二)、四(三)", scope=ROUND),
    Act("87-5", "list_remove", "移出名单", "定点管理通知四(二)、四(三)", scope=ROUND),
    Act("88", "record_indicators", "录入月度指标", "服务协议附件；月度指标和书面预警", scope=AGREEMENT),
    Act("88-1", "issue_warning", "发出预警通知书", "月度指标和书面预警", scope=AGREEMENT),
    Act("88-2", "record_measures", "登记整改措施", "月度指标和书面预警", scope=AGREEMENT),
    Act("88-3", "report_event", "登记突发情况", "月度指标和书面预警", scope=AGREEMENT),
    Act(
        "89",
        "set_assessment_table",
        "登记考核办法",
        "劳社厅函〔2003〕258号四；人社部发〔2015〕98号(四)",
        scope=OFFICE,
        is_public=True,
    ),
    Act("89-1", "record_survey", "录入满意度调查", "人社部发〔2015〕98号(十)", scope=AGREEMENT),
    Act("89-2", "record_third_party", "录入第三方评价", "人社部发〔2015〕98号(四)", scope=AGREEMENT),
    Act("89-3", "record_assessment", "录入年度考核", "劳社厅函〔2003〕258号四", scope=AGREEMENT),
    Act("89-4", "conclude_assessment", "确定年度考核结果", "劳社厅函〔2003〕258号四", scope=OFFICE, is_public=True),
    Act("89-5", "record_cost_decision", "登记费用处理", "劳社厅函〔2003〕258号附件四(四)", scope=AGREEMENT),
    Act("89-6", "hold_settlement", "暂停结算", "服务协议（暂停结算）", scope=AGREEMENT),
    Act("89-7", "release_settlement", "恢复结算", "服务协议（暂停结算）", scope=AGREEMENT),
    Act("89-8", "correct_assessment", "更正年度考核结果", "更正规则", scope=AGREEMENT, is_public=True),
    Act("90", "control_rehearsal", "演练控制", way=OWN),
    Act("91", "move_rehearsal_on", "演练时间前移", way=OWN),
)

CATALOGUE = {act.name: act for act in _ALL}
