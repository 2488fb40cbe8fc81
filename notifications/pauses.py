"""A channel that misbehaves pauses itself and says so once; it tries again by itself, or when a person says so.

While it is paused nothing of it is claimed. After a pause one message is tried: success ends the trouble and everything
that waited for the channel is due at once; failure pauses it again, twice as long, without another alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, SQLModel

from models.bulk import changed
from models.database import transaction
from models.outbox import ChannelState
from notifications.catalogue import TEMPLATE_VERSION, validate
from notifications.outbox import N
from notifications.outcome import Outcome
from notifications.sending_windows import expiry, opening, rule_of
from notifications.staff.settings import to_staff
from policies.messages import load_message_policy
from rules.vocabulary import Audience, AuditSubject, Channel, MessageStatus
from rules.wording import minute

S = SQLModel.metadata.tables[str(ChannelState.__tablename__)]
ALARM = "channel_paused"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands. `is_in_trouble`: it failed lately and has not worked since."""

    faults: int
    since: datetime | None
    paused_until: datetime | None
    reason: str

    @property
    def is_in_trouble(self) -> bool:
        """Whether the next message is a probe."""
        return self.faults >= load_message_policy().numbers["faults_before_pause"].value

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing may be tried now."""
        return self.paused_until is not None and now < self.paused_until


def standing(url: str, channel: Channel) -> Standing:
    """The state of a channel."""
    with transaction(url) as session:
        row = session.execute(select(S).where(S.c.channel == channel)).mappings().one()
        return Standing(row["faults"], row["since"], row["paused_until"], row["reason"])


def note_fault(url: str, channel: Channel, outcome: Outcome, now: datetime) -> str:
    """Counts a fault of the channel. Returns the sentence of the alarm when this one pauses a channel that worked."""
    with transaction(url) as session:
        row = session.execute(select(S).where(S.c.channel == channel).with_for_update()).mappings().one()
        said = f"{outcome.code} {outcome.detail}".strip()
        values: dict[str, Any] = {"faults": row["faults"] + 1, "since": row["since"] or now, "reason": said}
        numbers = load_message_policy().numbers
        is_pausing = values["faults"] >= numbers["faults_before_pause"].value and not _still(row["paused_until"], now)
        if is_pausing:
            span = min(numbers["first_pause"].span * 2 ** row["pauses"], numbers["longest_pause"].span)
            values |= {"paused_until": now + span, "pauses": row["pauses"] + 1}
        changed(session, update(S).where(S.c.channel == channel).values(**values))
        if not is_pausing or row["pauses"]:
            return ""
        _alarm(session, channel, values["since"], said, now)
        return f"{channel.label}通道连续 {values['faults']} 次故障，已自动暂停，恢复后按缓急补发：{said}"


def mend(url: str, channel: Channel, now: datetime) -> None:
    """The channel works: its trouble is over, and what waited for it is due at once."""
    with transaction(url) as session:
        mend_in(session, channel, now)


def mend_in(session: Session, channel: Channel, now: datetime) -> None:
    """As `mend`, in the caller's transaction. After single faults that led to no pause the messages that met them keep
    their wait: one that always breaks the line must not come first again."""
    was_paused = session.execute(select(S.c.pauses).where(S.c.channel == channel).with_for_update()).scalar_one()
    well = {"faults": 0, "pauses": 0, "since": None, "paused_until": None, "reason": "", "mended_at": now}
    changed(session, update(S).where(S.c.channel == channel).values(**well))
    if not was_paused:
        return
    waiting = N.c.channel == channel, N.c.waits_for_channel.is_(True), N.c.next_at > now
    idle = N.c.status != MessageStatus.SENDING
    changed(session, update(N).where(*waiting, idle).values(next_at=now, waits_for_channel=False))


def _still(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def _alarm(session: Session, channel: Channel, since: datetime, said: str, now: datetime) -> None:
    """One message to the supervisor, about the round of the newest message: by e-mail, when that works, and to the
    groups of staff, unless it is they that cannot be reached."""
    newest = session.execute(select(N).order_by(N.c.id.desc()).limit(1)).mappings().first()
    if newest is None:
        return
    about = {name: newest["params"][name] for name in ("round_name", "county", "agency", "place")}
    at, key = minute(since), f"channel:{channel}:{now.isoformat()}"
    groups = [] if channel is Channel.STAFF else to_staff(Audience.SUPERVISOR, key)
    ways = [(Channel.EMAIL, key, ""), *((Channel.STAFF, name, role) for name, role in groups)]
    for way, name, role in ways:
        changed(
            session,
            insert(N).values(
                dedupe_key=name,
                recipient=role,
                event=ALARM,
                audience=Audience.SUPERVISOR,
                channel=way,
                round_id=newest["round_id"],
                subject=AuditSubject.ROUND.value,
                subject_id=newest["round_id"],
                template_version=TEMPLATE_VERSION[ALARM],
                params=validate(ALARM, {**about, "channel": channel.label, "since": at, "reason": said or "原因不明"}),
                status=MessageStatus.PENDING,
                created_at=now,
                next_at=opening(now, way, Audience.SUPERVISOR, None),
                attempts=0,
                lease_owner="",
                lease_token=0,
                message_ref="",
                last_detail="",
                priority=rule_of(ALARM).priority,
                expires_at=expiry(ALARM, now, None),
            ),
        )
