"""`dingdian bench`: the benchmarks, each beside its baseline in the same run, in databases of their own."""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks import acts, board, due, gate, mail, report, sheets, site, sweep
from benchmarks.beside import Figures
from dingdian.running.embedded import Cluster
from dingdian.running.side_by_side import both_ways
from models.database import engine_for
from rules.errors import InputError

DUE = 1000
APPLICANTS, ERRORS = 2000, 40
LIVE = (10_000, 100_000)
GRID = ((1_000, (10_000, 100_000, 1_000_000)), (10_000, (10_000,)))  # due, and among how many live
AGREEMENTS, AGREED_DUE = 7_000, 1000
NOTICES, INSTITUTIONS = 200, 100
COLUMNS = (
    *("bench", "database", "live", "due", "seconds", "baseline", "baseline_seconds", "ratio", "spread"),
    *("bare_ratio", "nothing_due_ms", "added_mb", "statements", "load"),
    *("peak_mb", "baseline_peak_mb", "added_ms", "p99_ms", "baseline_p99_ms"),
)


def run(name: str, as_json: bool, into: Path | None) -> None:
    """The command; `into`: a folder for the figures as a page, a picture and JSON. Raises InputError for a benchmark
    that does not exist."""
    if name and name not in BENCHES:
        raise InputError(f"没有基准“{name}”；可用：{'、'.join(BENCHES)}")
    gc.freeze()  # as the worker does: what was imported is never garbage
    figures = [one for bench in ([name] if name else BENCHES) for one in BENCHES[bench]()]
    if into:
        report.write(into, report.Record(report.machine(), figures))
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _show(figures)


def _sweeps() -> list[Figures]:
    with _databases() as (_, both):
        return [sweep.measure(url, kind, live, DUE) for live in LIVE for kind, url in both(f"live{live}")]


def _limits() -> list[Figures]:
    with _databases() as (_, both):
        figures = [
            sweep.measure(url, kind, live, due)
            for due, lives in GRID
            for live in lives
            for kind, url in both(f"live{live}due{due}")
        ]
        signed = [acts.measure(url, kind, LIVE[0]) for kind, url in both("acts")]
    return [*figures, *sweep.growth(figures), *signed]


def _agreements() -> list[Figures]:
    with _databases() as (_, both):
        found = both("agreements")
        return [sweep.measure(url, kind, AGREEMENTS, AGREED_DUE, sweep.AGREEMENTS) for kind, url in found]


def _mails() -> list[Figures]:
    with _databases() as (_, both):
        return [mail.measure(url, kind) for kind, url in both("mail")]


def _boards() -> list[Figures]:
    with _databases() as (_, both):
        return [figures for kind, url in both("board") for figures in board.measure(url, kind, LIVE[0])]


def _sheets() -> list[Figures]:
    with _databases() as (folder, both):
        measured = (sheets.measure(url, kind, folder, APPLICANTS, ERRORS) for kind, url in both("sheets"))
        return [figures for each in measured for figures in each]


def _sites() -> list[Figures]:
    with _databases() as (_, both):
        return [figures for kind, url in both("site") for figures in site.measure(url, kind, NOTICES, INSTITUTIONS)]


def _gates() -> list[Figures]:
    with _databases() as (folder, both):
        served = {kind: partial(both_ways, folder=folder / kind) for kind in ("postgresql", "sqlite")}
        return [figures for kind, url in both("gate") for figures in gate.measure(url, kind, served[kind])]


@contextmanager
def _databases() -> Iterator[tuple[Path, Callable[[str], Sequence[tuple[str, str]]]]]:
    """A folder that goes away, and what makes a new database of each kind in it: the kinds and their addresses."""
    with tempfile.TemporaryDirectory(prefix="dingdian-bench-") as folder, Cluster(Path(folder) / "postgres") as cluster:

        def both(name: str) -> Sequence[tuple[str, str]]:
            return ("postgresql", _new_database(cluster, name)), ("sqlite", f"sqlite:///{folder}/{name}.db")

        yield Path(folder), both


def _new_database(cluster: Cluster, name: str) -> str:
    engine = engine_for(cluster.administrator_url()).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return cluster.administrator_url(name)


def _dues() -> list[Figures]:
    return [due.measure()]


BENCHES: dict[str, Callable[[], list[Figures]]] = {
    "sweep": _sweeps,
    "limit": _limits,
    "agreements": _agreements,
    "due": _dues,
    "mail": _mails,
    "board": _boards,
    "sheets": _sheets,
    "site": _sites,
    "gate": _gates,
}


def _show(figures: list[Figures]) -> None:
    table = Table(title="测速（与同次运行的基线对照，中位数）")
    columns = [column for column in COLUMNS if any(column in one for one in figures)]
    for column in columns:
        table.add_column(column)
    for one in figures:
        table.add_row(*(str(one.get(column, "")) for column in columns))
    Console().print(table)
