"""Several reminders to one party on one day become one letter: they are folded before anything of them is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlmodel import Session

from models.bulk import changed
from models.database import transaction
from notifications.catalogue import TEMPLATE_VERSION, spec_of, validate
from notifications.outbox import N, P, locked
from notifications.sending_windows import due_of, expiry, opening, rule_of
from notifications.workings import gathered
from policies.messages import load_message_policy
from rules.localtime import local_day
from rules.vocabulary import Audience, AuditSubject, Channel, MessageStatus

LETTER = {Audience.APPLICANT: "reminder_digest", Audience.AUTHORITY: "authority_digest"}
WHERE = ("round_name", "county", "agency", "place")
MOST = 500
FOLDED = (Channel.EMAIL, Channel.STAFF)


def fold(url: str, now: datetime) -> int:
    """Folds the reminders, by e-mail or to a group of staff, that are due now and were never tried: what the night
    brought a group is one message in the morning. Returns how many were folded."""
    events = [name for name, rule in load_message_policy().events.items() if rule.digest]
    due = (
        select(N, P.c.email_bidx)
        .outerjoin(P, P.c.id == N.c.applicant_pk)
        .where(N.c.channel.in_(FOLDED), N.c.next_at <= now, N.c.status == MessageStatus.PENDING)
        .where(N.c.event.in_(events), N.c.attempts == 0, N.c.message_ref == "")
        .order_by(N.c.id)
        .limit(MOST)
    )
    with transaction(url) as session:
        groups: dict[tuple[Any, ...], list[RowMapping]] = defaultdict(list)
        for row in locked(session, due):
            groups[_party(row)].append(row)
        several = [rows for rows in groups.values() if len(rows) > 1]
        for rows in several:
            _fold(session, rows, now)
        return sum(map(len, several))


def _party(row: RowMapping) -> tuple[Any, ...]:
    """Whose mailbox or group it is, and on which day."""
    where = row["channel"], row["recipient"], row["audience"]
    return *where, row["email_bidx"] or row["applicant_pk"], row["round_id"], local_day(row["created_at"])


def _fold(session: Session, rows: Sequence[RowMapping], now: datetime) -> None:
    first, audience = rows[0], Audience(rows[0]["audience"])
    event = LETTER[audience]
    items = sorted((_item(row) for row in rows), key=lambda item: (item["due_on"], item["applicant_id"]))
    where = {name: first["params"][name] for name in WHERE}
    workings = gathered(row["params"] for row in rows)
    params = validate(event, {**where, "items": items, "first_due": items[0]["due_on"]}) | {"workings": workings}
    due_on = due_of(event, params)
    last = max(expiry(event, row["created_at"], due_of(row["event"], row["params"])) for row in rows)
    values = {
        "dedupe_key": f"digest:{first['id']}",
        "event": event,
        "audience": audience,
        "channel": first["channel"],
        "recipient": first["recipient"],
        "round_id": first["round_id"],
        "subject": AuditSubject.ROUND.value,
        "subject_id": first["round_id"],
        "applicant_pk": first["applicant_pk"],
        "template_version": TEMPLATE_VERSION[event],
        "params": params,
        "status": MessageStatus.PENDING,
        "created_at": now,
        "next_at": opening(now, Channel(first["channel"]), audience, due_on),
        "priority": rule_of(event).priority,
        "due_on": due_on,
        "expires_at": last,
    }
    none = {"attempts": 0, "lease_owner": "", "lease_token": 0, "message_ref": "", "last_detail": ""}
    (made,) = changed(session, insert(N).values(**values, **none))
    folded = {"status": MessageStatus.DIGESTED, "next_at": None, "closed_at": now, "digest_id": made}
    changed(session, update(N).where(N.c.id.in_([row["id"] for row in rows])).values(**folded))


def _item(row: RowMapping) -> dict[str, Any]:
    """A reminder as one line of the letter: whose, which limit, when, how many working days are left."""
    told = row["params"]
    return {
        "applicant_id": told["applicant_id"],
        "applicant_name": told["applicant_name"],
        "deadline": told.get("deadline") or spec_of(row["event"]).title.removesuffix("提醒"),
        "due_on": told["due_on"],
        "working_days_left": told["working_days_left"],
    }
