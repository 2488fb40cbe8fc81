"""Delivery on a real mail server and both databases: what each answer of the server makes of a message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from mailparts import KEYS, NOW, Behaviour, MailServer, Outbox

from foundation.secrets import Keyring
from notifications import ledger
from notifications import outbox as sql
from notifications.delivery import DeliveryReport, deliver
from notifications.ledger import Go, Ready
from notifications.mailsettings import MailSettings, Mode
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.retry_policy import PACE, Pace
from rules.vocabulary import Channel, MessageStatus
from tests.support.ports import free_port

Mail = Callable[..., MailSettings]
TO = "h01@example.cn"
LATER = NOW + timedelta(days=1)


def run(outbox: Outbox, mail: MailSettings, *, days: float = 0, limit: int = 500) -> DeliveryReport:
    return deliver(outbox.url, mail, KEYS, now=NOW + timedelta(days=days), limit=limit, worker="t")


def test_a_due_message_is_handed_over_once(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO)
    assert run(outbox, mail()) == DeliveryReport(sent=1)
    assert run(outbox, mail()) == DeliveryReport()
    row = outbox.row(number)
    assert (row.status, row.next_at, row.closed_at, row.attempts) == (MessageStatus.ACCEPTED, None, NOW, 1)
    assert (smtp.recipients, smtp.ids()) == ([TO], [row.message_ref])


def test_an_address_of_a_chinese_domain_goes_out_in_the_form_of_the_wire(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    outbox.owe("info@医院.中国")
    assert run(outbox, mail()) == DeliveryReport(sent=1)
    assert smtp.recipients == ["info@xn--ekrs67m.xn--fiqs8s"]
    assert smtp.stored[0]["To"] == "info@xn--ekrs67m.xn--fiqs8s"


def test_the_letter_arrives_as_it_was_rendered(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    outbox.owe(TO)
    run(outbox, mail())
    letter = smtp.stored[0]
    assert letter["Subject"] == "样例县医疗保险经办中心：服务协议已于2026年3月2日签订（编号H01）"
    assert letter["From"] == "样例县医疗保险经办中心 <ybzx@county.example.cn>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_body(("plain",))
    assert text is not None
    lines = text.get_content().splitlines()
    assert lines[:4] == ["样例县医疗保险经办中心", "协议签订告知", "", "样例县人民医院（申请编号：H01）："]
    assert lines[5].startswith("　　你单位与本中心已于2026年3月2日（星期一）签订")


def test_a_password_that_cannot_be_sent_stops_the_channel_and_the_letters_stay_owed(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    numbers = [outbox.owe(TO), outbox.owe("h02@example.cn")]
    wrong = replace(mail(), smtp_url=mail().smtp_url.replace("smtp://", "smtp://u:密码2026@"))
    report = run(outbox, wrong)
    assert (report.waiting, report.unknown, report.rejected, len(report.failures)) == (2, 0, 0, 1)
    assert "用户名或密码含有中文" in report.failures[0]
    assert {(row.status, row.attempts) for row in map(outbox.row, numbers)} == {(MessageStatus.PENDING, 0)}
    assert run(outbox, mail(), days=1).sent == 2


def test_one_connection_serves_all_messages_of_a_run(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    for place in range(25):
        outbox.owe(f"h{place}@example.cn")
    assert run(outbox, mail()).sent == 25
    assert smtp.connections == 1


REPLIES = [
    ("recipient refused", Behaviour(rcpt="550 5.1.1 <h01@example.cn>: user h01 unknown"), MessageStatus.REJECTED, 0),
    ("content refused", Behaviour(reply="554 5.7.1 no"), MessageStatus.REJECTED, 0),
    ("greylisted", Behaviour(rcpt="451 4.7.1 come back later"), MessageStatus.RETRY, 1),
    ("mailbox full for now", Behaviour(reply="452 4.2.2 full"), MessageStatus.RETRY, 1),
    ("line cut before it was stored", Behaviour(cuts_before=True), MessageStatus.UNKNOWN, 1),
    ("stored, reply lost", Behaviour(cuts_after=True), MessageStatus.UNKNOWN, 1),
    ("stored, reply too late", Behaviour(never_replies=True), MessageStatus.UNKNOWN, 1),
]


@pytest.mark.parametrize(
    ("how", "status", "waiting"), [case[1:] for case in REPLIES], ids=[case[0] for case in REPLIES]
)
def test_every_answer_has_its_class(
    outbox: Outbox, smtp: MailServer, mail: Mail, how: Behaviour, status: MessageStatus, waiting: int
) -> None:
    number = outbox.owe(TO)
    smtp.when(TO, how)
    report = run(outbox, mail())
    row = outbox.row(number)
    assert (row.status, report.waiting, report.sent) == (status, waiting, 0)
    assert "h01" not in row.last_detail
    assert "h01" not in "".join(report.failures)


def test_a_refused_message_is_named_with_the_next_step(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO)
    smtp.when(TO, Behaviour(rcpt="550 5.1.1 <h01@example.cn>: user h01 unknown"))
    said = "550 5.1.1 <h***@example.cn>: user *** unknown"
    assert run(outbox, mail()).failures == (f"通知{number}（协议签订告知）：被拒收，{said}；请核对联系方式并书面送达",)


def test_a_greylisted_message_goes_out_later_under_the_same_id(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO)
    smtp.when(TO, Behaviour(rcpt="451 4.7.1 later"))
    assert run(outbox, mail()) == DeliveryReport(retried=1, waiting=1)
    first = outbox.row(number).message_ref
    assert run(outbox, mail(), days=1) == DeliveryReport(sent=1)
    assert smtp.ids() == [first]
    assert outbox.outcomes(number) == ["retry", "accepted"]


def test_a_message_that_never_gets_through_is_given_up_and_named(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO)
    smtp.when(TO, *[Behaviour(rcpt="451 4.7.1 later")] * 50)
    reports = [run(outbox, mail(), days=2 * day) for day in range(len(PACE.backoff) + 1)]
    assert [report.retried for report in reports] == [1] * len(PACE.backoff) + [0]
    assert (reports[-1].rejected, reports[-1].waiting) == (1, 0)
    assert outbox.row(number).status == MessageStatus.FAILED
    assert "多次尝试未能送出" in reports[-1].failures[0]


def test_an_unknown_end_is_sent_once_more_with_the_same_id_and_then_left_to_a_person(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number = outbox.owe(TO)
    smtp.when(TO, Behaviour(cuts_after=True), Behaviour(cuts_after=True))
    assert run(outbox, mail()) == DeliveryReport(unknown=1, waiting=1)
    second = run(outbox, mail(), days=1)
    assert (second.unknown, second.waiting) == (1, 0)
    assert "请向收件人核实" in second.failures[0]
    assert run(outbox, mail(), days=9) == DeliveryReport()
    assert smtp.ids() == [outbox.row(number).message_ref] * 2


def test_a_dead_server_stops_the_run_after_one_try(outbox: Outbox, mail: Mail) -> None:
    numbers = [outbox.owe(f"h{place}@example.cn") for place in range(3)]
    report = run(outbox, mail(smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    assert (report.retried, report.waiting) == (1, 3)
    assert [outbox.row(number).attempts for number in numbers] == [0, 0, 0]
    assert {outbox.row(number).status for number in numbers[1:]} == {MessageStatus.PENDING}


def test_messages_given_back_go_out_when_the_server_lives_again(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    for place in range(3):
        outbox.owe(f"h{place}@example.cn")
    run(outbox, mail(smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    assert run(outbox, mail(), days=1) == DeliveryReport(sent=3)
    assert sorted(smtp.recipients) == ["h0@example.cn", "h1@example.cn", "h2@example.cn"]


def test_a_connection_that_the_server_closed_is_opened_again(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    for place in range(3):
        outbox.owe(f"h{place}@example.cn")
    smtp.when("h1@example.cn", Behaviour(rcpt="421 4.3.2 closing"))
    report = run(outbox, mail())
    assert (report.sent, report.retried) == (2, 1)
    assert run(outbox, mail(), days=1).sent == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"smtp_url": ""}, "请设置 DINGDIAN_SMTP_URL"),
        ({"smtp_url": "mail.example.cn"}, "DINGDIAN_SMTP_URL 无法识别"),
        ({"smtp_url": "smtp://u:p@mail.example.cn"}, "明文传送密码"),
        ({"mail_from": "county"}, "请设置 DINGDIAN_MAIL_FROM"),
        ({"mode": Mode.REDIRECT}, "请设置 DINGDIAN_REDIRECT_TO"),
    ],
)
def test_a_missing_setting_is_one_sentence_and_costs_no_try(
    outbox: Outbox, mail: Mail, change: dict[str, str], sentence: str
) -> None:
    number = outbox.owe(TO)
    report = run(outbox, mail(**change))
    assert (report.waiting, report.retried, len(report.failures)) == (1, 0, 1)
    assert sentence in report.failures[0]
    assert (outbox.row(number).status, outbox.row(number).attempts) == (MessageStatus.PENDING, 0)


def test_messages_to_the_authority_and_the_supervisor_go_to_the_addresses_of_the_settings(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    due = date(2026, 3, 2)
    outbox.owe(event="authority_reminder", deadline="初审期限", due_on=due, working_days_left=0)
    outbox.owe(event="authority_breach", deadline="初审期限", due_on=due, days_late=1)
    assert run(outbox, mail()).sent == 2
    assert smtp.recipients == ["ybj@county.example.cn", "leader@county.example.cn"]


def test_a_missing_address_holds_only_its_own_message(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    due = date(2026, 3, 2)
    breach = outbox.owe(event="authority_breach", deadline="初审期限", due_on=due, days_late=1)
    nobody = outbox.owe("")
    outbox.owe(TO)
    report = run(outbox, mail(supervisor_email=""))
    assert (report.sent, report.waiting) == (1, 2)
    assert report.failures == (
        f"通知{breach}（机关办理逾期报告）：没有设置主管领导的邮箱：请设置 DINGDIAN_SUPERVISOR_EMAIL",
        f"通知{nobody}（协议签订告知）：申请人没有登记联系方式：请补录联系方式，或书面送达",
    )
    assert outbox.row(breach).attempts == 0
    assert run(outbox, mail(), days=1).sent == 1


def test_a_contact_sealed_with_another_key_waits_for_the_key(outbox: Outbox, mail: Mail) -> None:
    outbox.owe(TO)
    other = Keyring(b"another secret, just as long")
    report = deliver(outbox.url, mail(), other, now=NOW, worker="t")
    assert (report.waiting, report.rejected) == (1, 0)
    assert "请在 DINGDIAN_SECRET_KEY 末尾补上旧密钥" in report.failures[0]
    assert run(outbox, mail(), days=1).sent == 1


def test_a_rehearsal_renders_everything_and_nothing_leaves(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    numbers = [outbox.owe(TO) for _ in range(30)]
    report = run(outbox, mail(mode=Mode.DRY_RUN, smtp_url="", mail_from=""))
    assert report == DeliveryReport(suppressed=30)
    assert smtp.stored == []
    rows = [outbox.row(number) for number in numbers]
    assert {(row.status, row.closed_at, row.attempts) for row in rows} == {(MessageStatus.SUPPRESSED, NOW, 0)}


def test_a_redirected_letter_names_its_reader_masked_and_does_not_count_as_told(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number = outbox.owe(TO)
    report = run(outbox, mail(mode=Mode.REDIRECT, redirect_to="rehearsal@county.example.cn"))
    assert report == DeliveryReport(suppressed=1)
    assert smtp.recipients == ["rehearsal@county.example.cn"]
    assert str(smtp.stored[0]["Subject"]).startswith("【转投，原收件人 h***@example.cn】")
    row = outbox.row(number)
    assert (row.status, row.last_detail) == (MessageStatus.SUPPRESSED, "redirect 已转投，未发给原收件人")


def test_only_listed_addresses_and_domains_are_written_to(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    for email in ("a@listed.example", "B@Listed.example", TO, "other@example.cn"):
        outbox.owe(email)
    report = run(outbox, mail(mode=Mode.ALLOW_LIST, allowed=frozenset({"@listed.example", TO})))
    assert report == DeliveryReport(sent=3, suppressed=1)
    assert smtp.recipients == ["a@listed.example", "B@Listed.example", TO]
    assert outbox.rows()[3].last_detail == "allow_list o***@example.cn 不在允许名单，未外发"


def test_a_run_stops_at_its_limit(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    for place in range(5):
        outbox.owe(f"h{place}@example.cn")
    assert run(outbox, mail(), limit=3) == DeliveryReport(sent=3, waiting=2)


def test_a_message_not_yet_due_stays(outbox: Outbox, mail: Mail) -> None:
    outbox.owe(TO)
    assert run(outbox, mail(), days=-1) == DeliveryReport(waiting=1)


# --- leases and tokens -----------------------------------------------------------------------------------------


def claim(outbox: Outbox, worker: str, pace: Pace = PACE) -> list[sql.Claim]:
    return sql.claim(outbox.url, Channel.EMAIL, worker, NOW, pace, 10)


def begun(outbox: Outbox, held: sql.Claim, worker: str, at: datetime) -> bool:
    """Whether the record of a try could be put down."""
    letter = Letter(TO, "主题", "正文", "<1.fixed@county.example.cn>", at)
    return ledger.start(outbox.url, [Ready(held, letter, "")], worker, at, PACE) == [Go.YES]


def test_what_one_worker_holds_no_other_gets(outbox: Outbox) -> None:
    outbox.owe(TO)
    assert [held.token for held in claim(outbox, "first")] == [1]
    assert claim(outbox, "second") == []


def test_a_worker_that_died_before_the_call_leaves_the_message_due_again(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number = outbox.owe(TO)
    claim(outbox, "dead")
    assert run(outbox, mail()) == DeliveryReport(waiting=1)
    assert run(outbox, mail(), days=1) == DeliveryReport(sent=1)
    assert outbox.outcomes(number) == ["accepted"]


def test_a_worker_that_died_in_the_call_leaves_it_unknown_and_it_is_sent_once_more(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number = outbox.owe(TO)
    [held] = claim(outbox, "dead")
    assert begun(outbox, held, "dead", NOW)
    assert run(outbox, mail(), days=1) == DeliveryReport(sent=1, unknown=1)
    assert smtp.ids() == ["<1.fixed@county.example.cn>"]
    assert outbox.outcomes(number) == ["unknown", "accepted"]


def test_a_worker_that_comes_back_too_late_changes_nothing(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO)
    [held] = claim(outbox, "slow")
    assert begun(outbox, held, "slow", NOW)
    run(outbox, mail(), days=1)
    refused = Outcome(OutcomeKind.REJECTED, "550", "no")
    assert ledger.settle(outbox.url, [(held, refused)], LATER, PACE) == [None]
    assert outbox.row(number).status == MessageStatus.ACCEPTED
    assert outbox.outcomes(number) == ["unknown", "accepted"]


def test_a_call_is_not_begun_on_what_is_left_of_a_lease(outbox: Outbox) -> None:
    number = outbox.owe(TO)
    [held] = claim(outbox, "slow")
    late = NOW + PACE.lease / 2 + timedelta(seconds=1)
    assert not begun(outbox, held, "slow", late)
    assert outbox.outcomes(number) == []
