"""The public draw as its page shows it: the plan with the numbered pool, and the whole order once it is drawn, with
every value in between, so that a reader can follow each pick with paper and a calculator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Draw, DrawChallenge, Expert, Recusal
from publication.records import draws_of, plan_of, plan_sha256, pool_of, record_of
from publication.ties import TieView, ties_of
from rules.audit import sha256
from rules.challenges import challenge_ends_on
from rules.draw import Stratum, orders_of, strata_from
from rules.entropy import bits_needed, bits_of
from rules.errors import DatabaseError
from rules.localtime import local_day
from rules.policy import Policy
from rules.vocabulary import SourceFallback, SourceState
from rules.workdays import Workdays

Entry = Mapping[str, Any]
CHALLENGED = {"open": "核查中", "upheld": "成立", "dismissed": "不成立"}


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place of the order drawn: who, what became of it, the digest behind it, and the arithmetic: the digest as a
    whole number, how many were left, the remainder, and who was left before the pick."""

    entry: Entry
    standing: str
    is_out: bool
    digest: str
    left: Sequence[int]

    @property
    def integer(self) -> int:
        """The digest as a whole number."""
        return int(self.digest, 16)

    @property
    def remainder(self) -> int:
        """What is left of it after division by the number of those left: the place, from 0."""
        return self.integer % len(self.left)


@dataclass(frozen=True, slots=True)
class StratumView:
    """A part of the pool that is drawn apart: its specialty ("" for the whole), its key once there is one."""

    specialty: str
    suffix: str
    wanted: int
    members: Sequence[int]
    key: str
    places: Sequence[PlaceView]


@dataclass(frozen=True, slots=True)
class SourceView:
    """An announced source: figures, day, what happens when it does not come, and where it stands."""

    name: str
    kind: str
    bits: float
    due_on: date | None
    fallback: str
    replacement: str
    state: str
    evidence: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A challenge of the draw: when it came, and what was found. Who challenged is not read."""

    ref: str
    received_on: date
    is_in_time: bool
    status: str
    finding: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """The draw done: its record, who is seated, the whole order, how long it can be challenged and who did."""

    drawn_at: datetime
    record: Entry
    panel: Sequence[Entry]
    order: Sequence[PlaceView]
    challenge_until: date | None
    challenges: Sequence[ChallengeView]
    values_evidence: str
    absence_note: str


@dataclass(frozen=True, slots=True)
class LeftView:
    """An expert who stood aside after the plan: when, and whether the results were known by then."""

    expert_id: str
    on: date
    is_after_results: bool


@dataclass(frozen=True, slots=True)
class WithdrawnView:
    """A plan that was withdrawn before anything was drawn."""

    published_at: datetime
    withdrawn_at: datetime
    because: str
    plan_sha256: str


@dataclass(frozen=True, slots=True)
class DrawView:
    """The plan as it was published, and the result once there is one. `earliest_on`: first day of drawing. `earlier`:
    the records of draws that were annulled before; `annulled` tells why this one was, if it was."""

    wanted: int
    pool: Sequence[Entry]
    pool_sha256: str
    plan_sha256: str
    excluded: Sequence[Entry]
    sources: Sequence[str]
    rules: Sequence[SourceView]
    bits: float
    bits_needed: float
    strata: Sequence[StratumView]
    published_at: datetime
    earliest_on: date
    annulled: str
    withdrawn: Sequence[WithdrawnView]
    result: ResultView | None
    ties: Sequence[TieView]
    earlier: Sequence[Entry]
    earlier_because: Sequence[str]
    left: Sequence[LeftView]


def _withdrawn(session: Session, draw: Draw) -> WithdrawnView:
    assert draw.withdrawn_at is not None
    told = plan_sha256(plan_of(session, draw))
    return WithdrawnView(draw.published_at, draw.withdrawn_at, draw.withdrawn_because, told)


def draw_view(session: Session, round_id: int, policy: Policy, workdays: Workdays) -> DrawView | None:
    """The draw of a round; None before its plan is published. Raises DatabaseError for a pool that was changed."""
    draws = draws_of(session, round_id)
    if not draws:
        return None
    draw, pool = draws[0], pool_of(draws[0])
    if sha256(pool) != draw.pool_sha256:
        raise DatabaseError(f"轮次 {round_id} 的抽取名册与其哈希不符，网页不予生成：请先核对数据库是否被改动")
    strata = strata_from(draw.strata, len(pool), draw.wanted)
    record = record_of(session, round_id, draw) if draw.drawn_at else None
    views = _strata(draw, strata, record)
    rules = [_source(policy, name, rule) for name, rule in zip(draw.sources, draw.source_rules, strict=False)]
    return DrawView(
        wanted=draw.wanted,
        pool=pool,
        pool_sha256=draw.pool_sha256,
        plan_sha256=plan_sha256(plan_of(session, draw)),
        excluded=draw.excluded,
        sources=draw.sources,
        rules=rules,
        bits=sum(one.bits for one in rules),
        bits_needed=bits_needed(strata),
        strata=views,
        published_at=draw.published_at,
        earliest_on=local_day(draw.published_at) + timedelta(days=policy.count("draw_after_plan")),
        annulled=draw.annulled_because or draw.withdrawn_because,
        withdrawn=[_withdrawn(session, one) for one in draws[1:] if one.withdrawn_at],
        result=_result(session, draw, record, views, workdays) if record else None,
        ties=ties_of(session, round_id),
        earlier=[record_of(session, round_id, one) for one in draws[1:] if one.drawn_at],
        earlier_because=[one.annulled_because for one in draws[1:] if one.drawn_at],
        left=_left(session, draw),
    )


def _source(policy: Policy, name: str, rule: Entry) -> SourceView:
    kind = next(one for one in policy.draw_sources if one.code == rule["kind"])
    return SourceView(
        name=name,
        kind=f"{kind.label}：{kind.of} 选 {kind.pick}",
        bits=bits_of(kind),
        due_on=date.fromisoformat(rule["due_on"]) if rule["due_on"] else None,
        fallback=SourceFallback(rule["fallback"]).label,
        replacement=rule["replacement"],
        state=SourceState(rule["state"]).label if rule["state"] != SourceState.EXPECTED else "",
        evidence=rule["evidence"],
        is_missing=rule["state"] == SourceState.MISSING,
    )


def _result(
    session: Session, draw: Draw, record: Entry, strata: Sequence[StratumView], workdays: Workdays
) -> ResultView:
    assert draw.drawn_at is not None
    by_id = {entry["expert_id"]: entry for entry in record["pool"]}
    return ResultView(
        drawn_at=draw.drawn_at,
        record=record,
        panel=[by_id[expert_id] for expert_id in record["panel"]],
        order=[place for stratum in strata for place in stratum.places],
        challenge_until=draw.challenge_until
        or challenge_ends_on(draw.challenge_days, local_day(draw.drawn_at), workdays),
        challenges=_challenges(session, draw),
        values_evidence=draw.values_evidence,
        absence_note=draw.absence_note,
    )


def _left(session: Session, draw: Draw) -> list[LeftView]:
    """Who stood aside for the whole round after the plan, and whether any result was due by then. Why is not told."""
    known = [date.fromisoformat(rule["due_on"]) for rule in draw.source_rules if rule["due_on"]]
    query = select(col(Expert.expert_id), col(Recusal.recorded_at)).join(Expert)
    whole = col(Expert.round_id) == draw.round_id, col(Recusal.application_id).is_(None)
    rows = session.execute(query.where(*whole, col(Recusal.recorded_at) > draw.published_at).order_by(col(Recusal.id)))
    days = [(row[0], local_day(row[1])) for row in rows]
    return [LeftView(expert_id, on, bool(known) and on >= min(known)) for expert_id, on in days]


def _challenges(session: Session, draw: Draw) -> list[ChallengeView]:
    query = select(DrawChallenge).where(col(DrawChallenge.draw_id) == draw.id).order_by(col(DrawChallenge.id))
    return [
        ChallengeView(*(one.ref, local_day(one.received_at), one.is_in_time, CHALLENGED[one.status], one.finding))
        for one in session.execute(query).scalars()
    ]


def _strata(draw: Draw, strata: Sequence[Stratum], record: Entry | None) -> list[StratumView]:
    specialties = [row["specialty"] for row in draw.strata] or [""]
    orders: Sequence[Sequence[int]] = orders_of(draw.picks, strata) if record else [() for _ in strata]
    digests = dict(zip(draw.picks, draw.digests, strict=True))
    return [
        StratumView(
            *(specialty, one.suffix, one.wanted, one.members, draw.key + one.suffix if record else ""),
            _places(record, one, order, digests) if record else (),
        )
        for specialty, one, order in zip(specialties, strata, orders, strict=True)
    ]


def _places(record: Entry, stratum: Stratum, order: Sequence[int], digests: Mapping[int, str]) -> list[PlaceView]:
    by_number = {entry["number"]: entry for entry in record["pool"]}
    left, places, substitutes = list(stratum.members), [], 0
    for number in order:
        entry = by_number[number]
        is_out = number in record["unavailable"] or number in record["skipped"]
        is_seated = entry["expert_id"] in record["panel"]
        substitutes += not (is_out or is_seated)
        standing = _why_out(record, number) if is_out else "专家组" if is_seated else f"候补第{substitutes}"
        places.append(PlaceView(entry, standing, is_out, digests[number], tuple(left)))
        left.remove(number)
    return places


def _why_out(record: Entry, number: int) -> str:
    return "当日不能到场" if number in record["unavailable"] else "公布后回避"
