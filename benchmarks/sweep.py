"""A sweep of N due among many live dossiers, or agreements, beside hand-written SQL that writes the same rows.

Lots alternate, sweep and SQL in turn, in one database and one run, so that a drifting machine touches both alike.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select, text
from sqlmodel import SQLModel

from benchmarks.beside import Figures, beside, timed
from benchmarks.seed import Crowd, crowd
from models.database import engine_for
from models.journal import append
from models.noting import note
from rules.audit import canonical
from tasks.sweep import sweep

LOOKS = 30  # sweeps that find nothing
AUDIT, OUTBOX = (SQLModel.metadata.tables[name] for name in ("audit_record", "notification"))
NEW = (AUDIT, OUTBOX)
PAIRS = 3
LOTS = 3 * PAIRS + 2  # beside those that stay live: one for the memory, one to begin with, three a pair


@dataclass(frozen=True)
class Life:
    """What falls due, in the words of the rows that are written: a dossier that was never signed, an agreement whose
    term is over."""

    bench: str
    table: str
    whose: str
    event: str
    to: str
    clause: str
    message: str
    keyed_as: str
    status: str
    closed_on: str
    own: str = ""  # a parameter of the message that each has of its own


DOSSIERS = Life(
    *(
        "sweep",
        "application",
        "JOIN applicant p ON p.id = a.applicant_pk",
        "sign_timeout",
        "DEEMED_ABANDONED",
        "五(三)",
    ),
    *("deemed_abandoned", "case", "lapsed", "NULL"),
)
AGREEMENTS = Life(
    *("sweep_agreements", "agreement"),
    "JOIN application x ON x.id = a.application_id JOIN applicant p ON p.id = x.applicant_pk",
    *("term_over", "EXPIRED", "六(一)", "agreement_expired", "agreement", "met", ":today", ", 'number', a.number"),
)


def measure(url: str, database: str, live: int, due: int, life: Life = DOSSIERS) -> Figures:
    """Medians over the pairs, with what nothing due costs and how much memory a sweep adds. Raises AssertionError when
    the sides did not write the same number of rows.

    The limit is hand-written SQL that writes the same rows, with the transaction's entry in the journal, which takes a
    key that no database has; `bare_seconds` is that SQL without the entry.
    """
    lots = crowd(url, live + LOTS * due, due, LOTS, life.table)
    added = _memory(url, lots.as_of(0))
    model = Model.of(url, life)
    sweep(url, lots.as_of(1))
    sides: tuple[list[float], list[float], list[float]] = ([], [], [])
    for pair in range(PAIRS):
        first = 3 * pair + 2
        acts: tuple[Callable[[], object], ...] = (
            partial(sweep, url, lots.as_of(first)),
            partial(by_hand, lots, lots.as_of(first + 1), model, life),
            partial(by_hand, lots, lots.as_of(first + 2), model, life, keeps_journal=False),
        )
        for side, act in zip(sides, acts, strict=True):
            side.append(_timed(url, due, act))
    ours, limit, bare = sides
    nothing = statistics.median(timed(partial(sweep, url, lots.as_of(LOTS - 1))) for _ in range(LOOKS))
    return {
        "bench": life.bench,
        "database": database,
        "live": live,
        "due": due,
        **beside(ours, "hand-written SQL that writes the same rows, with the journal's entry", limit),
        "bare_seconds": round(statistics.median(bare), 4),
        "bare_ratio": round(statistics.median(a / b for a, b in zip(ours, bare, strict=True)), 2),
        "nothing_due_ms": round(nothing * 1000, 2),
        "added_mb": added,
    }


def growth(figures: Sequence[Figures]) -> list[Figures]:
    """How the cost of a sweep grows from the fewest to the most live subjects, as a multiple of the limit's growth, for
    each kind of database and number of due ones."""
    found = []
    for database, due in dict.fromkeys((str(one["database"]), one["due"]) for one in figures):
        own = [one for one in figures if (one["database"], one["due"]) == (database, due)]
        if len(own) == 1:
            continue
        ours, limit = (own[-1][name] / own[0][name] for name in ("seconds", "baseline_seconds"))  # type: ignore[operator]
        told = {"bench": "growth", "database": database, "live": own[-1]["live"], "due": due}
        grown = {"grown": round(ours, 2), "baseline_grown": round(limit, 2), "ratio": round(ours / limit, 2)}
        found.append({**told, "baseline": f"the limit's growth from {own[0]['live']} live", **grown})
    return found


def _memory(url: str, as_of: datetime) -> float:
    """How much the memory of a fresh process grows by one sweep, at its most."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_grown, url, as_of).result()


def _grown(url: str, as_of: datetime) -> float:
    sweep(url, datetime(2000, 1, 1, tzinfo=UTC))  # connected, everything loaded
    before = _peak_kb()
    sweep(url, as_of)
    return round((_peak_kb() - before) / 1024, 1)


def _peak_kb() -> int:
    """The most memory that this process ever held. Not `ru_maxrss`: that begins with what its parent held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _timed(url: str, due: int, act: Callable[[], object]) -> float:
    before = _rows(url)
    seconds = timed(act)
    written = _rows(url) - before
    if written != 2 * due:
        raise AssertionError(f"{written} rows were written where {2 * due} are owed: not the same work")
    return seconds


def _rows(url: str) -> int:
    """Audit records and messages together."""
    with engine_for(url).connect() as connection:
        return sum(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (AUDIT, OUTBOX))


@dataclass(frozen=True)
class Model:
    """A record and a message as a sweep wrote them: what a careful person would copy into the statements."""

    record: Mapping[str, Any]
    message: Mapping[str, Any]
    reasons: str

    @classmethod
    def of(cls, url: str, life: Life) -> Model:
        """The newest of the database."""
        with engine_for(url).connect() as connection:
            record, message = (_newest(connection, one) for one in (AUDIT, OUTBOX))
            table = SQLModel.metadata.tables[life.table]
            of_it = select(table.c.reasons).where(table.c.id == record["subject_id"])
            return cls(record, message, json.dumps(connection.execute(of_it).scalar_one(), ensure_ascii=False))

    @property
    def bound(self) -> tuple[str, str, str]:
        """What the hash of such a record binds, around its place in the chain and the number of whose it is."""
        names = ("event", "by", "from_state", "to_state", "clause", "detail", "subject")
        told = {name: self.record[name] for name in names} | {"at": "@at", "seq": "@seq", "subject_id": "@id"}
        before, rest = canonical(told).decode().split('"@seq"')
        middle, after = rest.split('"@id"')
        return before, middle, after


def _newest(connection: Connection, table: Table) -> Mapping[str, Any]:
    return dict(connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).mappings().one())


def by_hand(lots: Crowd, as_of: datetime, model: Model, life: Life = DOSSIERS, *, keeps_journal: bool = True) -> None:
    """What a careful person would type: four statements in one transaction, and the entry that every transaction
    leaves in the journal."""
    with engine_for(lots.url).begin() as connection:
        is_postgres = connection.dialect.name == "postgresql"
        before, middle, after = model.bound
        given = {
            "today": as_of.date(),
            "at": as_of if is_postgres else as_of.replace(tzinfo=None).isoformat(" ") + ".000000",
            "before": before.replace("@at", as_of.isoformat()),
            "middle": middle,
            "after": after,
            "reasons": model.reasons,
            "detail": json.dumps(model.record["detail"], ensure_ascii=False),
            "params": json.dumps(model.message["params"], ensure_ascii=False),
            "due_on": model.message["due_on"],
            "expires_at": model.message["expires_at"],
        }
        touched = _touched(connection, given["today"], life) if keeps_journal else {}
        tops = {one: connection.execute(select(func.coalesce(func.max(one.c.id), 0))).scalar_one() for one in NEW}
        for statement in _statements(connection, life, model):
            own = {name: value for name, value in given.items() if f":{name}" in statement}
            connection.execute(text(statement), own)
        if keeps_journal:
            for table, (keys, columns) in touched.items():
                note(connection, table, keys, columns)
            for table, top in tops.items():
                note(connection, table, connection.execute(select(table.c.id).where(table.c.id > top)).scalars().all())
            append(connection)


def _touched(connection: Connection, today: date, life: Life) -> dict[Table, tuple[Sequence[int], Sequence[str]]]:
    """The rows that the statements change, with the columns that they set."""
    clocks = SQLModel.metadata.tables["deadline"]
    due = select(clocks.c.id, clocks.c.subject_id).where(clocks.c.check_on <= today, clocks.c.due_on < today)
    found = connection.execute(due).all()
    of_subject = ("state", "entered_at", "reasons", "version", "audit_seq", "audit_head")
    return {
        SQLModel.metadata.tables[life.table]: ([row[1] for row in found], of_subject),
        clocks: ([row[0] for row in found], ("status", "closed_on", "check_on")),
    }


def _statements(connection: Connection, life: Life, model: Model) -> list[str]:
    is_postgres = connection.dialect.name == "postgresql"
    if not is_postgres:
        driver: Any = connection.connection.driver_connection
        driver.create_function("sha256", 1, lambda value: hashlib.sha256(value.encode()).hexdigest())
    digest = "encode(sha256(convert_to({}, 'UTF8')), 'hex')" if is_postgres else "sha256({})"
    own_hash = digest.format("a.audit_head || :before || (a.audit_seq + 1) || :middle || a.id || :after")
    given = "CAST(:{} AS jsonb)" if is_postgres else ":{}"
    who = f"('applicant_id', p.applicant_id, 'applicant_name', p.name{life.own})"
    params = (
        f"{given.format('params')} || jsonb_build_object{who}"
        if is_postgres
        else f"json_patch(:params, json_object{who})"
    )
    table, message = life.table, model.message
    due = f"FROM deadline d JOIN {table} a ON d.subject || '' = '{table}' AND a.id = d.subject_id {life.whose} "
    due += "WHERE d.check_on <= :today AND d.due_on < :today AND a.holds = 0 ORDER BY d.check_on, a.id"
    no = "false" if is_postgres else "0"
    mandatory = str(message["is_mandatory"]).lower() if is_postgres else int(message["is_mandatory"])
    return [
        "INSERT INTO audit_record (subject, subject_id, seq, at, event, by, from_state, to_state, clause, detail, prev_hash, hash) "
        f"SELECT '{table}', a.id, a.audit_seq + 1, :at, '{life.event}', '系统时钟', a.state, '{life.to}', '{life.clause}', {given.format('detail')}, "
        f"a.audit_head, {own_hash} {due}",
        "INSERT INTO notification (dedupe_key, event, audience, channel, round_id, subject, subject_id, applicant_pk, template_version, params, "
        "status, created_at, next_at, attempts, lease_owner, lease_token, message_ref, last_detail, priority, is_mandatory, due_on, expires_at, "
        f"recipient, created_by, waits_for_channel) SELECT '{life.keyed_as}:' || a.id || ':' || (a.audit_seq + 1) || ':0:{life.message}', "
        f"'{life.message}', 'applicant', 'email', a.round_id, '{table}', a.id, p.id, '{message['template_version']}', {params}, "
        f"'{message['status']}', :at, :at, 0, '', 0, '', '', {message['priority']}, {mandatory}, :due_on, :expires_at, '', '', {no} {due}",
        f"UPDATE {table} AS a SET state = '{life.to}', entered_at = :at, reasons = {given.format('reasons')}, version = version + 1, "
        f"audit_seq = audit_seq + 1, audit_head = {own_hash} WHERE holds = 0 AND id IN "
        "(SELECT subject_id FROM deadline WHERE check_on <= :today AND due_on < :today)",
        f"UPDATE deadline SET status = '{life.status}', closed_on = {life.closed_on}, check_on = NULL WHERE check_on <= :today AND due_on < :today",
    ]
