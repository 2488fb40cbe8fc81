"""`objections`, `objection-effect` and `objection-reply` as an operator types them, on a real database."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dingdian.cli import app
from foundation.secrets import Keyring
from foundation.settings import get_settings, secret_key
from models.database import transaction
from rules.case import Event
from tasks.announce import register_staff
from tasks.perform import perform
from tasks.surroundings import surrounded
from tests.support.database import changed, dump
from tests.support.offices import use
from tests.support.rounds import replayed, small_round
from tests.tasks.rehearsal import beijing

ZHAO = {"ref": "P01-1", "name": "赵某某", "phone": "13900001111", "email": "", "address": "样例县人民路1号"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A round whose P01 is objected to, set as the office's own."""
    scenario = small_round(objections={"P01": None}, until="2025-09-24T09:00:00+08:00")
    url, _ = replayed(tmp_path, scenario)
    use(monkeypatch, url, tmp_path / "var")
    return url


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_the_objections_of_the_round(office: str) -> None:
    told = json.loads(run("objections", "--json").stdout)
    about = {
        name: told[0][name] for name in ("ref", "applicant_id", "in_time", "holds", "status", "inquiry_due", "reply")
    }
    assert about == {
        **{"ref": "P01-1", "applicant_id": "P01", "in_time": True, "holds": True, "status": "open"},
        **{"inquiry_due": "2025-10-20", "reply": "待结论"},
    }
    shown = run("objections").stdout
    assert ("P01-1" in shown, "营业面积" in shown, "赵" in shown) == (True, False, False)


def test_what_a_finding_would_do(office: str) -> None:
    before = dump(office)
    told = json.loads(run("objection-effect", "P01-1", "--json").stdout)
    assert changed(before, dump(office)) == {}
    assert list(told) == ["ref", "if_substantiated", "if_not_substantiated"]
    assert [one["applicant_id"] for one in told["if_substantiated"]["disqualified"]] == ["P01"]
    shown = run("objection-effect", "P01-1").stdout
    assert f"如认定属实（试算码 {told['if_substantiated']['code']}）：" in shown
    assert "取消资格：P01" in shown
    unknown = run("objection-effect", "Y-9")
    assert (unknown.exit_code, str(unknown.exception)) == (1, "没有编号为“Y-9”的异议，请核对")


def test_the_letter_goes_to_a_file_that_only_its_owner_reads(office: str, tmp_path: Path) -> None:
    by = "稽核员丙"
    _resolve(office, by)
    file = tmp_path / "reply.txt"
    done = run("objection-reply", "P01-1", "--by", by, "--to", str(file))
    assert (done.exit_code, "赵某某" in done.output, "13900001111" in done.output) == (0, False, False)
    assert "赵某某" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    again = run("objection-reply", "P01-1", "--by", by, "--to", str(file))
    assert (again.exit_code, "已存在" in str(again.exception)) == (1, True)
    assert os.listdir(tmp_path).count("reply.txt") == 1


def _resolve(url: str, by: str) -> None:
    with transaction(url) as session:
        register_staff(session, [{"staff_no": by, "name": by, "roles": ["all"]}])
    keys = Keyring.from_secret(secret_key(get_settings()).get_secret_value())
    with surrounded(keys=keys):
        perform(url, Event("register_complainants", beijing("2025-09-24 10:00"), by, {"complainants": [ZHAO]}))
    found = {"ref": "P01-1", "substantiated": False, "finding": "经核查不属实", "preview_code": ""}
    perform(url, Event("resolve_objection", beijing("2025-09-25 10:00"), by, found))
