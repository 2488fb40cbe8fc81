"""Stretches of a round and of an agreement, each act started through Prefect's API with the words of its form: the
draw and objections; honest mistakes made and mended (the preview, the second person, the state and the limits as
before, what the applicant was told); an agreement from a finding to its suspension."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models import Agreement, Notice, Notification
from notifications.rendering import render_email
from tests.flows import draw_stretch
from tests.support.forms_office import Office, forms_office
from tests.support.patience import until
from tests.tasks.rehearsal import BOSS, CHANNELS, OFFICE, TOPICS

pytestmark = pytest.mark.long

WHY = "录错机构"


@pytest.fixture(scope="module")
def office(shared_tmp: Path, worker_id: str) -> Iterator[Office]:
    """One installation for all, because the rounds live in the autumn of 2025."""
    with forms_office(shared_tmp / f"forms-{worker_id}") as office:
        yield office


def test_from_the_draw_to_an_answered_objection(office: Office) -> None:
    office.stand("evaluating", "safeguards", "2025-09-16T15:00:00+08:00")
    draw_stretch.whole(office)


def looked_at(office: Office, **form: str) -> str:
    """The code of the preview; it wrote nothing."""
    before = office.rows()
    ended, said, _ = office.send("30-1 试算撤回", **form)
    assert ended == "COMPLETED", said
    assert office.rows() == before
    found = re.search(r"试算码 ([0-9a-f]{8})；没有写入任何内容", said)
    assert found, said
    return found[1]


def take_back(office: Office, applicant_id: str, act: str) -> str:
    code = looked_at(office, applicant_id=applicant_id, act=act)
    return office.done("30-2 撤回办理", applicant_id=applicant_id, act=act, reason=WHY, preview_code=code)


def told(office: Office, applicant_id: str) -> str:
    """The last letter about a dossier, as it is read; the clerk's reason is not in it."""
    id_ = office.round.case(applicant_id).id
    of_it = [one for one in office.round.rows(Notification) if (one.subject, one.subject_id) == ("application", id_)]
    letter = next(one for one in reversed(of_it) if one.channel == "email")
    text = render_email(letter.event, letter.params, date(2025, 9, 3)).text
    assert WHY not in text
    return text


def test_mistakes_before_the_evaluation(office: Office) -> None:
    office.stand("accepted", "", "2025-09-03T10:00:00+08:00")
    due = office.round.deadline("P01", "preliminary_review")
    office.done("08 签署初审意见", applicant_id="P01", judgements=[])
    assert "“08 签署初审意见”" not in (said := take_back(office, "P01", "08 签署初审意见"))
    assert "现为“已受理，初审中”" in said
    assert office.round.deadline("P01", "preliminary_review") == due
    assert "2025-09-03 签署初审意见，结果为“初审合格”" in told(office, "P01")
    office.done("06 登记撤回申请", applicant_id="P02", reason=WHY)
    assert "撤回理由" not in told(office, "P02")
    take_back(office, "P02", "06 登记撤回申请")
    assert office.round.state("P02") == "ACCEPTED"
    assert "你单位的申请现为“已受理，初审中”" in told(office, "P02")
    office.done("08 签署初审意见", applicant_id="P01", judgements=[])
    stale = {"applicant_id": "P01", "act": "08 签署初审意见", "reason": WHY, "preview_code": "0" * 8}
    assert "试算码不是这一次的" in office.refused("30-2 撤回办理", **stale)
    assert "没有可以撤回的“签订协议”记录" in office.refused("30-1 试算撤回", applicant_id="P01", act="20 签订协议")
    office.round.is_sound()


def test_mistakes_after_the_evaluation(office: Office) -> None:
    office.stand("negotiating", "next_in_rank", "2025-10-15T09:00:00+08:00")
    no = {"topics": [], "consensus": "否", "open_point": "结算方式"}
    office.done("18 录入谈判结果", applicant_id="P01", **no)
    assert office.round.state("P03") == "SELECTED"
    assert "P03 此前据以递补的名额已收回" in take_back(office, "P01", "18 录入谈判结果")
    assert "2025-10-15 录入谈判结果，结果为“谈判未" in told(office, "P01")
    yes = {"topics": TOPICS, "consensus": "是"}
    for one in ("H01", "P01", "P02"):
        office.done("18 录入谈判结果", applicant_id=one, **yes)
    office.at("2025-10-16 15:00")
    early = [{"channel": one, "posted_on": "2025-10-15", "posted_time": "10:00"} for one in CHANNELS]
    office.done("15 发布公示", kind="拟签约名单公示", postings=early)
    assert office.round.deadline("P01", "proposed_notice")[1] == date(2025, 10, 22)
    which = {"kind": "拟签约名单公示", "channel": CHANNELS[1]}
    code = looked_at(office, act="28 登记发布凭证", **which)
    office.done("30-3 撤回发布凭证", **which, reason=WHY, preview_code=code)
    assert "公示期自正确的发布时间起算，另行告知" in told(office, "P01")
    assert office.round.rows(Notice)[-1].starts_on is None
    true = {"posted_on": "2025-10-16", "posted_time": "10:00", "url": "https://www.example.cn/1.html"}
    office.done("28 登记发布凭证", **which, **true)
    assert office.round.deadline("P01", "proposed_notice")[:2] == ("running", date(2025, 10, 23))
    office.round.sweep("2025-10-24 00:05")
    office.at("2025-10-27 10:00")
    office.done("20 签订协议", applicant_id="P01", signed_on="2025-10-24", agreement_number="特药1号")
    take_back(office, "P01", "20 签订协议")
    assert office.round.state("P01") == "SIGNING"
    assert "2025-10-27 签订协议，结果为“已签订" in told(office, "P01")
    office.done("20 签订协议", applicant_id="P01", signed_on="2025-10-27", agreement_number="特药1号")
    [agreement] = office.round.rows(Agreement)
    assert (agreement.number, agreement.signed_on) == ("特药1号", date(2025, 10, 27))
    office.round.is_sound()


def test_an_agreement_is_suspended(office: Office) -> None:
    """What the run's page says, what is told, which event Prefect's feed shows."""
    office.stand("published", "kept", "2025-11-10T09:00:00+08:00")
    number = next(one.number for one in office.round.rows(Agreement) if one.number.endswith("2号"))
    named = {"agreement_number": number}
    found = {"code": "V7 提高标准、分解或重复收费", "facts": "重复收费三笔", "evidence": "检查记录"}
    ended, said, page = office.send("73 登记违规事实", by=OFFICE, **named, **found)
    assert ended == "COMPLETED", said
    assert "| P01 | 样例大药房1店 | 登记违规事实 | 有效 | 有效 |" in page
    assert "拟认定告知书" in page
    assert "陈述期限" in page
    assert "[74 认定违规事实" in page
    assert f"/agreement/{next(one.id for one in office.round.rows(Agreement) if one.number == number)})" in page
    again = {"finding": "1", "statement_on": "2025-11-10"}
    assert "认定人须与登记人不同" in office.send("74 认定违规事实", by=OFFICE, **named, **again)[1]
    office.done("74 认定违规事实", **named, **again)
    decision = {"decision_no": "暂停1号", "findings": ["1"], "from_on": "2025-11-10", "confirmed_by": OFFICE}
    said = office.done("78 暂停协议", **named, **decision)
    assert "累计第 1 次，限 3 次" in said
    told = [row.event for row in office.round.rows(Notification) if row.subject == "agreement"]
    assert "agreement_suspended" in told
    wanted = {"filter": {"event": {"prefix": ["dingdian.agreement."]}}, "limit": 50}

    def feed() -> set[str]:
        """What Prefect has of this agreement's events; it takes them in some time after the run that sent them."""
        events = office.stack.request("POST", "/events/filter", wanted)["events"]
        return {one["event"] for one in events if one["resource"]["prefect.resource.id"] == "dingdian.agreement.1-P01"}

    sent = {f"dingdian.agreement.{what}" for what in ("record_finding", "confirm_finding", "suspended")}
    until(lambda: sent <= feed(), lambda: f"事件，已有：{sorted(feed())}", alive=office.stack.is_alive)
    assert BOSS != OFFICE
    office.round.is_sound()
