"""办公信息: what letters and notices say of the office, from an instant on; what went out before keeps what it said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import Notification, OfficeRecord, Round
from publication.change_scan import survey
from publication.documents.making import facts_of
from publication.reading import contact_of
from rules.vocabulary import DocumentKind
from tests.gate.test_contacts import HOSTILE, ask, refused
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal
from tests.tasks.test_proposals import staffed

AT = "2025-09-24 10:00"
GIVEN = {"seen": "0", "evidence": "搬迁通知2025-09-20", "place": "新政务中心3楼", "phones": "0571-86401737"}
CONTACT = {"department": "稽核科", "phone": "0571-86401700", "hours": "工作日 8:30—17:30"}


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """The first notice runs."""
    return staffed(at_stage("result_notice"))


def enter(office: Rehearsal, at: str = AT, **fields: str) -> str:
    answer = ask(office, "/gate/office", by="1004", at=at, **{**GIVEN, **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


def places(office: Rehearsal) -> list[str]:
    return [one.params["place"] for one in office.rows(Notification)]


def test_new_letters_print_it_and_old_ones_keep_their_words(office: Rehearsal) -> None:
    before, announced = places(office), office.rows(Round)[0].announcement["place"]
    assert set(before) == {announced}
    told = "新政务中心3楼（电话：0571-86401737；办公时间：工作日 8:30—17:30）"
    assert told in enter(office, **CONTACT)
    office.sweep("2025-10-14 18:00")
    now = places(office)
    assert now[: len(before)] == before
    assert set(now[len(before) :]) == {told}


def test_a_notice_keeps_the_contact_that_it_was_published_with(office: Rehearsal) -> None:
    def contact(later: bool) -> str:
        with office.session() as session:
            found = survey(session)
            [of] = found.rounds
            at = of.notices[0].created_at + timedelta(days=10) * later
            return str(contact_of(session, of.round, at))

    with office.session() as session:
        printed = facts_of(session, DocumentKind.NOTICE, 1)
        opinion = facts_of(session, DocumentKind.PRELIMINARY_OPINION, 1)
        said = facts_of(session, DocumentKind.ANNOUNCEMENT, 1)
    before = contact(later=False)
    enter(office, **CONTACT)
    assert contact(later=False) == before
    assert "稽核科" in contact(later=True)
    with office.session() as session:
        assert facts_of(session, DocumentKind.NOTICE, 1) == printed
        assert facts_of(session, DocumentKind.PRELIMINARY_OPINION, 1) == opinion
        assert facts_of(session, DocumentKind.ANNOUNCEMENT, 1) == said


def test_what_nobody_entered_is_the_announcement_s(office: Rehearsal) -> None:
    announced = office.rows(Round)[0].announcement["place"]
    enter(office, place="")
    office.sweep("2025-10-14 18:00")
    assert places(office)[-1] == f"{announced}（电话：0571-86401737）"


def test_a_later_announcement_is_the_newer_word(office: Rehearsal) -> None:
    record = OfficeRecord(at=office.rows(Round)[0].announced_at, by="1004", evidence="", place="旧址", phones="12345")
    later = record.at + timedelta(days=1)
    assert record.told_place("公告地点", later) == "公告地点（电话：12345）"
    assert record.told_place("公告地点", record.at) == "旧址（电话：12345）"
    assert record.told_contact({"phone": "12333"}, later)["phone"] == "12333"


def test_every_entry_stays_and_nobody_overwrites_what_he_has_not_seen(office: Rehearsal) -> None:
    enter(office, department=HOSTILE)
    page = ask(office, "/gate/office", by="1004", at=AT).text
    assert ("<script>" in page, "&lt;script&gt;" in page) == (False, True)
    assert "刚刚由他人改过" in refused(office, "/gate/office", by="1004", **{**GIVEN, "place": "别处"})
    enter(office, seen="1", place="别处")
    assert [(one.place, one.by) for one in office.rows(OfficeRecord)] == [("新政务中心3楼", "1004"), ("别处", "1004")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"phones": "13800138000"}, "“办公电话”会公开，不能是个人手机号码"),
        ({"phone": "电话见网站"}, "“异议受理电话”应为座机或服务热线"),
        ({"email": "nobody"}, "“异议电子邮箱”不是一个完整的邮箱地址"),
        ({"online": "javascript:alert(1)"}, "“异议网上地址”应以 http:// 或 https:// 开头"),
        ({"place": "楼" * 241}, "“办公地址”最多 240 个字"),
        ({"evidence": ""}, "“依据”须填写"),
    ],
)
def test_a_wrong_field_is_named(office: Rehearsal, fields: dict[str, str], said: str) -> None:
    assert said in refused(office, "/gate/office", by="1004", **{**GIVEN, **fields})


def test_it_is_the_director_s(office: Rehearsal) -> None:
    for number in ("1001", "1002", "1003"):
        assert "只对主任开放" in refused(office, "/gate/office", by=number, **GIVEN)
