"""The forms that a round without trouble does not need, each used once on the way through the sample round.

For the manual's pictures: everybody's register, a challenge, a second objection, messages, workbooks, upkeep. None of
them changes how the sample round ends.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.support.walk.sample import Step

CLERK, REVIEWER, HEAD, SUPERVISOR = "经办员甲", "经办员乙", "中心主任", "纪检监察员"
REGISTER_FILE, OBJECTION, DRAFT = "登记册.xlsx", "P02-1-1", "P01-1-1"
PAGE = "https://www.example.cn/ylbz/2025/1105.html"
DELAYED = {"number": 1, "happened": "延期", "postponed_to": "2025-10-19"}


def _step(at: str, do: str, by: str = "", **values: Any) -> Step:
    return Step(f"{at}:00+08:00", do, {"by": by, **values} if by else values)


def _objecting(at: str, do: str, by: str, ref: str, **values: Any) -> Step:
    return _step(at, do, by, ref=ref, **values)


def _posting(at: str, channel: str) -> Step:
    when = {"posted_on": "2025-11-05", "posted_time": "09:00"}
    return _step(at, "record_posting", CLERK, kind="拟签约名单公示", channel=channel, url=PAGE, **when)


PREPARING = (
    _step("2025-08-11T10:00", "plan_round", announced_on="2025-08-18", scan_weeks=3),
    _step("2025-08-20T10:00", "register_applicants", CLERK, file="补登机构.json"),
    _step("2025-08-20T10:10", "export_workbook", CLERK, kind="申请人登记册（填写用）"),
    _step("2025-08-20T10:20", "import_workbook", CLERK, file=REGISTER_FILE),
    _step("2025-09-01T09:05", "cancel_notification", CLERK, number=1, reason="内容有误，更正后另发"),
    _step("2025-09-01T10:05", "deliver_notifications"),
    _step("2025-09-01T10:10", "show_messages"),
    _step("2025-09-01T10:20", "resend_notification", CLERK, number=1, reason="申请人称未收到"),
    _step("2025-09-01T10:30", "retry_notification", CLERK, number=3, reason="邮箱已更正"),
    _step(
        "2025-09-02T10:00", "record_consent", CLERK, applicant_id="H01", reference="卷宗第 7 页", signed_on="2025-09-01"
    ),
    _step("2025-09-02T10:10", "suppress_contact", CLERK, applicant_id="P01", channel="电子邮件", reason="邮箱停用"),
    _step("2025-09-02T10:20", "resume_channel", HEAD, channel="短信", reason="已向平台续费"),
)
REVIEWING = (
    _step("2025-09-24T11:00", "verify_site", CLERK, applicant_id="P01", note="现场丈量，与申报一致，附照片 3 张"),
    _step("2025-09-25T16:10", "make_document", CLERK, kind="初审意见书", about="P01"),
    _step(
        "2025-09-26T10:00",
        "record_hand_delivery",
        CLERK,
        task=1,
        how="窗口签收",
        **{"delivered_on": "2025-09-26", "proof": "送达回证第 3 号"},
    ),
    _step("2025-09-30T15:00", "do_batch", REVIEWER, kind="批量初审：对已受理的签署初审意见", ids="P02，P03"),
    _step("2025-09-30T17:00", "show_board"),
    _step("2025-09-30T17:10", "show_case", applicant_id="P02"),
)
DRAWING = (
    _step("2025-10-16T09:00", "register_declarations", CLERK, file="利益申报.json"),
    _step("2025-10-18T10:00", "record_source_event", SUPERVISOR, **DELAYED, evidence="发行中心 2025-10-18 公告"),
    _step(
        "2025-10-20T11:00",
        "challenge_draw",
        SUPERVISOR,
        ref="CQ-1",
        received_on="2025-10-20",
        **{"received_time": "10:40", "via": "窗口", "content": "质疑名册中有人应当回避"},
    ),
    _step(
        "2025-10-20T15:00",
        "resolve_draw_challenge",
        SUPERVISOR,
        ref="CQ-1",
        upheld="否",
        finding="经核对，无应回避情形",
    ),
)
OBJECTING = (
    _step("2025-10-22T10:00", "make_package", CLERK, notice=1),
    _step(
        "2025-10-27T10:00",
        "record_objection",
        CLERK,
        applicant_id="P01",
        ref=DRAFT,
        received_on="2025-10-27",
        **{"received_time": "09:30", "via": "窗口", "allegation": "冷链设备不符合要求"},
    ),
    _objecting(
        "2025-10-28T10:30", "withdraw_objection", CLERK, DRAFT, withdrawn_on="2025-10-28", reason="异议人书面撤回"
    ),
    _objecting("2025-10-29T10:00", "resolve_objection", "稽核员丙", DRAFT, substantiated="否", finding="经核查不属实"),
    _objecting("2025-10-30T09:00", "try_objection", "", OBJECTION),
    _step("2025-10-30T09:10", "register_complainants", CLERK, file="异议人.json"),
    _objecting(
        "2025-11-03T10:00",
        "reply_objection",
        CLERK,
        OBJECTION,
        replied_on="2025-11-03",
        how="书面送达",
        **{"proof": "答复书第 1 号，EMS 单号存卷"},
    ),
)
YEAR_2027 = (
    *(("2027-01-01", "2027-01-03"), ("2027-02-05", "2027-02-11"), ("2027-04-03", "2027-04-05")),
    *(("2027-05-01", "2027-05-05"), ("2027-06-09", "2027-06-09"), ("2027-09-15", "2027-09-15")),
    ("2027-10-01", "2027-10-07"),
)
ENDING = (
    _step("2025-11-05T09:02", "publish_notice", CLERK, kind="拟签约名单公示", postings=[]),
    _posting("2025-11-05T09:03", "县政府网站"),
    _posting("2025-11-05T09:04", "“医保”公众号"),
    _step("2025-11-06T10:00", "check_postings"),
    _step(
        "2025-11-24T10:00",
        "record_agency_delay",
        CLERK,
        applicant_id="H01",
        cause="经办系统停机，无法出具协议",
        **{"delay_from": "2025-11-24", "delay_to": "2025-11-25"},
    ),
    _step(
        "2025-12-02T10:00",
        "load_workdays",
        HEAD,
        year=2027,
        notice="国办发明电〔2026〕0号（虚构）",
        **{"off": [{"first": first, "last": last} for first, last in YEAR_2027]},
    ),
    *(
        _step("2025-12-02T11:00", do)
        for do in ("rebuild_site", "collect_receipts", "purge_messages", "back_up", "tidy_runs")
    ),
)
OTHERS = (*PREPARING, *REVIEWING, *DRAWING, *OBJECTING, *ENDING)


def lay_files(inbox: Path, scenario: dict[str, Any]) -> None:
    """The files that these forms name, into the inbox."""
    late = deepcopy(next(one for one in scenario["applicants"] if one["applicant_id"] == "P01"))
    late |= {"applicant_id": "P09", "name": "样例大药房九店"}
    declared = [
        {"expert_id": one["expert_id"], "interests": [], "signed_on": "2025-10-15"}
        for one in scenario["expert_library"]
    ]
    complainant = {"ref": OBJECTION, "name": "某某", "address": "样例县样例路 1 号"}
    files = {
        "补登机构": {"applicants": [late]},
        "利益申报": {"declarations": declared},
        "异议人": {"complainants": [complainant]},
    }
    for name, content in files.items():
        (inbox / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
