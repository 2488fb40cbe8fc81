"""Notices that wait for a second look (待复看): what has waited too long is told to the office, every day until
somebody releases or cancels it. Nothing goes out by itself, nothing is lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Notification, Round
from notifications.catalogue import spec_of
from notifications.outbox import N, P
from policies.messages import load_message_policy
from rules.localtime import local_day
from rules.vocabulary import Channel, MessageStatus
from tasks.outbox_rows import owe_to_office

ALERT, PART = "service_fault", "通知复看"


def tell_of_late(session: Session, now: datetime) -> int:
    """Owes the office a message for each notice that has waited longer than the policy allows, once a day; says how
    many are new. By e-mail's rows: what else goes of the same notice waits with it."""
    wait = load_message_policy().numbers["second_look_wait"]
    late = (
        select(N.c.id, N.c.event, N.c.round_id, P.c.applicant_id)
        .outerjoin(P, P.c.id == N.c.applicant_pk)
        .where(N.c.status == MessageStatus.HELD, N.c.channel == Channel.EMAIL, N.c.created_at <= now - wait.span)
        .order_by(N.c.id)
    )
    rows = session.execute(late).all()
    keys = {f"watch:{PART}:{row.id}:{local_day(now)}": row for row in rows}
    known = select(col(Notification.dedupe_key)).where(col(Notification.dedupe_key).in_(list(keys)))
    new = keys.keys() - set(session.execute(known).scalars()) if keys else set()
    for key in sorted(new):
        row = keys[key]
        found = (
            f"第 {row.id} 号通知（{spec_of(row.event).title}，{row.applicant_id}）待复看已超过 {wait.value} 小时，"
            "尚未发出：请办理人以外的另一人从看板该通知页放行，有误的取消"
        )
        owe_to_office(session, session.get_one(Round, row.round_id), ALERT, {"part": PART, "found": found}, now, key)
    return len(new)
