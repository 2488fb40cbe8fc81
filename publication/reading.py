"""What one page shows, read from the database into plain values; no contact, complainant or allegation is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, Notice, Posting
from models.office import contact_told, office_at, place_told
from publication.agreements import ENDED, RUNNING, AgreementLine
from publication.limits import LimitView, signing_limit
from publication.periods import PeriodView, period_of
from publication.summaries import NoticeHead, RoundHead, RoundView
from publication.wording import AGREEMENT_STATES, rare_in
from rules.audit import sha256
from rules.errors import DatabaseError
from rules.evaluation import EVALUATION
from rules.performance.states import OUT
from rules.periods import Period, WorkingDay, explain
from rules.register import campuses_told
from rules.vocabulary import ApplicantType, NoticeKind, State
from rules.wording import cn_date
from rules.workdays import Workdays

WAITING = {
    NoticeKind.EVALUATION_RESULT: State.SELECTED,
    NoticeKind.PROPOSED_AGREEMENTS: State.CONSENSUS,
    NoticeKind.FINAL_RESULT: State.FILED,
}
TERM = ("number", "signed_on", "filed_on", "effective_on", "expires_on")
ONE_DAY = timedelta(days=1)
Entry = Mapping[str, Any]
Lists = Mapping[ApplicantType, Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class PostingView:
    """Proof that a notice stood in a channel."""

    channel: str
    posted_at: datetime
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ContactView:
    """Where objections go: an office, its landline and addresses, as the announcement's file gives them."""

    department: str
    phone: str
    address: str
    email: str
    online: str
    place: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice: its frozen list by type, where it was posted, its period, and the clause that asks for it."""

    head: NoticeHead
    clause: str
    lists: Lists
    postings: Sequence[PostingView]
    missing: Sequence[str]
    period: PeriodView | None
    contact: ContactView
    signing: LimitView | None
    snapshot: Mapping[str, Any]
    sha256: str

    @property
    def has_codes(self) -> bool:
        """Whether any institution of the list was registered with its credit code."""
        return any(entry.get("credit_code") for listed in self.lists.values() for entry in listed)

    @property
    def has_scopes(self) -> bool:
        """Whether any institution of the list was registered with the scope that it applies for."""
        return any(entry.get("scope") for listed in self.lists.values() for entry in listed)

    @property
    def not_included(self) -> Sequence[Entry]:
        """Who is not on the list, with the reasons, as frozen; empty where the round's notices do not tell."""
        found: Sequence[Entry] = self.snapshot.get("not_included", ())
        return found

    @property
    def campuses(self) -> str:
        """What the list says of those that are one legal person."""
        return campuses_told(entry for listed in self.lists.values() for entry in listed)

    @property
    def rare(self) -> str:
        """What the page says of characters that a reader's fonts may lack."""
        return rare_in([*(entry for listed in self.lists.values() for entry in listed), *self.not_included])


@dataclass(frozen=True, slots=True)
class TermView:
    """How long agreements of one first day run that take the policy's term, and the working of their last day;
    `is_day_before`: it is the day before the corresponding day (reading `term_last_day`)."""

    effective_on: date
    expires_on: date
    period: Period
    working: Sequence[WorkingDay]
    is_day_before: bool


@dataclass(frozen=True, slots=True)
class RegisterView:
    """The designated institutions of a round by type, and the workings of their terms by first day. Where the round
    keeps the life of its agreements (`is_kept`), an entry tells where its agreement stands, and `ended` those that were
    dissolved, expired or left, the newest first; `published` counts by type who was ever published."""

    lists: Lists
    terms: Mapping[date, TermView]
    is_kept: bool = False
    ended: Sequence[Entry] = ()
    published: Mapping[ApplicantType, int] = field(default_factory=dict)

    @property
    def has_codes(self) -> bool:
        """Whether any institution of the register has a credit code."""
        return any(entry.get("credit_code") for listed in self.lists.values() for entry in listed)

    @property
    def campuses(self) -> str:
        """What the register says of those that are one legal person."""
        return campuses_told(self._every)

    @property
    def rare(self) -> str:
        """What the page says of characters that a reader's fonts may lack."""
        return rare_in(self._every)

    @property
    def _every(self) -> list[Entry]:
        return [*(entry for listed in self.lists.values() for entry in listed), *self.ended]


def read_notice(session: Session, of: RoundView, head: NoticeHead, workdays: Workdays) -> NoticeView:
    """A notice with its list. Raises DatabaseError when the list is no longer what its hash says."""
    notice = session.get_one(Notice, head.id)
    _check_snapshot(notice)
    postings = _postings(session, head.id)
    posted = {posting.channel for posting in postings}
    return NoticeView(
        head=head,
        clause=EVALUATION.rows_for(WAITING[head.kind], "publish_notice")[0].clause,
        lists=_by_type(notice.snapshot["entries"]),
        postings=postings,
        missing=[channel for channel in of.channels if channel not in posted],
        period=period_of(head, of.policy, workdays),
        contact=contact_of(session, of, head.created_at),
        signing=signing_limit(of, head, workdays),
        snapshot=notice.snapshot,
        sha256=notice.snapshot_sha256,
    )


def contact_of(session: Session, of: RoundView, at: datetime) -> ContactView:
    """Where objections go, as the office had it at the instant of a notice; what nobody gave is the agency and its
    counter."""
    office = office_at(session, at)
    told = contact_told(office, of.announcement.get("objection_contact"), of.announced_at)
    place = place_told(office, str(of.announcement["place"]), of.announced_at)
    defaults = {"department": of.agency, "address": place}
    return ContactView(**{name: value or defaults.get(name, "") for name, value in told.items()}, place=place)


def _postings(session: Session, notice_id: int) -> list[PostingView]:
    """The channels in the order of their posting."""
    query = select(Posting).where(col(Posting.notice_id) == notice_id).order_by(col(Posting.posted_at), col(Posting.id))
    rows = session.execute(query).scalars()
    return [PostingView(row.channel, row.posted_at, row.url, row.sha256) for row in rows]


def _check_snapshot(notice: Notice) -> None:
    if sha256(notice.snapshot) != notice.snapshot_sha256:
        raise DatabaseError(
            f"公示 {notice.id}（{NoticeKind(notice.kind).label}第{notice.number}号）的名单与其哈希不符，网页不予生成："
            "请先核对数据库是否被改动"
        )


def _by_type(entries: Sequence[Entry]) -> dict[ApplicantType, list[Entry]]:
    """The entries of each type that has any, by rank."""
    lists = {type_: [entry for entry in entries if entry["type"] == type_] for type_ in ApplicantType}
    return {type_: sorted(found, key=lambda entry: entry["rank"]) for type_, found in lists.items() if found}


def read_register(session: Session, of: RoundHead, workdays: Workdays) -> RegisterView:
    """Who was published as designated: the agreement, its term, and the notice that said so."""
    published = _published(session, of)
    if of.round.policy.keeps_agreements:
        return _kept_register(of, published, workdays)
    signed = _agreements(session, of.round.id)
    entries = [{**entry, **signed[entry["applicant_id"]]} for entry in published]
    return RegisterView(_by_type(entries), _terms(of.round, entries, workdays))


def _published(session: Session, of: RoundHead) -> list[dict[str, Any]]:
    """The entries of every published final list, each with its notice and the day of it."""
    entries: list[dict[str, Any]] = []
    for final in of.finals:
        notice = session.get_one(Notice, final.id)
        _check_snapshot(notice)
        about = {"notice_id": final.id, "published_on": final.starts_on}
        entries += [{**entry, **about} for entry in notice.snapshot["entries"]]
    return entries


def _kept_register(of: RoundHead, published: Sequence[Entry], workdays: Workdays) -> RegisterView:
    """Who is designated today with the agreement that runs now, and whose agreement is over."""
    running: list[Entry] = []
    ended: list[Entry] = []
    numbers = {one.id: one for one in of.agreements.lines}
    by_applicant: dict[str, list[AgreementLine]] = {}
    for line in of.agreements.lines:
        by_applicant.setdefault(line.applicant_id, []).append(line)
    for entry in published:
        found = by_applicant[entry["applicant_id"]]
        told = [_with_agreement(entry, one, numbers.get(one.previous_id or 0)) for one in found]
        running += [one for one in told if one["state"] in RUNNING][:1]
        out = {one.id for one in found if one.state in OUT}
        own = [one for one, line in zip(told, found, strict=True) if line.previous_id not in out]
        ended += [one for one in own if one["state"] in ENDED]  # a renewal is out with what it renews, said once
    counted = {type_: sum(1 for entry in published if entry["type"] == type_) for type_ in ApplicantType}
    return RegisterView(
        lists=_by_type(running),
        terms=_terms(of.round, [*running, *ended], workdays),
        is_kept=True,
        ended=sorted(ended, key=lambda entry: entry["state_on"], reverse=True),
        published={type_: count for type_, count in counted.items() if count},
    )


def _with_agreement(entry: Entry, line: AgreementLine, previous: AgreementLine | None) -> Entry:
    """An entry of the published list with what it says of an agreement; `designated_since` is the day of the list."""
    told = {name: getattr(line, name) for name in (*TERM, "clause", "pauses_on")}
    told |= {"state": line.state.value, "state_label": AGREEMENT_STATES[line.state], "state_on": line.day}
    for name in ("number", "effective_on", "expires_on"):
        told[f"previous_{name}"] = getattr(previous, name) if previous else None
    graded = {"grade": line.grade, "graded_year": line.graded_year} if line.grade else {}
    return {**entry, **told, **graded, "designated_since": entry["published_on"]}


def _agreements(session: Session, round_id: int) -> dict[str, dict[str, Any]]:
    """The agreement of each applicant of a round that does not keep their life: the one that was signed first."""
    query = (
        select(col(Applicant.applicant_id), *(col(getattr(Agreement, name)) for name in TERM))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(Agreement, col(Agreement.application_id) == col(Application.id))
        .where(col(Applicant.round_id) == round_id, col(Agreement.previous_id).is_(None))
    )
    return {row[0]: dict(zip(TERM, row[1:], strict=True)) for row in session.execute(query)}


def _terms(of: RoundView, entries: Sequence[Entry], workdays: Workdays) -> dict[date, TermView]:
    """One working for each first day; an agreement that names a last day of its own needs none."""
    terms: dict[date, TermView] = {}
    if (period := of.policy.agreement_term) is None:
        return terms
    for first in sorted({entry["effective_on"] for entry in entries if entry["effective_on"]}):
        working = explain(period, first, workdays, roll=False)
        if is_day_before := of.policy.ends_the_day_before:
            working = _to_the_day_before(working)
        terms[first] = TermView(first, working[-1].day, period, working, is_day_before)
    return terms


def _to_the_day_before(working: Sequence[WorkingDay]) -> list[WorkingDay]:
    """The working of a term whose first day counts and whose last is the day before the corresponding day (L19)."""
    first, *between, last = working
    reason = f"{cn_date(last.day)}（对应日）的前一日，期间届满"
    return [
        replace(first, reason="协议期首日，计入"),
        *between,
        replace(last, day=last.day - ONE_DAY, reason=reason, notice=None),
    ]
