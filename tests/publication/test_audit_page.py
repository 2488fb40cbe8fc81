"""The checkpoints in public: a page a year, data beside it, rebuilt by the day, and checked by a stranger."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models.database import engine_for
from publication.site import build_site
from rules.localtime import ZONE
from tests.publication.markup import Page
from tests.support.database import dump
from tests.support.rounds import replayed, small_round
from upkeep.checkpoints import bind_finished_days

SHA256 = re.compile(r"[0-9a-f]{64}")
PROGRAM = "verify_audit.py"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round; nothing is bound yet."""
    return replayed(tmp_path_factory.mktemp("finished"), small_round())[0]


@pytest.fixture
def url(finished: str, tmp_path: Path) -> str:
    """A copy of it, bound up to 4 January 2026."""
    copy = tmp_path / "round.db"
    with engine_for(finished).connect() as source:
        source.exec_driver_sql("COMMIT")
        source.exec_driver_sql(f"VACUUM INTO '{copy}'")
    bind(f"sqlite:///{copy}", "2026-01-05 00:05")
    return f"sqlite:///{copy}"


def bind(url: str, at: str) -> None:
    bind_finished_days(url, datetime.fromisoformat(at).replace(tzinfo=ZONE))


def held(url: str) -> list[dict[str, Any]]:
    rows = [{**row, "day": str(row["day"])} for row in dump(url)["audit_checkpoint"]]
    return [{name: value for name, value in row.items() if name != "last_id"} for row in rows]


def test_before_the_first_day_is_over_the_page_says_so(finished: str, tmp_path: Path) -> None:
    build_site(finished, tmp_path / "site")
    assert "还没有检查点" in Page((tmp_path / "site" / "audit.html").read_text(encoding="utf-8")).text


def test_each_day_has_its_line_and_the_years_their_last_hash(url: str, tmp_path: Path) -> None:
    build_site(url, tmp_path / "site")
    rows = held(url)
    old, new = ([row for row in rows if row["day"].startswith(year)] for year in ("2025", "2026"))
    told = json.loads((tmp_path / "site" / "audit-2025.json").read_text(encoding="utf-8"))
    assert told["checkpoints"] == old[::-1]
    table = Page((tmp_path / "site" / "audit.html").read_text(encoding="utf-8")).rows[1:]
    assert table == [
        ["2026年", "4", "0", f"{new[-1]['hash']}2026年1月4日"],
        ["2025年", str(len(old)), str(sum(row["records"] for row in old)), f"{old[-1]['hash']}2025年12月31日"],
    ]
    lines = Page((tmp_path / "site" / "audit-2026.html").read_text(encoding="utf-8")).rows[1:]
    assert [line[:2] for line in lines] == [[f"2026年1月{day}日", "0"] for day in (4, 3, 2, 1)]
    assert [SHA256.findall(line[2]) for line in lines] == [
        [row["hash"], row["root"], row["previous"]] for row in reversed(new)
    ]


def test_every_page_leads_there(url: str, tmp_path: Path) -> None:
    build_site(url, tmp_path / "site")
    pages = sorted((tmp_path / "site").glob("*.html"))
    assert [path.name for path in pages if "audit.html" not in Page(path.read_text(encoding="utf-8")).links] == []


def test_a_new_day_rebuilds_its_year_and_nothing_else(url: str, tmp_path: Path) -> None:
    build_site(url, tmp_path / "site")
    bind(url, "2026-01-06 00:05")
    report = build_site(url, tmp_path / "site")
    assert (report.written, report.rendered) == (
        ("audit.html", "checkpoint.txt", "audit-2026.html", "audit-2026.json", "audit-2026-signed.json"),
        2,
    )
    assert build_site(url, tmp_path / "site").rendered == 0


def test_nothing_but_days_numbers_and_hashes_is_published(url: str, tmp_path: Path) -> None:
    build_site(url, tmp_path / "site")
    told = json.loads((tmp_path / "site" / "audit-2025.json").read_text(encoding="utf-8"))
    assert set(told) == {"site", "year", "checkpoints"}
    first, *rest = told["checkpoints"][::-1]
    assert (first["day"], first["previous"]) == ("2025-08-18", "")
    assert {name for one in rest for name in one} == {"day", "records", "root", "previous", "hash"}
    assert [one for one in rest if not all(SHA256.fullmatch(one[name]) for name in ("root", "previous", "hash"))] == []


# --- the stranger's program -------------------------------------------------------------------------------------


def check(folder: Path, *given: str) -> tuple[int, str]:
    """Runs the published program with nothing but Python, as a stranger does."""
    command = [sys.executable, "-I", str(folder / PROGRAM), *given]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout


def rewrite(path: Path, **changes: Any) -> None:
    """Changes the line of 16 October in a published file."""
    told = json.loads(path.read_text(encoding="utf-8"))
    line = next(one for one in told["checkpoints"] if one["day"] == "2025-10-16")
    line.update(changes)
    path.write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def published(url: str, tmp_path: Path) -> Path:
    """The site's folder, and a copy of the year that somebody kept."""
    build_site(url, tmp_path / "site")
    (tmp_path / "site" / "kept.json").write_bytes((tmp_path / "site" / "audit-2025.json").read_bytes())
    return tmp_path / "site"


def test_a_stranger_finds_the_chain_whole(published: Path) -> None:
    assert check(published, "audit-2025.json", "audit-2026.json", "--kept", "kept.json") == (
        *(0, "相符：140 天的检查点逐日相接，抄件 136 天全部一致\n"),
    )


def test_a_stranger_finds_a_line_that_was_changed(published: Path) -> None:
    rewrite(published / "audit-2025.json", records=99)
    assert check(published, "audit-2025.json") == (1, "2025-10-16：哈希与内容不符\n")


@pytest.mark.parametrize("file", ["audit-2025.json", "kept.json"])
def test_a_stranger_refuses_a_file_with_a_key_twice(published: Path, file: str) -> None:
    path = published / file
    text = path.read_text(encoding="utf-8")
    name = '"records":'
    assert name in text
    path.write_text(text.replace(name, f"{name} 99, {name}", 1), encoding="utf-8")
    assert check(published, "audit-2025.json", "--kept", "kept.json") == (1, "")


def test_a_stranger_finds_a_line_that_was_taken_out(published: Path) -> None:
    path = published / "audit-2025.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["checkpoints"] = [one for one in told["checkpoints"] if one["day"] != "2025-10-16"]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert check(published, "audit-2025.json") == (1, "2025-10-17：没有接在 2025-10-15 之后\n")


def test_who_kept_a_copy_finds_a_chain_that_was_made_anew(published: Path) -> None:
    rewrite(published / "kept.json", hash="0" * 64)
    assert check(published, "audit-2025.json", "--kept", "kept.json") == (1, "2025-10-16：与留存的抄件不同\n")
