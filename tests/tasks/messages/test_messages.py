"""The acts of a person on messages, the page of messages, and who may do what: on a real round and both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import Applicant, ManualTask, MessageAct, Notification, Staff, Suppression
from models.database import transaction
from models.journal import say
from notifications import pauses, retention
from notifications.delivery import deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.outcome import Outcome, OutcomeKind
from rules.case import Event
from rules.errors import RefusedError
from rules.localtime import ZONE
from rules.vocabulary import Channel, MessageStatus
from tasks.messages.sending import act
from tasks.surroundings import surrounded
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal
from views.message_board import message_board, message_page

Stage = Callable[..., Rehearsal]
AT = datetime(2025, 9, 12, 10, tzinfo=ZONE)


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return at_stage("passed")


def do(office: Rehearsal, name: str, by: str = BOSS, **fields: Any) -> str:
    with surrounded(now=AT, database_url=office.url, keys=KEYS):
        return act(office.url, Event(name, AT, by, fields))


def first(office: Rehearsal, **values: Any) -> Notification:
    """The first message to an applicant, changed."""
    with transaction(office.url) as session:
        query = select(Notification).where(col(Notification.audience) == "applicant").order_by(col(Notification.id))
        row: Notification = session.execute(query.limit(1)).scalar_one()
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
        return row


def row(office: Rehearsal, number: int | None) -> Notification:
    return next(one for one in office.rows(Notification) if one.id == number)


def acts(office: Rehearsal) -> list[tuple[str, str, str]]:
    return [(one.by, one.act, one.reason) for one in office.rows(MessageAct)]


def test_a_refused_message_is_tried_again_after_its_contact_was_mended(office: Rehearsal) -> None:
    number = first(office, status=MessageStatus.REJECTED, next_at=None, closed_at=AT, attempts=3).id
    said = do(office, "retry_notification", number=number, reason="信箱已更正")
    again = row(office, number)
    assert (again.status, again.attempts, again.next_at, again.closed_at) == (MessageStatus.PENDING, 0, AT, None)
    assert "已排入待发箱，2025-09-12 10:00起发送" in said
    assert acts(office) == [(BOSS, "retry_notification", "信箱已更正")]


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("retry_notification", MessageStatus.UNKNOWN, "请先向收件人核实"),
        ("retry_notification", MessageStatus.ACCEPTED, "办理“重发通知”"),
        ("retry_notification", MessageStatus.SENDING, "正在发送"),
        ("cancel_notification", MessageStatus.ACCEPTED, "现为“已送出”，不能取消"),
        ("cancel_notification", MessageStatus.SENDING, "正在发送"),
        ("resend_notification", MessageStatus.PENDING, "仍在发送过程中"),
    ],
)
def test_what_is_not_possible_is_refused_and_nothing_is_written(
    office: Rehearsal, name: str, status: MessageStatus, said: str
) -> None:
    is_open = status in (MessageStatus.PENDING, MessageStatus.SENDING)
    number = first(office, status=status, next_at=AT if is_open else None).id
    with pytest.raises(RefusedError, match=said):
        do(office, name, number=number, reason="测试")
    assert acts(office) == []


def test_a_message_is_taken_back(office: Rehearsal) -> None:
    number = first(office, status=MessageStatus.RETRY).id
    do(office, "cancel_notification", number=number, reason="已当面告知")
    gone = row(office, number)
    assert (gone.status, gone.next_at, gone.closed_at) == (MessageStatus.CANCELLED, None, AT)
    assert gone.reason == "已当面告知"


def test_a_message_is_sent_twice_only_on_purpose_each_time_as_a_new_generation(office: Rehearsal) -> None:
    number = first(office, status=MessageStatus.ACCEPTED, next_at=None, closed_at=AT).id
    for generation in (1, 2):
        do(office, "resend_notification", number=number, reason="申请人称未收到")
        made = office.rows(Notification)[-1]
        assert (made.generation, made.resend_of, made.created_by) == (generation, number, BOSS)
        assert made.dedupe_key == f"{row(office, number).dedupe_key}:g{generation}"
        assert (made.status, made.next_at, made.params) == (MessageStatus.PENDING, AT, row(office, number).params)


def test_an_unknown_message_is_closed_by_its_resend_and_a_cleared_one_cannot_be_sent(office: Rehearsal) -> None:
    number = first(office, status=MessageStatus.UNKNOWN, next_at=None).id
    do(office, "resend_notification", number=number, reason="经核实未收到")
    assert row(office, number).closed_at == AT
    first(office, purged_at=AT)
    with pytest.raises(RefusedError, match="已按规定清除"):
        do(office, "resend_notification", number=number, reason="再发")


def test_a_delivery_by_hand_is_recorded_once_with_who_when_and_proof(office: Rehearsal) -> None:
    number = first(office).id
    with transaction(office.url) as session:
        session.add(ManualTask(dedupe_key="k", notification_id=number, event="disqualified", reason="r", created_at=AT))
    [task] = office.rows(ManualTask)
    given = {"task": task.id, "how": "paper", "delivered_on": AT.date(), "proof": "送达回证12号"}
    with pytest.raises(RefusedError, match="不能晚于今天"):
        do(office, "record_hand_delivery", **{**given, "delivered_on": AT.date() + timedelta(days=1)})
    do(office, "record_hand_delivery", **given)
    [task] = office.rows(ManualTask)
    assert (task.done_by, task.done_at, task.how, task.proof) == (BOSS, AT, "paper", "送达回证12号")
    with pytest.raises(RefusedError, match="不能重复登记"):
        do(office, "record_hand_delivery", **given)
    with pytest.raises(RefusedError, match="没有第 99 号"):
        do(office, "record_hand_delivery", **{**given, "task": 99})


def test_consent_is_recorded_with_its_number_and_day(office: Rehearsal) -> None:
    do(office, "record_consent", applicant_id="P01", reference="卷宗第3页", signed_on=date(2025, 9, 1))
    [applicant] = [one for one in office.rows(Applicant) if one.applicant_id == "P01"]
    assert (applicant.consent_reference, applicant.consent_on) == ("卷宗第3页", date(2025, 9, 1))
    with pytest.raises(RefusedError, match="本轮没有申请人“X9”"):
        do(office, "record_consent", applicant_id="X9", reference="r", signed_on=date(2025, 9, 1))


def test_a_contact_is_suppressed_sealed_and_masked_and_given_back(office: Rehearsal) -> None:
    about = {"applicant_id": "P01", "channel": "email", "reason": "信箱停用", "until": None}
    assert "***@" in do(office, "suppress_contact", lift=False, **about)
    [listed] = office.rows(Suppression)
    assert "p01@" not in f"{listed.sealed}{listed.masked}{listed.bidx}"
    with transaction(office.url) as session:
        assert retention.reseal(session, KEYS) == 4
    do(office, "suppress_contact", lift=True, **about)
    assert office.rows(Suppression) == []


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.STAFF])
def test_a_channel_is_resumed(office: Rehearsal, channel: Channel) -> None:
    broken = Outcome(OutcomeKind.CONFIGURATION, "535", "密码错误", stops_channel=True)
    for _ in range(3):
        pauses.note_fault(office.url, channel, broken, AT)
    assert pauses.standing(office.url, channel).is_paused(AT)
    do(office, "resume_channel", channel=channel.value, reason="密码已更正")
    assert not pauses.standing(office.url, channel).is_paused(AT)


def test_only_those_with_the_role_may_act(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        say(session, "staff_added", "1000")
        session.add(Staff(staff_no="7001", name="纪检", roles=["discipline"]))
        session.add(Staff(staff_no="7002", name="离岗", roles=["all"], is_active=False))
    number = first(office).id
    for by, said in (
        ("7001", "岗位（纪检）不能办理此事项：“取消通知”由经办、主任岗位办理"),
        ("7002", "不在在岗人员"),
        ("nobody", "不在在岗人员"),
    ):
        with pytest.raises(RefusedError, match=said):
            do(office, "cancel_notification", by=by, number=number, reason="r")


def test_the_page_says_what_waits_failed_is_unknown_paused_or_left_to_a_person_and_why(office: Rehearsal) -> None:
    night = datetime(2025, 9, 12, 21, tzinfo=ZONE)
    waiting = first(office, next_at=AT + timedelta(hours=22)).id
    with transaction(office.url) as session:
        board = message_board(session, night)
    [item] = [one for one in board["waiting"] if one["number"] == waiting]
    assert (item["why"], item["status_label"]) == ("等候发送时段", "待发送")
    assert item["to"].endswith("***@example.invalid")
    first(office, status=MessageStatus.FAILED, next_at=None, last_detail="451 4.7.1 later")
    for _ in range(3):
        fault = Outcome(OutcomeKind.RETRY, "connect", "连不上邮件服务器", stops_channel=True)
        pauses.note_fault(office.url, Channel.EMAIL, fault, night)
    with transaction(office.url) as session:
        board = message_board(session, night)
    assert [(one["number"], one["why"]) for one in board["failed"]] == [(waiting, "451 4.7.1 later")]
    assert {one["why"] for one in board["waiting"]} == {"通道暂停"}
    page = message_page(board)
    assert "电子邮件：**已暂停**至 2025-09-12 21:10" in page
    assert "## 待人工送达" in page


def test_a_rehearsal_is_seen_as_not_sent(office: Rehearsal) -> None:
    deliver(office.url, MailSettings(Mode.DRY_RUN), KEYS, now=AT, worker="t")
    with transaction(office.url) as session:
        board = message_board(session, AT)
    assert {one["status_label"] for one in board["suppressed"]} == {"未外发"}
    assert board["waiting"] == []
