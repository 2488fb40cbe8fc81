"""Workbooks to look at: ranking, summary, ledger, register of designated institutions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from rules.errors import InputError
from tests.tasks.rehearsal import items
from tests.workbooks.sheetparts import Desk

DeskAt = Callable[[str], Desk]


def rows(path: Path, title: str) -> list[list[Any]]:
    """Headings and rows of a sheet."""
    return [[one.value for one in row] for row in load_workbook(path)[title].iter_rows(min_row=3)]


def test_the_ranking(desk_at: DeskAt) -> None:
    path = desk_at("concluded").download("ranking")
    assert rows(path, "零售药店") == [
        ["名次", "编号", "机构名称", "平均分", "优先因素", "名额内", "现处"],
        [1, "P01", "样例大药房1店", 95, "无", "是", "拟进入谈判，待公示"],
        [2, "P02", "样例大药房2店", 90, "无", "是", "拟进入谈判，待公示"],
        [3, "P03", "样例大药房3店", 85, "无", "否", "评估合格，名额已满"],
    ]
    assert [row[0:2] for row in rows(path, "医疗机构")[1:]] == [[1, "H01"]]


def test_the_summary_shows_every_experts_total(desk_at: DeskAt) -> None:
    desk = desk_at("concluded")
    head, first, *_ = rows(desk.download("summary"), "零售药店")
    experts = [f"专家 {one}" for one in sorted(desk.round.panel())]
    assert head == ["编号", "机构名称", *experts, "已评／应评", "平均分", "名次", "现处"]
    assert first == ["P01", "样例大药房1店", 95, 95, 95, "3／3", 95, 1, "拟进入谈判，待公示"]


def test_scores_are_sealed_until_every_sheet_is_in(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    for one in ("H01", "P01", "P02"):
        desk.round.score("2025-09-22 09:00", one, 87)
    first, *others = desk.round.panel()
    for expert in others:
        sheet = {"applicant_id": "P03", "expert_id": expert, "items": items("P03", 87)}
        said = desk.round.act("2025-09-22 10:00", "record_score_sheet", **sheet).summary
        assert said == f"已录入 {expert} 对 P03 的评分表；评分表全部交齐以前密封，不显示分数。"
    with pytest.raises(InputError, match=f"评分表还有 1 张没有交齐（P03 {first}），交齐以前密封，不提供分数"):
        desk.download("summary")
    desk.round.act("2025-09-22 11:00", "record_score_sheet", **{**sheet, "expert_id": first})
    assert rows(desk.download("summary"), "零售药店")[1][2:5] == [87, 87, 87]


def test_the_ledger_has_every_case_with_its_next_limit_and_masked_contacts(desk_at: DeskAt) -> None:
    desk = desk_at("accepted")
    path = desk.download("ledger")
    head, *lines = rows(path, "台账")
    assert [line[0] for line in lines] == ["H01", "P01", "P02", "P03"]
    told = dict(zip(head, lines[1], strict=True))
    assert told == {
        "编号": "P01",
        "机构名称": "样例大药房1店",
        "类型": "零售药店",
        "现处": "已受理，初审中",
        "申请时间": "2025-09-01 09:01",
        "受理日": datetime(2025, 9, 1),
        "初审": None,
        "初审日": None,
        "平均分": None,
        "名次": None,
        "公示": None,
        "谈判": None,
        "谈判日": None,
        "签约日": None,
        "备案日": None,
        "未结异议": 0,
        "最近期限": "初审期限",
        "届满日": datetime(2025, 9, 30),
        "期限状态": "进行中",
        "负责人": None,
        "联系电话": "199****0001",
        "电子邮箱": "p***@example.invalid",
    }


def test_the_ledger_tells_how_each_got_there(desk_at: DeskAt) -> None:
    head, *lines = rows(desk_at("published").download("ledger"), "台账")
    told = dict(zip(head, next(line for line in lines if line[0] == "P01"), strict=True))
    assert {name: told[name] for name in ("初审", "初审日", "谈判", "签约日", "最近期限")} == {
        **{"初审": "合格", "初审日": datetime(2025, 9, 10), "谈判": "达成共识", "签约日": datetime(2025, 11, 3)},
        "最近期限": None,
    }
    assert told["公示"] == "评估结果公示 2025-09-23 至 2025-09-30；拟签约名单公示 2025-10-16 至 2025-10-23"


def test_the_register_of_designated_institutions(desk_at: DeskAt) -> None:
    lines = rows(desk_at("published").download("designated"), "定点名册")
    assert [line[:4] for line in lines[1:]] == [
        [1, "H01", "样例县第1医院", "医疗机构"],
        [2, "P01", "样例大药房1店", "零售药店"],
        [3, "P02", "样例大药房2店", "零售药店"],
    ]


def test_the_same_export_twice_holds_the_same(desk_at: DeskAt) -> None:
    desk = desk_at("concluded")
    first, second = (
        [row for title in ("医疗机构", "零售药店") for row in rows(desk.download("ranking"), title)] for _ in "ab"
    )
    assert first == second


def test_no_cell_of_an_export_is_a_formula(desk_at: DeskAt) -> None:
    desk = desk_at("published")
    for kind in ("ranking", "summary", "ledger", "designated"):
        book = load_workbook(desk.download(kind))
        assert {one.data_type for sheet in book for row in sheet.iter_rows() for one in row} <= {"s", "n", "d"}, kind
