"""`dingdian sheet`: templates, imports and exports from the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from models.database import transaction
from models.migrate import upgrade
from tests.support.commands import dingdian
from tests.support.letting_go import let_go
from tests.support.stack import clean_environment
from tests.tasks.rehearsal import BOSS, play, scenario_until
from tests.workbooks.sheetparts import HOSPITAL, PHARMACY, edited, fill


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round whose window is open, to be copied."""
    path = tmp_path_factory.mktemp("announced") / "office.db"
    upgrade(f"sqlite:///{path}")
    play(f"sqlite:///{path}", scenario_until("announced"))
    let_go(f"sqlite:///{path}")
    return path


@pytest.fixture
def office(announced: Path, tmp_path: Path) -> dict[str, str]:
    """That round on a database of one's own."""
    url = f"sqlite:///{shutil.copyfile(announced, tmp_path / 'office.db')}"
    return clean_environment(
        DINGDIAN_DATABASE_URL=url, DINGDIAN_VAR_DIR=str(tmp_path / "var"), PYTHONPATH=os.environ.get("PYTHONPATH", "")
    )


def sheet(office: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One call of the command."""
    return dingdian("sheet", *words, env=office)


def template(office: dict[str, str]) -> Path:
    """A fresh register."""
    done = sheet(office, "template", "register", "--by", BOSS, "--json")
    answer = json.loads(done.stdout)
    return Path(answer["folder"]) / answer["files"][0]


def test_a_register_goes_out_and_comes_back(office: dict[str, str]) -> None:
    path = template(office)
    assert path.parent == Path(office["DINGDIAN_VAR_DIR"]) / "outbox"
    with edited(path) as book:
        fill(book["医疗机构"], HOSPITAL)
        fill(book["零售药店"], PHARMACY | {"facts.cold_chain": "有"})
    checked = sheet(office, "import", str(path), "--by", BOSS)
    assert checked.returncode == 1
    assert "有错误的单元格（1 处）" in checked.stdout
    assert "零售药店!J6" in checked.stdout
    written = sheet(office, "import", str(path), "--by", BOSS, "--write", "--good-rows", "--json")
    answer = json.loads(written.stdout)
    assert (answer["written"], answer["good"], answer["bad_rows"]) == (True, ["H90"], 1)
    assert answer["faults"] == [
        {
            "cell": "零售药店!J6",
            "field": "是否具备冷链系统",
            "what": "不在可选之列，现为“有”",
            "todo": "只能是 是、否",
        }
    ]
    with transaction(office["DINGDIAN_DATABASE_URL"]) as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM applicant").scalar_one() == 5


def test_an_export_goes_where_it_is_told(office: dict[str, str], tmp_path: Path) -> None:
    done = sheet(office, "export", "ledger", "--by", BOSS, "--out", str(tmp_path / "here"))
    (file,) = (tmp_path / "here").iterdir()
    assert done.stdout == f"已生成 {file}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("export", "register", "--by", BOSS), "错误：没有“register”这种表格；可用：ranking（排名（查看用））"),
        (("template", "ledger", "--by", BOSS), "错误：没有“ledger”这种表格；可用：register（申请人登记册（填写用））"),
        (("import", "nowhere.xlsx", "--by", BOSS), "错误：没有文件 nowhere.xlsx：请核对路径"),
        (("export", "ledger", "--by", "9999"), "错误：工号“9999”不在在岗人员名单中"),
    ],
)
def test_a_refusal_is_a_sentence(office: dict[str, str], words: tuple[str, ...], sentence: str) -> None:
    done = sheet(office, *words)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
