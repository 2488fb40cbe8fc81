"""`dingdian plan`: JSON, the calendar file, the picture, and the sentence for what cannot be read."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.support.commands import dingdian
from tests.support.stack import clean_environment


def plan(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(DINGDIAN_VAR_DIR=str(folder / "var"))
    return dingdian("plan", *arguments, env=environment)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("plan")
    files = ("--ics", str(folder / "plan.ics"), "--png", str(folder / "plan.png"))
    done = plan(folder, "--announce", "2026-02-04", "--scan", "6w", "--assume", "scoring=6wd", "--json", *files)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), folder


def test_the_steps_carry_day_latest_day_and_working(answer: tuple[dict[str, Any], Path]) -> None:
    scoring = next(one for one in answer[0]["steps"] if one["step"] == "scoring")
    assert (scoring["period"], scoring["is_assumed"], scoring["on"], scoring["allowed_on"], scoring["slack_days"]) == (
        "6wd", True, "2026-04-13", "2026-04-16", 3,
    )  # fmt: skip
    effects = "".join(line["effect"][0] for line in scoring["working"])
    assert effects == "s" + "c" + "sss" + "cccc" + "ss" + "d"  # start, 3 April, 清明, 7 to 10 April, a weekend, due
    assert scoring["working"][2]["reason"] == "清明节放假（国办发明电〔2025〕7号）"


def test_the_scan_is_ranked_with_reasons(answer: tuple[dict[str, Any], Path]) -> None:
    scan = answer[0]["scan"]
    assert (scan["from"], scan["to"]) == ("2026-02-04", "2026-03-17")
    best, worst = scan["candidates"][0], scan["candidates"][-1]
    assert (best["announced_on"], best["breaks_at"], best["findings"][-1]) == ("2026-03-09", None, "两次公示均避开长假")
    assert worst["slack_days"] < best["slack_days"]


def test_the_calendar_file_holds_every_step_and_the_limit(answer: tuple[dict[str, Any], Path]) -> None:
    events = Calendar.from_ical((answer[1] / "plan.ics").read_bytes()).walk("VEVENT")
    days = {str(event["summary"]): event.decoded("dtstart") for event in events}
    assert len(days) == len(answer[0]["steps"]) + 1
    assert days["全程期限届满"] == date.fromisoformat(answer[0]["whole_procedure"]["on"])
    notice = next(event for event in events if str(event["summary"]) == "拟签约名单公示期")
    ends_on = next(one["on"] for one in answer[0]["steps"] if one["step"] == "proposed_notice_over")
    assert (notice.decoded("dtend") - notice.decoded("dtstart")).days >= 7
    assert notice.decoded("dtend").toordinal() == date.fromisoformat(ends_on).toordinal() + 1


def test_the_picture_is_written(answer: tuple[dict[str, Any], Path]) -> None:
    assert (answer[1] / "plan.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--announce", "2月2日"), "--announce 应为日期，如 2026-02-02"),
        (("--scan", "100w"), "--scan 应为周数，如 12w，至多 52w"),
        (("--assume", "scoring"), "--assume 应写作 步骤=时长"),
        (("--assume", "tea=1wd"), "没有可以假定办理时间的步骤“tea”"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = plan(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
