"""Honest mistakes made and mended by forms, each started through Prefect's API with the words of its form: the preview,
the second person, the state and the limits as before, and what the applicant was told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from models import Agreement, Notice, Notification
from notifications.rendering import render_email
from tests.flows.test_draw_and_objection_flows import KEYS, SECRET, Office
from tests.support.stack import Stack
from tests.tasks.rehearsal import CHANNELS, TOPICS, Rehearsal, play, scenario_until

pytestmark = pytest.mark.long

WHY = "录错机构"


@contextmanager
def opened(folder: Path, stage: str, variant: str, at: str) -> Iterator[Office]:
    """An installation of its own whose round stands at a stage."""
    folder.mkdir()
    clock = folder / "clock"
    clock.write_text(at, encoding="utf-8")
    stack = Stack(folder / "var")
    stack.environment["DINGDIAN_REHEARSAL_CLOCK"] = str(clock)
    stack.environment["DINGDIAN_SECRET_KEY"] = SECRET
    stack.start()
    try:
        play(stack.database_url, scenario_until(stage, variant), variant, KEYS)
        yield Office(stack, clock, Rehearsal(stack.database_url))
    finally:
        stack.stop()


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


def test_before_the_evaluation(shared_tmp: Path, worker_id: str) -> None:
    with opened(shared_tmp / f"early-{worker_id}", "accepted", "", "2025-09-03T10:00:00+08:00") as office:
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


def test_after_the_evaluation(shared_tmp: Path, worker_id: str) -> None:
    at = "2025-10-15T09:00:00+08:00"
    with opened(shared_tmp / f"late-{worker_id}", "negotiating", "next_in_rank", at) as office:
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
