"""待复看: a kind of notice that the policy holds waits until somebody else has read it; never sent, never lost."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.settings import reset_settings
from models import Deadline, MessageAct, Notification
from models.database import transaction
from notifications import retention
from notifications.delivery import deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.sms.channel import SmsChannel
from notifications.sms.settings import Provider, SmsSettings
from policies import messages as policy
from policies.messages import FILE, load_message_policy
from rules.case import Event
from rules.errors import NotEntitledError, PolicyError, RefusedError
from rules.vocabulary import Channel, MessageStatus
from tasks.messages.second_look import tell_of_late
from tasks.messages.sending import act
from tasks.surroundings import surrounded
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed
from views.message_board import message_board, message_page

AT = "2025-09-10 10:00"
PLAIN = "  preliminary_opinion: {priority: 2, mandatory: true}"
HELD = PLAIN.removesuffix("}") + ", second_look: {value: true, effective_on: 2025-09-10, until: 2025-12-31}}"


def with_second_look(tmp_path: Path, line: str = HELD) -> Path:
    """The office's file, with a second look at opinions."""
    told = FILE.read_text(encoding="utf-8")
    assert told.count(PLAIN) == 1
    made = tmp_path / "messages.yaml"
    made.write_text(told.replace(PLAIN, line), encoding="utf-8")
    return made


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Opinions wait from 10 September to the end of the year; short messages are set up."""
    monkeypatch.setenv("DINGDIAN_SMS_PROVIDER", "simulated")
    reset_settings()
    made = load_message_policy(with_second_look(tmp_path))
    for module in ("notifications.sending_windows", "tasks.messages.second_look", "tasks.messages.sending"):
        monkeypatch.setattr(f"{module}.load_message_policy", lambda: made)


@pytest.fixture
def office(at_stage: Stage, looked_at: None) -> Rehearsal:
    """An opinion that the reviewer 1002 has signed."""
    rehearsal = staffed(at_stage("accepted"))
    rehearsal.act(AT, "sign_preliminary_opinion", by="1002", applicant_id="P01", judgements={})
    return rehearsal


def waiting(office: Rehearsal) -> list[Notification]:
    return [one for one in office.rows(Notification) if one.event == "preliminary_opinion"]


def do(office: Rehearsal, by: str, name: str = "release_notification", at: str = AT, **fields: Any) -> str:
    with surrounded(now=beijing(at), database_url=office.url, keys=KEYS):
        return act(office.url, Event(name, beijing(at), by, fields))


def sent(office: Rehearsal, at: datetime) -> Any:
    """A run that settles whatever is due, by every channel that there is."""
    sms = SmsChannel(SmsSettings(Mode.DRY_RUN, Provider.SIMULATED))
    return deliver(office.url, MailSettings(Mode.DRY_RUN), KEYS, now=at, worker="w", channels=[sms])


def test_it_waits_by_every_channel_and_delivery_leaves_it_alone(office: Rehearsal) -> None:
    held = waiting(office)
    assert [(one.channel, one.status, one.next_at, one.created_by) for one in held] == [
        ("email", "held", None, "1002"),
        ("sms", "held", None, "1002"),
    ]
    others = {one.id for one in office.rows(Notification)} - {one.id for one in held}
    for days in (0, 1, 30, 400):  # long after it would have been given up
        sent(office, beijing(AT) + timedelta(days=days))
    assert [one.status for one in waiting(office)] == ["held", "held"]
    assert {one.status for one in office.rows(Notification) if one.id in others} == {"expired"}
    with transaction(office.url) as session:
        retention.purge(session, beijing(AT) + timedelta(days=4000))
    assert [one.purged_at for one in waiting(office)] == [None, None]


def test_somebody_else_reads_it_and_lets_it_go(office: Rehearsal) -> None:
    number = waiting(office)[0].id
    said = do(office, "1004", number=number, reason="无误", at="2025-09-11 21:00")
    assert "已放行" in said
    assert [(one.status, one.next_at) for one in waiting(office)] == 2 * [("pending", beijing("2025-09-12 08:00"))]
    assert all(one.expires_at == beijing("2025-09-16 21:00") for one in waiting(office))
    assert [(one.by, one.act, one.reason) for one in office.rows(MessageAct)] == [
        ("1004", "release_notification", "无误")
    ]
    sent(office, beijing("2025-09-12 08:00"))
    assert [one.status for one in waiting(office)] == ["suppressed", "suppressed"]  # a run of the office's dry mode
    with pytest.raises(RefusedError, match="不在待复看之列"):
        do(office, "1004", number=number, reason="再次")


def test_whoever_did_the_act_and_whoever_has_no_right_may_not(office: Rehearsal) -> None:
    number = waiting(office)[1].id
    with pytest.raises(RefusedError, match="不能由本人放行"):
        do(office, "1002", number=number, reason="无误")
    for by in ("1001", "1003"):
        with pytest.raises(NotEntitledError, match="放行通知"):
            do(office, by, number=number, reason="无误")
    assert {one.status for one in waiting(office)} == {"held"}


def test_there_is_no_way_round_it(office: Rehearsal) -> None:
    number = waiting(office)[0].id
    for name in ("retry_notification", "resend_notification"):
        with pytest.raises(RefusedError, match="待复看"):
            do(office, "1001", name, number=number, reason="催办")
    do(office, "1001", "cancel_notification", number=number, reason="当事人名称有误")
    assert [one.status for one in waiting(office)] == ["cancelled", "held"]
    do(office, "1004", number=waiting(office)[1].id, reason="无误")
    assert [one.status for one in waiting(office)] == ["cancelled", "pending"]


def test_clocks_run_as_they_would_without_it(
    office: Rehearsal, at_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clocks(of: Rehearsal) -> list[tuple[Any, ...]]:
        return [(one.subject_id, one.kind, one.start_on, one.due_on, one.status) for one in of.rows(Deadline)]

    before = clocks(office)
    do(office, "1004", number=waiting(office)[0].id, reason="无误", at="2025-09-18 10:00")
    assert clocks(office) == before
    monkeypatch.setattr("notifications.sending_windows.load_message_policy", lambda: load_message_policy())
    plain = staffed(at_stage("accepted"))
    plain.act(AT, "sign_preliminary_opinion", by="1002", applicant_id="P01", judgements={})
    assert clocks(plain) == before
    assert {one.status for one in waiting(plain)} == {"pending"}


@pytest.mark.parametrize(("hours", "told"), [(23, 0), (24, 1), (30, 1)])
def test_the_office_is_told_once_a_day_while_it_waits(office: Rehearsal, hours: int, told: int) -> None:
    at = beijing(AT) + timedelta(hours=hours)
    for _ in range(2):
        with transaction(office.url) as session:
            tell_of_late(session, at)
    alerts = [one for one in office.rows(Notification) if one.event == "service_fault"]
    assert len(alerts) == told
    if told:
        assert "待复看已超过 24 小时" in alerts[0].params["found"]
        with transaction(office.url) as session:
            assert tell_of_late(session, at + timedelta(days=1)) == 1
        do(office, "1004", number=waiting(office)[0].id, reason="无误")
        with transaction(office.url) as session:
            assert tell_of_late(session, at + timedelta(days=2)) == 0


def test_the_page_of_messages_lists_what_waits(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        board = message_board(session, beijing(AT))
    assert [one["number"] for one in board["held"]] == [one.id for one in waiting(office)]
    assert "## 待复看" in message_page(board)


def test_only_on_its_days(at_stage: Stage, looked_at: None) -> None:
    office = at_stage("accepted")
    office.act("2025-09-09 23:59", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    office.act("2025-09-10 00:00", "sign_preliminary_opinion", applicant_id="P02", judgements={})
    assert [one.status for one in waiting(office)] == ["pending", "pending", "held", "held"]


@pytest.mark.parametrize(
    ("event", "status"), [("application_accepted", MessageStatus.PENDING), ("preliminary_opinion", MessageStatus.HELD)]
)
def test_other_kinds_go_as_before(office: Rehearsal, event: str, status: MessageStatus) -> None:
    assert {one.status for one in office.rows(Notification) if one.event == event and one.channel == Channel.EMAIL} <= {
        status
    }


def test_the_office_begins_without_it() -> None:
    assert not [name for name, one in load_message_policy().events.items() if one.second_look]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  preliminary_opinion: {priority: 2, mandatory: false, second_look: true}", "只有必须送达的通知"),
        ("  preliminary_opinion: {priority: 2, mandatory: true, second_look: 1}", "second_look"),
        ("  preliminary_opinion: {priority: 2, mandatory: true, second_look: {value: true}}", "effective_on"),
        (
            "  preliminary_opinion: {priority: 2, mandatory: true, second_look: "
            "{value: true, effective_on: 2026-01-02, until: 2026-01-01}}",
            "早于",
        ),
    ],
)
def test_what_the_file_does_not_say_clearly_is_refused(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        load_message_policy(with_second_look(tmp_path, line))


@pytest.mark.parametrize(
    ("line", "days"),
    [
        (PLAIN.removesuffix("}") + ", second_look: true}", (date.min, date.max)),
        (PLAIN.removesuffix("}") + ", second_look: false}", None),
        (HELD, (date(2025, 9, 10), date(2025, 12, 31))),
    ],
)
def test_the_days_of_a_second_look(tmp_path: Path, line: str, days: tuple[date, date] | None) -> None:
    assert (
        policy.load_message_policy(with_second_look(tmp_path, line)).events["preliminary_opinion"].second_look == days
    )
