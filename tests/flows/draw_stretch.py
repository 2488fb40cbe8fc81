"""Declarations, failing sources, challenges of the draw and those who object: the steps of a stretch of one round by
its forms, in the order in which an office meets them (`test_stretches_by_forms`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import SQLModel

from models import Draw, DrawChallenge, ExpertDeclaration, Objection
from models.complainant import Complainant
from tests.support.database import changed, dump
from tests.support.forms_office import KEYS, Office
from tests.support.patience import fetched
from tests.tasks.rehearsal import BOSS, beijing, posted
from views.markdown import plain

RED = {"name": "双色球第2025109期红球", "kind": "双色球红球", "due_on": "2025-09-18", "fallback": "顺延等待"}
DRAWN = [3, 9, 14, 20, 27, 33]
ZHAO = {"name": "赵某某", "phone": "13900001111", "email": "", "address": "样例县人民路1号"}
POSTPONED = {"number": 1, "happened": "延期", "postponed_to": "2025-09-19", "evidence": "发行中心公告"}
CHALLENGE = {"ref": "CQ-1", "received_on": "2025-09-22", "received_time": "9:30", "via": "窗口", "content": "名册有误"}
ALLEGATION = {"applicant_id": "P01", "received_on": "2025-09-24", "via": "网上", "allegation": "营业面积不足"}
WITHDRAWAL = {"ref": "Y-1", "withdrawn_on": "2025-09-25", "reason": "已与机构沟通"}
REPLY = {"ref": "Y-1", "replied_on": "2025-09-26", "how": "书面送达", "proof": "EMS 100 200"}


def whole(office: Office) -> None:
    """The stretch from before the draw to the answer of an objection, and the first sweep after midnight."""
    declare(office)
    put_off_a_source(office)
    challenge(office)
    list_the_results(office)
    take_down(office)
    try_out(office)
    name_the_objectors(office)
    withdraw(office)
    answer(office)
    office.round.is_sound()
    sweep_at_midnight(office)


def declare(office: Office) -> None:
    entries = [{"expert_id": f"Z{n:02}", "interests": [], "signed_on": "2025-09-10"} for n in range(1, 9)]
    stranger = {"declarations": [{**entries[0], "expert_id": "Z99"}]}
    why = office.refused("34 登记专家利益申报", file=office.put("陌生人.json", stranger))
    assert why == "专家库中没有“Z99”：请核对专家编号"
    said = office.done("34 登记专家利益申报", file=office.put("利益申报.json", {"declarations": entries}))
    assert said == "已登记专家利益申报 8 份：Z01、Z02、Z03、Z04、Z05、Z06、Z07、Z08。"
    rows = every(office, ExpertDeclaration)
    assert [(one.interests, one.signed_on, one.recorded_by) for one in rows] == [([], date(2025, 9, 10), BOSS)] * 8


def put_off_a_source(office: Office) -> None:
    office.at("2025-09-17 10:00")
    office.done("11 公布抽取方案", wanted=3, sources=[RED])
    office.at("2025-09-18 10:00")
    never = {"number": 1, "happened": "确定不公布", "evidence": "当期停售公告"}
    why = office.refused("35 登记随机源延期或缺失", **never)
    assert why == "方案公布的办法是顺延等待：请登记延期，不能按不公布处理"
    said = office.done("35 登记随机源延期或缺失", **POSTPONED)
    assert said == "第1个随机源“双色球第2025109期红球”已延期至 2025-09-19。"
    (plan,) = every(office, Draw)
    assert [(one["state"], one["due_on"], one["evidence"]) for one in plan.source_rules] == [
        ("postponed", "2025-09-19", "发行中心公告"),
    ]


def challenge(office: Office) -> None:
    office.at("2025-09-19 22:00")
    office.done("12 抽取专家", source_values=[{"numbers": DRAWN}])
    office.at("2025-09-22 10:00")
    said = office.done("36 登记抽取质疑", **CHALLENGE)
    assert said == "已登记抽取质疑 CQ-1（质疑期内提出，核查完结前不能评分）。"
    assert office.refused("36 登记抽取质疑", **CHALLENGE) == "质疑编号 CQ-1 已登记，请换用新的编号"
    answer = {"upheld": "否", "finding": "名册无误"}
    assert office.refused("37 抽取质疑结论", ref="CQ-9", **answer) == "没有编号为“CQ-9”的抽取质疑，请核对"
    assert office.done("37 抽取质疑结论", ref="CQ-1", **answer) == "抽取质疑 CQ-1 不成立。"
    (one,) = every(office, DrawChallenge)
    assert (one.via, one.is_in_time, one.received_at) == ("counter", True, beijing("2025-09-22 09:30"))
    assert (one.status, one.finding, one.resolved_by) == ("dismissed", "名册无误", BOSS)


def list_the_results(office: Office) -> None:
    """The stretch between the draw and the notice, without forms."""
    for applicant_id, total in (("H01", 95), ("P01", 95), ("P02", 90), ("P03", 85)):
        office.round.score("2025-09-23 09:00", applicant_id, total)
    office.round.act("2025-09-23 17:00", "conclude_evaluation")
    notice = {"kind": "评估结果公示", "postings": posted("2025-09-23 18:00")}
    office.round.act("2025-09-23 18:05", "publish_notice", **notice)


def take_down(office: Office) -> None:
    office.at("2025-09-24 12:00")
    office.done("16 登记异议", ref="Y-1", received_time="10:00", **ALLEGATION)
    said = office.done("16 登记异议", ref="Y-2", received_time="11:00", **ALLEGATION)
    assert "内容与 Y-1 相同：登记异议人后，同一人提出的将自动并案" in said


def try_out(office: Office) -> None:
    before = office.rows()
    ended, said, _ = office.send("29 试算异议后果", ref="Y-1")
    assert (ended, said) == ("COMPLETED", "已试算异议 Y-1 的后果；没有写入任何内容。")
    page = str(office.stack.request("GET", "/artifacts/objection-y-1/latest")["data"])
    assert "- 取消资格：P01 样例大药房1店（现处“评估结果公示中”）" in page
    assert changed(before, office.rows()) == {}
    ended, said, page = office.send("29 试算异议后果", ref="Y-9")
    assert (ended, said) == ("CANCELLED", "未办理：没有编号为“Y-9”的异议，请核对")
    assert f"**{plain('没有编号为“Y-9”的异议，请核对')}**" in page


def name_the_objectors(office: Office) -> None:
    nobody = {"complainants": [{"ref": "Y-1", "name": "赵某某"}]}
    why = office.refused("32 登记异议人", file=office.put("无联系方式.json", nobody))
    assert "“Y-1”的异议人（举报人）没有电话、邮箱或地址：留不下联系方式的按匿名登记" in why
    both = {"complainants": [{"ref": ref, **ZHAO} for ref in ("Y-1", "Y-2")]}
    said = office.done("32 登记异议人", file=office.put("异议人.json", both))
    assert said == "已登记异议人 2 件：Y-1、Y-2（与 Y-1 并案）。联系方式已加密，不显示。"
    first, second = every(office, Objection)
    assert (first.duplicate_of, second.duplicate_of) == (None, first.id)
    assert Complainant.unseal(KEYS, first.id, first.complainant_sealed) == Complainant(**ZHAO)
    assert [text for text in ZHAO.values() if text and text in told_by_prefect(office)] == []


def told_by_prefect(office: Office) -> str:
    """Everything that Prefect keeps of the runs: parameters, states, pages."""
    runs = office.stack.request("POST", "/flow_runs/filter", {})
    pages = office.stack.request("POST", "/artifacts/filter", {})
    logs = office.stack.request("POST", "/logs/filter", {})
    return json.dumps([runs, pages, logs], ensure_ascii=False)


def withdraw(office: Office) -> None:
    office.at("2025-09-25 10:00")
    said = office.done("33 登记撤回异议", **WITHDRAWAL)
    assert "已登记撤回异议 Y-1（核查继续，结论作出前仍暂停）" in said
    why = office.refused("33 登记撤回异议", **WITHDRAWAL)
    assert why == "异议 Y-1 已于 2025-09-25 登记撤回，无需重复办理"
    assert [(one.status, one.withdrawn_on) for one in every(office, Objection)] == [
        *(("open", date(2025, 9, 25)), ("open", None)),
    ]
    assert office.round.case("P01").holds == 2


def answer(office: Office) -> None:
    office.at("2025-09-26 10:00")
    why = office.refused("38 登记答复异议人", **REPLY)
    assert why == "异议 Y-1 尚未作出核查结论，不能登记答复：请先办理“异议核查结论”"
    office.done("17 异议核查结论", ref="Y-1", substantiated="否", finding="经实地丈量，面积相符")
    said = office.done("38 登记答复异议人", **REPLY)
    assert said == "异议 Y-1 已于 2025-09-26 答复异议人（书面送达）。"
    assert [(one.status, one.replied_on, one.reply_how, one.reply_proof) for one in every(office, Objection)] == [
        *(("dismissed", date(2025, 9, 26), "paper", "EMS 100 200"), ("dismissed", None, "", "")),
    ]
    assert (office.round.state("P01"), office.round.case("P01").holds) == ("NOTICE_RESULT", 0)


def sweep_at_midnight(office: Office) -> None:
    """The first sweep after midnight binds the days that are over, and the public site shows it."""
    office.at("2025-09-27 00:05")
    ended, said, _ = office.send("50 期限巡查")
    assert (ended, said.startswith("到期 ")) == ("COMPLETED", True)
    bound = dump(office.round.url)["audit_checkpoint"]
    assert (bound[0]["day"], bound[-1]["day"], len(bound)) == (date(2025, 8, 18), date(2025, 9, 26), 40)
    assert sum(one["records"] for one in bound) == len(dump(office.round.url)["audit_record"])
    page = fetched(f"{office.stack.site_url.rstrip('/')}/audit-2025.html").text
    assert bound[-1]["hash"] in page


def every(office: Office, model: type[SQLModel]) -> Sequence[Any]:
    return office.round.rows(model)
