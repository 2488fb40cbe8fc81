"""`dingdian due` as other programs see it: standard output, standard error, exit codes."""

from __future__ import annotations

import json
import resource
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dingdian import due as command
from tests.support.commands import dingdian

KEYS = ["start", "period", "due", "nominal", "status"]


def answers(capsys: pytest.CaptureFixture[str], **options: Any) -> Any:
    given = {"period": "", "start": "", "batch": None, "explain": False, "roll": True, "as_json": True}
    command.run(**(given | options))
    return json.loads(capsys.readouterr().out)


def write(folder: Path, items: object) -> Path:
    path = folder / "batch.json"
    path.write_text(items if isinstance(items, str) else json.dumps(items, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_firm_day_with_its_working() -> None:
    done = dingdian("due", "--period", "22wd", "--start", "2025-09-02", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert list(answer) == [*KEYS, "working"]
    assert [answer[key] for key in KEYS] == ["2025-09-02", "22wd", "2025-10-09", "2025-10-09", "firm"]
    notice = "国办发明电〔2024〕12号"
    assert [line for line in answer["working"] if line["notice"] == notice and line["effect"] == "counted"] == [
        {"day": "2025-09-28", "effect": "counted", "count": 19, "reason": f"调休上班（{notice}）", "notice": notice}
    ]
    assert answer["working"][-1]["effect"] == "due"


def test_a_provisional_day_has_bounds_in_place_of_a_day() -> None:
    done = dingdian("due", "--period", "22wd", "--start", "2026-12-02", "--explain", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, list(answer)) == (0, [*KEYS, "earliest", "latest", "working"])
    assert [answer[key] for key in ("due", "nominal", "status")] == [None, None, "provisional"]
    assert answer["earliest"] < answer["latest"]


def test_no_roll(capsys: pytest.CaptureFixture[str]) -> None:
    answer = answers(capsys, period="3y", start="2023-03-01", roll=False)
    assert (answer["due"], answer["nominal"]) == ("2026-03-01", "2026-03-01")


def test_people_read_a_chinese_table() -> None:
    done = dingdian("due", "--period", "7d", "--start", "2020-09-24", "--explain")
    assert done.returncode == 0
    assert (
        done.stdout.splitlines()[0]
        == "自 2020-09-24 起 7日（当日不计）：最后一日为 2020-10-09 周五，由 2020-10-01 顺延"
    )
    assert "日期" in done.stdout
    assert "届满" in done.stdout


def test_people_are_told_what_is_provisional() -> None:
    done = dingdian("due", "--period", "60wd", "--start", "2026-10-12")
    assert done.stdout == (
        "自 2026-10-12 起 60个工作日（当日不计）：暂定，在 2026-12-31 至 2027-01-08 之间，须待放假安排公布后确定\n"
    )


@pytest.mark.parametrize(
    ("period", "start", "sentence"),
    [
        ("22", "2026-02-02", "错误：period：读不懂期间 '22'；可用的写法："),
        ("22wd", "2026-02-30", "错误：start：没有 2026-02-30 这一天"),
        ("22wd", "20260202", "错误：start：'20260202' 不是日期；应如 2026-02-02"),
        ("9999y", "2026-02-02", "错误：从 2026-02-02 起算 9999年，末日超出公元 9999 年"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(period: str, start: str, sentence: str) -> None:
    done = dingdian("due", "--period", period, "--start", start, "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(sentence)


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ([], "缺少 --period、--start"),
        (["--period", "22wd"], "缺少 --start"),
        (["--start", "2026-02-02"], "缺少 --period"),
        (["--batch", "x.json", "--period", "22wd"], "--batch 不能与 --period、--start 同用"),
    ],
)
def test_a_wrong_combination_is_wrong_usage(arguments: list[str], missing: str) -> None:
    done = dingdian("due", *arguments, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert missing in done.stderr


def test_a_batch_answers_in_order_and_like_single_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = [date(2025, 1, 1) + timedelta(17 * n) for n in range(60)]
    texts = ["22wd", "60wd", "7d", "3m", "3y"]
    items = [
        {"id": f"第{n}项", "period": texts[n % 5], "start": day.isoformat(), "roll": n % 3 > 0}
        for n, day in enumerate(days)
    ]
    told = answers(capsys, batch=write(tmp_path, items), explain=True)
    for item, answer in zip(items, told, strict=True):
        single = answers(capsys, period=item["period"], start=item["start"], roll=item["roll"])
        assert answer == {"id": item["id"], **single}


def test_a_batch_leaves_the_working_out_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, [{"id": 1, "period": "7d", "start": "2020-09-24"}])
    assert answers(capsys, batch=path) == [
        {
            "id": 1,
            "start": "2020-09-24",
            "period": "7d",
            "due": "2020-10-09",
            "nominal": "2020-10-01",
            "status": "firm",
        }
    ]
    assert answers(capsys, batch=path, roll=False)[0]["due"] == "2020-10-01"


def test_bad_items_stand_in_their_place_and_the_others_are_answered(tmp_path: Path) -> None:
    good = {"id": "A", "period": "7d", "start": "2025-10-22"}
    bad = [
        {**good, "id": "B", "period": "7x"},
        {**good, "id": "C", "start": "22.10.2025"},
        {**good, "id": "D", "roll": "no"},
        {"id": "E", "period": "7d"},
        {**good, "id": "F", "rol": False},
        {"period": "7d", "start": "2025-10-22"},
        "7d",
        {**good, "id": "G", "period": 7},
    ]
    done = dingdian("due", "--batch", str(write(tmp_path, [*bad, good])), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [answer["id"] for answer in told] == ["B", "C", "D", "E", "F", None, None, "G", "A"]
    assert [answer["error"].split("；")[0] for answer in told[:-1]] == [
        "period：读不懂期间 '7x'",
        "start：'22.10.2025' 不是日期",
        "roll：应为 true 或 false，现为 'no'",
        "缺少 start",
        "未知的键 rol",
        "缺少 id",
        "应为一项期间（id、period、start、roll），现为 '7d'",
        "period：应为文字，如 22wd，现为 7",
    ]
    assert told[-1]["due"] == "2025-10-29"
    assert [line.split("：")[1] for line in done.stderr.splitlines()] == [
        f"[{index}] {answer['id']}" for index, answer in enumerate(told[:-1])
    ]


def test_people_read_a_batch_as_a_table(tmp_path: Path) -> None:
    items = [
        {"id": "[b]甲", "period": "22wd", "start": "2026-12-02"},
        {"id": "乙", "period": "7d", "start": "2025-10-22"},
    ]
    done = dingdian("due", "--batch", str(write(tmp_path, items)))
    assert done.returncode == 0
    assert "[b]甲" in done.stdout
    assert "暂定：2026-12-30 至 2027-01-07" in done.stdout
    assert "2025-10-29" in done.stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{", "不是 JSON"), ('{"id": 1}', "应为清单"), ("[" * 100_000, "不是 JSON"), (None, "读不到文件")],
)
def test_a_file_that_is_no_json_list_prints_nothing(tmp_path: Path, text: str | None, sentence: str) -> None:
    path = tmp_path / "absent.json" if text is None else write(tmp_path, text)
    done = dingdian("due", "--batch", str(path), "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert sentence in done.stderr


def worked_seconds() -> float:
    """What the processes that this one started and saw end have worked."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_thousand_periods_are_answered_within_two_seconds(tmp_path: Path) -> None:
    """Seconds of work: what others do on the machine meanwhile is not counted."""
    texts = ["22wd", "60wd", "7d", "3m", "3y"]
    items = [
        {"id": n, "period": texts[n % 5], "start": (date(2022, 1, 1) + timedelta(2 * n)).isoformat()}
        for n in range(1000)
    ]
    path = write(tmp_path, items)
    before = worked_seconds()
    done = dingdian("due", "--batch", str(path), "--json")
    assert worked_seconds() - before < 2
    assert len(json.loads(done.stdout)) == 1000
