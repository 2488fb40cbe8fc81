"""我的待办: what waits for whoever has logged in, by his roles; what he may confirm, and what came back to him."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from gate.sessions import COOKIE, LOGIN, Sessions, SignedIn, SignOn
from models import Deadline
from rules.case import Event
from rules.vocabulary import WayIn
from tasks import accounts
from tasks.proposing import send_back, submit
from tests.board.conftest import served
from tests.board.test_board_pages import seen
from tests.support import patience
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, KEYS, STAGES, Rehearsal, beijing
from tests.tasks.test_complaints import complained
from tests.tasks.test_proposals import RECUSAL, STAFF, staffed
from views.my_tasks import SOON

HOSTILE = "</td><script>alert(1)</script>{{7*7}}"


@pytest.fixture
def database_kind() -> str:
    """The pages' queries are tested on both kinds with the lists; here it is what a person sees."""
    return "sqlite"


@contextmanager
def board_of(rehearsal: Rehearsal, staff_no: str, at: str) -> Iterator[httpx.Client]:
    """The board as somebody sees it who has logged in; `staff_no` empty: nobody has."""
    cookies = {COOKIE: accounts.open_session(rehearsal.url, staff_no, WayIn.REHEARSAL)} if staff_no else {}
    guard = lambda app: SignedIn(app, Sessions(rehearsal.url, SignOn("", SecretStr(""))), LOGIN, "board")  # noqa: E731
    with (
        served(rehearsal.url, beijing(at), guard=guard) as address,
        patience.client(address, trust_env=False, cookies=cookies) as client,
    ):
        yield client


def acts_of(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split("/do/")[1:]]


@pytest.mark.parametrize(
    ("stage", "whose"),
    [
        ("accepted", {"reviewer": "sign_preliminary_opinion"}),
        ("planned", {"discipline": "draw_experts"}),
        ("drawn", {"operator": "record_score_sheet", "reviewer": "record_score_sheet"}),
        ("scored", {"reviewer": "conclude_evaluation", "director": "conclude_evaluation"}),
        ("result_notice", {}),
        ("negotiating", {"operator": "record_negotiation"}),
        ("signing", {}),
    ],
)
def test_everybody_sees_what_his_roles_may_do(at_stage: Stage, stage: str, whose: dict[str, str]) -> None:
    """While a notice runs or the applicants move, nothing waits for the office."""
    rehearsal = staffed(at_stage(stage))
    for number, role in {role: number for number, role in STAFF.items()}.items():
        with board_of(rehearsal, role, STAGES[stage][:16]) as client:
            page = client.get("/mine").text
            assert acts_of(page.partition("待我复核")[0]) == [one for one in [whose.get(number)] if one], number


def test_it_tells_how_many_wait_which_is_next_and_what_is_late(at_stage: Stage) -> None:
    """22 working days for the opinion after the acceptance of 2025-09-01, the make-up day 2025-09-28 one of them."""
    rehearsal = staffed(at_stage("accepted"))
    for at, late in {"2025-09-02 09:00": [], "2025-09-30 20:00": [], "2025-10-01 09:00": ["4"]}.items():
        with board_of(rehearsal, "1002", at) as client:
            row = seen(client, "/mine").definitions()["签署初审意见"].split()
            assert row[2:] == ["4", *late, "H01", "2025-09-30", "复核"]
            assert 'href="/mine"><b>4</b>' in client.get("/").text


def test_a_proposal_waits_for_whoever_may_confirm_it_and_comes_back_to_its_proposer(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("planned"))
    fields = {**RECUSAL, "reason": HOSTILE}
    submit(
        rehearsal.url, Event("recuse_expert", beijing("2025-09-18 09:00"), "1001", fields), KEYS, [("事由", HOSTILE)]
    )

    def parts(staff_no: str, at: str) -> tuple[str, str]:
        with board_of(rehearsal, staff_no, at) as client:
            rest = client.get("/mine").text.partition("待我复核")[2]
            return rest.partition("我提请的")[::2]

    assert "登记专家回避 Z01" in parts("1004", "2025-09-18 10:00")[0]
    to_confirm, mine = parts("1001", "2025-09-18 10:00")
    assert "没有待您复核的提请" in to_confirm
    assert "待复核" in mine
    send_back(rehearsal.url, 1, "1004", beijing("2025-09-18 11:00"), HOSTILE)
    assert "没有待您复核的提请" in parts("1004", "2025-09-18 12:00")[0]
    for at, is_shown in {"2025-10-02 11:00": True, "2025-10-02 11:01": False}.items():
        mine = parts("1001", at)[1]
        assert ("已退回" in mine, HOSTILE in mine) == (is_shown, False)


def test_an_agreement_on_which_the_office_must_act_is_named(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    complained(office)
    due = next(one.due_on for one in office.rows(Deadline) if one.kind == "complaint_inquiry")
    for days, is_shown in {SOON.days + 1: False, SOON.days: True, -1: True}.items():
        with board_of(office, BOSS, f"{due - timedelta(days=days)} 09:00") as client:
            agreements = client.get("/mine").text.partition("经办机构近期应办")[2]
            assert ("样例大药房1店" in agreements) == is_shown, days


def test_without_a_login_nobody_has_tasks(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("accepted"))
    with board_of(rehearsal, "", "2025-09-18 10:00") as client:
        assert client.get("/mine").headers["location"].startswith(LOGIN)
    with served(rehearsal.url, beijing("2025-09-18 10:00")) as address, patience.client(address) as client:
        assert "按登录人显示" in seen(client, "/mine", 403).text
        assert "等我办理" not in seen(client, "/").text
