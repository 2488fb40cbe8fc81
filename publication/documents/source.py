"""Where documents get their rounds and notices from: the rows, the pinned procedure, the frozen list checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Notice, Posting, Round
from models.office import OfficeRecord, contact_told, office_on, office_records, office_then, place_told
from models.pinned import policy_at, policy_of
from rules.audit import sha256
from rules.errors import DatabaseError, RefusedError
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.localtime import local_day
from rules.policy import ClockRule, Policy
from rules.vocabulary import ApplicantType, NoticeKind
from rules.wording import season

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RoundSource:
    """A round, what it announced, the procedure pinned to it, and what the office has said of itself since, the newest
    first."""

    id: int
    name: str
    county: str
    year: int
    batch: int
    announcement: Mapping[str, Any]
    rubric: Mapping[str, Sequence[Entry]]
    policy: Policy
    announced_at: datetime | None = None
    offices: Sequence[OfficeRecord] = ()

    @property
    def season(self) -> str:
        """2026年度, or 2026年度第2批."""
        return season(self.year, self.batch)

    def serial(self, applicant_id: str) -> str:
        """What tells a dossier's document from every other of the year: two batches may both have an H01."""
        return applicant_id if self.batch == 1 else f"{self.batch}-{applicant_id}"

    @property
    def bureau(self) -> str:
        """The county bureau, which asks the city bureau for the evaluation."""
        return f"{self.county}医疗保障局"

    @property
    def agency(self) -> str:
        """Who issues the round's documents."""
        return str(self.announcement["agency"])

    def place_on(self, day: date) -> str:
        """Where the agency's counter is, as a document of a day prints it."""
        return place_told(office_on(self.offices, day), str(self.announcement["place"]), self.announced_at)

    def ways_then(self, at: datetime) -> tuple[str, dict[str, str]]:
        """Where the counter is and where objections go, as a notice of an instant prints them."""
        office, said = office_then(self.offices, at), self.announcement
        place = place_told(office, str(said["place"]), self.announced_at)
        return place, contact_told(office, said.get("objection_contact"), self.announced_at)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that the announcement names."""
        return tuple(self.announcement["channels"])

    @property
    def quota(self) -> Mapping[str, int]:
        """Places by type."""
        quota: Mapping[str, int] = self.announcement["quota"]
        return quota


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """A notice with its frozen list by type; `rule` is its period's, None for the final list, which has none."""

    round: RoundSource
    id: int
    kind: NoticeKind
    created_at: datetime
    issued_on: date
    is_posted: bool
    starts_on: date | None
    last_day: date | None
    rule: ClockRule | None
    snapshot: Mapping[str, Any]
    sha256: str

    @property
    def lists(self) -> dict[ApplicantType, Sequence[Entry]]:
        """The entries of each type that has any, by rank."""
        entries = self.snapshot["entries"]
        by_type = {type_: [one for one in entries if one["type"] == type_] for type_ in ApplicantType}
        return {type_: sorted(listed, key=lambda one: one["rank"]) for type_, listed in by_type.items() if listed}


def round_source(session: Session, round_id: int, at: datetime | None = None) -> RoundSource:
    """A round, with the rules that it runs on, or ran on at an instant. Raises RefusedError when there is none."""
    row = session.get(Round, round_id)
    if row is None:
        raise RefusedError(f"没有第 {round_id} 轮次：请先用“发布公告”建立本轮评估")
    said = row.announcement
    policy = policy_at(session, row, at) if at else policy_of(session, row)
    named = (round_id, row.name, row.county, row.year, row.batch)
    return RoundSource(*named, said, row.rubric, policy, row.announced_at, office_records(session))


def notice_source(session: Session, notice_id: int) -> NoticeSource:
    """A notice with its round. Raises RefusedError when there is none, DatabaseError when its frozen list is no longer
    what its hash says."""
    row = session.get(Notice, notice_id)
    if row is None:
        where = "编号见公示网址（notice-编号.html）；尚未冻结名单的，先办理“发布公示”"
        raise RefusedError(f"没有第 {notice_id} 号公示：{where}")
    if sha256(row.snapshot) != row.snapshot_sha256:
        raise DatabaseError(f"公示 {notice_id} 的名单与其哈希不符，文书不予制作：请先核对数据库是否被改动")
    of, kind = round_source(session, row.round_id, row.created_at), NoticeKind(row.kind)
    first = session.execute(
        select(func.min(col(Posting.posted_at))).where(col(Posting.notice_id) == notice_id)
    ).scalar()
    return NoticeSource(
        round=of,
        id=notice_id,
        kind=kind,
        created_at=row.created_at,
        issued_on=local_day(first or row.created_at),
        is_posted=first is not None,
        starts_on=row.starts_on,
        last_day=row.last_day,
        rule=of.policy.clocks[NOTICE_CLOCKS[NOTICE_STATES[kind]]] if kind in NOTICE_STATES else None,
        snapshot=row.snapshot,
        sha256=row.snapshot_sha256,
    )
