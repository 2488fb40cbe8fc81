"""公告表: the workbook of a new round, filled in as an office does, read as the document that a JSON file is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from flows.forms.round_file import RoundFile, as_at_the_desk
from flows.inbox import read_round
from models import Expert, Staff
from models.database import reading, transaction
from models.journal import say
from policies.loader import load_policy
from rules.case import Event
from rules.errors import InputError
from tasks.announce import announce_round, expect_announceable
from tasks.case_loading import newest_round
from tasks.surroundings import surrounded
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal, beijing
from tests.workbooks.sheetparts import Desk
from workbooks.announcement import VALUE, fields_of, in_words
from workbooks.folders import Order, write_workbooks
from workbooks.layouts import ANNOUNCEMENT
from workbooks.making import FIRST_COLUMN, FIRST_ROW

AT = beijing("2026-02-10 09:00")
DAYS = {
    **{"plan_approved_on": "2026-02-02", "published_on": "2026-02-10", "year": 2026},
    **{"accept_from.day": "2026-03-02", "accept_from.clock": "8:30", "accept_until.day": "2026-03-13"},
    **{"accept_until.clock": "下午5点30分"},
}


def made(url: str, folder: Path) -> Path:
    (name,) = write_workbooks(url, Order(ANNOUNCEMENT, BOSS, AT, folder), KEYS)
    return folder / name


def filled_in(path: Path, values: Mapping[str, Any]) -> Path:
    book = load_workbook(path)
    sheet = book["公告"]
    for row, field in enumerate(fields_of(load_policy()), FIRST_ROW):
        if field.key in values:
            sheet.cell(row, FIRST_COLUMN + 1).value = values[field.key]
    book.save(path)
    return path


def read_back(path: Path) -> dict[str, Any]:
    with surrounded(inbox=path.parent, keys=KEYS):
        return read_round(path.name)


@pytest.fixture
def before(desk: Desk) -> Rehearsal:
    """An office that has announced a round before."""
    return desk.round


def test_what_the_round_before_said_is_filled_in_and_only_the_days_are_missing(
    before: Rehearsal, tmp_path: Path
) -> None:
    path = made(before.url, tmp_path)
    with pytest.raises(InputError) as told:
        read_back(path)
    assert all(
        f"“{field.column.title}”没有填写" in str(told.value) for field in fields_of(load_policy()) if field.key in DAYS
    )
    head = read_back(filled_in(path, DAYS))
    with reading(before.url) as session:
        old = newest_round(session)
        assert (
            head["rubric"] == RoundFile.model_validate({**head, "rubric": old.rubric}).model_dump(mode="json")["rubric"]
        )
        for name in ("county", "channels", "quota", "place", "tie_rule", "substitution"):
            assert head["announcement"][name] == old.announcement[name], name
    assert head["announcement"]["accept_from"] == "2026-03-02T08:30:00+08:00"
    assert head["announcement"]["accept_until"] == "2026-03-13T17:30:00+08:00"
    assert len(head["expert_library"]) == len(before.own(Expert))


def test_a_round_is_announced_from_it_and_the_next_from_nothing_else(before: Rehearsal, tmp_path: Path) -> None:
    """The second round of this office, without a line of JSON."""
    head = as_at_the_desk(read_back(filled_in(made(before.url, tmp_path), DAYS)))
    assert head["safeguards"]["site_check"] is True
    event = Event("announce_round", AT, BOSS)
    announce_round(before.url, head, event, KEYS)
    with reading(before.url) as session:
        assert newest_round(session).announcement["accept_until"] == "2026-03-13T17:30:00+08:00"


def test_an_office_without_a_round_gets_an_empty_one(database: str, tmp_path: Path) -> None:
    with transaction(database) as session:
        say(session, "staff_added", BOSS)
        session.add(Staff(staff_no=BOSS, name=BOSS, roles=["director"]))
    path = made(database, tmp_path)
    with pytest.raises(InputError, match=r"“县（市、区）”没有填写.*另有 .* 处"):
        read_back(path)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"year": "二〇二六"}, "公告!C7“年度”应为数字"),
        ({"accept_from.clock": "早上"}, "“受理开始时间”不是时间，现"),
        ({"tie_rule": "按姓氏笔画"}, "“同分规则”不在可选之列"),
        ({"objection_contact.phone": "19900012345"}, "“受理异议的电话”：电话会公开，不能是个人手机号码"),
        ({"quota.hospital": -1}, "“医疗机构名额”不能小于 0"),
    ],
)
def test_what_cannot_be_used_is_told_by_cell_and_title(
    before: Rehearsal, tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as told:
        read_back(filled_in(made(before.url, tmp_path), {**DAYS, **values}))
    assert said.removesuffix("，现") in str(told.value)


def test_what_the_procedure_refuses_is_told_by_title(before: Rehearsal, tmp_path: Path) -> None:
    head = read_back(filled_in(made(before.url, tmp_path), {**DAYS, "accept_until.day": "2026-02-20"}))
    with reading(before.url) as session, pytest.raises(InputError) as told:
        expect_announceable(session, as_at_the_desk(head), Event("announce_round", AT, BOSS))
    assert "announcement." in str(told.value)
    assert "announcement." not in in_words(str(told.value))
    assert "“受理截止”" in in_words(str(told.value))


def test_a_choice_against_the_recommendation_stands_in_the_round(before: Rehearsal, tmp_path: Path) -> None:
    path = filled_in(made(before.url, tmp_path), {**DAYS, "safeguards.site_check": "否"})
    book = load_workbook(path)
    sheet = book["可选的规则"]
    row = next(row for row in range(FIRST_ROW, sheet.max_row + 1) if sheet.cell(row, 2).value == "pass_mark")
    sheet.cell(row, FIRST_COLUMN + 2).value = "above_mark_only"
    book.save(path)
    head = as_at_the_desk(read_back(path))
    assert head["announcement"]["readings"]["pass_mark"] == "above_mark_only"
    assert head["announcement"]["readings"]["veto_item"] == "majority"
    assert head["safeguards"]["site_check"] is False


def test_it_is_no_workbook_of_a_round_that_stands(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="请在“01 发布公告”填它的文件名"):
        desk.bring(made(desk.round.url, tmp_path))
    register = desk.register()
    with pytest.raises(InputError, match="是申请人登记册，不是公告表"):
        read_back(register)


def test_every_line_has_its_place_in_the_file() -> None:
    """What a round file may say of the announcement the workbook asks, and nothing else."""
    asked = {field.key.split(".")[0] for field in fields_of(load_policy()) if not field.key.startswith("safeguards.")}
    announcement = RoundFile.model_fields["announcement"].annotation
    assert announcement is not None
    assert asked | {"readings"} == set(announcement.model_fields)
    assert {field.column.key for field in fields_of(load_policy())} == {VALUE}
