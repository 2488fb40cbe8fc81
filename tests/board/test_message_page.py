"""The page of one message on the board: its text, whether it has gone, every try, and the way to what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import select

from foundation.secrets import Contact, seal_contact
from models import Applicant, Notification, NotificationAttempt
from models.database import transaction
from notifications.delivery import deliver
from notifications.mailsettings import MailSettings, Mode
from rules.vocabulary import MessageStatus
from tasks.messages.enclosures import enclosed
from tasks.surroundings import surrounded
from tests.board.conftest import served
from tests.board.test_board_pages import HOSTILE, seen
from tests.support import patience
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing

AT = "2025-09-12 10:00"
ADDRESS = "wang.secret@simulated.invalid"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return at_stage("passed")


@contextmanager
def board(office: Rehearsal) -> Iterator[httpx.Client]:
    with served(office.url, beijing(AT)) as address, patience.client(address, trust_env=False) as client:
        yield client


def number_of(office: Rehearsal, event: str = "preliminary_opinion") -> int:
    """The message of the first pharmacy (the second dossier)."""
    told = [one for one in office.rows(Notification) if one.event == event and one.subject_id == 2]
    return next(one.id for one in told)


def taken(office: Rehearsal) -> None:
    """Everything goes out to an address that takes everything."""
    with transaction(office.url) as session:
        for one in session.execute(select(Applicant)).scalars():
            one.contact_sealed = seal_contact(KEYS, one.id or 0, Contact("王某", "19900000001", ADDRESS))
            session.add(one)
    live = MailSettings(Mode.LIVE, smtp_url="smtp://127.0.0.1:1", mail_from="office@example.org")
    with surrounded(database_url=office.url):
        deliver(office.url, live, KEYS, now=beijing(AT), worker="w", enclose=enclosed)


def change(office: Rehearsal, number: int, **values: object) -> None:
    with transaction(office.url) as session:
        row = session.get_one(Notification, number)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def test_until_it_goes_its_whole_text_is_shown_and_what_can_be_done(office: Rehearsal) -> None:
    number = number_of(office)
    with board(office) as client:
        case = seen(client, "/case/1/P01")
        assert f"/message/{number}" in case.links
        page = seen(client, f"/message/{number}")
        for told in ("尚未发出（待发送）", "初审意见告知书", "样例大药房1店", "初审意见书.pdf", "还没有发送过"):
            assert told in page.text, told
        ways = [link.rpartition("/do/")[2] for link in page.links if "/do/" in link]
        assert ways == ["cancel_notification", "retry_notification"]
        way = client.get(f"/message/{number}/do/cancel_notification", follow_redirects=False)
        assert way.headers["location"].endswith("flowOrDeploymentName=61%20%E5%8F%96%E6%B6%88%E9%80%9A%E7%9F%A5")


def test_one_that_is_held_says_who_may_not_release_it(office: Rehearsal) -> None:
    number = number_of(office)
    change(office, number, status=MessageStatus.HELD, next_at=None, created_by="1002")
    with board(office) as client:
        page = seen(client, f"/message/{number}")
        assert f"/message/{number}" in seen(client, "/proposals").links
        assert "待复看 1 条" in seen(client, "/").text
    assert "尚未发出（待复看）" in page.text
    assert "1002 以外的另一人放行" in " ".join(page.text.split())
    assert f"/message/{number}/do/release_notification" in page.links


def test_every_try_is_shown_masked_with_its_hash(office: Rehearsal) -> None:
    taken(office)
    number = number_of(office)
    with board(office) as client:
        page = seen(client, f"/message/{number}")
    [tried] = [one for one in office.rows(NotificationAttempt) if one.notification_id == number]
    for told in ("已送出", "已交付对方服务器", tried.to_masked, tried.content_sha256):
        assert told in page.text
    assert ADDRESS not in page.text


def test_what_an_applicant_wrote_stays_text(office: Rehearsal) -> None:
    number = number_of(office)
    row = next(one for one in office.rows(Notification) if one.id == number)
    change(office, number, params={**row.params, "applicant_name": HOSTILE})
    with board(office) as client:
        assert "<script>alert" not in client.get(f"/message/{number}").text


def test_after_the_text_was_cleared_the_evidence_stays(office: Rehearsal) -> None:
    number = number_of(office)
    change(office, number, params={}, purged_at=beijing(AT), closed_at=beijing(AT), next_at=None, status="accepted")
    with board(office) as client:
        page = seen(client, f"/message/{number}")
    assert "内容已按规定清除" in page.text
    assert [link.rpartition("/do/")[2] for link in page.links if "/do/" in link] == ["make_document"]


@pytest.mark.parametrize("path", ["/message/9999", f"/message/{'9' * 30}", "/message/1/do/sign_agreement"])
def test_there_is_no_other_page(office: Rehearsal, path: str) -> None:
    with board(office) as client:
        seen(client, path, 404)


def test_the_letter_keeps_its_lines(office: Rehearsal) -> None:
    with board(office) as client:
        text = client.get(f"/message/{number_of(office)}").text.partition("<pre")[2].partition("</pre>")[0]
    assert len(text.splitlines()) > 5
