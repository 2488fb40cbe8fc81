"""Rounds, notices and draws as the index names them: everything but the lists of institutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from publication.agreements import KeptAgreements
from publication.inspections import PlanHead
from publication.official_pdfs import Print
from rules.audit import sha256
from rules.localtime import local_day
from rules.policy import Policy
from rules.vocabulary import NoticeKind, RoundKind
from rules.wording import season


@dataclass(frozen=True, slots=True)
class Edition:
    """Rules that a round ran on from an instant; `reason` and `difference` (section, entry, before, after) are told of
    those that it adopted under way."""

    pinned_at: datetime
    identity: str
    reason: str
    difference: Sequence[Mapping[str, str]]
    policy: Policy


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round as every page of it names it. `announcement` is what was announced, as it was registered; `editions`
    are the rules that were pinned to it, in order."""

    id: int
    name: str
    county: str
    year: int
    batch: int
    procedure: str
    announcement: Mapping[str, Any]
    audit_head: str
    announced_at: datetime | None
    kind: str
    editions: Sequence[Edition]

    @property
    def is_intake(self) -> bool:
        """Whether it holds agreements of before, and has no procedure (R74)."""
        return self.kind == RoundKind.INTAKE

    @property
    def policy(self) -> Policy:
        """The rules that the round runs on; of a round as of an instant, those that it ran on then."""
        return self.editions[-1].policy

    @property
    def adopted(self) -> Sequence[Edition]:
        """What it adopted after its announcement."""
        return [one for one in self.editions if one.reason]

    def as_of(self, at: datetime) -> RoundView:
        """The round with the rules of an instant: what was told then is explained by them."""
        known = [one for one in self.editions[1:] if one.pinned_at <= at]
        return replace(self, editions=[self.editions[0], *known])

    @property
    def season(self) -> str:
        """2026年度, or 2026年度第2批."""
        return season(self.year, self.batch)

    @property
    def agency(self) -> str:
        """Who issues the round's notices."""
        return str(self.announcement["agency"])

    @property
    def published_at(self) -> datetime:
        """When it was announced here, else when it began to take applications."""
        return self.announced_at or datetime.fromisoformat(self.announcement["accept_from"])

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that the announcement names."""
        return tuple(self.announcement["channels"])


@dataclass(frozen=True, slots=True)
class NoticeHead:
    """A notice without its list. `sequence` rises whenever its days may have moved; `status` is `waiting` for a
    channel, `running`, `over`, or `published` (the final list)."""

    id: int
    number: int
    kind: NoticeKind
    title: str
    created_at: datetime
    issued_at: datetime
    changed_at: datetime
    starts_on: date | None
    last_day: date | None
    status: str
    sequence: int
    pdf: Print | None
    fingerprint: str

    @property
    def issued_on(self) -> date:
        """The Beijing day of its first posting."""
        return local_day(self.issued_at)


@dataclass(frozen=True, slots=True)
class DrawHead:
    """When a draw's plan was published and when it was drawn."""

    published_at: datetime
    drawn_at: datetime | None
    pdf: Print | None


@dataclass(frozen=True, slots=True)
class RoundHead:
    """A round with the heads of everything published of it, and its agreements where it keeps their life."""

    round: RoundView
    notices: Sequence[NoticeHead]
    draw: DrawHead | None
    agreements: KeptAgreements
    inspections: Sequence[PlanHead] = ()

    @property
    def finals(self) -> list[NoticeHead]:
        """The published final lists: what the register is made of."""
        return [one for one in self.notices if one.kind is NoticeKind.FINAL_RESULT and one.starts_on]

    @property
    def fingerprint(self) -> str:
        """Changes with any act of the whole round, and with any of its notices."""
        return sha256([self.round.id, self.round.audit_head, [one.fingerprint for one in self.notices]])

    @property
    def register_fingerprint(self) -> str:
        """Changes with what is told of the round's agreements besides; no other act on one moves it."""
        return sha256([self.fingerprint, repr(self.agreements)])
