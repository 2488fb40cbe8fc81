"""An outbox full of messages, for measuring and for chaos: real rows, real templates, sealed contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from benchmarks.seed import HEAD
from foundation.secrets import Contact, Keyring, seal_contact
from models import Applicant, Notification
from models.bulk import insert_rows
from models.database import transaction
from models.migrate import upgrade
from notifications.catalogue import validate
from rules.vocabulary import Audience, Channel
from tasks.outbox_rows import UNSENT, by_channel
from tasks.rounds import create_round

KEYS = Keyring(b"a key for measuring, long enough")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # noon in Beijing: no quiet hours
EVENT = "agreement_signed"
WHERE = {"round_name": "测速县2025年度评估", "county": "测速县", "agency": "测速县经办中心", "place": "测速县2号窗口"}


def fill(url: str, count: int, channels: Sequence[Channel] = (Channel.EMAIL,)) -> int:
    """`count` applicants, each with an address and a number of its own, and a message to each by each channel, all due
    at noon. Returns the number of the round."""
    upgrade(url)
    with transaction(url) as session:
        round_id = create_round(session, HEAD, announced_at=NOON).id or 0
        names = [f"P{number:05}" for number in range(count)]
        session.add_all(
            [Applicant(round_id=round_id, applicant_id=name, type="pharmacy", name=f"药房{name}") for name in names]
        )
        session.flush()
        for applicant in session.execute(select(Applicant).where(col(Applicant.round_id) == round_id)).scalars():
            number = int(applicant.applicant_id[1:])
            contact = Contact("联系人", f"199{number + 1000:08}", f"a{number}@example.cn")
            applicant.contact_sealed = seal_contact(KEYS, applicant.id or 0, contact)
    owe(url, round_id, "first", channels)
    return round_id


def owe(url: str, round_id: int, batch: str, channels: Sequence[Channel], at: datetime = NOON) -> None:
    """One more message to every applicant by each channel."""
    with transaction(url) as session:
        rows = [
            _row(round_id, pk, name, batch, channel, at)
            for channel in channels
            for pk, name in _applicants(session, round_id)
        ]
        insert_rows(session.connection(), Notification, rows)


def _applicants(session: Session, round_id: int) -> list[tuple[int, str]]:
    query = select(col(Applicant.id), col(Applicant.applicant_id)).where(col(Applicant.round_id) == round_id)
    return [(pk, name) for pk, name in session.execute(query.order_by(col(Applicant.id))).tuples()]


def _row(round_id: int, pk: int, name: str, batch: str, channel: Channel, at: datetime) -> dict[str, Any]:
    about = {"applicant_id": name, "applicant_name": f"药房{name}", "signed_on": "2026-03-02"}
    params = validate(EVENT, {**WHERE, **about})
    return {
        **UNSENT,
        **by_channel(EVENT, channel, Audience.APPLICANT, params, at),
        "dedupe_key": f"{batch}:{pk}:{EVENT}" + (":sms" if channel is Channel.SMS else ""),
        "event": EVENT,
        "audience": Audience.APPLICANT.value,
        "round_id": round_id,
        "subject": "round",
        "subject_id": round_id,
        "applicant_pk": pk,
        "params": params,
    }


def clock_from(began: datetime) -> Any:
    """A clock that shows noon when `began` and then runs as fast as the real one."""
    return lambda: NOON + timedelta(seconds=(datetime.now(UTC) - began).total_seconds())
