"""社会监督员: the register by whom, from when to when; names sealed, nowhere legible but on the page."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.secrets import Keyring
from models import SocialSupervisor
from models.database import transaction
from notifications.retention import reseal
from tasks.supervisors import register_of
from tests.gate.test_contacts import HOSTILE, ask, refused
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal
from tests.tasks.test_proposals import staffed

AT = "2025-09-16 15:00"
ONE = {"do": "record", "name": "监督员赵某", "body": "县人大常委会", "evidence": "聘任文件1号", "from_on": "2025-09-16"}
PATH = "/gate/supervisors"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return staffed(at_stage("accepted"))


def test_one_is_entered_shown_and_sealed(office: Rehearsal) -> None:
    answer = ask(office, PATH, by="1004", at=AT, **ONE)
    assert (answer.status_code, "第 1 号社会监督员已登记（县人大常委会推荐）" in answer.text) == (200, True)
    assert "监督员赵某" in ask(office, PATH, by="1003", at=AT).text
    [row] = office.rows(SocialSupervisor)
    assert (row.body, row.from_on, row.until, row.recorded_by) == ("县人大常委会", date(2025, 9, 16), None, "1004")
    assert "监督员赵某" not in repr(dump(office.url))


def test_one_ends_once_and_stays_in_the_register(office: Rehearsal) -> None:
    ask(office, PATH, by="1004", at=AT, **ONE)
    over = {"do": "end", "supervisor": "1"}
    assert "聘期至 2025-09-20 止" in ask(office, PATH, by="1004", at="2025-09-20 10:00", **over).text
    assert "没有这名在聘的社会监督员" in refused(office, PATH, by="1004", at="2025-09-20 11:00", **over)
    [one] = register_of(office.url, KEYS, date(2025, 9, 21))
    assert (one.name, one.until, one.is_serving) == ("监督员赵某", date(2025, 9, 20), False)


def test_the_last_day_is_served(office: Rehearsal) -> None:
    ask(office, PATH, by="1004", at=AT, **ONE, until="2025-09-30")
    told = [register_of(office.url, KEYS, date(2025, *day))[0].is_serving for day in ((9, 30), (10, 1))]
    assert told == [True, False]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "“姓名”须填写"),
        ({"body": " "}, "“推荐单位”须填写"),
        ({"evidence": ""}, "“依据”须填写"),
        ({"from_on": "昨天"}, "“聘期自”不是有效日期"),
        ({"until": "2025-09-15"}, "早于“聘期自”2025-09-16"),
        ({"do": "end", "supervisor": "9"}, "没有这名在聘的社会监督员"),
        ({"do": "end", "supervisor": "x"}, "没有这名在聘的社会监督员"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(office: Rehearsal, change: dict[str, str], said: str) -> None:
    assert said in refused(office, PATH, by="1004", at=AT, **{**ONE, **change})


def test_who_may_not_reach_it_sees_nothing(office: Rehearsal) -> None:
    ask(office, PATH, by="1004", at=AT, **ONE)
    for number in ("1001", "1002"):
        answer = ask(office, PATH, by=number, at=AT, **ONE)
        assert (answer.status_code, "监督员赵某" in answer.text) == (403, False)
    assert len(office.rows(SocialSupervisor)) == 1


def test_texts_stay_texts(office: Rehearsal) -> None:
    answer = ask(office, PATH, by="1004", at=AT, **ONE | {"name": HOSTILE, "body": HOSTILE})
    assert "<script>alert" not in answer.text
    assert "49" not in answer.text


def test_a_new_key_opens_them(office: Rehearsal) -> None:
    ask(office, PATH, by="1004", at=AT, **ONE)
    new = Keyring(bytes(range(1, 33)), (bytes(range(32)),))
    with transaction(office.url) as session:
        reseal(session, new)
    assert register_of(office.url, Keyring(bytes(range(1, 33))), date(2025, 9, 17))[0].name == "监督员赵某"
