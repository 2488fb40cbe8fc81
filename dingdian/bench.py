"""`dingdian bench`: the benchmarks, each beside its baseline in the same run, in databases of their own."""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks import board, due, mail, sheets, site, sweep
from dingdian.embedded import Cluster
from models.database import engine_for
from rules.errors import InputError

DUE = 1000
APPLICANTS, ERRORS = 2000, 40
LIVE = (10_000, 100_000)
NOTICES, INSTITUTIONS = 200, 100
Figures = dict[str, object]
COLUMNS = (
    *("bench", "database", "live", "due", "seconds", "baseline", "baseline_seconds", "ratio", "spread"),
    *("peak_mb", "baseline_peak_mb"),
)


def run(name: str, as_json: bool) -> None:
    """The command. Raises InputError for a benchmark that does not exist."""
    if name and name not in BENCHES:
        raise InputError(f"没有基准“{name}”；可用：{'、'.join(BENCHES)}")
    gc.freeze()  # as the worker does: what was imported is never garbage
    figures = [one for bench in ([name] if name else BENCHES) for one in BENCHES[bench]()]
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _show(figures)


def _sweeps() -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="dingdian-bench-") as folder, Cluster(Path(folder) / "postgres") as cluster:
        return [
            sweep.measure(url, database, live, DUE)
            for live in LIVE
            for database, url in (
                ("postgresql", _new_database(cluster, f"live{live}")),
                ("sqlite", f"sqlite:///{folder}/live{live}.db"),
            )
        ]


def _mails() -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="dingdian-bench-") as folder, Cluster(Path(folder) / "postgres") as cluster:
        return [
            mail.measure(url, database)
            for database, url in (
                ("postgresql", _new_database(cluster, "mail")),
                ("sqlite", f"sqlite:///{folder}/mail.db"),
            )
        ]


def _boards() -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="dingdian-bench-") as folder, Cluster(Path(folder) / "postgres") as cluster:
        return [
            *board.measure(_new_database(cluster, "board"), "postgresql", LIVE[0]),
            *board.measure(f"sqlite:///{folder}/board.db", "sqlite", LIVE[0]),
        ]


def _sheets() -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="dingdian-bench-") as folder, Cluster(Path(folder) / "postgres") as cluster:
        return [
            figures
            for database, url in (
                ("postgresql", _new_database(cluster, "sheets")),
                ("sqlite", f"sqlite:///{folder}/sheets.db"),
            )
            for figures in sheets.measure(url, database, Path(folder), APPLICANTS, ERRORS)
        ]


def _sites() -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="dingdian-bench-") as folder, Cluster(Path(folder) / "postgres") as cluster:
        return [
            figures
            for database, url in (
                ("postgresql", _new_database(cluster, "site")),
                ("sqlite", f"sqlite:///{folder}/site.db"),
            )
            for figures in site.measure(url, database, NOTICES, INSTITUTIONS)
        ]


def _new_database(cluster: Cluster, name: str) -> str:
    engine = engine_for(cluster.url()).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return cluster.url(name)


def _dues() -> list[Figures]:
    return [due.measure()]


BENCHES: dict[str, Callable[[], list[Figures]]] = {
    "sweep": _sweeps,
    "due": _dues,
    "mail": _mails,
    "board": _boards,
    "sheets": _sheets,
    "site": _sites,
}


def _show(figures: list[Figures]) -> None:
    table = Table(title="测速（与同次运行的基线对照，中位数）")
    for column in COLUMNS:
        table.add_column(column)
    for one in figures:
        table.add_row(*(str(one.get(column, "")) for column in COLUMNS))
    Console().print(table)
