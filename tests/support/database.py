"""What a database holds, as plain values that tests compare: before and after, one way and another."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlmodel import SQLModel

import models  # noqa: F401  (registers every table)
from models.database import engine_for
from rules.audit import link

Dump = dict[str, list[dict[str, Any]]]


OF_ITS_MOMENT = ("journal", "signed_checkpoint", "checkpoint_stamp")  # carry the instant of writing, and signatures


def dump(url: str, *, without: tuple[str, ...] = ()) -> Dump:
    """Every row of every table, in the order of its keys; `without` leaves columns out. What says when it was written
    is left out: no two runs agree on it (`rows_of`)."""
    with engine_for(url).connect() as connection:
        filled = set(connection.exec_driver_sql(_filled()).scalars())
        return {one.name: _rows(connection, one, without) if one.name in filled else [] for one in _tables()}


def rows_of(url: str, name: str) -> list[dict[str, Any]]:
    """Every row of one table."""
    with engine_for(url).connect() as connection:
        return _rows(connection, SQLModel.metadata.tables[name], ())


def _rows(connection: Connection, table: Any, without: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = [dict(zip(table.columns.keys(), row, strict=True)) for row in connection.execute(_everything(table))]
    for name in without:
        for row in rows:
            row.pop(name, None)
    return rows


@cache
def _tables() -> list[Table]:
    return [one for one in SQLModel.metadata.sorted_tables if one.name not in OF_ITS_MOMENT]


@cache
def _filled() -> str:
    """The names of the tables that hold anything, asked at once: most hold nothing."""
    asked = [f"SELECT '{one.name}' WHERE EXISTS (SELECT 1 FROM {one.name})" for one in _tables()]
    return " UNION ALL ".join(asked)


@cache
def _everything(table: Any) -> Any:
    return select(table).order_by(*table.primary_key.columns)


def changed(before: Dump, after: Dump) -> dict[str, int]:
    """The tables that differ, with how many rows more (or fewer) they have."""
    return {name: len(after[name]) - len(rows) for name, rows in before.items() if rows != after[name]}


def broken_chains(held: Dump) -> list[str]:
    """What is wrong with the audit chains: a gap, a wrong link, an end that its case does not know."""
    faults: list[str] = []
    ends: dict[tuple[str, int], tuple[int, str]] = {}
    for row in sorted(held["audit_record"], key=lambda one: (one["subject"], one["subject_id"], one["seq"])):
        subject = (row["subject"], row["subject_id"])
        seq, head = ends.get(subject, (0, ""))
        if row["seq"] != seq + 1 or row["prev_hash"] != head or row["hash"] != link(head, _bound(row)):
            faults.append(f"{subject} {row['seq']}")
        ends[subject] = (row["seq"], row["hash"])
    for kind in ("application", "round", "agreement", "proposal"):
        for row in held[kind]:
            if ends.get((kind, row["id"]), (0, "")) != (row["audit_seq"], row["audit_head"]):
                faults.append(f"{kind} {row['id']} ends elsewhere")
    return faults


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    names = ("seq", "event", "by", "from_state", "to_state", "clause", "detail", "subject", "subject_id")
    return {**{name: row[name] for name in names}, "at": row["at"].astimezone(UTC).isoformat()}
