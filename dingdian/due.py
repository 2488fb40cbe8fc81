"""`dingdian due`: the last day of a period, and the working of it; one period, or a JSON list of them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer

from policies import jsonfile
from policies.calendars import load_workdays
from policies.plainfile import FileTextError, content_of, text_of
from rules.errors import InputError
from rules.periods import DueDay, Period, WorkingDay, due_day, explain
from rules.workdays import Workdays

Answer = dict[str, Any]

_REQUIRED = ("id", "period", "start")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EFFECTS = {
    "start": "起算",
    "counted": "计入",
    "skipped": "不计",
    "suspended": "暂停",
    "rolled": "顺延",
    "due": "届满",
    "unknown": "未定",
}


@dataclass(frozen=True, slots=True)
class Query:
    """One question: a period, its start day, and whether a last day off rolls."""

    period: Period
    start: date
    roll: bool


def run(*, period: str, start: str, batch: Path | None, explain: bool, roll: bool, as_json: bool) -> None:
    """Answers one period or a batch of them on standard output.

    Raises typer.BadParameter (exit 2) unless either `batch` or both `period` and `start` are given, InputError for
    what cannot be read, and typer.Exit(1) when items of a batch are bad: the others are answered all the same.
    """
    if batch is not None and not (period or start):
        _run_batch(_read_batch(batch), explain=explain, roll=roll, as_json=as_json)
    elif batch is None and period and start:
        _run_one(_query(period, start, roll), explain=explain, as_json=as_json)
    else:
        raise typer.BadParameter(_combination(period, start, batch))


def _combination(period: str, start: str, batch: Path | None) -> str:
    if batch is not None:
        return "--batch 不能与 --period、--start 同用"
    missing = "、".join(name for name, value in (("--period", period), ("--start", start)) if not value)
    return f"缺少 {missing}；请同时给出 --period 与 --start，或者只给 --batch"


def _query(period: object, start: object, roll: object) -> Query:
    """Checks the three fields. Raises InputError naming the field."""
    if not isinstance(period, str):
        raise InputError(f"period：应为文字，如 22wd，现为 {period!r}")
    if not isinstance(roll, bool):
        raise InputError(f"roll：应为 true 或 false，现为 {roll!r}")
    return Query(Period.parse(period), _day(start), roll)


def _day(text: object) -> date:
    if not isinstance(text, str) or not _ISO_DAY.fullmatch(text):
        raise InputError(f"start：{text!r} 不是日期；应如 2026-02-02")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"start：没有 {text} 这一天；请核对日期") from error


def _run_one(query: Query, *, explain: bool, as_json: bool) -> None:
    workdays = load_workdays()
    answer = due_day(query.period, query.start, workdays, roll=query.roll)
    if as_json:
        _write(_answer(answer) | {"working": _working(query, workdays)})
    else:
        _print_answer(answer, _lines(query, workdays) if explain else [])


def _read_batch(path: Path) -> list[object]:
    """The list in the file. Raises InputError when it cannot be read, is not JSON, or is no list."""
    try:
        content = content_of(path)
    except FileTextError as error:
        raise InputError(f"batch：{path}：{error}") from error
    try:
        items = jsonfile.parse(text_of(content), fraction=float)
    except FileTextError as error:
        raise InputError(f"batch：文件 {path} 不是 JSON，或不能使用：{jsonfile.told(error)}") from error
    if not isinstance(items, list):
        raise InputError(f'batch：文件 {path} 应为清单，如 [{{"id": "1", "period": "22wd", "start": "2026-02-02"}}]')
    return items


def _run_batch(items: list[object], *, explain: bool, roll: bool, as_json: bool) -> None:
    workdays = load_workdays()
    answers = [_item(item, workdays, explain=explain, roll=roll) for item in items]
    if as_json:
        _write(answers)
    else:
        _print_batch(answers)
    bad = [(index, answer) for index, answer in enumerate(answers) if "error" in answer]
    for index, answer in bad:
        print(f"错误：[{index}] {answer['id']}：{answer['error']}", file=sys.stderr)
    if bad:
        raise typer.Exit(1)


def _item(item: object, workdays: Workdays, *, explain: bool, roll: bool) -> Answer:
    """The answer to one item, or, in its place, its id and the sentence that refuses it."""
    given: Mapping[str, object] = item if isinstance(item, dict) else {}
    try:
        _check_keys(item)
        query = _query(given["period"], given["start"], given.get("roll", roll))
        answer = _answer(due_day(query.period, query.start, workdays, roll=query.roll))
    except InputError as error:
        return {"id": given.get("id"), "error": str(error)}
    return {"id": given["id"], **answer} | ({"working": _working(query, workdays)} if explain else {})


def _check_keys(item: object) -> None:
    if not isinstance(item, dict):
        raise InputError(f"应为一项期间（id、period、start、roll），现为 {item!r}")
    missing = [key for key in _REQUIRED if key not in item]
    unknown = [key for key in item if key not in (*_REQUIRED, "roll")]
    if missing:
        raise InputError(f"缺少 {'、'.join(missing)}")
    if unknown:
        raise InputError(f"未知的键 {'、'.join(unknown)}；可用的键：id、period、start、roll")


def _answer(due: DueDay) -> Answer:
    answer: Answer = {
        "start": due.start.isoformat(),
        "period": str(due.period),
        "due": due.due and due.due.isoformat(),
        "nominal": due.nominal and due.nominal.isoformat(),
        "status": due.status,
    }
    if due.status == "provisional":
        answer |= {"earliest": due.earliest.isoformat(), "latest": due.latest.isoformat()}
    return answer


def _lines(query: Query, workdays: Workdays) -> list[WorkingDay]:
    return explain(query.period, query.start, workdays, roll=query.roll)


def _working(query: Query, workdays: Workdays) -> list[Answer]:
    return [
        {"day": line.day.isoformat(), "effect": line.effect, "count": line.count, "reason": line.reason}
        | {"notice": line.notice}
        for line in _lines(query, workdays)
    ]


def _write(document: object) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _sentence(due: DueDay) -> str:
    """The answer as one sentence."""
    head = f"自 {due.start} 起 {due.period.label}（当日不计）："
    if due.due is None:
        return f"{head}暂定，在 {due.earliest} 至 {due.latest} 之间，须待放假安排公布后确定"
    rolled = f"，由 {due.nominal} 顺延" if due.nominal != due.due else ""
    return f"{head}最后一日为 {_with_weekday(due.due)}{rolled}"


def _with_weekday(day: date) -> str:
    return f"{day} 周{'一二三四五六日'[day.weekday()]}"


def _print_answer(due: DueDay, lines: list[WorkingDay]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    console = Console(highlight=False, markup=False)
    console.print(_sentence(due), soft_wrap=True)
    if lines:
        table = Table("日期", "作用", "计数", Column("说明", overflow="fold"))
        for line in lines:
            table.add_row(_with_weekday(line.day), _EFFECTS[line.effect], str(line.count), line.reason)
        console.print(table)


def _print_batch(answers: list[Answer]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table("编号", "期间", "起算日", Column("最后一日", overflow="fold"))
    for answer in answers:
        last = answer.get("error") or answer["due"] or f"暂定：{answer['earliest']} 至 {answer['latest']}"
        table.add_row(str(answer["id"]), answer.get("period", ""), answer.get("start", ""), last)
    Console(highlight=False, markup=False).print(table)
