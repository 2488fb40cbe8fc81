"""The board's pages of double random inspections and of lists, and the complaints on an agreement's page."""

from __future__ import annotations

import pytest

from models import DoubleRandomDraw
from models.database import reading
from tests.board.test_agreement_pages import board, number_of
from tests.board.test_board_pages import seen
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal
from tests.tasks.test_inspections import DRAWN_AT, PLAN, PLANNED, RESULTS, inspected
from tests.tasks.test_lists import ADD, kept
from views.agreement_file import acts_for_agreement, agreement_file

SHOP = {"applicant_id": "P01"}
HOSTILE = "</td><script>alert(1)</script>"


@pytest.fixture
def database_kind() -> str:
    """Pages read what the acts wrote; those are tested on both kinds."""
    return "sqlite"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    office = kept(at_stage("published", "kept"))
    office.sweep("2025-11-06 00:05")
    office.act(PLANNED, "plan_inspections", **PLAN, inspectors=[BOSS, OFFICE])
    office.act("2025-11-10 10:00", "list_add", **SHOP, **{**ADD, "document": HOSTILE})
    said = {"received_at": "2025-11-10T08:30:00+08:00", "via": "post", "matter": HOSTILE, "is_anonymous": False}
    office.act("2025-11-10 11:00", "record_complaint", **SHOP, **said)
    return office


def test_the_office_sees_whom_a_plan_drew_and_what_can_be_done_with_it(office: Rehearsal) -> None:
    with board(office) as client:
        page = seen(client, "/inspections").text
        assert "计划已公布，待抽取" in page
        assert "3 家抽 2 家" in page
        office.act(DRAWN_AT, "draw_inspections", **RESULTS)
        plan = office.rows(DoubleRandomDraw)[0]
        names = [plan.institutions[one["institution"] - 1]["name"] for one in plan.assigned]
        page = seen(client, "/inspections").text
        assert all(name in page for name in names)
        assert "已抽取，2 家待检查" in page
        for place in (0, 1):
            given = inspected(office, plan, place, "2025-11-18")
            office.act("2025-11-18 17:00", "record_inspection", **given)
        assert "检查结束，待公开" in seen(client, "/inspections").text
        assert plan.secret_sealed not in page
        seen(client, "/round/1/do/sign_agreement", 404)
        seen(client, "/round/1/do/plan_inspections?plan=abc", 404)


def test_the_lists_show_entries_and_bars_of_today(office: Rehearsal) -> None:
    with board(office) as client:
        page = seen(client, "/lists").text
        assert "L2 发布虚假医疗广告" in page
        assert HOSTILE in page  # as text: it was escaped
        assert "没有机构在限制期内" in page
        assert "名单和限制期" in seen(client, "/agreements").text


def test_an_agreement_tells_its_complaints_and_offers_what_they_need(office: Rehearsal) -> None:
    shop = number_of(office, "P01")
    with board(office) as client:
        page = seen(client, f"/agreement/{shop.id}").text
        assert "举报投诉" in page
        assert HOSTILE in page  # as text: it was escaped
    with reading(office.url) as session:
        acts = {one.do: one.values for one in acts_for_agreement(session, shop.id or 0)}
    assert acts["resolve_complaint"]["complaint"] == "1"
    assert "reply_complaint" not in acts
    untrue = {"complaint": "1", "substantiated": False, "reason": "票据齐全"}
    office.act("2025-11-12 09:00", "resolve_complaint", **SHOP, **untrue)
    with reading(office.url) as session:
        [told] = agreement_file(session, shop.id or 0)["complaints"]
        acts = {one.do: one.values for one in acts_for_agreement(session, shop.id or 0)}
    assert (told["result"], told["reply"]) == ("不属实：票据齐全", "待答复")
    assert "resolve_complaint" not in acts
    assert "reply_complaint" in acts
