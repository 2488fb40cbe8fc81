"""Workbooks by Prefect: downloaded into the outbox folder, imported from the inbox folder, faults on the run's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.stack import Stack, load_demo
from tests.workbooks.sheetparts import PHARMACY, edited, fill


@pytest.fixture(scope="module")
def office(prefect_stack: Stack) -> Stack:
    """The installation with the demonstration round."""
    load_demo(prefect_stack)
    return prefect_stack


def run(office: Stack, deployment: str, **form: Any) -> tuple[str, str]:
    """Runs a deployment with its form; answers the type and the message of its end."""
    name = f"{deployment[3:]}/{deployment}"
    state = office.wait_for(office.create_run(name, {"form": {"by": "1001", **form}}))
    return state["type"], state["message"]


def artifact(office: Stack, key: str) -> str:
    """The newest page under a key."""
    return str(office.request("GET", f"/artifacts/{key}/latest")["data"])


def downloaded(office: Stack) -> Path:
    """A fresh register template, moved to the inbox."""
    ended, message = run(office, "70 下载表格", kind="申请人登记册（填写用）")
    said, _, name = message.partition("：")
    assert (ended, said) == ("COMPLETED", "已放进发件夹 1 个文件")
    inbox = office.var_dir / "inbox"
    inbox.mkdir(exist_ok=True)
    return (office.var_dir / "outbox" / name).rename(inbox / name)


def test_a_register_goes_out_and_comes_back_by_forms(office: Stack) -> None:
    path = downloaded(office)
    good = PHARMACY | {"applicant_id": "P90", "name": "示范新药房"}
    with edited(path) as book:
        fill(book["零售药店"], good, good | {"applicant_id": "P91", "facts.physicians": "三名", "contact.phone": "12"})
    ended, message = run(office, "71 导入表格", file=path.name)
    assert ended == "CANCELLED"
    assert "共 2 行：可导入 1 行，有错误 1 行（2 处）。只检查，没有写入。逐格说明见结果页和发件夹里的“" in message
    page = artifact(office, "import-result")
    assert "| 零售药店\\!M7 | 医师人数 | 应为数字，现为“三名” | 请只填数字，不带单位，小数不超过四位 |" in page
    assert good["contact.phone"] not in page
    copy = office.var_dir / "outbox" / message.rpartition("“")[2].partition("”")[0]
    assert load_workbook(copy).sheetnames[0] == "导入结果"
    good_rows = {"dry_run": False, "on_faults": "只写入没有错误的行"}
    assert "已写入 1 行" in run(office, "71 导入表格", file=path.name, **good_rows)[1]
    ended, message = run(office, "71 导入表格", file=path.name, **good_rows)
    assert "可导入 0 行，已在库中 1 行，有错误 1 行（2 处）。没有写入任何一行。" in message


def test_what_cannot_be_done_is_a_sentence(office: Stack) -> None:
    ended, message = run(office, "70 下载表格", kind="评分表（填写用）")
    why = "还没有评分表可下载：请先抽取专家（12 抽取专家），并有机构处于实地评估环节"
    assert (ended, message) == ("CANCELLED", f"未办理：{why}")
    assert run(office, "71 导入表格", file="../x.xlsx")[1].startswith("未办理：文件名“../x.xlsx”不能带路径")
    assert run(office, "71 导入表格", file="没有.xlsx")[1].startswith(
        "未办理：收件夹里没有“没有.xlsx”：请先在“文件”页放入；现有："
    )
