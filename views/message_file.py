"""One message with its whole story: the text as it goes out, where it stands, every try, what a person did about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, select
from sqlmodel import Session, col

from models import Applicant, Application, ManualTask, MessageAct, Notification, NotificationAttempt, Round
from models.subjects import application_of
from notifications.catalogue import spec_of
from notifications.manual_delivery import VARIANT
from notifications.outbox import N, as_they_stand
from notifications.outcome import OUTCOMES
from notifications.reading import masked_party
from rules.errors import InputError, RefusedError
from rules.vocabulary import Audience, Channel, DocumentKind, HandDelivery, MessageStatus
from rules.wording import minute
from tasks.labels import LABELS
from tasks.messages.foretelling import letter
from tasks.outbox_rows import SMS_KEY
from tasks.staff import staff_names

UNSENT = (MessageStatus.HELD, MessageStatus.PENDING, MessageStatus.RETRY)
PURGED = "内容已按规定清除，只留送达的证据。"
CANCEL, RETRY = "cancel_notification", "retry_notification"
RESEND, RELEASE = "resend_notification", "release_notification"
BY_STATUS: Mapping[MessageStatus, tuple[str, ...]] = {
    MessageStatus.HELD: (RELEASE, CANCEL),
    MessageStatus.PENDING: (CANCEL, RETRY),
    MessageStatus.RETRY: (RETRY, CANCEL),
    MessageStatus.SENDING: (),
    MessageStatus.UNKNOWN: (RESEND, CANCEL),
    MessageStatus.FAILED: (RETRY, RESEND),
    MessageStatus.REJECTED: (RETRY, RESEND),
}


def message_file(session: Session, number: int) -> dict[str, Any]:
    """Everything of one message. Raises RefusedError for a number that is none."""
    found = as_they_stand(session, N.c.id == number)
    if not found:
        raise RefusedError(f"没有第 {number} 号通知：请从案卷页的“通知”或“查找”进入")
    [(row, held)] = found
    status = MessageStatus(row["status"])
    told, words = None, PURGED
    if row["purged_at"] is None:
        try:
            told, words = letter(session, row, held), ""
        except (InputError, RefusedError) as fault:
            words = f"现在无法生成全文：{fault}"
    people = _acts(session, number)
    return {
        "number": number,
        "title": spec_of(row["event"]).title,
        "round_id": row["round_id"],
        "round": session.get_one(Round, row["round_id"]).name,
        "applicant_id": _dossier(session, number) or row["applicant_id"] or "",
        "applicant_name": row["applicant_name"] or "",
        "is_for_applicant": row["audience"] == Audience.APPLICANT,
        "channel_label": Channel(row["channel"]).label,
        "to": masked_party(row),
        "status": status.value,
        "status_label": status.label,
        "is_unsent": status in UNSENT,
        "is_mandatory": row["is_mandatory"],
        "held_for": row["created_by"] if status is MessageStatus.HELD else "",
        "created_at": minute(row["created_at"]),
        "next_at": minute(row["next_at"]) if row["next_at"] else "",
        "due_on": row["due_on"],
        "has_consent": held.has_consent,
        "told": told,
        "words": words,
        "attempts": _attempts(session, number),
        "tasks": _tasks(session, number),
        "people": people,
        "names": staff_names(session, [one["by"] for one in people] + [row["created_by"]]),
        "others": _others(session, row),
        "acts": offered(session, row),
    }


def held_messages(session: Session) -> list[dict[str, Any]]:
    """The notices that wait for a second look, one line each (by its e-mail), what was written first at the top."""
    found = as_they_stand(session, N.c.status == MessageStatus.HELD, N.c.channel == Channel.EMAIL)
    return [
        {
            "number": row["id"],
            "title": spec_of(row["event"]).title,
            "applicant_id": row["applicant_id"] or "",
            "name": row["applicant_name"] or "",
            "created_at": minute(row["created_at"]),
            "by": row["created_by"],
            "due_on": row["due_on"],
        }
        for row, _ in found
    ]


def offered(session: Session, row: RowMapping) -> list[dict[str, Any]]:
    """What a person can do about it now, each with what its form is filled with."""
    acts = BY_STATUS.get(MessageStatus(row["status"]), (RESEND,)) if row["purged_at"] is None else ()
    found = [{"do": act, "label": LABELS[act], "values": {"number": row["id"]}} for act in acts]
    hand = "record_hand_delivery"
    found += [
        {"do": hand, "label": f"{LABELS[hand]}（任务 {one['task']}）", "values": {"task": one["task"]}}
        for one in _tasks(session, row["id"])
        if not one["done_at"]
    ][:1]
    if row["audience"] == Audience.APPLICANT and MessageStatus(row["status"]) not in UNSENT:
        kind = DocumentKind.MESSAGE_PROOF.label
        values = {"kind": kind, "about": str(row["id"]), "round": str(row["round_id"])}
        found.append({"do": "make_document", "label": f"打印{kind}", "values": values})
    return found


def offered_for(session: Session, number: int) -> list[dict[str, Any]]:
    """As `offered`, by the number. Raises RefusedError for one that is none."""
    found = as_they_stand(session, N.c.id == number)
    if not found:
        raise RefusedError(f"没有第 {number} 号通知：请从案卷页的“通知”或“查找”进入")
    return offered(session, found[0][0])


def _dossier(session: Session, number: int) -> str:
    """The number of the applicant whose dossier the message is about, also where it goes to the office."""
    query = (
        select(col(Applicant.applicant_id))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(Notification, application_of(Notification) == col(Application.id))
    )
    found: str | None = session.execute(query.where(col(Notification.id) == number)).scalar()
    return found or ""


def _attempts(session: Session, number: int) -> list[dict[str, Any]]:
    query = select(NotificationAttempt).where(col(NotificationAttempt.notification_id) == number)
    return [
        {
            "at": minute(one.started_at),
            "ended_at": minute(one.ended_at) if one.ended_at else "",
            "to": one.to_masked,
            "outcome": OUTCOMES[one.outcome],
            "detail": one.detail,
            "is_reconcile": one.is_reconcile,
            "sha256": one.content_sha256,
            "enclosed": one.enclosed.splitlines(),
        }
        for one in session.execute(query.order_by(col(NotificationAttempt.id))).scalars()
    ]


def _tasks(session: Session, number: int) -> list[dict[str, Any]]:
    query = select(ManualTask).where(col(ManualTask.notification_id) == number)
    return [
        {
            "task": one.id,
            "since": minute(one.created_at),
            "reason": one.reason,
            "done_at": minute(one.done_at) if one.done_at else "",
            "by": one.done_by or "",
            "how": HandDelivery(one.how).label if one.how else "",
            "on": one.delivered_on,
            "proof": one.proof,
        }
        for one in session.execute(query.order_by(col(ManualTask.id))).scalars()
    ]


def _acts(session: Session, number: int) -> list[dict[str, str]]:
    """What people did with it, in order."""
    query = select(MessageAct).where(col(MessageAct.subject) == f"notification:{number}")
    return [
        {"at": minute(one.at), "by": one.by, "label": LABELS[one.act], "reason": one.reason}
        for one in session.execute(query.order_by(col(MessageAct.id))).scalars()
    ]


def _others(session: Session, row: RowMapping) -> list[dict[str, Any]]:
    """The same notice by other channels, and what it was sent again as, or was sent again from."""
    root = VARIANT.sub("", row["dedupe_key"])
    same = N.c.dedupe_key.in_((root, f"{root}{SMS_KEY}")) | (N.c.resend_of == row["id"])
    if row["resend_of"]:
        same = same | (N.c.id == row["resend_of"])
    if row["digest_id"]:
        same = same | (N.c.id == row["digest_id"])
    query = select(N.c.id, N.c.channel, N.c.status, N.c.event).where(same, N.c.id != row["id"]).order_by(N.c.id)
    return [
        {
            "number": one.id,
            "label": f"{spec_of(one.event).title}，{Channel(one.channel).label}",
            "status_label": MessageStatus(one.status).label,
        }
        for one in session.execute(query)
    ]
