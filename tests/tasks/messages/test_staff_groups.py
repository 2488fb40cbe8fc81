"""A group of staff in the office's own hands: what the watch found, delivered, seen, and sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from flows.forms.messages import ResumeChannel, SuppressContact
from foundation.settings import reset_settings
from models import Notification
from models.database import transaction
from rules.case import Event
from rules.localtime import ZONE
from rules.vocabulary import Channel, MessageStatus
from tasks.messages.sending import act, deliver_all
from tasks.surroundings import surrounded
from tests.support.group import Group, group
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal
from upkeep.watch import Fault, tell
from views.message_board import message_board, message_page, people_wanted

AT = datetime(2025, 9, 12, 10, tzinfo=ZONE)
FAULT = Fault("50 期限巡查", "silent", "已 130 分钟没有运行")


@pytest.fixture
def hook() -> Iterator[Group]:
    with group() as held:
        yield held


@pytest.fixture
def office(at_stage: Callable[..., Rehearsal], hook: Group, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    """A round that runs, whose operators have a group; nothing else leaves the house."""
    made = at_stage("passed")
    monkeypatch.setenv("DINGDIAN_STAFF_URLS", f"operator={hook.url}")
    monkeypatch.setenv("DINGDIAN_MESSAGE_MODE", "allow_list")
    monkeypatch.setenv("DINGDIAN_ALLOW_LIST", "staff:operator")
    reset_settings()
    return made


def to_groups(office: Rehearsal) -> list[Notification]:
    return [one for one in office.rows(Notification) if one.channel == Channel.STAFF]


def deliver(office: Rehearsal) -> None:
    with surrounded(now=AT, database_url=office.url, keys=KEYS):
        deliver_all("t")


def test_a_fault_of_the_service_is_told_once_a_day_by_mail_and_in_the_group(office: Rehearsal, hook: Group) -> None:
    assert [tell(office.url, [FAULT], AT) for _ in range(2)] == [1, 0]
    deliver(office)
    deliver(office)
    [row] = to_groups(office)
    assert (row.status, row.recipient) == (MessageStatus.ACCEPTED, "operator")
    assert (len(hook.posts), "50 期限巡查" in hook.texts[0], "130" in hook.texts[0]) == (1, True, False)
    with transaction(office.url) as session:
        assert [one["part"] for one in people_wanted(session, AT)["faults"]] == ["50 期限巡查"]


def test_it_is_sent_again_by_hand_to_the_same_group(office: Rehearsal, hook: Group) -> None:
    tell(office.url, [FAULT], AT)
    deliver(office)
    with surrounded(now=AT, database_url=office.url, keys=KEYS):
        act(
            office.url,
            Event("resend_notification", AT, BOSS, {"number": to_groups(office)[0].id, "reason": "没人看到"}),
        )
    deliver(office)
    assert [one.recipient for one in to_groups(office)] == ["operator", "operator"]
    assert len(hook.posts) == 2


def test_the_page_of_messages_names_the_role_and_shows_no_address(office: Rehearsal, hook: Group) -> None:
    hook.answers = [500]
    tell(office.url, [FAULT], AT)
    deliver(office)
    with transaction(office.url) as session:
        board = message_board(session, AT)
    [waiting] = [one for one in board["waiting"] if one["channel"] == "staff"]
    assert (waiting["to"], waiting["status_label"], waiting["why"]) == ("operator", "待重试", "500 消息服务暂时不能收")
    page = message_page(board)
    assert "工作群：正常" in page
    assert "s3cret" not in page


def test_a_group_may_be_resumed_and_is_nobody_s_contact() -> None:
    offered = lambda form: form.model_json_schema()["properties"]["channel"]["enum"]  # noqa: E731
    assert offered(ResumeChannel) == ["电子邮件", "短信", "工作群"]
    assert offered(SuppressContact) == ["电子邮件", "短信"]
