"""The board's pages over HTTP with many dossiers, beside the bare SQL that fetches what the page shows.

Page and SQL take turns, in one run, so that a drifting machine touches both alike. The SQL is what a careful person
would type: no objects, no page, one open connection.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import uvicorn
from sqlalchemy import Connection, text

from benchmarks.beside import Figures, beside, timed
from benchmarks.spread import AS_OF, spread
from board.app import application
from board.office import Office
from models.database import engine_for
from rules.localtime import local_day

TURNS = 7
CASE = "P100123"

NEAREST = (
    "SELECT * FROM (SELECT subject_id, kind, holder, due_on, latest_on, status, row_number() OVER (PARTITION BY subject_id "
    "ORDER BY latest_on, id) AS place FROM deadline WHERE closed_on IS NULL AND status IN ('running', 'provisional', 'breached')) AS r "
    "WHERE place = 1"
)
URGENCY = (
    "CASE WHEN a.holds > 0 THEN 'held' WHEN n.kind IS NULL THEN 'none' WHEN n.due_on IS NULL THEN 'provisional' "
    "WHEN n.due_on < '{today}' OR n.status = 'breached' THEN 'late' WHEN n.due_on = '{today}' THEN 'today' "
    "WHEN n.due_on <= '{week}' THEN 'this_week' ELSE 'later' END"
)
LIST = (
    f"FROM application a JOIN applicant p ON p.id = a.applicant_pk LEFT JOIN ({NEAREST}) n ON n.subject_id = a.id "
    "WHERE a.round_id = 1 AND {where}"
)
SHOWN = "SELECT a.id, p.applicant_id, p.name, a.type, a.state, a.holds, n.kind, n.due_on, n.latest_on, n.status "
ORDER = " ORDER BY coalesce(n.latest_on, '9999-12-31'), a.id LIMIT 51"
UNDER_WAY = "a.state NOT IN ('NOT_APPLIED', 'OUT_OF_QUOTA')"


def measure(url: str, database: str, live: int) -> list[Figures]:
    """A row for each page: medians over the turns, the first request left out."""
    spread(url, live)
    rows = []
    with served(url) as address, httpx.Client(base_url=address) as client, engine_for(url).connect() as connection:
        for name, (page, statements) in PAGES.items():
            ours = partial(_fetch, client, page)
            bare = partial(_query, connection, [_dated(one) for one in statements])
            rows.append({"bench": f"board {name}", "database": database, "live": live, **_beside(ours, bare)})
    return rows


def _beside(ours: Callable[[], None], bare: Callable[[], None]) -> Figures:
    pairs = [(timed(ours), timed(bare)) for _ in range(TURNS + 1)][1:]
    return beside([page for page, _ in pairs], "the bare SQL of the page", [sql for _, sql in pairs])


@contextmanager
def served(url: str) -> Iterator[str]:
    """The board on a free port of this machine, as of the day of the seeded office."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # without it asyncio leaves Nagle's delay on
        listener.bind(("127.0.0.1", 0))
        app = application(Office(url, now=lambda: AS_OF))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _fetch(client: httpx.Client, page: str) -> None:
    client.get(page).raise_for_status()


def _query(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        if not connection.execute(text(statement)).all():
            raise AssertionError(f"nothing found: {statement}")
    connection.rollback()


def _dated(statement: str) -> str:
    return statement.replace("{today}", local_day(AS_OF).isoformat()).replace("{week}", "2026-03-09")


def _listed(where: str) -> list[str]:
    found = LIST.replace("{where}", where)
    return [f"SELECT count(*) {found}", f"{SHOWN}, {URGENCY} {found}{ORDER}"]


OF_CASE = "SELECT * FROM {} WHERE subject = 'application' AND subject_id = (SELECT a.id FROM application a JOIN applicant p ON p.id = a.applicant_pk WHERE p.applicant_id = '{}')"
PAGES: dict[str, tuple[str, list[str]]] = {
    "first page": (
        "/",
        [
            f"SELECT a.state, a.type, {URGENCY} AS u, n.holder, count(*) FROM application a LEFT JOIN ({NEAREST}) n ON n.subject_id = a.id "
            "WHERE a.round_id = 1 GROUP BY 1, 2, 3, 4",
            "SELECT a.state, d.due_on, count(*) FROM application a JOIN deadline d ON d.subject = 'application' AND d.subject_id = a.id AND d.kind = 'whole_procedure' "
            "WHERE a.round_id = 1 AND d.closed_on IS NULL GROUP BY 1, 2",
            "SELECT by, event, count(*) FROM audit_record WHERE at >= '{today} 00:00:00' GROUP BY 1, 2",
            "SELECT due_on, kind, count(*) FROM deadline WHERE due_on >= '{today}' AND closed_on IS NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 14",
        ],
    ),
    "list": ("/dossiers?step=open", _listed(UNDER_WAY)),
    "filter": ("/dossiers?urgency=late&type=pharmacy", _listed(f"{URGENCY} = 'late' AND a.type = 'pharmacy'")),
    "search": (
        "/dossiers?q=人民路第12",
        _listed(r"(p.name LIKE '%人民路第12%' OR p.applicant_id LIKE '%人民路第12%')"),
    ),
    "case": (
        f"/case/1/{CASE}",
        [
            *(OF_CASE.format(table, CASE) for table in ("deadline", "notification", "audit_record")),
        ],
    ),
}
