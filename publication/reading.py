"""What the site shows, read from the database into plain values; no contact, complainant or allegation is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, AuditRecord, Notice, Posting, Round
from models.schedules import known_workdays
from policies.loader import load_policy
from publication.draws import DrawView, draw_view
from publication.periods import PeriodView, period_of
from rules.audit import sha256
from rules.errors import DatabaseError
from rules.localtime import local_day
from rules.policy import Policy
from rules.transitions import rows_for
from rules.vocabulary import ApplicantType, NoticeKind, State
from rules.workdays import Workdays

WAITING = {
    NoticeKind.EVALUATION_RESULT: State.SELECTED,
    NoticeKind.PROPOSED_AGREEMENTS: State.CONSENSUS,
    NoticeKind.FINAL_RESULT: State.FILED,
}
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round as every page of it names it."""

    id: int
    name: str
    county: str
    year: int
    agency: str
    place: str
    channels: tuple[str, ...]
    quota: Mapping[str, int]
    policy: Policy


@dataclass(frozen=True, slots=True)
class PostingView:
    """Proof that a notice stood in a channel."""

    channel: str
    posted_at: datetime
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice: its frozen list by type, where it was posted, its period, and the clause that asks for it."""

    id: int
    number: int
    kind: NoticeKind
    clause: str
    issued_on: date
    lists: Mapping[ApplicantType, Sequence[Entry]]
    postings: Sequence[PostingView]
    missing: Sequence[str]
    starts_on: date | None
    period: PeriodView | None
    snapshot: Mapping[str, Any]
    sha256: str
    status: str


@dataclass(frozen=True, slots=True)
class RoundPages:
    """Everything published of one round."""

    round: RoundView
    notices: Sequence[NoticeView]
    draw: DrawView | None
    register: Mapping[ApplicantType, Sequence[Entry]]


def read_rounds(session: Session, as_of: datetime | None = None) -> list[RoundPages]:
    """Every round, the newest first. `as_of` (default: the instant of the newest record) tells what is over.

    Raises DatabaseError when a frozen list is no longer what its hash says.
    """
    today = local_day(as_of) if as_of else _newest_day(session)
    workdays = known_workdays(session)
    rounds = session.execute(select(Round).order_by(col(Round.id).desc())).scalars()
    return [_pages(session, the_round, workdays, today) for the_round in rounds]


def _newest_day(session: Session) -> date:
    newest: datetime | None = session.execute(select(func.max(col(AuditRecord.at)))).scalar()
    return local_day(newest) if newest else date.min


def _pages(session: Session, the_round: Round, workdays: Workdays, today: date) -> RoundPages:
    view = _round(the_round)
    rows = session.execute(select(Notice).where(col(Notice.round_id) == view.id).order_by(col(Notice.id))).scalars()
    notices = [_notice(session, view, row, workdays, today) for row in rows]
    return RoundPages(
        view, notices, draw_view(session, view.id, view.policy, workdays), _register(session, view, notices)
    )


def _round(the_round: Round) -> RoundView:
    announcement = the_round.announcement
    policy = load_policy(the_round.procedure.partition("@")[0], date.fromisoformat(announcement["published_on"]))
    return RoundView(
        id=the_round.id or 0,
        name=the_round.name,
        county=the_round.county,
        year=the_round.year,
        agency=announcement["agency"],
        place=announcement["place"],
        channels=tuple(announcement["channels"]),
        quota=announcement["quota"],
        policy=policy,
    )


def _notice(session: Session, view: RoundView, notice: Notice, workdays: Workdays, today: date) -> NoticeView:
    _check_snapshot(notice)
    kind = NoticeKind(notice.kind)
    postings = _postings(session, notice)
    posted = {posting.channel for posting in postings}
    period = period_of(notice, view.policy, workdays)
    return NoticeView(
        id=notice.id or 0,
        number=notice.number,
        kind=kind,
        clause=rows_for(WAITING[kind], "publish_notice")[0].clause,
        issued_on=local_day(postings[0].posted_at if postings else notice.created_at),
        lists=_by_type(notice.snapshot["entries"]),
        postings=postings,
        missing=[channel for channel in view.channels if channel not in posted],
        starts_on=notice.starts_on,
        period=period,
        snapshot=notice.snapshot,
        sha256=notice.snapshot_sha256,
        status=_status(notice, period, today),
    )


def _postings(session: Session, notice: Notice) -> list[PostingView]:
    """The channels in the order of their posting."""
    query = select(Posting).where(col(Posting.notice_id) == notice.id).order_by(col(Posting.posted_at), col(Posting.id))
    rows = session.execute(query).scalars()
    return [PostingView(row.channel, row.posted_at, row.url, row.sha256) for row in rows]


def _check_snapshot(notice: Notice) -> None:
    if sha256(notice.snapshot) != notice.snapshot_sha256:
        raise DatabaseError(
            f"公示 {notice.id}（{NoticeKind(notice.kind).label}第{notice.number}号）的名单与其哈希不符，网页不予生成："
            "请先核对数据库是否被改动"
        )


def _status(notice: Notice, period: PeriodView | None, today: date) -> str:
    """`waiting` for a channel, `running`, `over`, or `published` (the final list)."""
    if notice.starts_on is None:
        return "waiting"
    if period is None:
        return "published"
    return "over" if period.last_day and period.last_day < today else "running"


def _by_type(entries: Sequence[Entry]) -> dict[ApplicantType, list[Entry]]:
    """The entries of each type that has any, by rank."""
    lists = {type_: [entry for entry in entries if entry["type"] == type_] for type_ in ApplicantType}
    return {type_: sorted(found, key=lambda entry: entry["rank"]) for type_, found in lists.items() if found}


def _register(session: Session, view: RoundView, notices: Sequence[NoticeView]) -> dict[ApplicantType, list[Entry]]:
    """Who was published as designated, with the days of signature and filing and the notice that said so."""
    finals = [one for one in notices if one.kind is NoticeKind.FINAL_RESULT and one.starts_on]
    signed = _agreements(session, view.id)
    entries = [
        {**entry, **signed[entry["applicant_id"]], "notice_id": final.id, "published_on": final.starts_on}
        for final in finals
        for listed in final.lists.values()
        for entry in listed
    ]
    return _by_type(entries)


def _agreements(session: Session, round_id: int) -> dict[str, dict[str, date | None]]:
    query = (
        select(col(Applicant.applicant_id), col(Agreement.signed_on), col(Agreement.filed_on))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(Agreement, col(Agreement.application_id) == col(Application.id))
        .where(col(Applicant.round_id) == round_id)
    )
    return {row[0]: {"signed_on": row[1], "filed_on": row[2]} for row in session.execute(query)}
