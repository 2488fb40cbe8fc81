"""The flows of the acts that a form carries whole: the form is read, the act is done, what changed is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from prefect import Flow
from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, do, titled
from flows.forms import FORMS
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
    "submit_application", "材料齐全的当日受理，初审和全程期限自次日起算；不齐的转入待补正；不在受理时间内的不予受理。"
)
request_supplement = of_form("request_supplement", "所缺材料须一次写全，申请人会收到补正告知。")
supplement_materials = of_form("supplement_materials", "补齐的当日受理；受理截止后不能再补。")
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
record_agency_delay = of_form("record_agency_delay", "因经办机构原因占用的日期不计入签约期限。")
sign_agreement = of_form("sign_agreement", "拟签约公示届满后在签约期限内签订；以签订日为准。")
file_agreement = of_form("file_agreement", "卷宗和协议报县医疗保障局医药管理科备案。")
adopt_policy = of_form(
    "adopt_policy",
    "本轮按发布公告时固定的规则办理；规则文件其后有修改的，凭理由改用今日文本，不同之处记录并公布。已起算的期限不变。",
)
correct_record = of_form(
    "correct_record", "系统按期限自动作出的结论有误的（如期限内已签约而录入迟延），凭理由和证据撤销；原记录保留。"
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
report_change = of_form("report_change", "三十个工作日内报告；逾期的记录。")
leave_agreement = of_form("leave_agreement", "提前三个月提出，到期日由系统办理；不受三年限制。")
