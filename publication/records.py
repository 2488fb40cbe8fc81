"""The record of the public draw: one self-contained document from which anybody can recompute it (五(二); RFC 3797)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import Session, col

from models import Draw, Expert, Recusal, Round
from rules.audit import sha256
from rules.draw import seated_by_stratum, strata_from
from rules.errors import RefusedError
from rules.localtime import ZONE

RECORD_KIND = "rfc3797_draw"
PLAN = ("round", "published_at", "wanted", "challenge_days", "pool", "strata", "sources")


class Part(BaseModel):
    """A part of the record: unknown keys and loose types are refused, so that nothing can hide in one."""

    model_config = ConfigDict(extra="forbid", strict=True)


class DrawnRound(Part):
    """Which round the draw belongs to."""

    id: int
    name: str
    county: str
    year: int


class PoolEntry(Part):
    """One numbered expert of the frozen pool."""

    number: int
    expert_id: str
    name: str
    specialty: str


class StratumPart(Part):
    """A part of the pool that was drawn apart: its own suffix of the key, how many, and the pool numbers in it. A pool
    that is drawn whole is one part without a suffix and without a specialty."""

    specialty: str
    suffix: str
    wanted: int
    members: list[int]


class SourceRule(Part):
    """What was announced of a source beside its name, and where it stood when the draw was made."""

    kind: str
    due_on: str
    fallback: str
    replacement: str
    state: str
    evidence: str


class DrawRecord(Part):
    """The record. Numbers are those of the pool, from 1; `picks` is the whole order drawn, `digests` what decided each:
    of each part in `strata`, one behind the other.

    `unavailable` declined on the day, `skipped` stood aside after the plan was published: both keep their numbers.
    `pool_sha256` and `record_sha256` are over the canonical JSON (keys sorted, no spaces, UTF-8) of the pool, and of
    everything but `record_sha256` itself.
    """

    record: Literal["rfc3797_draw"]
    version: Literal[1]
    round: DrawnRound
    published_at: str
    drawn_at: str
    wanted: int
    challenge_days: int
    pool: list[PoolEntry]
    pool_sha256: str
    strata: list[StratumPart]
    sources: list[str]
    source_rules: list[SourceRule]
    source_values: list[list[int]]
    key: str
    digests: list[str]
    picks: list[int]
    unavailable: list[int]
    skipped: list[int]
    panel: list[str]
    record_sha256: str


def plan_sha256(record: Mapping[str, Any]) -> str:
    """The hash of what was announced before the draw, from the record or from the plan alone; the page shows it from
    the day of the plan on, so that nobody can choose the plan after the results."""
    return sha256({name: record[name] for name in PLAN})


def plan_of(session: Session, draw: Draw) -> dict[str, Any]:
    """What is announced before a draw, in the words of the record."""
    the_round = session.get(Round, draw.round_id)
    assert the_round is not None
    return {"round": _round(the_round), "published_at": _text(draw.published_at), **_announced(draw)}


def draws_of(session: Session, round_id: int) -> Sequence[Draw]:
    """The draws of a round, the one that stands (or was annulled last) first."""
    query = select(Draw).where(col(Draw.round_id) == round_id).order_by(col(Draw.id).desc())
    return session.execute(query).scalars().all()


def draw_record(session: Session, round_id: int) -> dict[str, Any]:
    """The record of a round's draw. Raises RefusedError before the draw has taken place."""
    return record_of(session, round_id, next(iter(draws_of(session, round_id)), None))


def record_of(session: Session, round_id: int, draw: Draw | None) -> dict[str, Any]:
    """The record of one draw of a round, also of one that was annulled. Raises RefusedError before it has been made."""
    the_round = session.get(Round, round_id)
    if the_round is None or draw is None or draw.drawn_at is None:
        raise RefusedError(f"轮次 {round_id} 尚未抽取专家，没有抽取记录：请在公布方案并抽取之后再生成")
    record = {
        "record": RECORD_KIND,
        "version": 1,
        "round": _round(the_round),
        "published_at": _text(draw.published_at),
        "drawn_at": _text(draw.drawn_at),
        **_drawn(draw, skipped_of(session, draw)),
    }
    return DrawRecord(**record, record_sha256=sha256(record)).model_dump()


def _round(of: Round) -> dict[str, Any]:
    return {"id": of.id, "name": of.name, "county": of.county, "year": of.year}


def _announced(draw: Draw) -> dict[str, Any]:
    pool = pool_of(draw)
    specialties = [row["specialty"] for row in draw.strata] or [""]
    strata = strata_from(draw.strata, len(pool), draw.wanted)
    return {
        "wanted": draw.wanted,
        "challenge_days": draw.challenge_days,
        "pool": pool,
        "strata": [
            {"specialty": specialty, "suffix": one.suffix, "wanted": one.wanted, "members": list(one.members)}
            for specialty, one in zip(specialties, strata, strict=True)
        ],
        "sources": draw.sources,
    }


def _drawn(draw: Draw, skipped: list[int]) -> dict[str, Any]:
    pool = pool_of(draw)
    names = {entry["number"]: entry["expert_id"] for entry in pool}
    strata = strata_from(draw.strata, len(pool), draw.wanted)
    panel = seated_by_stratum(draw.picks, strata, frozenset(draw.unavailable) | frozenset(skipped))
    return {
        **_announced(draw),
        "pool_sha256": draw.pool_sha256,
        "source_rules": [{name: rule[name] for name in SourceRule.model_fields} for rule in draw.source_rules],
        "source_values": draw.source_values,
        "key": draw.key,
        "digests": draw.digests,
        "picks": draw.picks,
        "unavailable": sorted(draw.unavailable),
        "skipped": skipped,
        "panel": [names[number] for number in panel],
    }


def pool_of(draw: Draw) -> list[dict[str, Any]]:
    """The frozen pool, its keys in one order whatever database keeps it."""
    return [{name: entry[name] for name in PoolEntry.model_fields} for entry in draw.pool]


def skipped_of(session: Session, draw: Draw) -> list[int]:
    """The pool numbers of those who stood aside for the whole round after the plan was published."""
    query = (
        select(col(Expert.expert_id))
        .join(Recusal, col(Recusal.expert_pk) == col(Expert.id))
        .where(col(Expert.round_id) == draw.round_id, col(Recusal.application_id).is_(None))
    )
    gone = set(session.execute(query).scalars())
    return sorted(entry["number"] for entry in draw.pool if entry["expert_id"] in gone)


def _text(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="seconds")
