"""早间提要 and 工作量: how much waits for each, as counts; nothing where nothing waits, or on a day off."""

from __future__ import annotations

from typing import Any

import pytest

from models import Notification
from models.database import reading, transaction
from notifications.staff.wording import render_staff
from rules.vocabulary import Channel
from tasks.announce import register_staff
from tests.board.test_my_tasks import board_of
from tests.gate.test_absences import asked_of, away, handle
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing
from tests.tasks.test_proposals import STAFF, staffed
from views.load import load_of_office
from views.morning import tell, waiting_for

EVERYBODY = tuple(STAFF)
WORKING, OFF, FEAST, MADE_UP = "2025-09-16 08:10", "2025-09-20 08:10", "2025-10-01 08:10", "2025-09-28 08:10"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """Four dossiers wait for the reviewer's opinion, by 2025-09-30."""
    return staffed(at_stage("accepted"))


def waits(office: Rehearsal, at: str) -> dict[str, tuple[int, int, int]]:
    with reading(office.url) as session:
        found = waiting_for(session, EVERYBODY, beijing(at))
    return {number: (one["to_do"], one["late"], one["to_confirm"]) for number, one in found.items()}


def test_each_is_told_what_waits_for_his_roles_on_a_working_day(office: Rehearsal) -> None:
    asked_of(office, "1003", by="1004")
    assert waits(office, WORKING) == {"1002": (4, 0, 0), "1003": (0, 0, 1)}
    assert waits(office, MADE_UP) == {"1002": (4, 0, 0), "1003": (0, 0, 1)}
    assert waits(office, "2025-10-09 08:10")["1002"] == (4, 4, 0)
    assert waits(office, OFF) == waits(office, FEAST) == waits(office, "2031-03-04 08:10") == {}


def test_who_is_away_is_told_nothing_and_his_deputy_everything(office: Rehearsal) -> None:
    asked_of(office, "1003", by="1004")
    away(office)
    assert waits(office, "2025-09-18 08:10") == {"1002": (4, 0, 0), "1005": (0, 0, 1)}


def test_it_is_owed_once_a_day_and_says_counts_only(office: Rehearsal) -> None:
    def owed() -> list[Any]:
        return [one for one in office.rows(Notification) if one.event == "morning_digest"]

    assert tell(office.url, EVERYBODY, beijing(WORKING)) == 1
    assert tell(office.url, EVERYBODY, beijing("2025-09-16 11:00")) == 0
    assert tell(office.url, EVERYBODY, beijing("2025-09-17 08:10")) == 1
    assert tell(office.url, (), beijing("2025-09-18 08:10")) == 0
    first, second = owed()
    assert [(one.channel, one.recipient) for one in (first, second)] == [(Channel.STAFF, "1002")] * 2
    assert first.expires_at == beijing("2025-09-17 00:00")
    told = render_staff("morning_digest", first.params, 7)
    assert told.title == "【早间提要】"
    assert told.text.splitlines()[:2] == ["2025年9月16日", "等您岗位办理4件；待您复核0件"]
    assert not [name for name in ("样例大药房", "样例县人民医院", "员1002") if name in told.text]


def test_the_load_says_who_has_what_and_what_nobody_has(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        register_staff(session, [{"staff_no": "1006", "name": "员1006", "roles": ["reviewer"]}])
    for number in ("P01", "H01"):
        assert handle(office, number, "1002", "1002") == 200
    away(office, by="1002", deputy="1006")
    office.act("2025-09-18 09:00", "sign_preliminary_opinion", by="1002", applicant_id="P01", judgements=[])
    with reading(office.url) as session:
        found = load_of_office(session, beijing("2025-10-09 09:00"))
        this_week = load_of_office(session, beijing("2025-09-18 10:00"))
    figures = {one["staff_no"]: (one["open"], one["ours"], one["late"]) for one in found["people"]}
    assert (figures["1002"], figures["1006"]) == ((2, 2, 1), (0, 0, 0))
    assert (found["nobody"]["open"], found["nobody"]["late"]) == (2, 2)
    own = {one["staff_no"]: one for one in this_week["people"]}["1002"]
    assert (own["done"], own["touched"], own["away"]) == (1, 1, "请假至 2025-09-19，1006 代办")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_board_shows_it(office: Rehearsal) -> None:
    handle(office, "P01", "1002", "1002")
    with board_of(office, "1002", "2025-09-18 09:00") as client:
        page = client.get("/load").text
        assert "没有负责人" in page
        assert "员1005" in page
        mine = client.get("/mine?whose=mine").text
        assert "我负责的（1 件在办）" in mine
        assert 'href="/load"' in client.get("/").text
