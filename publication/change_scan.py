"""What there is to publish, at a glance: every round, notice, draw and year of checkpoints with a fingerprint of all
that its page shows.

A survey reads no list of institutions: its cost is a short row for each notice, and for each agreement of a round that
keeps their life. A page is read and rendered only where
the fingerprint is another than that of the page that stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from models import AuditRecord, Draw, Notice, Posting, Round, WorkdaySchedule
from models.pinned import pinned_policy, pins_of
from models.policy import PolicyPin
from models.schedules import known_workdays
from publication.agreements import KeptAgreements, kept_agreements
from publication.assessments import Assessments, read_assessments
from publication.checkpoints import CheckpointYear, checkpoint_years
from publication.drugs import Keepers, keepers
from publication.inspections import plan_heads
from publication.official_pdfs import OF_A_NOTICE, Prints, kept_prints
from publication.periods import last_day_of
from publication.summaries import DrawHead, Edition, NoticeHead, RoundHead, RoundView
from publication.wording import notice_title
from rules.audit import sha256
from rules.localtime import local_day
from rules.vocabulary import DocumentKind, NoticeKind
from rules.workdays import Workdays

Postings = Mapping[int, Sequence[Row[Any]]]


@dataclass(frozen=True, slots=True)
class Survey:
    """Every round, the newest first, with the working days as they are known now."""

    rounds: Sequence[RoundHead]
    workdays: Workdays
    today: date
    checkpoints: Sequence[CheckpointYear]
    assessments: Assessments
    keepers: Keepers


@dataclass(frozen=True, slots=True)
class _Found:
    workdays: Workdays
    schedules: Sequence[datetime]
    postings: Postings
    prints: Prints
    today: date


def survey(session: Session, as_of: datetime | None = None) -> Survey:
    """What there is to publish. `as_of` (default: the instant of the newest record) tells what is over."""
    today = local_day(as_of) if as_of else _newest_day(session)
    loaded = select(col(WorkdaySchedule.loaded_at)).order_by(col(WorkdaySchedule.loaded_at))
    found = _Found(
        known_workdays(session),
        list(session.execute(loaded).scalars()),
        _postings_by_notice(session),
        kept_prints(session),
        today,
    )
    notices, draws = _notices_by_round(session), _draws_by_round(session, found.prints)
    views, plans = _rounds(session), plan_heads(session)
    kept = kept_agreements(session, {one.id: one.policy for one in views if one.policy.keeps_agreements}, today)
    rounds = [
        RoundHead(
            view,
            [_head(view, row, found) for row in notices.get(view.id, ())],
            draws.get(view.id),
            kept.get(view.id, KeptAgreements()),
            plans.get(view.id, ()),
        )
        for view in views
    ]
    kept_drugs = keepers(session, rounds, today)
    return Survey(rounds, found.workdays, today, checkpoint_years(session), read_assessments(session), kept_drugs)


def _newest_day(session: Session) -> date:
    newest: datetime | None = session.execute(select(func.max(col(AuditRecord.at)))).scalar()
    return local_day(newest) if newest else date.min


def _rounds(session: Session) -> list[RoundView]:
    columns = (
        *(Round.id, Round.name, Round.county, Round.year, Round.batch, Round.procedure),
        *(Round.announcement, Round.audit_head, Round.announced_at, Round.kind),
    )  # in the order of RoundView
    query = select(*map(col, columns), col(Round.policy_sha256)).order_by(col(Round.id).desc())
    rows = session.execute(query).all()
    pins = pins_of(session, {row.id: row.policy_sha256 for row in rows})
    return [RoundView(*(*row[:-1], _editions(session, pins[row.id], row.announcement))) for row in rows]


def _editions(session: Session, pins: Sequence[PolicyPin], announcement: Mapping[str, Any]) -> list[Edition]:
    """The rules that were pinned to a round, in order. Raises DatabaseError where they are not what was pinned."""
    return [
        Edition(
            pinned_at=pin.pinned_at,
            identity=pin.identity,
            reason=pin.reason,
            difference=[dict(one) for one in pin.difference],
            policy=pinned_policy(session, pin.sha256, announcement),
        )
        for pin in pins
    ]


def _notices_by_round(session: Session) -> dict[int, list[Row[Any]]]:
    """Every notice but its list."""
    columns = (
        *(Notice.round_id, Notice.id, Notice.number, Notice.kind, Notice.created_at),
        *(Notice.starts_on, Notice.last_day, Notice.snapshot_sha256),
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in session.execute(select(*map(col, columns)).order_by(col(Notice.id))):
        found.setdefault(row.round_id, []).append(row)
    return found


def _postings_by_notice(session: Session) -> dict[int, list[Row[Any]]]:
    """The channels of each notice in the order of their posting."""
    columns = (Posting.notice_id, Posting.channel, Posting.posted_at, Posting.url, Posting.sha256)
    found: dict[int, list[Row[Any]]] = {}
    for row in session.execute(select(*map(col, columns)).order_by(col(Posting.posted_at), col(Posting.id))):
        found.setdefault(row.notice_id, []).append(row)
    return found


def _draws_by_round(session: Session, prints: Prints) -> dict[int, DrawHead]:
    rows = session.execute(
        select(col(Draw.round_id), col(Draw.published_at), col(Draw.drawn_at)).order_by(col(Draw.id))
    )
    return {row[0]: DrawHead(row[1], row[2], prints.get((DocumentKind.DRAW_RECORD, row[0]))) for row in rows}


def _head(view: RoundView, row: Row[Any], found: _Found) -> NoticeHead:
    kind, postings = NoticeKind(row.kind), found.postings.get(row.id, ())
    view = view.as_of(row.created_at)
    last_day = row.last_day or last_day_of(kind, row.starts_on, view, found.workdays)
    status = _status(kind, row.starts_on, last_day, found.today)
    moved = [posting.posted_at for posting in postings] + loaded_while(found.schedules, row.created_at, last_day)
    pdf = next((found.prints[one, row.id] for one in OF_A_NOTICE if (one, row.id) in found.prints), None)
    shown = [repr(pdf), view.announcement, view.name, view.policy.sha256, found.workdays.version, status, last_day]
    return NoticeHead(
        id=row.id,
        number=row.number,
        kind=kind,
        title=notice_title(kind, view.name, view.county, view.season),
        created_at=row.created_at,
        issued_at=postings[0].posted_at if postings else row.created_at,
        changed_at=max([row.created_at, *moved]),
        starts_on=row.starts_on,
        last_day=last_day,
        status=status,
        sequence=len(moved),
        pdf=pdf,
        fingerprint=sha256([*shown, *row, *map(tuple, postings)]),
    )


def loaded_while(schedules: Iterable[datetime], since: datetime, last_day: date | None) -> list[datetime]:
    """The schedules that were loaded while the notice's last day could still move."""
    return [at for at in schedules if at > since and (last_day is None or local_day(at) <= last_day)]


def _status(kind: NoticeKind, starts_on: date | None, last_day: date | None, today: date) -> str:
    if starts_on is None:
        return "waiting"
    if kind is NoticeKind.FINAL_RESULT:
        return "published"
    return "over" if last_day and last_day < today else "running"
