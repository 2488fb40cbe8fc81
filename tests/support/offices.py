"""An office of one's own: its settings, and what its round file says besides the scenario format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay
from dingdian.scenario import check
from foundation.settings import reset_settings
from rules.creditcode import check_character

CONTACT = {
    "department": "样例县医疗保险经办中心稽核科",
    "phone": "0731-5550123",
    "address": "样例县人民路1号医保服务大厅2楼205室",
    "email": "yiyi@sample.example",
    "online": "https://www.sample.example/yiyi",
}


def credit_code(place: int) -> str:
    """A code whose check character fits; fictitious."""
    body = f"91350100M{place:08}"
    return body + check_character(body)


def office_round(folder: Path, scenario: Mapping[str, Any]) -> str:
    """Replays a scenario whose round file also says what an office's may say; the address of the database."""
    checked = check(scenario)
    announcement = {**checked.head["announcement"], "objection_contact": CONTACT}
    applicants = [{**one, "credit_code": credit_code(n)} for n, one in enumerate(checked.head["applicants"])]
    head = {**checked.head, "announcement": announcement, "applicants": applicants}
    url = f"sqlite:///{folder / 'office.db'}"
    replay(replace(checked, head=head), url)
    return url


def use(monkeypatch: pytest.MonkeyPatch, url: str, var: Path) -> None:
    """Makes a database and a folder the office's own, for the commands of this process."""
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", url)
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(var))
    reset_settings()
