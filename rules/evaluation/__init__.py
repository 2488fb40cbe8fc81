"""The evaluation of a dossier (三至五): the first procedure. `EVALUATION` is all that the engine knows of it."""

from __future__ import annotations

from collections.abc import Mapping

from rules.case import Case, Context
from rules.evaluation.clock_table import CLOCKS
from rules.evaluation.effects import CLOCK_PARAMS
from rules.evaluation.states import ENDS, WAY
from rules.evaluation.table import RETRACTABLE, TABLE
from rules.procedure import Procedure
from rules.vocabulary import State, Term

# What an operator is told when an act cannot happen in the state the case is in.
NEXT_STEP: Mapping[Term, str] = {
    State.NOT_APPLIED: "该机构尚未提交申请，请先登记申请",
    State.TOO_EARLY: "请在受理时间内重新提交申请",
    State.INCOMPLETE: "请先补正所缺材料",
    State.ACCEPTED: "请先签署初审意见",
    State.PRELIM_PASSED: "请先向县医疗保障局提出评估申请",
    State.COUNTY_REQUESTED: "请由县医疗保障局向市医疗保障局提出评估申请",
    State.EVALUATING: "请先抽取专家、录入评分并汇总评估结果",
    State.SELECTED: "请先发布评估结果公示",
    State.NOTICE_RESULT: "请等待公示期届满且无未结异议，系统巡查后进入谈判",
    State.NEGOTIATING: "请先录入谈判结果",
    State.CONSENSUS: "请先发布拟签约名单公示（由市级确定的，先上报市级）",
    State.AWAITING_CITY: "已报市级，收到意见后办理“登记市级意见”",
    State.DETERMINED: "请先发布拟签约名单公示",
    State.NOTICE_PROPOSED: "拟签约公示尚未届满，届满且无未结投诉后方可签订协议",
    State.SIGNING: "请在签约期限内签订协议",
    State.SIGNED: "请将协议备案",
    State.FILED: "请公布定点名单",
}

EVALUATION: Procedure[Case, Context] = Procedure(
    subject=Case.kind,
    label="履约能力评估",
    states=State,
    way=WAY,
    ends=ENDS,
    table=TABLE,
    clocks=CLOCKS,
    next_step=NEXT_STEP,
    days_told=CLOCK_PARAMS,
    of_itself=("move_up", "yield_place", "change_rank", "start_notice"),
    correctable=(State.DEEMED_ABANDONED, State.NOT_ACCEPTED_INCOMPLETE),
    retractable=RETRACTABLE,
)
