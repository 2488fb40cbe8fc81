"""The acts of a person on messages and channels. Each locks what it changes and refuses with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlmodel import Session, col

from foundation.secrets import mask_email, mask_phone, unseal_contact
from models import Applicant, ManualTask, Notification, Suppression
from models.bulk import changed
from notifications import pauses, retention
from notifications.catalogue import spec_of
from notifications.manual_delivery import GENERATION, VARIANT
from notifications.suppression import index_of
from rules.case import Event
from rules.errors import RefusedError
from rules.localtime import ZONE, local_day
from rules.vocabulary import Audience, Channel, HandDelivery, MessageStatus
from rules.wording import minute
from tasks import surroundings
from tasks.addressing import in_its_round
from tasks.outbox_rows import SMS_KEY, UNSENT, by_channel

Done = tuple[str, str]
RELEASE = "67 放行通知"
MAY_RETRY = (MessageStatus.RETRY, MessageStatus.PENDING, MessageStatus.FAILED, MessageStatus.REJECTED)
MAY_CANCEL = (MessageStatus.PENDING, MessageStatus.RETRY, MessageStatus.UNKNOWN, MessageStatus.HELD)
COPIED = ("event", "audience", "round_id", "subject", "subject_id", "applicant_pk", "params", "recipient")


def retry(session: Session, event: Event) -> Done:
    """Tries a message again now: one that waits, or that was given up or refused before the contact was mended."""
    row = _message(session, event)
    status = MessageStatus(row.status)
    if status is MessageStatus.UNKNOWN:
        raise RefusedError(f"通知{row.id}结果不明，不能直接重试：请先向收件人核实；确未收到的，办理“重发通知”")
    if status is MessageStatus.HELD:
        raise RefusedError(f"通知{row.id}待复看：由办理人以外的另一人看过后办理“{RELEASE}”，不能直接重试")
    if status not in MAY_RETRY:
        raise RefusedError(f"通知{row.id}现为“{status.label}”，不能重试；需要再发一次的，办理“重发通知”")
    again = by_channel(row.event, Channel(row.channel), Audience(row.audience), row.params, event.at)
    row.status, row.attempts, row.closed_at = MessageStatus.PENDING, 0, None
    row.next_at, row.expires_at = again["next_at"], again["expires_at"]
    session.add(row)
    return _named(row), f"{_title(row)}已排入待发箱，{_when(row.next_at)}起发送。"


def cancel(session: Session, event: Event) -> Done:
    """Takes a message back that has not gone out."""
    row = _message(session, event)
    status = MessageStatus(row.status)
    if status not in MAY_CANCEL:
        raise RefusedError(f"通知{row.id}现为“{status.label}”，不能取消")
    row.status, row.next_at, row.closed_at, row.reason = MessageStatus.CANCELLED, None, event.at, event.fields["reason"]
    session.add(row)
    return _named(row), f"{_title(row)}已取消：{row.reason}。"


def release(session: Session, event: Event) -> Done:
    """Lets a notice go that waited for a second look, by all its channels together. Whoever did the act may not."""
    row = _message(session, event)
    if row.status != MessageStatus.HELD:
        raise RefusedError(f"通知{row.id}现为“{MessageStatus(row.status).label}”，不在待复看之列，不需要放行")
    if row.created_by == event.by:
        raise RefusedError(f"通知{row.id}因 {event.by} 办理的事项而生，不能由本人放行：请交另一人看过后办理“{RELEASE}”")
    waiting = select(Notification).where(col(Notification.status) == MessageStatus.HELD, _is_same_notice(row))
    together = list(session.execute(waiting.order_by(col(Notification.id)).with_for_update()).scalars())
    for one in together:
        again = by_channel(one.event, Channel(one.channel), Audience(one.audience), one.params, event.at)
        one.status, one.next_at, one.expires_at = MessageStatus.PENDING, again["next_at"], again["expires_at"]
        session.add(one)
    ways = "、".join(f"{Channel(one.channel).label}（通知{one.id}，{_when(one.next_at)}起）" for one in together)
    return _named(row), f"{_title(row)}已放行，排入待发箱：{ways}。"


def _is_same_notice(row: Notification) -> ColumnElement[bool]:
    """The rows of one notice: it goes by several channels, each with a key of its own."""
    root = VARIANT.sub("", row.dedupe_key)
    return col(Notification.dedupe_key).in_((root, f"{root}{SMS_KEY}"))


def resend(session: Session, event: Event) -> Done:
    """Sends a message a second time on purpose: a new generation, with who asked and why."""
    old = _message(session, event)
    if old.status == MessageStatus.HELD:
        raise RefusedError(f"通知{old.id}待复看，尚未发出，不需要重发：请办理“{RELEASE}”，有误的办理“取消通知”")
    if old.next_at is not None:
        raise RefusedError(f"通知{old.id}仍在发送过程中，不需要重发：请等候结果，或办理“重试通知”")
    if old.purged_at is not None:
        raise RefusedError(f"通知{old.id}的内容已按规定清除，不能重发：请书面告知")
    root = GENERATION.sub("", old.dedupe_key)
    same = or_(col(Notification.dedupe_key) == root, col(Notification.dedupe_key).startswith(f"{root}:g"))
    latest = session.execute(select(func.max(col(Notification.generation))).where(same)).scalar_one()
    channel, audience = Channel(old.channel), Audience(old.audience)
    columns = {
        **{name: getattr(old, name) for name in COPIED},
        **UNSENT,
        **by_channel(old.event, channel, audience, old.params, event.at),
        "dedupe_key": f"{root}:g{latest + 1}",
        "generation": latest + 1,
        "resend_of": old.id,
        "reason": event.fields["reason"],
        "created_by": event.by,
    }
    new = Notification(**columns)
    session.add(new)
    if old.closed_at is None:
        old.closed_at = event.at
        session.add(old)
    session.flush()
    return _named(old), f"{_title(old)}已重新排入待发箱（通知{new.id}），{_when(new.next_at)}起发送。"


def record_hand_delivery(session: Session, event: Event) -> Done:
    """Closes the task of a person: who delivered how, on which day, with which proof."""
    number = event.fields["task"]
    task = session.get(ManualTask, number, with_for_update=True)
    if task is None:
        raise RefusedError(f"没有第 {number} 号人工送达任务：请在“通知一览”中核对")
    if task.done_at is not None:
        raise RefusedError(f"第 {number} 号人工送达任务已由 {task.done_by} 登记，不能重复登记")
    if event.fields["delivered_on"] > local_day(event.at):
        raise RefusedError("送达日期不能晚于今天")
    task.done_at, task.done_by, task.how = event.at, event.by, event.fields["how"]
    task.delivered_on, task.proof = event.fields["delivered_on"], event.fields["proof"]
    session.add(task)
    how = HandDelivery(task.how).label
    return f"task:{number}", f"第 {number} 号任务（{spec_of(task.event).title}）已登记：{task.delivered_on} {how}。"


def record_consent(session: Session, event: Event) -> Done:
    """Notes the signed 电子送达确认书: from then on an electronic notice counts as served."""
    applicant = _applicant(session, event)
    applicant.consent_reference, applicant.consent_on = event.fields["reference"], event.fields["signed_on"]
    session.add(applicant)
    return f"applicant:{applicant.id}", f"{applicant.applicant_id} {applicant.name}：已登记电子送达确认书。"


def suppress_contact(session: Session, event: Event) -> Done:
    """Stops writing to an applicant's address or number, or starts again (`lift`)."""
    applicant, channel = _applicant(session, event), Channel(event.fields["channel"])
    keys = surroundings.keys()
    if not applicant.contact_sealed:
        raise RefusedError(f"{applicant.applicant_id} 没有登记联系方式，无须停发")
    contact = unseal_contact(keys, applicant.id or 0, applicant.contact_sealed)
    address = contact.phone if channel is Channel.SMS else contact.email
    if event.fields["lift"]:
        index = index_of(keys, channel, address)
        changed(session, delete(Suppression).where(col(Suppression.channel) == channel, col(Suppression.bidx) == index))
        return f"applicant:{applicant.id}", f"{applicant.applicant_id} 的{channel.label}已恢复发送。"
    until: date | None = event.fields["until"]
    ends = datetime.combine(until + timedelta(days=1), datetime.min.time(), ZONE) if until else None
    said = {"reason": event.fields["reason"], "created_by": event.by, "created_at": event.at, "until": ends}
    masked = mask_phone(address) if channel is Channel.SMS else mask_email(address)
    retention.suppress(session, keys, channel, address, masked, said)
    return f"applicant:{applicant.id}", f"{applicant.applicant_id} 的{channel.label}（{masked}）已停发。"


def resume_channel(session: Session, event: Event) -> Done:
    """Ends a channel's pause by hand: what waited for it is due at once."""
    channel = Channel(event.fields["channel"])
    pauses.mend_in(session, channel, event.at)
    return f"channel:{channel}", f"{channel.label}通道已恢复，积压的通知按缓急补发。"


ACTS: Mapping[str, Callable[[Session, Event], Done]] = {
    "retry_notification": retry,
    "cancel_notification": cancel,
    "resend_notification": resend,
    "release_notification": release,
    "record_hand_delivery": record_hand_delivery,
    "record_consent": record_consent,
    "suppress_contact": suppress_contact,
    "resume_channel": resume_channel,
}


def _message(session: Session, event: Event) -> Notification:
    number = event.fields["number"]
    row = session.get(Notification, number, with_for_update=True)
    if row is None:
        raise RefusedError(f"没有第 {number} 号通知：请在“通知一览”中核对编号")
    if row.status == MessageStatus.SENDING:
        raise RefusedError(f"通知{number}正在发送，请稍后再办")
    return row


def _applicant(session: Session, event: Event) -> Applicant:
    event = in_its_round(session, event)
    own = col(Applicant.round_id) == event.round_id, col(Applicant.applicant_id) == event.fields["applicant_id"]
    found = session.execute(select(Applicant).where(*own).with_for_update()).scalar_one_or_none()
    if found is None:
        raise RefusedError(f"本轮没有申请人“{event.fields['applicant_id']}”：请核对编号（看板可查），或先登记该机构")
    applicant: Applicant = found
    return applicant


def _named(row: Notification) -> str:
    return f"notification:{row.id}"


def _title(row: Notification) -> str:
    return f"通知{row.id}（{spec_of(row.event).title}，{Channel(row.channel).label}）"


def _when(at: datetime | None) -> str:
    return minute(at) if at else ""
