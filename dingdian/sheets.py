"""What `dingdian sheet` does: workbooks written, read and told about."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dingdian.office import office
from rules.errors import InputError
from tasks import surroundings
from workbooks.folders import EXPORTS, TEMPLATES, Order, import_file, write_workbooks
from workbooks.importing import Wish
from workbooks.report import HEADINGS, ImportReport


def write(
    kind: str, by: str, out: Path | None, expert: str, round_id: int, *, as_json: bool, is_template: bool
) -> None:
    """Writes workbooks and says which. Raises InputError for a kind that does not exist."""
    known = TEMPLATES if is_template else EXPORTS
    if kind not in known:
        raise InputError(
            f"没有“{kind}”这种表格；可用：{'、'.join(f'{one}（{title}）' for one, title in known.items())}"
        )
    with office() as url:
        folder = out or surroundings.outbox()
        names = write_workbooks(url, Order(kind, by, surroundings.now(), folder, expert, round_id), surroundings.keys())
    if as_json:
        print(json.dumps({"folder": str(folder), "files": names}, ensure_ascii=False))
        return
    for name in names:
        Console().print(f"已生成 {folder / name}", soft_wrap=True, highlight=False)


def read(file: Path, by: str, out: Path | None, *, is_dry: bool, keeps_good_rows: bool, as_json: bool) -> None:
    """Checks or imports a workbook; ends with exit code 1 when a cell is bad."""
    if not file.is_file():
        raise InputError(f"没有文件 {file}：请核对路径")
    with office() as url:
        wish = Wish(file, by, surroundings.now(), is_dry, keeps_good_rows)
        report = import_file(url, wish, surroundings.keys(), out or surroundings.outbox())
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(report)
    if report.is_refused:
        sys.exit(1)


def _show(report: ImportReport) -> None:
    console = Console()
    if report.faults:
        table = Table(title=f"有错误的单元格（{len(report.faults)} 处）")
        for heading in HEADINGS:
            table.add_column(heading, overflow="fold")
        for row in report.fault_rows():
            table.add_row(*map(escape, row))
        console.print(table)
    for note in report.notes:
        console.print(f"注意：{note}", highlight=False, markup=False)
    console.print(report.summary, highlight=False, markup=False)
