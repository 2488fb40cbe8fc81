"""The public draw as its page shows it: the plan with the numbered pool, and the whole order once it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Draw
from publication.records import draw_record, pool_of
from rules.audit import sha256
from rules.errors import DatabaseError
from rules.localtime import local_day
from rules.policy import Policy

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place of the order drawn: who, what became of it, and the digest behind it."""

    entry: Entry
    standing: str
    is_out: bool
    digest: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """The draw done: its record, who is seated, and the whole order."""

    drawn_at: datetime
    record: Entry
    panel: Sequence[Entry]
    order: Sequence[PlaceView]


@dataclass(frozen=True, slots=True)
class DrawView:
    """The plan as it was published, and the result once there is one. `earliest_on`: first day of drawing."""

    wanted: int
    pool: Sequence[Entry]
    pool_sha256: str
    sources: Sequence[str]
    published_at: datetime
    earliest_on: date
    result: ResultView | None


def draw_view(session: Session, round_id: int, policy: Policy) -> DrawView | None:
    """The draw of a round; None before its plan is published. Raises DatabaseError for a pool that was changed."""
    draw = session.execute(select(Draw).where(col(Draw.round_id) == round_id)).scalar_one_or_none()
    if draw is None:
        return None
    pool = pool_of(draw)
    if sha256(pool) != draw.pool_sha256:
        raise DatabaseError(f"轮次 {round_id} 的抽取名册与其哈希不符，网页不予生成：请先核对数据库是否被改动")
    return DrawView(
        wanted=draw.wanted,
        pool=pool,
        pool_sha256=draw.pool_sha256,
        sources=draw.sources,
        published_at=draw.published_at,
        earliest_on=local_day(draw.published_at) + timedelta(days=policy.count("draw_after_plan")),
        result=_result(draw.drawn_at, draw_record(session, round_id)) if draw.drawn_at else None,
    )


def _result(drawn_at: datetime, record: Entry) -> ResultView:
    order = _order(record)
    by_id = {entry["expert_id"]: entry for entry in record["pool"]}
    return ResultView(drawn_at, record, [by_id[expert_id] for expert_id in record["panel"]], order)


def _order(record: Entry) -> list[PlaceView]:
    by_number = {entry["number"]: entry for entry in record["pool"]}
    places: list[PlaceView] = []
    substitutes = 0
    for number, digest in zip(record["picks"], record["digests"], strict=True):
        entry = by_number[number]
        is_out = number in record["unavailable"] or number in record["skipped"]
        is_seated = entry["expert_id"] in record["panel"]
        substitutes += not (is_out or is_seated)
        standing = _why_out(record, number) if is_out else "专家组" if is_seated else f"候补第{substitutes}"
        places.append(PlaceView(entry, standing, is_out, digest))
    return places


def _why_out(record: Entry, number: int) -> str:
    return "当日不能到场" if number in record["unavailable"] else "公布后回避"
