"""Nobody's number, address or name is written anywhere in clear: everything that a whole replay through the real flows
writes is searched, Prefect's own database included. Left out is only the inbox, where the operator's own file lies.
That replay's outcome is the direct engine's, letters that went out and one that came back make no difference to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from mailparts import Behaviour, MailServer

from dingdian.replay import replay
from dingdian.scenario import check
from tests.support.rounds import small_round
from tests.support.stack import ROOT, clean_environment

pytestmark = pytest.mark.long


def written(secret: str) -> set[bytes]:
    """A text as it may stand in a file: as it is, in JSON, in a URL, in either case."""
    forms = {secret, json.dumps(secret)[1:-1], quote(secret), secret.upper(), quote(secret, safe="@")}
    return {form.encode() for form in forms}


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def played(scenario: dict[str, Any], smtp: MailServer, folder: Path) -> tuple[str, dict[str, Any]]:
    """Plays a scenario in a process of its own; everything it printed, and what it said at the end."""
    temporary, kept = folder / "t", folder / "kept"
    for made in (temporary, kept, folder / "var"):
        made.mkdir()
    file = folder / "scenario.json"
    file.write_text(json.dumps(scenario, ensure_ascii=False), encoding="utf-8")
    environment = clean_environment(
        TMPDIR=str(temporary),
        PREFECT_HOME=str(temporary / "prefect"),
        DINGDIAN_VAR_DIR=str(folder / "var"),
        DINGDIAN_MESSAGE_MODE="live",
        DINGDIAN_SMTP_URL=smtp.url,
        DINGDIAN_MAIL_FROM="office@county.example.cn",
        DINGDIAN_SMS_PROVIDER="simulated",
        PYTHONPATH=os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    )
    command = [sys.executable, "-m", "tests.support.replay_and_keep", str(file), str(kept)]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr, json.loads(run.stdout.splitlines()[-1])


def test_everything_a_replay_writes_is_free_of_contacts(smtp: MailServer, tmp_path: Path) -> None:
    """One dossier of each type: a third brings no other kind of act."""
    scenario = small_round(1, 1)
    contacts = [one["contact"] for one in scenario["applicants"]]
    smtp.when(contacts[0]["email"], Behaviour(rcpt=f"550 5.1.1 <{contacts[0]['email']}>: no such user"))
    printed, told = played(scenario, smtp, tmp_path)

    assert told["outcome"] == replay(check(scenario), f"sqlite:///{tmp_path}/direct.db")
    assert told["outcome"]["refused"] == []
    assert set(smtp.recipients) == {one["email"] for one in contacts}, "the letters went to whom they are for"
    kept = list(files(tmp_path / "kept"))
    names = {path.name for path in kept}
    assert "ours.db" in names
    assert any(name.endswith(".db") for name in names - {"ours.db"}), "Prefect's database is among them"
    assert any(path.suffix == ".html" for path in kept), "the public pages are among them"
    haystacks = {str(path): path.read_bytes() for path in kept} | {"printed": printed.encode()}
    marks = written("样例县第1医院")
    assert sum(any(mark in text for mark in marks) for text in haystacks.values()) >= 3, (
        "the search finds what is there"
    )
    found = [
        (place, secret)
        for contact in contacts
        for secret in contact.values()
        for form in written(secret)
        for place, text in haystacks.items()
        if form in text
    ]
    assert found == []
