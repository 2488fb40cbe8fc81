"""An office in the middle of its year: many dossiers spread over every step, with clocks, history and messages, written
by plain SQL. Dates lie around `AS_OF`; what the numbers are matters less than that there are enough of them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from benchmarks.seed import crowd, tidy
from models.database import engine_for
from rules.evaluation.states import UNFINISHED

AS_OF = datetime(2026, 3, 2, 2, tzinfo=UTC)
RECORDS_EACH = 10
MESSAGES_EACH = 4
SURNAMES = "赵钱孙李周吴郑王冯陈"
PLACES = ("人民路", "解放街", "城关镇", "东风巷", "幸福里", "和平路", "建设街")


def spread(url: str, live: int) -> int:
    """Fills an empty database with `live` dossiers in all steps; answers the round's number."""
    round_id = crowd(url, live, due=live // 40, batches=8).round_id
    with engine_for(url).begin() as connection:
        is_postgres = connection.dialect.name == "postgresql"
        for statement in (*_cases(live), *_clocks(is_postgres), *_records(is_postgres)):
            connection.execute(text(statement))
    tidy(url)
    return round_id


def _cases(live: int) -> list[str]:
    names = " ".join(f"WHEN {n} THEN '{surname}氏大药房'" for n, surname in enumerate(SURNAMES))
    places = " ".join(f"WHEN {n} THEN '{place}'" for n, place in enumerate(PLACES))
    states = " ".join(f"WHEN {n} THEN '{state.value}'" for n, state in enumerate(UNFINISHED))
    kind = "CASE WHEN id % 4 = 0 THEN 'hospital' ELSE 'pharmacy' END"
    name = f"(CASE id % {len(SURNAMES)} {names} END) || (CASE id % {len(PLACES)} {places} END) || '第' || id || '店'"
    state = (
        f"CASE id % {len(UNFINISHED) + 2} {states} WHEN {len(UNFINISHED)} THEN 'OUT_OF_QUOTA' ELSE 'NOT_APPLIED' END"
    )
    return [
        f"UPDATE applicant SET type = {kind}, name = {name}, applicant_id = 'P' || (100000 + id)",
        f"UPDATE application SET type = {kind}, signed_on = '2026-02-20', state = {state}, "
        f"holds = CASE WHEN id % 97 = 0 THEN 1 ELSE 0 END WHERE id <= {live}",
    ]


def _clocks(is_postgres: bool) -> list[str]:
    def day(days: str) -> str:
        return f"DATE '2026-03-02' + {days}" if is_postgres else f"date('2026-03-02', ({days}) || ' day')"

    yes = "true" if is_postgres else "1"
    whole = day("(a.id % 90 - CASE WHEN a.id % 61 = 0 THEN 100 ELSE 0 END)")
    open_states = ", ".join(f"'{state.value}'" for state in UNFINISHED[1:10])
    columns = "(subject, subject_id, kind, holder, period, roll, start_on, due_on, nominal_on, earliest_on, latest_on, status, check_on)"
    return [
        "DELETE FROM deadline WHERE subject_id IN (SELECT id FROM application WHERE state IN ('OUT_OF_QUOTA', 'NOT_APPLIED', "
        "'SIGNED', 'FILED'))",
        "UPDATE deadline SET kind = 'preliminary_review', holder = 'authority', period = '22wd' WHERE subject_id IN "
        "(SELECT id FROM application WHERE state IN ('ACCEPTED', 'INCOMPLETE'))",
        f"INSERT INTO deadline {columns} SELECT 'application', a.id, 'whole_procedure', 'authority', '3m', {yes}, '2025-12-01', {whole}, {whole}, "
        f"{whole}, {whole}, CASE WHEN a.id % 61 = 0 THEN 'breached' ELSE 'running' END, {whole} FROM application a WHERE state IN ({open_states})",
    ]


def _records(is_postgres: bool) -> list[str]:
    """History and messages of every dossier; the last act of each lies in the week of `AS_OF`."""
    numbers = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {}) "
    at = (
        "TIMESTAMPTZ '2026-03-02 09:00+08' - ({last} - n) * INTERVAL '9 day'"
        if is_postgres
        else "datetime('2026-03-02 01:00:00', '-' || (({last} - n) * 9) || ' day') || '.000000'"
    )
    sealed = "'***' || a.id"
    return [
        numbers.format(RECORDS_EACH)
        + "INSERT INTO audit_record (subject, subject_id, seq, at, event, by, from_state, to_state, clause, detail, prev_hash, hash) "
        f"SELECT 'application', a.id, n, {at.format(last=RECORDS_EACH)}, CASE n % 3 WHEN 0 THEN 'verify_site' WHEN 1 THEN 'submit_application' "
        "ELSE 'sign_preliminary_opinion' END, '10' || (10 + a.id % 12), 'ACCEPTED', 'ACCEPTED', '五(一)', '{\"fields\"\\: {}}', '', '' "
        "FROM application a CROSS JOIN s",
        numbers.format(MESSAGES_EACH)
        + "INSERT INTO notification (dedupe_key, event, audience, channel, round_id, subject, subject_id, applicant_pk, template_version, params, "
        "status, created_at, attempts, lease_owner, lease_token, message_ref, last_detail) "
        f"SELECT a.id || '-' || n, 'application_accepted', 'applicant', 'email', a.round_id, 'application', a.id, a.applicant_pk, '1', '{{}}', 'delivered', "
        f"{at.format(last=MESSAGES_EACH)}, 1, '', 1, {sealed}, '' FROM application a CROSS JOIN s",
    ]
