"""The flows of the acts that a form carries whole: the form is read, the act is done, what changed is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from prefect import Flow
from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, do, titled
from flows.forms import FORMS
from flows.forms.assessment import TableFile
from flows.inbox import read_inbox
from rules.acts import CATALOGUE
from rules.errors import DingdianError
from tasks.documents import steps

Fields = dict[str, Any]


def of_form(name: str, about: str, prepare: Callable[[Fields], Fields] = dict) -> Flow[..., Any]:
    """The flow of an act with its form. `prepare` makes of the form's fields those of the act."""

    async def body(form: Any) -> State[Any]:
        return await do(name, form, prepare)

    act = CATALOGUE[name]
    body.__name__ = body.__qualname__ = name
    body.__doc__ = f"{act.label}（{act.clause}）。\n\n{about}"
    body.__annotations__ = {"form": Annotated[FORMS[name], titled(name)], "return": State[Any]}
    return act_flow(name)(body)


def _with_hashes(fields: Fields) -> Fields:
    """Files of the inbox are kept, and stand in the record as their hashes. Raises InputError."""
    if "evidence" not in fields:
        return fields
    kept = steps.keep_evidence_of_items(fields["evidence"])
    if isinstance(kept, DingdianError):
        raise kept
    return fields | {"evidence": kept}


def _with_photographs(fields: Fields) -> Fields:
    """As `_with_hashes`, of a list."""
    kept = _with_hashes({"evidence": {name: name for name in fields["evidence"]}})
    return fields | {"evidence": list(kept["evidence"].values())}


submit_application = of_form(
    "submit_application",
    "材料齐全的自收到之日受理，初审和全程期限自次日起算；不齐的转入待补正；不在受理时间内收到的不予受理。",
)
request_supplement = of_form("request_supplement", "所缺材料须一次写全，申请人会收到补正告知。")
supplement_materials = of_form("supplement_materials", "补齐的自收到之日受理；受理截止后收到的不能再补。")
withdraw_application = of_form("withdraw_application", "签约前申请人可以撤回。")
verify_site = of_form("verify_site", "核查结果与申报不一致的，以核查结果为准。")
sign_preliminary_opinion = of_form(
    "sign_preliminary_opinion", "合格与否由申请条件、事实和判断得出，不合格的逐条列明理由；每家只能签署一次。"
)
request_evaluation = of_form(
    "request_evaluation", "先由经办中心报县医疗保障局，再由县局报市医疗保障局；逐家办理，不能办理的逐家说明。"
)
recuse_expert = of_form("recuse_expert", "方案公布前回避的不入名册；公布后回避的跳过，编号不变，依次递补。")
publish_draw_plan = of_form(
    "publish_draw_plan", "冻结并公布带编号的名册、抽取人数和将来才产生的公开随机源；之后名册不再变动。"
)
draw_experts = of_form("draw_experts", "按公布的随机源结果抽取全部顺序，前几名入席，其余候补；只能抽取一次。")
record_score_sheet = of_form(
    "record_score_sheet",
    "每名评分专家对每家机构一张，逐项评分，不超过该项满分；各项可附评估记录和佐证文件。",
    _with_hashes,
)
conclude_evaluation = of_form(
    "conclude_evaluation", "按专家总分的算术平均从高到低排名，达到分数线的按公告名额择优；评分表不齐时不能汇总。"
)
publish_notice = of_form(
    "publish_notice",
    "冻结名单并登记两个渠道的发布凭证；公示期自较晚的渠道起算，当日不计。缺一个渠道时先登记已有的，之后再补登。",
)
record_objection = of_form("record_objection", "期内的异议只暂停被异议的那一家；逾期的按一般投诉核查。")
resolve_objection = of_form("resolve_objection", "属实的取消资格；不属实的继续程序。")
record_negotiation = of_form("record_negotiation", "四项全部协商并达成共识的列入拟签约名单。")
report_to_city = of_form(
    "report_to_city", "公告选择由市级确定的轮次：达成共识之后、拟签约公示之前，以及解除决定送达之前，报市级确定。"
)
record_city_decision = of_form(
    "record_city_decision", "同意的可以公示或送达；退回的答复后再次上报；不同意的写明理由，本案终止。"
)
record_agency_delay = of_form("record_agency_delay", "因经办机构原因占用的日期不计入签约期限。")
prepare_agreement = of_form(
    "prepare_agreement", "指标和结算约定逐项填写，不约定的写明原因；草案发给机构，签订时写入协议，“25 制作文书”照印。"
)
record_system_test = of_form("record_system_test", "公告要求系统测试的，测试通过以后才能签订协议。")
sign_agreement = of_form("sign_agreement", "拟签约公示届满后在签约期限内签订；以签订日为准。")
file_agreement = of_form("file_agreement", "卷宗和协议报县医疗保障局医药管理科备案。")
adopt_policy = of_form(
    "adopt_policy",
    "本轮按发布公告时固定的规则办理；规则文件其后有修改的，凭理由改用今日文本，不同之处记录并公布。已起算的期限不变。",
)
correct_record = of_form(
    "correct_record", "系统按期限自动作出的结论有误的（如期限内已签约而录入迟延），凭理由和证据撤销；原记录保留。"
)
take_back_act = of_form(
    "take_back_act", "录错的一项办理由人撤回，先看“试算撤回”：原记录保留，期限按本来的起算日恢复，告知过的人再告知。"
)
take_back_posting = of_form(
    "take_back_posting", "公示届满以前，录错的发布凭证由人撤回，先看“试算撤回”；正确的凭证登记后公示期重新起算。"
)
withdraw_draw_plan = of_form(
    "withdraw_draw_plan", "方案公布以后、随机源公布以前发现有误的，撤回并在抽取页公开说明，再重新公布方案。"
)
take_back_draw = of_form(
    "take_back_draw", "随机源结果录错、专家还没有评分的，撤回并在抽取页公开说明，按原方案和正确的结果重新抽取。"
)
load_workdays = of_form(
    "load_workdays",
    "国务院办公厅公布放假安排后录入全年各段；其后的调整通知和地方自定的节日，各按其文号录入所列日期，其余日期不变。\n"
    "缺少法定节日的全年安排不予录入。在办案件的期限随即重新推算并留下记录。",
)
withdraw_objection = of_form("withdraw_objection", "撤回是否终止核查按本轮规则；缺省继续核查，暂停不解除。")
record_source_event = of_form(
    "record_source_event", "公布日过后才能登记不公布；怎样处理以方案公布的为准，不能临时改定。"
)
challenge_draw = of_form("challenge_draw", "质疑期内的质疑核查完结以前，不能录入评分。")
resolve_draw_challenge = of_form("resolve_draw_challenge", "成立的撤销本次抽取，重新公布方案；不成立的继续。")
reply_objection = of_form(
    "reply_objection", "作出结论以后逐件登记；答复书用 dingdian objection-reply 生成，异议人的联系方式不在界面出现。"
)
record_inspection = of_form(
    "record_inspection", "两人以上到现场；当场纠正的逐项写明，照片按校验值留存。", _with_photographs
)
record_finding = of_form("record_finding", "先拟认定并告知机构，给予陈述的期限；认定须由另一人办理。")
confirm_finding = of_form(
    "confirm_finding", "陈述期限届满或收到陈述之后认定；属于解除情形的，一律解除，没有较轻的处理。"
)
order_rectification = of_form("order_rectification", "写明事项和最后一日；暂停期间逾期或不到位的，一律解除。")
hand_in_rectification = of_form("hand_in_rectification", "最后一日 24:00 以前网上提交、下班以前窗口提交的，算按期。")
re_inspect = of_form("re_inspect", "十个工作日内复查；机关逾期记录上报，对机构没有影响。")
suspend_agreement = of_form(
    "suspend_agreement", "两人办理，计入累计次数，通知书写明第几次、共几次；达到规定次数的，一律解除。"
)
resume_agreement = of_form("resume_agreement", "整改到位或暂停期满之后恢复；累计次数不变。")
dissolve_agreement = of_form("dissolve_agreement", "解除的情形已经认定；决定送达机构之日才生效。")
record_service = of_form("record_service", "自送达之日起解除，次日起三年内不得重新申请，再次申请时由系统查出。")
overturn_finding = of_form(
    "overturn_finding", "依据它作出的整改通知、暂停、解除情形和解除决定一并撤销，累计次数重算；原记录保留。"
)
overturn_ending = of_form(
    "overturn_ending", "经复核或判决解除不成立的，协议回到没有该认定时的状态，限制期取消；原记录保留。"
)
apply_renewal = of_form("apply_renewal", "不重新评估，只按现在的事实核对申请条件；晚于提前期的照收并记录。")
sign_renewal = of_form("sign_renewal", "到期以前签订，自到期次日起生效，累计次数自零计算；原协议到期时由新协议接替。")
sign_supplement = of_form(
    "sign_supplement", "自生效日期起按新的约定执行，不追溯；月度指标与该月最后一日有效的约定比较。原来的约定留存。"
)
file_supplement = of_form("file_supplement", "补充协议、续签的协议与申报的协议一样备案。")
sign_annual = of_form(
    "sign_annual", "公告采用年度协议的轮次：约定到当年 12 月 31 日为止，以后每年签订；没有签订的，机关逾期记录上报。"
)
record_stock_list = of_form(
    "record_stock_list", "协议的附件：后一份接替前一份，前一份留存；公示网站按药品列出在哪里备药。"
)
report_change = of_form("report_change", "三十个工作日内报告；逾期的记录。")
import_agreements = of_form(
    "import_agreements",
    "每份协议照原样登记：期限和累计暂停的次数接着计算，按所定的日期审核。同样的内容再次导入，不作改变。",
)
assess_migrated = of_form(
    "assess_migrated", "按申请条件审核，两人办理：合格的继续履行；不合格的写明不符合的条件，取消定点，不受三年限制。"
)
leave_agreement = of_form("leave_agreement", "提前三个月提出，到期日由系统办理；不受三年限制。")


def _with_report(fields: Fields) -> Fields:
    """As `_with_hashes`, of a report."""
    kept: Fields = _with_hashes({"evidence": {"report": fields["report"]}})["evidence"]
    return fields | kept


def _with_table(fields: Fields) -> Fields:
    """Criteria and grades from a file of the inbox, where one is named. Raises InputError."""
    read = read_inbox(fields["file"], TableFile) if fields["file"] else {}
    return {name: value for name, value in (fields | read).items() if name != "file"}


set_assessment_table = of_form(
    "set_assessment_table",
    "指标每类合计 100 分，等级和系数由县里规定；没有等级表的，结果为“未评定等级”，系统不代为评定。",
    _with_table,
)
record_survey = of_form("record_survey", "有效答卷少于规定份数的，只列示、不评级。")
record_third_party = of_form("record_third_party", "报告按校验值留存；得分供年度考核参考。", _with_report)
record_assessment = of_form(
    "record_assessment", "逐项评分，得分精确合计；结果确定以前可以重新录入，以最后一次为准。整批可用“70 下载表格”。"
)
conclude_assessment = of_form(
    "conclude_assessment", "有漏录的列名不予办理；结果公布并逐家告知，追究责任一档的只拟认定，由人听取陈述后决定。"
)
correct_assessment = of_form(
    "correct_assessment", "两个结果都留存并公布；因原等级拟认定的一并撤销，系数自更正的次月起按更正后的结果。"
)
record_cost_decision = of_form("record_cost_decision", "列入当月（冲抵的列入下月）的结算联系单；系统不拨付。")
hold_settlement = of_form("hold_settlement", "核查期间暂停拨付，不是暂停协议，不计入累计次数。")
release_settlement = of_form("release_settlement", "自恢复之日的费用起继续拨付。")
plan_inspections = of_form(
    "plan_inspections",
    "冻结机构、检查人员两个名册，公布抽取家数、将来才产生的公开随机源和秘密源的 SHA-256；之后不能改动。",
)
draw_inspections = of_form(
    "draw_inspections", "按公布的随机源结果和秘密源抽取，只能抽取一次；结果在看板“双随机”，检查结束以前不公开。"
)
reveal_inspections = of_form(
    "reveal_inspections", "全部检查结束或期间届满之后，公开秘密源、抽取和检查结果，任何人都可以重算。"
)
record_complaint = of_form("record_complaint", "十五个工作日内核查；机关逾期记录上报，核查继续。")
resolve_complaint = of_form("resolve_complaint", "属实的同时拟认定违规事实，告知机构，由另一人认定；不属实的写明理由。")
reply_complaint = of_form("reply_complaint", "作出结论以后逐件登记；举报人的联系方式不在界面出现。")
list_add = of_form("list_add", "两人办理，凭有权机关的文书；告知机构，不公布；登记申请和续签时由系统查出。")
list_remove = of_form("list_remove", "两人办理，写明理由和证据；告知机构。")
record_indicators = of_form(
    "record_indicators", "次月登记；与该月最后一日有效的约定逐项比较，超出的列入当月清单，更正的保留原来的数值。"
)
issue_warning = of_form(
    "issue_warning", "通知书写明每项超出的数值和约定怎样得出；预警不是处罚，不计入暂停次数，也不公布。"
)
record_measures = of_form("record_measures", "逾期没有答复的，看板提示建议检查，此外没有后果。")
report_event = of_form("report_event", "按小时计算，不因节假日顺延；超过的记录，是否违规由人认定。")
