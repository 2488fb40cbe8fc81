"""`dingdian batch`: one act for many dossiers, with a bar in the terminal; run again, it goes on where it stopped."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dingdian.office import office
from rules.errors import InputError
from tasks import batch, surroundings


def run(
    *, kind: str, ids: Sequence[str], waiting: bool, by: str, confirmed: bool, round_id: int, as_json: bool
) -> None:
    """The command. Ends with exit code 1 when a dossier could not be done; every one is named."""
    if kind not in batch.BATCHES:
        known = "、".join(f"{name}（{one.label}）" for name, one in batch.BATCHES.items())
        raise InputError(f"没有批量事项“{kind}”；可用：{known}")
    given = batch.ids_in(" ".join(ids))
    if bool(given) == waiting:
        raise InputError("请列出申请人编号，或用 --waiting 办理全部等候的，二者取一")
    batch.expect_confirmed(kind, confirmed, "--confirm")
    with office() as url:
        wish = batch.Portion(kind, round_id, tuple(given), by, surroundings.now())
        report = _worked_off(url, batch.to_do(url, wish))
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(report)
    if report.refused:
        print(f"错误：{report.summary}", file=sys.stderr)
        sys.exit(1)


def _worked_off(url: str, whole: batch.Portion) -> batch.BatchReport:
    report = batch.BatchReport(whole.batch.label)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(report.label, total=len(whole.ids))
        for part in batch.chunks(whole):
            report.add(batch.do_chunk(url, replace(part, at=surroundings.now())))
            progress.update(bar, advance=len(part.ids), description=f"{report.label} 未办理 {len(report.refused)}")
    return report


def _show(report: batch.BatchReport) -> None:
    console = Console(highlight=False, markup=False)
    if report.refused:
        table = Table("编号", "原因", title="未办理")
        for row in report.refused:
            table.add_row(*row)
        console.print(table)
    console.print(report.summary)
