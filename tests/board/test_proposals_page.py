"""The board's page of acts that wait for a second person: who, what, until when; and what was sent back, with why."""

from __future__ import annotations

import pytest

from rules.case import Event
from tasks.proposing import send_back, submit
from tests.board.test_agreement_pages import board
from tests.board.test_board_pages import seen
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import RECUSAL, staffed

AT = "2025-09-18 09:00"
HOSTILE = "</td><script>alert(1)</script>{{7*7}}"


@pytest.fixture
def database_kind() -> str:
    """Pages read what the acts wrote; those are tested on both kinds."""
    return "sqlite"


@pytest.fixture
def planned(at_stage: Stage) -> Rehearsal:
    rehearsal = staffed(at_stage("planned"))
    fields = {**RECUSAL, "reason": HOSTILE}
    submit(rehearsal.url, Event("recuse_expert", beijing(AT), "1001", fields), KEYS, [("回避事由", HOSTILE)])
    return rehearsal


def test_an_open_proposal_is_shown_with_the_way_to_its_form(planned: Rehearsal) -> None:
    with board(planned, "2025-09-18 10:00") as client:
        page = seen(client, "/proposals").text
        for told in ("登记专家回避 Z01", "1001 员1001", "2025-09-21", "主任、纪检、复核", "五(二)（保障措施）"):
            assert told in page
        raw = client.get("/proposals").text
        assert (HOSTILE in raw, "&lt;script&gt;" in raw) == (False, True)
        assert '<li class="proposals"><a href="/proposals"><b>1</b>' in client.get("/").text
        way = client.get("/proposals/1/do/confirm_proposal", follow_redirects=False)
        assert way.headers["location"].endswith("flowOrDeploymentName=44%20%E5%A4%8D%E6%A0%B8")
        seen(client, "/proposals/1/do/sign_agreement", 404)
        seen(client, f"/proposals/{'9' * 30}/do/confirm_proposal", 404)


def test_whoever_proposed_sees_it_sent_back_with_the_reason(planned: Rehearsal) -> None:
    send_back(planned.url, 1, "1004", beijing("2025-09-18 11:00"), "没有证明材料")
    with board(planned, "2025-09-18 12:00") as client:
        page = seen(client, "/proposals").text
        assert "没有待复核的提请。" in page
        for told in ("已退回", "1004 员1004", "没有证明材料"):
            assert told in page
        assert '<li class="proposals nought">' in client.get("/").text


def test_a_dossier_leads_to_its_contacts_and_to_who_looks_after_it(planned: Rehearsal) -> None:
    with board(planned, "2025-09-18 10:00") as client:
        page = client.get("/case/1/P01").text
        assert "/gate/contacts?round=1&amp;applicant=P01" in page
        assert "/gate/handler?round=1&amp;applicant=P01" in page
