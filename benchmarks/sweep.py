"""A sweep of N due among many live dossiers, or agreements, beside hand-written SQL that writes the same rows.

Lots alternate, sweep and SQL in turn, in one database and one run, so that a drifting machine touches both alike.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select, text

from benchmarks.beside import Figures
from benchmarks.seed import Crowd, crowd
from models import AuditRecord, Notification
from models.database import engine_for
from tasks.sweep import sweep

PAIRS = 3


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
    reasons: str
    status: str


DOSSIERS = Life(
    *(
        "sweep",
        "application",
        "JOIN applicant p ON p.id = a.applicant_pk",
        "sign_timeout",
        "DEEMED_ABANDONED",
        "五(三)",
    ),
    "deemed_abandoned",
    '[{"code": "SIGN_TIMEOUT_OWN_FAULT", "clause": "五(三)", "text": "因机构自身原因逾期未签订协议，视作自动放弃"}]',
    "lapsed",
)
AGREEMENTS = Life(
    *("sweep_agreements", "agreement"),
    "JOIN application x ON x.id = a.application_id JOIN applicant p ON p.id = x.applicant_pk",
    *("term_over", "EXPIRED", "六(一)", "agreement_expired"),
    '[{"code": "TERM_OVER", "clause": "六(一)", "text": "协议到期"}]',
    "met",
)


def measure(url: str, database: str, live: int, due: int, life: Life = DOSSIERS) -> Figures:
    """Medians over the pairs. Raises AssertionError when the two sides did not write the same number of rows."""
    lots = crowd(url, live, due, 2 * PAIRS + 1, life.table)
    sweep(url, lots.as_of(0))
    ours, theirs = [], []
    for pair in range(PAIRS):
        ours.append(_timed(url, due, partial(sweep, url, lots.as_of(2 * pair + 1))))
        theirs.append(_timed(url, due, partial(by_hand, lots, lots.as_of(2 * pair + 2), life)))
    seconds, baseline = statistics.median(ours), statistics.median(theirs)
    return {
        "bench": life.bench,
        "database": database,
        "live": live,
        "due": due,
        "seconds": round(seconds, 4),
        "baseline": "hand-written SQL that writes the same rows",
        "baseline_seconds": round(baseline, 4),
        "ratio": round(seconds / baseline, 2),
        "spread": [
            round(min(a / b for a, b in zip(ours, theirs, strict=True)), 2),
            round(max(a / b for a, b in zip(ours, theirs, strict=True)), 2),
        ],
    }


def _timed(url: str, due: int, act: Callable[[], object]) -> float:
    before = _rows(url)
    start = time.perf_counter()
    act()
    seconds = time.perf_counter() - start
    written = _rows(url) - before
    if written != 2 * due:
        raise AssertionError(f"{written} rows were written where {2 * due} are owed: not the same work")
    return seconds


def _rows(url: str) -> int:
    """Audit records and messages together."""
    with engine_for(url).connect() as connection:
        tables = (AuditRecord.__table__, Notification.__table__)  # type: ignore[attr-defined]
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def by_hand(lots: Crowd, as_of: datetime, life: Life = DOSSIERS) -> None:
    """What a careful person would type: five statements in one transaction."""
    today = as_of.date()
    with engine_for(lots.url).begin() as connection:
        given = {
            "today": today,
            "at": as_of if connection.dialect.name == "postgresql" else as_of.replace(tzinfo=None).isoformat(" "),
        }
        for statement in _statements(connection, life):
            connection.execute(
                text(statement), {name: value for name, value in given.items() if f":{name}" in statement}
            )


def _statements(connection: Connection, life: Life) -> list[str]:
    is_postgres = connection.dialect.name == "postgresql"
    if not is_postgres:
        driver: Any = connection.connection.driver_connection
        driver.create_function("sha256", 1, lambda value: hashlib.sha256(str(value).encode()).hexdigest())
    digest = "encode(sha256(CAST({} AS bytea)), 'hex')" if is_postgres else "sha256({})"
    own_hash = digest.format("a.audit_head || a.id")
    detail = "jsonb_build_object('due_on', d.due_on)" if is_postgres else "json_object('due_on', d.due_on)"
    params = _params("jsonb_build_object" if is_postgres else "json_object")
    reasons = life.reasons.replace(":", r"\:")
    table = life.table
    due = f"FROM deadline d JOIN {table} a ON d.subject || '' = '{table}' AND a.id = d.subject_id {life.whose} "
    due += "JOIN round r ON r.id = a.round_id WHERE d.check_on <= :today AND d.due_on < :today AND a.holds = 0"
    return [
        "INSERT INTO audit_record (subject, subject_id, seq, at, event, by, from_state, to_state, clause, detail, prev_hash, hash) "
        f"SELECT '{table}', a.id, a.audit_seq + 1, :at, '{life.event}', '系统时钟', a.state, '{life.to}', '{life.clause}', {detail}, "
        f"a.audit_head, {own_hash} {due}",
        "INSERT INTO notification (dedupe_key, event, audience, channel, round_id, subject, subject_id, applicant_pk, template_version, "
        "params, status, created_at, next_at, attempts, lease_owner, lease_token, message_ref, last_detail) "
        f"SELECT '{table}' || a.id || '-' || (a.audit_seq + 1), '{life.message}', 'applicant', 'email', a.round_id, '{table}', a.id, p.id, 'v', "
        f"{params}, 'pending', :at, :at, 0, '', 0, '', '' {due}",
        f"UPDATE {table} SET state = '{life.to}', entered_at = :at, reasons = '{reasons}', version = version + 1, "
        f"audit_seq = audit_seq + 1, audit_head = {digest.format('audit_head || id')} WHERE holds = 0 AND id IN "
        "(SELECT subject_id FROM deadline WHERE check_on <= :today AND due_on < :today)",
        f"UPDATE deadline SET status = '{life.status}', closed_on = :today, check_on = NULL WHERE check_on <= :today AND due_on < :today",
    ]


def _params(builder: str) -> str:
    return (
        f"{builder}('applicant_id', p.applicant_id, 'applicant_name', p.name, 'round_name', r.name, 'county', r.county, "
        "'agency', r.name, 'place', r.name, 'due_on', d.due_on)"
    )
