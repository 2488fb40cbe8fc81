"""The Prefect tasks of workbooks. Arguments are file names and choices; contents stay in the office's folders."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from rules.errors import DingdianError
from tasks import surroundings
from workbooks.folders import Order, import_file, write_workbooks
from workbooks.importing import Wish
from workbooks.report import ImportReport


@task(name="下载表格", cache_policy=NO_CACHE)
def write_sheets(kind: str, by: str, about: str, round_id: int) -> tuple[str, ...] | DingdianError:
    """Workbooks into the outbox folder; answers their names."""
    order = Order(kind, by, surroundings.now(), surroundings.outbox(), about, round_id)
    try:
        return write_workbooks(surroundings.database_url(), order, surroundings.keys())
    except DingdianError as refused:
        return refused


@task(name="导入表格", cache_policy=NO_CACHE)
def read_sheets(path: Path, by: str, is_dry: bool, keeps_good_rows: bool) -> ImportReport | DingdianError:
    """A workbook from the inbox folder: checked, and written in one transaction unless it is a dry run."""
    wish = Wish(path, by, surroundings.now(), is_dry, keeps_good_rows)
    try:
        return import_file(surroundings.database_url(), wish, surroundings.keys(), surroundings.outbox())
    except DingdianError as refused:
        return refused
