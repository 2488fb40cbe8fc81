"""Every act of an operator on messages, started through Prefect's API as its form does, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import Applicant, ManualTask, MessageAct, Notification, Suppression
from models.database import transaction
from notifications.catalogue import TEMPLATE_VERSION, validate
from rules.localtime import local_day
from rules.vocabulary import Channel, MessageStatus
from tests.support.patience import until
from tests.support.stack import Stack, load_demo

EVENT = "agreement_signed"
OPERATOR, DIRECTOR = "1001", "1004"


@pytest.fixture(scope="module")
def office(prefect_stack: Stack) -> Stack:
    """The installation with the demonstration round."""
    load_demo(prefect_stack)
    return prefect_stack


def owe(office: Stack, mark: str, **values: Any) -> int:
    """A message to P01 in a state of its own, far from being due. Returns its number."""
    now = datetime.now(UTC)
    with transaction(office.database_url) as session:
        one = session.scalars(select(Applicant).where(col(Applicant.applicant_id) == "P01")).one()
        about = {"applicant_id": "P01", "applicant_name": one.name, "round_name": "示范轮次", "county": "示范县"}
        params = {**about, "agency": "示范县经办中心", "place": "2号窗口", "signed_on": str(local_day(now))}
        common = {"dedupe_key": f"walk:{mark}:{now.isoformat()}", "event": EVENT, "audience": "applicant"}
        whose = {"subject": "round", "subject_id": one.round_id}
        rest = {"round_id": one.round_id, **whose, "applicant_pk": one.id, "template_version": TEMPLATE_VERSION[EVENT]}
        times = {"created_at": now, "next_at": now + timedelta(days=9), "expires_at": now + timedelta(days=10)}
        row = Notification(**{**common, **rest, **times, "params": validate(EVENT, params), **values})
        session.add(row)
        session.flush()
        return row.id or 0


def owe_by_hand(office: Stack, number: int) -> int:
    with transaction(office.database_url) as session:
        task = ManualTask(
            dedupe_key=f"walk:{number}", notification_id=number, event=EVENT, reason="x", created_at=datetime.now(UTC)
        )
        session.add(task)
        session.flush()
        return task.id or 0


def run(office: Stack, deployment: str, **form: Any) -> tuple[str, str]:
    """How a run ended, and with which sentence."""
    flow = deployment[3:]
    started = office.create_run(f"{flow}/{deployment}", {"form": {"by": OPERATOR, **form}} if form else {})
    state = office.wait_for(started)
    return state["type"], state["message"]


def status(office: Stack, number: int) -> str:
    with transaction(office.database_url) as session:
        return session.scalars(select(col(Notification.status)).where(col(Notification.id) == number)).one()


def acts(office: Stack, *subjects: str) -> list[tuple[str, str, str, str]]:
    query = select(MessageAct).where(col(MessageAct.subject).in_(subjects)).order_by(col(MessageAct.id))
    with transaction(office.database_url) as session:
        return [(one.by, one.act, one.subject, one.reason) for one in session.scalars(query)]


def test_a_message_is_retried_cancelled_sent_again_and_delivered_by_hand(office: Stack) -> None:
    refused = owe(office, "refused", status=MessageStatus.REJECTED, next_at=None, closed_at=datetime.now(UTC))
    waiting = owe(office, "waiting")
    unknown = owe(office, "unknown", status=MessageStatus.UNKNOWN, next_at=None)
    task = owe_by_hand(office, unknown)

    ended, said = run(office, "60 重试通知", number=refused, reason="信箱已更正")
    assert (ended, said.split("，", 2)[:2]) == ("COMPLETED", [f"通知{refused}（协议签订告知", "电子邮件）已排入待发箱"])

    ended, said = run(office, "60 重试通知", number=unknown, reason="再试")
    assert ended == "CANCELLED"
    assert said == f"未办理：通知{unknown}结果不明，不能直接重试：请先向收件人核实；确未收到的，办理“重发通知”"

    assert run(office, "61 取消通知", number=waiting, reason="误发") == (
        *("COMPLETED", f"通知{waiting}（协议签订告知，电子邮件）已取消：误发。"),
    )
    assert status(office, waiting) == MessageStatus.CANCELLED

    ended, said = run(office, "62 重发通知", number=unknown, reason="收件人称未收到")
    assert (ended, said.split("（通知")[0]) == ("COMPLETED", f"通知{unknown}（协议签订告知，电子邮件）已重新排入待发箱")

    form = {"task": task, "how": "电话告知", "delivered_on": str(local_day(datetime.now(UTC))), "proof": "登记簿第3页"}
    ended, said = run(office, "63 登记人工送达", **form)
    assert (ended, said) == ("COMPLETED", f"第 {task} 号任务（协议签订告知）已登记：{form['delivered_on']} 电话告知。")
    ended, said = run(office, "63 登记人工送达", **form)
    assert (ended, said) == ("CANCELLED", f"未办理：第 {task} 号人工送达任务已由 1001 登记，不能重复登记")

    numbers = [f"notification:{number}" for number in (refused, waiting, unknown)]
    assert acts(office, *numbers, f"task:{task}") == [
        (OPERATOR, "retry_notification", numbers[0], "信箱已更正"),
        (OPERATOR, "cancel_notification", numbers[1], "误发"),
        (OPERATOR, "resend_notification", numbers[2], "收件人称未收到"),
        (OPERATOR, "record_hand_delivery", f"task:{task}", "登记簿第3页"),
    ]


def test_consent_and_stopping_are_registered_and_a_channel_is_resumed(office: Stack) -> None:
    today = str(local_day(datetime.now(UTC)))
    ended, said = run(office, "64 登记电子送达确认书", applicant_id="P02", reference="卷宗第7页", signed_on=today)
    assert (ended, said.endswith("：已登记电子送达确认书。")) == ("COMPLETED", True)

    stop = {"applicant_id": "P02", "channel": "电子邮件", "reason": "信箱停用"}
    ended, said = run(office, "65 停发或恢复联系方式", **stop)
    assert (ended, said.startswith("P02 的电子邮件（"), said.endswith("）已停发。")) == ("COMPLETED", True, True)
    with transaction(office.database_url) as session:
        assert [one.channel for one in session.scalars(select(Suppression))] == [Channel.EMAIL]
    assert run(office, "65 停发或恢复联系方式", **stop, lift=True) == ("COMPLETED", "P02 的电子邮件已恢复发送。")

    ended, said = run(office, "66 恢复消息通道", channel="短信", reason="已续费")
    assert (ended, said.startswith("未办理：工号“1001”的岗位（经办）不能办理此事项：“恢复消息通道”由主任")) == (
        "CANCELLED",
        True,
    )
    assert run(office, "66 恢复消息通道", by=DIRECTOR, channel="短信", reason="已续费") == (
        *("COMPLETED", "短信通道已恢复，积压的通知按缓急补发。"),
    )


def test_a_date_that_is_none_is_answered_by_field_and_nothing_is_written(office: Stack) -> None:
    form = {"task": 1, "how": "书面送达", "delivered_on": "昨天", "proof": "回证7号"}
    ended, said = run(office, "63 登记人工送达", **form)
    assert (ended, said.startswith("未办理："), "送达日期" in said) == ("CANCELLED", True, True)
    assert (OPERATOR, "record_hand_delivery", "task:1", "回证7号") not in acts(office, "task:1")


@pytest.mark.parametrize(
    ("deployment", "begins"),
    [
        ("42 通知一览", ""),
        ("53 查询短信回执", "查询 0 条：已送达 0，未送达 0。"),
        ("54 清除通知内容", "已清除 0 条通知的内容"),
    ],
)
def test_what_needs_no_form_runs_by_itself(office: Stack, deployment: str, begins: str) -> None:
    """The clock may be running it at this very moment: Prefect lets no second one in then, so it is asked again."""
    seen: list[tuple[str, str]] = []

    def is_let_in() -> bool:
        seen.append(run(office, deployment))
        return "concurrency" not in seen[-1][1].lower()

    until(is_let_in, lambda: str(seen))
    ended, said = seen[-1]
    assert (ended, said.startswith(begins)) == ("COMPLETED", True), seen
