"""经办表单: what waits for who looks, then the forms of his roles by step; whose a form is stands on it."""

from __future__ import annotations

import re

import pytest

from dingdian.running.deployments import read
from rules.acts import CATALOGUE
from tests.board.conftest import Desk
from tests.board.test_board_pages import seen
from tests.board.test_my_tasks import acts_of, board_of
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES
from tests.tasks.test_proposals import STAFF, staffed

OFFERED = re.compile(r'<dt><a href="/forms/(\w+)"[^>]*>([^<]+)</a> <span class="fine">([^<]+)</span>')
OF_A_REHEARSAL = {"control_rehearsal", "move_rehearsal_on"}
STEPS = ["0 公告", "1 申报受理", "2 初审", "3 履约能力评估", "4 公示与异议", "5 谈判签约", "6 协议履行"]
STEPS += ["7 更正、复核和查询", "8 文书、表格和通知", "9 系统"]


@pytest.fixture
def database_kind() -> str:
    """What a person sees; the queries are those of one's own tasks, tested on both kinds there."""
    return "sqlite"


def test_a_step_has_one_number_and_one_name() -> None:
    assert sorted({tag for entry in read() for tag in entry["tags"]}) == STEPS


def test_everybody_sees_his_own_forms_first_and_all_of_them(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("accepted"))
    for number, role in STAFF.items():
        with board_of(rehearsal, number, STAGES["accepted"][:16]) as client:
            page = client.get("/forms").text
        assert re.findall(r'<h2 id="step-\d+">([^<]+)</h2>', page) == STEPS
        assert sorted(act for act, _, _ in OFFERED.findall(page)) == sorted({*CATALOGUE} - OF_A_REHEARSAL)
        others = "".join(re.findall(r"<details>.*?</details>", page, re.DOTALL))
        own = {act for act, _, _ in OFFERED.findall(page)} - {act for act, _, _ in OFFERED.findall(others)}
        assert ("sign_preliminary_opinion" in own) == (role == "reviewer")
        assert ("submit_application" in own) == (role == "operator")
        assert ("sign_preliminary_opinion" in acts_of(page)) == (role == "reviewer"), "what waits, filled in"


def test_a_form_says_whose_it_is(at_stage: Stage) -> None:
    with board_of(staffed(at_stage("accepted")), "1001", STAGES["accepted"][:16]) as client:
        whose = {title: roles for _, title, roles in OFFERED.findall(client.get("/forms").text)}
        assert whose["08 签署初审意见"] == "复核"
        assert whose["24 采用新规则"] == "主任"
        assert "未列给任何岗位" not in whose.values()
        assert client.get("/forms/drop_table").status_code == 404
        way = client.get("/forms/sign_agreement")
        assert (way.status_code, "%E7%AD%BE%E8%AE%A2" in way.headers["location"]) == (303, True)


def test_where_nobody_logs_in_all_forms_are_ones_own(desk: Desk) -> None:
    page = seen(desk("accepted"), "/forms")
    assert "<details>" not in page.text
