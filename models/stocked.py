"""Reads the stock lists of agreements: which edition is in force on a day (R54)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models.annexes import StockList
from models.bulk import among
from rules.stock import in_force


def editions_of(session: Session, agreement_id: int) -> Sequence[StockList]:
    """Every edition of an agreement's list, in the order of record."""
    query = select(StockList).where(col(StockList.agreement_id) == agreement_id)
    found: Sequence[StockList] = session.execute(query.order_by(col(StockList.id))).scalars().all()
    return found


def editions_on(session: Session, agreement_ids: Sequence[int], day: date) -> Mapping[int, int]:
    """The numbers of the editions in force on a day, by agreement; of many in one query that reads no list."""
    columns = (col(StockList.agreement_id), col(StockList.id), col(StockList.valid_from))
    query = select(*columns).where(among(col(StockList.agreement_id), list(agreement_ids)))
    lists: dict[int, list[tuple[date, int]]] = {}
    for agreement_id, id_, valid_from in session.execute(query.order_by(col(StockList.id))):
        lists.setdefault(agreement_id, []).append((valid_from, id_))
    found = {agreement_id: in_force(rows, day) for agreement_id, rows in lists.items()}
    return {agreement_id: id_ for agreement_id, id_ in found.items() if id_ is not None}
