"""What goes wrong at a desk on the way through the sample round: the product refuses each, and writes nothing.

The manual quotes the sentences; `gave` says in words what was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flows.choices import MATERIALS
from tests.support.walk.sample import Step

CHANNEL = "县政府网站"
SHEET = {"H-a": "31", "H-b": "20", "H-c": "20", "H-d": "15"}


@dataclass(frozen=True)
class Mistake(Step):
    """A form that will be refused. Fields as in `Step`."""

    gave: str = ""


def _mistake(at: str, do: str, by: str, gave: str, **values: Any) -> Mistake:
    return Mistake(f"{at}:00+08:00", do, {"by": by, **values}, gave)


MISTAKES = (
    _mistake("2025-08-18T08:50", "announce_round", "局业务科", "文件名写错", file="公告.json"),
    _mistake(
        "2025-09-01T08:45",
        *("submit_application", "经办员甲", "编号不在登记册中"),
        **{"applicant_id": "H99", "materials": ["医疗机构全套材料（H1 至 H10）"], "copies": 3},
        **dict.fromkeys(("official_seal", "legal_rep_seal", "originals_shown"), True),
    ),
    _mistake(
        "2025-09-09T09:50",
        *("request_supplement", "经办员甲", "所缺材料写错"),
        applicant_id="P05",
        missing=[MATERIALS.labels["P9"]],
    ),
    _mistake(
        "2025-09-15T09:00",
        *("supplement_materials", "经办员甲", "受理已经截止"),
        applicant_id="P05",
        materials=[MATERIALS.labels["P10"]],
    ),
    _mistake(
        "2025-09-16T09:00", "withdraw_application", "经办员甲", "本案已经终止", applicant_id="P05", reason="自愿撤回"
    ),
    _mistake(
        "2025-09-24T10:00",
        *("verify_site", "经办员甲", "人数写成了文字"),
        applicant_id="H01",
        findings=[{"fact": "医师人数", "value": "五名"}],
    ),
    _mistake("2025-09-25T15:50", "sign_preliminary_opinion", "经办员甲", "岗位不能办这件事", applicant_id="P01"),
    _mistake(
        "2025-10-14T10:00",
        *("request_evaluation", "经办员甲", "其中一家初审不合格"),
        to="县医疗保障局",
        applicant_ids=["H03"],
    ),
    _mistake(
        "2025-10-17T10:50", "recuse_expert", "经办员甲", "专家编号写错", expert_id="Z99", reason="现任职于申请单位"
    ),
    _mistake(
        "2025-10-17T14:50",
        *("publish_draw_plan", "经办员甲", "岗位不能办这件事"),
        wanted=3,
        sources=[{"name": "双色球红球（虚构）"}],
    ),
    _mistake(
        "2025-10-17T16:00",
        *("draw_experts", "纪检监察员", "方案公布当天就抽取"),
        source_values=[{"numbers": [3]}, {"numbers": [11]}],
    ),
    _mistake(
        "2025-10-21T16:50",
        *("record_score_sheet", "Z09", "得分超过该项满分"),
        **{"applicant_id": "H01", "expert_id": "Z09"},
        items=[{"code": code, "score": score} for code, score in SHEET.items()],
    ),
    _mistake("2025-10-21T16:55", "conclude_evaluation", "评估专家组组长", "评分表没有到齐"),
    _mistake(
        "2025-10-22T09:02",
        *("publish_notice", "经办员甲", "发布时间晚于现在"),
        kind="评估结果公示",
        postings=[{"channel": CHANNEL, "posted_on": "2025-10-22", "posted_time": "10:00"}],
    ),
    _mistake(
        "2025-10-24T10:00",
        *("record_negotiation", "经办员甲", "公示还没有届满"),
        **{"applicant_id": "H01", "topics": ["服务人群"], "consensus": "否", "open_point": "结算方式"},
    ),
    _mistake(
        "2025-10-28T10:00",
        *("record_objection", "经办员甲", "时间写错"),
        **{"applicant_id": "P02", "ref": "P02-1", "received_on": "2025-10-28", "received_time": "下午三点"},
        **{"via": "窗口", "allegation": "营业面积不足"},
    ),
    _mistake(
        "2025-10-30T10:50",
        *("resolve_objection", "稽核员丙", "异议编号写错"),
        **{"ref": "P02-9", "substantiated": "否", "finding": "经核查不属实"},
    ),
    _mistake(
        "2025-11-10T10:00",
        *("sign_agreement", "中心主任", "拟签约公示还没有届满"),
        applicant_id="H01",
        signed_on="2025-11-10",
    ),
    _mistake(
        "2025-11-20T15:30",
        *("file_agreement", "经办员甲", "备案日期早于签订日期"),
        applicant_id="P02",
        filed_on="2025-11-19",
    ),
    _mistake(
        "2025-11-21T10:00",
        *("record_agency_delay", "经办员甲", "止日早于起日"),
        **{"applicant_id": "P01", "delay_from": "2025-11-20", "delay_to": "2025-11-18", "cause": "系统停机"},
    ),
    _mistake(
        "2025-12-05T10:00",
        *("correct_record", "中心主任", "没有可更正的自动结论"),
        **{"applicant_id": "H01", "what": "期限内已签约", "reason": "录入迟延", "evidence": "协议原件"},
    ),
)
