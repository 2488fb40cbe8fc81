"""`dingdian sweep`: one deadline sweep, now or as of an instant; with `--dry-run` it says what it would do."""

from __future__ import annotations

import json
import sys

from rich.console import Console
from rich.table import Table

from dingdian.office import instant_of, office
from tasks import surroundings
from tasks.labels import LABELS
from tasks.sweep import SweepReport, sweep_until
from upkeep.checkpoints import bind_finished_days
from upkeep.stamps import stamp_days


def run(as_of: str, dry_run: bool, as_json: bool) -> None:
    """The command. Ends with exit code 1 when a case could not be done; it is named."""
    with office() as url:
        report = sweep_until(url, instant_of(as_of, "--as-of"), surroundings.now(), dry_run=dry_run)
        if as_json:
            print(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        else:
            _show(report)
        days = [] if report.dry_run else bind_finished_days(url, surroundings.now())
        stamped = 0 if report.dry_run else stamp_days(url)
    if days and not as_json:
        print(f"已生成 {len(days)} 天的审计检查点，至 {days[-1]}。")
    if stamped and not as_json:
        print(f"已取得 {stamped} 天检查点的时间戳。")
    if report.failed:
        print(f"错误：{report.summary}", file=sys.stderr)
        sys.exit(1)


def _show(report: SweepReport) -> None:
    table = Table(title="期限巡查（只看不做）" if report.dry_run else "期限巡查")
    for title in ("编号", "事项", "期限", "届满日", "迟几天"):
        table.add_column(title)
    for one in report.actions:
        table.add_row(*(one["applicant_id"], LABELS[one["event"]], one["deadline_label"], one["due"], one["late_days"]))
    Console().print(table)
    Console().print(report.summary)
