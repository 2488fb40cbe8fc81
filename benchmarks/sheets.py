"""A register of thousands of applicants with planted errors, checked and imported, beside a bare read of the same file.

Each is measured in a process of its own, for its time and the most memory it ever held.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from benchmarks.letters import KEYS
from benchmarks.seed import HEAD
from models.database import engine_for, transaction
from models.migrate import upgrade
from rules.vocabulary import ApplicantType
from tasks.announce import register_staff
from tasks.case_loading import context_of
from tasks.rounds import create_round
from workbooks.columns import YES_NO, Column, Kind
from workbooks.folders import import_file
from workbooks.importing import Wish
from workbooks.layouts import REGISTER, layout_of
from workbooks.making import FIRST_COLUMN, FIRST_ROW, make
from workbooks.signature import mark_of

NOON = datetime(2025, 9, 2, 4, tzinfo=UTC)
BY = "2001"
RUNS = 3
SHEET = {ApplicantType.HOSPITAL: "医疗机构", ApplicantType.PHARMACY: "零售药店"}
SPOILED: Mapping[str, Any] = {  # what is planted, by column
    "contact.phone": "1380013800",
    "contact.email": "somebody@",
    "facts.county": "=A1",
    "facts.physicians": "三名",
    "facts.cold_chain": "也许",
    "name": None,
    "applicant_id": "P 01",
    "termination.date": "2024年13月1日",
    "facts.staff_total": -1,
    "facts.area_m2": "180平方米",
}


def prepare(url: str, path: Path, applicants: int, errors: int) -> set[str]:
    """A round, and a filled register of pharmacies with errors spread over it; answers the bad cells."""
    upgrade(url)
    with transaction(url) as session:
        ctx = context_of(session, create_round(session, HEAD, announced_at=NOON))
        register_staff(session, [{"staff_no": BY, "name": "测速", "roles": ["all"]}])
    layout = layout_of(REGISTER, ctx)
    mark = mark_of(layout, ctx, "2025-09-01 09:00")
    book = make(layout, mark, KEYS.sign(mark.text()), {}, NOON)
    sheet = book[SHEET[ApplicantType.PHARMACY]]
    columns = next(plan.columns for plan in layout.sheets if plan.title == sheet.title)
    for number in range(applicants):
        for place, column in enumerate(columns, FIRST_COLUMN):
            sheet.cell(FIRST_ROW + number, place).value = _filled(column, number)
    planted = _plant(
        sheet, {column.key: place for place, column in enumerate(columns, FIRST_COLUMN)}, applicants, errors
    )
    book.save(path)
    return planted


def _filled(column: Column, number: int) -> Any:
    own = {
        "applicant_id": f"P{number:05}",
        "name": f"测速大药房{number:05}店",
        "contact.name": "联系人",
        "contact.phone": f"199{number:08}",
        "contact.email": f"p{number:05}@example.cn",
        "facts.county": "测速县",
    }
    if column.key in own:
        return own[column.key]
    if column.choices == YES_NO:
        return "是"
    return number % 50 + 1 if column.kind in (Kind.COUNT, Kind.AMOUNT) else None


def _plant(sheet: Any, places: Mapping[str, int], applicants: int, errors: int) -> set[str]:
    kinds = list(SPOILED.items())
    planted = set()
    for number in range(errors):
        key, value = kinds[number % len(kinds)]
        row = FIRST_ROW + number * applicants // errors
        cell = sheet.cell(row, places[key])
        cell.value = value
        planted.add(f"{sheet.title}!{get_column_letter(places[key])}{row}")
    return planted


def measure(url: str, database: str, folder: Path, applicants: int, errors: int) -> list[dict[str, object]]:
    """The dry run with all its errors, then the import of the good rows; each beside a bare read of the file."""
    path = folder / f"register-{database}.xlsx"
    planted = prepare(url, path, applicants, errors)
    engine_for(url).dispose()
    bare = [_apart(_bare, path) for _ in range(RUNS)]
    dry = [_apart(_import, url, path, folder, True) for _ in range(RUNS)]
    good = [_apart(_import, url, path, folder, False)]
    for _, _, found, done in [*dry, *good]:
        if set(found) != planted or done != applicants - errors:
            raise AssertionError(f"{len(planted)} errors planted, {len(found)} found, {done} good rows")
    return [
        _figures(name, database, applicants, errors, runs, bare) for name, runs in (("check", dry), ("import", good))
    ]


def _apart(act: Callable[..., Any], *given: Any) -> Any:
    """Runs something in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(act, *given).result()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _bare(path: Path) -> tuple[float, float, list[str], int]:
    start = time.perf_counter()
    book = load_workbook(path, read_only=True)
    rows = sum(
        1 for sheet in book.worksheets for row in sheet.iter_rows() if any(cell.value is not None for cell in row)
    )
    return time.perf_counter() - start, _peak_mb(), [], rows


def _import(url: str, path: Path, folder: Path, is_dry: bool) -> tuple[float, float, list[str], int]:
    start = time.perf_counter()
    report = import_file(url, Wish(path, BY, NOON, is_dry, keeps_good_rows=True), KEYS, folder)
    seconds = time.perf_counter() - start
    return seconds, _peak_mb(), [fault.place for fault in report.faults], len(report.good)


def _figures(
    name: str, database: str, applicants: int, errors: int, runs: list[Any], bare: list[Any]
) -> dict[str, object]:
    base = statistics.median(run[0] for run in bare)
    seconds = statistics.median(run[0] for run in runs)
    ratios = [run[0] / base for run in runs]
    return {
        "bench": f"sheets {name}",
        "database": database,
        "live": applicants,
        "due": errors,
        "seconds": round(seconds, 2),
        "baseline": "a bare openpyxl read",
        "baseline_seconds": round(base, 2),
        "ratio": round(seconds / base, 2),
        "spread": [round(min(ratios), 2), round(max(ratios), 2)],
        "peak_mb": round(max(run[1] for run in runs)),
        "baseline_peak_mb": round(max(run[1] for run in bare)),
    }
