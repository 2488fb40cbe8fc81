"""通知送达情况证明: one message with the proof of what went out: its text, to whom (masked), every try with its hash,
and how a person delivered it. Its words come from the outbox as the page of the message tells them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select
from sqlmodel import Session, col

from models import ManualTask, MessageAct, NotificationAttempt
from notifications.catalogue import spec_of
from notifications.outbox import Claim, N, as_they_stand
from notifications.outcome import OUTCOMES
from notifications.reading import Written, masked_party
from publication.documents.head import Facts, head
from publication.documents.source import round_source
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.vocabulary import Audience, Channel, DocumentKind, HandDelivery, MessageStatus
from rules.wording import minute
from tasks.labels import LABELS
from tasks.messages.foretelling import letter

PURGED = "正文已按规定清除，以下只留送达的证据。"
SAME = "正文的校验值与送出时登记的一致。"
OTHER = "正文的校验值与送出时登记的不同：附件据现在的记录重新生成，或送出时另有转投标记。"
UNTRIED = "没有发送记录。"
BY_TEMPLATE = "短信的校验值连同平台的模板号一并计算，以发送记录为准。"


def message_proof(session: Session, number: int) -> Facts:
    """What the proof of a message tells. Raises RefusedError for one that is none, or has not gone out by any way."""
    found = as_they_stand(session, N.c.id == number)
    if not found:
        raise RefusedError(f"没有第 {number} 号通知：请从看板该通知页进入")
    [(row, held)] = found
    tries = _rows(session, NotificationAttempt, col(NotificationAttempt.notification_id) == number)
    hands = _rows(session, ManualTask, col(ManualTask.notification_id) == number)
    status = MessageStatus(row["status"])
    if not tries and not any(one.done_at for one in hands) and row["closed_at"] is None:
        raise RefusedError(f"通知{number}尚未发出（{status.label}），没有可以证明的送达：请在发出以后再打印")
    view = round_source(session, row["round_id"])
    kind = DocumentKind.MESSAGE_PROOF
    told = letter(session, row, held) if row["purged_at"] is None else None
    return {
        **head(kind, view, kind.label, _day_of(row, tries, hands), f"通知{number}"),
        "applicant_id": row["applicant_id"] or "",
        "told": _told(row, held, status),
        "subject": told.subject if told else "",
        "text": told.text.splitlines() if told else [PURGED],
        "enclosed": list(told.enclosed) if told else [],
        "same": _same(told, tries),
        "tries": [_try(one) for one in tries],
        "hands": [_hand(one) for one in hands],
        "acts": _acts(session, number),
        "printed_from": "本证明由案卷数据生成；收件地址和号码均已脱敏，原文按规定加密保存。",
    }


def _rows(session: Session, model: Any, of_it: Any) -> Sequence[Any]:
    return list(session.execute(select(model).where(of_it).order_by(model.id)).scalars())


def _day_of(row: RowMapping, tries: Sequence[Any], hands: Sequence[Any]) -> Any:
    """The day of the last fact that it tells."""
    instants: list[datetime] = [row["created_at"], *(one.ended_at or one.started_at for one in tries)]
    instants += [one.done_at for one in hands if one.done_at] + ([row["closed_at"]] if row["closed_at"] else [])
    return local_day(max(instants))


def _told(row: RowMapping, held: Claim, status: MessageStatus) -> list[list[str]]:
    whose = f"{row['applicant_id']} {row['applicant_name']}" if row["applicant_id"] else Audience(row["audience"]).label
    consent = "已签电子送达确认书" if held.has_consent else "未签电子送达确认书，电子方式仅为提示"
    return [
        ["通知", f"第 {row['id']} 号，{spec_of(row['event']).title}"],
        ["受送达人", whose],
        ["方式", Channel(row["channel"]).label],
        ["收件", masked_party(row)],
        ["写成时间", minute(row["created_at"])],
        ["现状", status.label],
        *([["送达效力", consent]] if row["audience"] == Audience.APPLICANT else []),
        *([["对方编号", row["provider_ref"]]] if row["provider_ref"] else []),
        *([["消息编号", row["message_ref"]]] if row["message_ref"] else []),
    ]


def _try(one: NotificationAttempt) -> list[str]:
    ended = minute(one.ended_at) if one.ended_at else "未了结"
    said = "；".join(filter(None, (OUTCOMES[one.outcome], one.detail)))
    return [minute(one.started_at), ended, one.to_masked, said, one.content_sha256]


def _hand(one: ManualTask) -> list[str]:
    if not one.done_at:
        return [f"任务 {one.id}", one.reason, "待送达", "", ""]
    return [f"任务 {one.id}", one.reason, HandDelivery(one.how).label, str(one.delivered_on or ""), one.proof]


def _acts(session: Session, number: int) -> list[list[str]]:
    rows = _rows(session, MessageAct, col(MessageAct.subject) == f"notification:{number}")
    return [[minute(one.at), one.by, LABELS[one.act], one.reason] for one in rows]


def _same(told: Written | None, tries: Sequence[NotificationAttempt]) -> str:
    """Whether the text above is the one that went out, by its hash; nothing where there is nothing to compare."""
    recorded = [one for one in tries if one.content_sha256]
    if told is None or not recorded:
        return "" if told is None else UNTRIED
    is_same = told.is_what_went(recorded[-1].content_sha256, recorded[-1].enclosed)
    return BY_TEMPLATE if is_same is None else SAME if is_same else OTHER
