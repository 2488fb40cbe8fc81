"""The board's reading on a real database: counts by the database, lists by pages, and one truth for all views."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.database import reading, transaction
from rules.errors import InputError
from rules.evaluation import EVALUATION
from rules.vocabulary import State
from tests.support.stages import Stage
from tests.tasks.rehearsal import OFFICE, beijing, crowd
from views.board import board, overview
from views.casefile import case_file
from views.dossiers import PAGE, SORTS, URGENCIES, Wanted
from views.listing import listing
from views.next_steps import for_applicant

AT = "2025-10-24 09:00"


def lines(url: str, at: datetime, **wanted: Any) -> list[dict[str, Any]]:
    """Every line of a list, page after page."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        with reading(url) as session:
            one = listing(session, at, Wanted(**{"round_id": 1, **wanted, "after": after}))
        found += one["lines"]
        after = one["after"]
        if not after:
            return found


def numbers(url: str, at: datetime, **wanted: Any) -> list[str]:
    return [line["applicant_id"] for line in lines(url, at, **wanted)]


def test_every_count_is_as_long_as_its_list(at_stage: Stage) -> None:
    round_ = at_stage("signing")
    crowd(round_.url, 30, due_on=date(2025, 10, 24))
    crowd(round_.url, 20, due_on=date(2025, 10, 23))
    crowd(round_.url, 10, due_on=date(2025, 10, 31), holds=1)
    crowd(round_.url, 5, due_on=date(2025, 10, 31))
    crowd(round_.url, 3, due_on=date(2025, 11, 1))
    at = beijing(AT)
    with reading(round_.url) as session:
        seen = overview(session, at, 1)
    assert seen["counts"] == {"today": 30, "late": 20, "held": 10, "this_week": 5, "later": 6}
    told = {urgency: len(lines(round_.url, at, urgency=urgency)) for urgency in URGENCIES}
    assert {urgency: count for urgency, count in told.items() if count and urgency != "none"} == seen["counts"]
    assert len(lines(round_.url, at, step="open")) == seen["open"] == 71
    assert len(lines(round_.url, at, waits_for="authority")) == seen["agency"] == 10
    assert [(row["act"], row["count"]) for row in seen["waiting"]] == [("resolve_objection", 10)]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_dossier_once_and_in_order(at_stage: Stage, sort: str) -> None:
    round_ = at_stage("signing")
    crowd(round_.url, 2 * PAGE + 7)
    found = lines(round_.url, beijing(AT), sort=sort)
    assert len({line["applicant_id"] for line in found}) == len(found) == 2 * PAGE + 11
    keys = {
        "limit": lambda line: line["latest"] or "9999",
        "number": lambda line: line["applicant_id"],
        "step": lambda line: EVALUATION.place(State(line["state"])),
    }
    if sort in keys:
        assert found == sorted(found, key=keys[sort])


def test_a_search_finds_parts_of_names_and_numbers_and_takes_no_pattern(at_stage: Stage) -> None:
    url, at = at_stage("accepted").url, beijing("2025-09-02 09:00")
    assert numbers(url, at, text="药房2") == ["P02"]
    assert numbers(url, at, text="p0") == ["P01", "P02", "P03"]
    assert numbers(url, at, text="第1医院") == ["H01"]
    assert [numbers(url, at, text=pattern) for pattern in ("%", "_", "\\", "' OR 1=1 --", "")] == [[]] * 4 + [
        ["H01", "P01", "P02", "P03"]
    ]


def test_filters_narrow_together(at_stage: Stage) -> None:
    url, at = at_stage("result_notice").url, beijing("2025-09-24 09:00")
    assert numbers(url, at, type="pharmacy", step="NOTICE_RESULT") == ["P01", "P02"]
    assert numbers(url, at, waits_for="period", type="hospital") == ["H01"]
    assert numbers(url, at, due_on=date(2025, 9, 30)) == ["H01", "P01", "P02"]
    assert numbers(url, at, step="closed") == ["P03"]
    assert numbers(url, at, round_id=99) == []


@pytest.mark.parametrize(
    "wanted", [{"sort": "zodiac"}, {"after": "x~y"}, {"after": "5"}, {"sort": "step", "after": "5~"}]
)
def test_a_broken_address_is_refused_with_a_sentence(at_stage: Stage, wanted: dict[str, str]) -> None:
    asked = Wanted(**wanted)  # type: ignore[arg-type]
    with reading(at_stage("accepted").url) as session, pytest.raises(InputError, match=r"排序方式|第一页"):
        listing(session, beijing(AT), asked)


def test_the_slack_of_each_step_is_that_of_its_tightest_dossier(at_stage: Stage) -> None:
    round_, at = at_stage("result_notice"), beijing("2025-09-24 09:00")
    with reading(round_.url) as session:
        [(state, of_step)] = overview(session, at, 1)["slack"].items()
        each = {one["slack"] for one in listing(session, at, Wanted(round_id=1, step=state.value))["lines"]}
    assert (state, of_step.dossiers, of_step.lost) == (State.NOTICE_RESULT, 3, 0)
    assert (of_step.least.due_on, of_step.least.finish_on) == (date(2025, 12, 1), date(2025, 10, 9))
    assert each == {f"余量 {of_step.least.spare} 个工作日"}


def test_who_acted_this_week_is_counted_and_the_clock_is_nobody(at_stage: Stage) -> None:
    round_ = at_stage("result_notice")
    with reading(round_.url) as session:
        done = overview(session, beijing("2025-09-24 09:00"), 1)["done"]
        later = overview(session, beijing("2025-10-08 09:00"), 1)["done"]
    assert {row["by"]: (row["total"], row["dossiers"]) for row in done if row["by"] in (OFFICE, "系统时钟")} == {
        OFFICE: (2, 6)  # one notice that names three dossiers, and its start for each of them
    }
    assert sum(row["dossiers"] for row in done if row["acts"][0]["act"] == "record_score_sheet") == 12
    assert later == []


def test_the_command_lines_board_tells_the_same(at_stage: Stage) -> None:
    round_, at = at_stage("signing"), beijing(AT)
    with reading(round_.url) as session:
        told, seen = board(session, at, 1), overview(session, at, 1)
    assert {name: told[name] for name in ("pipeline", "counts")} == {
        name: seen[name] for name in ("pipeline", "counts")
    }
    assert [case["applicant_id"] for case in told["cases"]] == numbers(round_.url, at, step="limited")


def test_a_reading_session_cannot_write(at_stage: Stage) -> None:
    with reading(at_stage("accepted").url) as session, pytest.raises(DBAPIError):
        session.execute(text("UPDATE applicant SET name = 'x'"))


def test_a_writer_does_not_wait_for_a_reader(at_stage: Stage) -> None:
    url = at_stage("accepted").url
    with reading(url) as session:
        before = session.execute(text("SELECT name FROM applicant WHERE applicant_id = 'P01'")).scalar_one()
        with transaction(url) as other:
            other.execute(text("UPDATE applicant SET name = '新名' WHERE applicant_id = 'P01'"))
        assert session.execute(text("SELECT name FROM applicant WHERE applicant_id = 'P01'")).scalar_one() == before


def test_a_case_tells_what_each_event_changed_and_what_is_on_file(at_stage: Stage) -> None:
    with reading(at_stage("signed").url) as session:
        file = case_file(session, "P01", 1, at=beijing("2025-11-03 18:00"))
        offered = for_applicant(session, 1, "P01", date(2025, 11, 3))
    changed = {one["event"]: one["changed"] for one in file["history"]}
    assert changed["submit_application"][1:] == ["初审期限：至 2025-09-30", "全程期限：至 2025-12-01"]
    assert changed["sign_agreement"] == ["签订日：2025-11-03", "已签订服务协议（五(三)）"]
    kinds = Counter(paper["kind"] for paper in file["papers"])
    assert kinds == {"材料": 16, "公示": 2, "评分表": 1, "谈判": 1}
    assert file["slack"] == ""
    said = [(one.do, one.whose, one.is_aside) for one in offered]
    assert said == [
        ("file_agreement", "经办、主任", False),
        ("record_objection", "经办", True),
        ("try_take_back", "主任", True),
    ]
