"""A round with many live cases in the signing step, written by plain SQL; batches of them fall due on given days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from models.database import engine_for, transaction
from models.migrate import upgrade
from tasks.rounds import create_round

FIRST_DUE = date(2026, 3, 2)
FAR_OFF = date(2026, 12, 1)
STARTED = date(2025, 12, 1)

HEAD = {
    "announcement": {
        "county": "测速县",
        "year": 2025,
        "plan_approved_on": "2025-08-11",
        "published_on": "2025-08-18",
        "channels": ["县政府网站", "“医保”公众号"],
        "quota": {"hospital": 1, "pharmacy": 1},
        "accept_from": "2025-09-01T08:30:00+08:00",
        "accept_until": "2025-09-12T17:30:00+08:00",
        "place": "测速县医疗保险经办中心",
        "min_special_drug_varieties": 30,
        "tie_rule": "public draw",
        "substitution": "none",
    },
    "rubric": {"hospital": [], "pharmacy": []},
    "expert_library": [],
}


@dataclass(frozen=True)
class Crowd:
    """What was written: a round, and the day on which each batch falls due."""

    url: str
    round_id: int
    due_days: tuple[date, ...]

    def as_of(self, batch: int) -> datetime:
        """The instant at which a sweep finds exactly this batch (and any earlier one that is still open)."""
        day = self.due_days[batch] + timedelta(days=1)
        return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def crowd(url: str, live: int, due: int, batches: int, of: str = "application") -> Crowd:
    """Fills an empty database with `live` dossiers in the signing step, or (`of` "agreement") as many agreements in
    force, of which `batches` lots of `due` fall due one day after another."""
    upgrade(url)
    with transaction(url) as session:
        round_id = create_round(session, HEAD, announced_at=datetime(2025, 8, 18, tzinfo=UTC)).id or 0
    days = tuple(FIRST_DUE + timedelta(days=batch) for batch in range(batches))
    with engine_for(url).begin() as connection:
        dialect = connection.dialect.name
        for statement in _cases(_numbers(dialect)):
            connection.execute(text(statement), {"live": live, "round_id": round_id})
        if of == "agreement":
            connection.execute(text(_agreements(_numbers(dialect))), {"live": live, "round_id": round_id})
        connection.execute(text(_clocks(dialect, due, days, of)), {"live": live})
    tidy(url)
    return Crowd(url, round_id, days)


def _numbers(dialect: str) -> str:
    if dialect == "postgresql":
        return "SELECT n FROM generate_series(1, CAST(:live AS integer)) AS s(n)"
    return "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :live) SELECT n FROM s"


def _cases(numbers: str) -> list[str]:
    return [
        "INSERT INTO applicant "
        "(id, round_id, applicant_id, type, name, facts, contact_sealed, email_masked, phone_masked) "
        f"SELECT n, :round_id, 'P' || n, 'pharmacy', '测速药房' || n, '{{}}', '', '', '' FROM ({numbers}) AS numbers",
        "INSERT INTO application "
        "(id, round_id, applicant_pk, type, state, version, holds, findings, reasons, audit_seq, audit_head) "
        f"SELECT n, :round_id, n, 'pharmacy', 'SIGNING', 0, 0, '{{}}', '[]', 0, '' FROM ({numbers}) AS numbers",
    ]


def _agreements(numbers: str) -> str:
    return (
        "INSERT INTO agreement (id, application_id, signed_on, signed_by, recorded_at, number, effective_on, expires_on, round_id, "
        "suspension_limit, state, version, holds, reasons, audit_seq, audit_head) "
        f"SELECT n, n, '{STARTED}', '1001', '{STARTED}', '测速' || n || '号', '{STARTED}', '{FAR_OFF}', :round_id, 3, 'IN_FORCE', 0, 0, "
        f"'[]', 0, '' FROM ({numbers}) AS numbers"
    )


# Of each kind of subject: the clock that falls due, who holds it, how it was begun.
DUE = {"application": ("signing", "60wd", True), "agreement": ("agreement_term", "", False)}


def _clocks(dialect: str, due: int, days: Sequence[date], of: str) -> str:
    lots = " ".join(f"WHEN n <= {due * (batch + 1)} THEN '{day}'" for batch, day in enumerate(days))
    day = f"CASE {lots} ELSE '{FAR_OFF}' END"
    is_postgres = dialect == "postgresql"
    dated = f"CAST({day} AS date)" if is_postgres else day
    following = "day + 1" if is_postgres else "date(day, '+1 day')"
    kind, period, rolls = DUE[of]
    roll = str(rolls).lower() if is_postgres else str(int(rolls))
    return (
        "INSERT INTO deadline (subject, subject_id, kind, holder, period, roll, start_on, due_on, nominal_on, earliest_on, "
        f"latest_on, status, check_on) SELECT '{of}', n, '{kind}', 'applicant', '{period}', {roll}, "
        f"'{STARTED}', day, day, day, day, 'running', {following} "
        f"FROM (SELECT n, {dated} AS day FROM ({_numbers(dialect)}) AS numbers) AS dated"
    )


def tidy(url: str) -> None:
    """Fresh statistics for the planner."""
    with engine_for(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
