"""`dingdian plan`: a round's dates from an announcement day, as a table, a picture, a calendar file or JSON; and the
announcement days of the coming weeks compared."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from foundation.settings import get_settings
from policies.calendars import load_workdays
from rules.errors import InputError
from rules.localtime import local_day
from rules.periods import Period
from rules.plan import Plan
from rules.workdays import Workdays
from tasks import planning, surroundings
from views.plan_page import SCAN_TITLES, STEP_TITLES, scan_rows, step_rows

MOST_WEEKS = 52
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for."""

    announced_on: date
    weeks: int
    assumed: Mapping[str, Period]
    ics: Path | None
    png: Path | None


def run(*, announce: str, scan: str, assume: Sequence[str], ics: Path | None, png: Path | None, as_json: bool) -> None:
    """The command. Raises InputError for what cannot be read."""
    announced_on = _day(announce) if announce else local_day(surroundings.now())
    wanted = Wanted(announced_on, _weeks(scan), dict(_assumed(one) for one in assume), ics, png)
    workdays = _calendar()
    plan, found = planning.lay_out(wanted.announced_on, wanted.weeks, workdays, wanted.assumed)
    _write_files(plan, workdays, wanted)
    if as_json:
        scanned = {"scan": planning.scan_data(found)} if found else {}
        print(json.dumps(planning.as_data(plan, workdays) | scanned, ensure_ascii=False))
    else:
        _show(plan, found)


def _calendar() -> Workdays:
    """The schedules as the office knows them: with those that its operators entered, where its database is at hand."""
    from dingdian.office import office
    from dingdian.running.up_lock import running
    from models.database import transaction
    from models.schedules import known_workdays

    if not (get_settings().database_url or running(get_settings())):
        return load_workdays()
    with office() as url, transaction(url) as session:
        return known_workdays(session)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--announce 应为日期，如 2026-02-02；现为“{text}”") from None


def _weeks(text: str) -> int:
    if not text:
        return 0
    match = re.fullmatch(r"([1-9][0-9]?)w?", text)
    if match is None or int(match[1]) > MOST_WEEKS:
        raise InputError(f"--scan 应为周数，如 12w，至多 {MOST_WEEKS}w；现为“{text}”")
    return int(match[1])


def _assumed(text: str) -> tuple[str, Period]:
    step, equals, period = text.partition("=")
    if not equals:
        raise InputError(f"--assume 应写作 步骤=时长，如 scoring=8wd；现为“{text}”")
    return step.strip(), Period.parse(period.strip())


def _write_files(plan: Plan, workdays: Workdays, wanted: Wanted) -> None:
    if wanted.ics:
        planning.write_calendar(plan, wanted.ics, datetime.now(UTC))
        print(f"日历文件：{wanted.ics}", file=sys.stderr)
    if wanted.png:
        planning.write_picture(plan, workdays, wanted.png)
        print(f"日程图：{wanted.png}", file=sys.stderr)


def _show(plan: Plan, found: planning.Scan | None) -> None:
    console = Console(highlight=False, markup=False)
    table = Table(
        *(Column(title, overflow="fold") for title in STEP_TITLES), title=f"一轮评估日程（{plan.announced_on} 公告）"
    )
    for row in step_rows(plan):
        table.add_row(*row)
    console.print(table)
    for sentence in planning.findings(plan):
        console.print(f"· {sentence}")
    if found:
        compared = Table(*SCAN_TITLES, title=f"公告日比较（{found.first} 至 {found.last}，前 {SHOWN} 名）")
        for row in scan_rows(found.plans[:SHOWN]):
            compared.add_row(*row)
        console.print(compared)
    console.print("标“估”的是估计，不是法定期限；可用 --assume 步骤=时长 修改，如 --assume scoring=8wd。")
