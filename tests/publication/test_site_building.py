"""The site follows what changed: what stands is neither read nor rendered, what is gone is taken away."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from models import WorkdaySchedule
from models.database import engine_for, transaction
from models.journal import say
from publication import site
from publication.identity import SiteIdentity
from publication.manifest import NAME
from publication.site import SiteReport, build_site
from rules.case import Event
from tasks.perform import perform
from tests.support.rounds import CHANNELS, replayed, small_round

pytestmark = pytest.mark.long
INDEX = {"index.html", "index.json", "feed.atom", "dates.ics", "404.html", "audit.html", "verify_audit.py"}
STANDING = {"404.html", "audit.html", "verify_audit.py"}
WAITING_AT = "2025-09-24T18:00:00+08:00"


def waiting_round(folder: Path) -> str:
    """A round whose notice of results waits for its second channel."""
    scenario = small_round(until=WAITING_AT)
    notice = next(event for event in scenario["events"] if event["do"] == "publish_notice")
    del notice["postings"][1]
    return replayed(folder, scenario)[0]


def post_second_channel(url: str) -> None:
    posted_at = datetime.fromisoformat("2025-09-24T09:00:00+08:00")
    posting = {"channel": CHANNELS[1], "posted_at": posted_at, "url": "", "sha256": ""}
    fields = {"kind": "evaluation_result", "postings": [posting]}
    perform(url, Event("publish_notice", datetime.fromisoformat(WAITING_AT), "经办员甲", fields))


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("[!.]*")}


def test_a_posting_rebuilds_its_notice_the_index_and_nothing_else(tmp_path: Path) -> None:
    url = waiting_round(tmp_path)
    assert build_site(url, tmp_path / "site").rendered == 5
    before = hashes(tmp_path / "site")
    post_second_channel(url)
    report = build_site(url, tmp_path / "site")
    assert set(report.written) == {"notice-1.html", "notice-1.json", "notice-1.ics", *(INDEX - STANDING)}
    after = hashes(tmp_path / "site")
    assert {name for name, value in after.items() if before.get(name) != value} == set(report.written)


def test_a_rebuild_gives_the_bytes_of_a_full_build(tmp_path: Path) -> None:
    url = waiting_round(tmp_path)
    build_site(url, tmp_path / "site")
    post_second_channel(url)
    build_site(url, tmp_path / "site")
    build_site(url, tmp_path / "anew")
    assert hashes(tmp_path / "site") == hashes(tmp_path / "anew")


def test_what_stands_is_not_read_from_the_database_again(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round())
    build_site(url, tmp_path / "site")
    asked: list[str] = []
    listen = lambda *call: asked.append(call[2])  # noqa: E731
    event.listen(engine_for(url), "before_cursor_execute", listen)
    report = build_site(url, tmp_path / "site")
    event.remove(engine_for(url), "before_cursor_execute", listen)
    assert report.rendered == 0
    assert [statement for statement in asked if re.search(r"\.(snapshot|pool)\b", statement)] == []
    # BEGIN, newest day, schedules, when they came, postings, notices, draws, rounds, their rules, plans of inspections,
    # checkpoints by year
    assert len(asked) == 14


def test_a_file_that_was_tampered_with_or_lost_comes_back(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round())
    build_site(url, tmp_path / "site")
    (tmp_path / "site" / "notice-2.html").write_text("改动过的网页", encoding="utf-8")
    (tmp_path / "site" / "list-3.json").unlink()
    assert build_site(url, tmp_path / "site").written == ("notice-2.html", "list-3.json")
    assert [path.name for path in (tmp_path / "site").iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize("harm", ["", "{", '{"basis": 1}', "[]"])
def test_without_a_good_manifest_everything_is_rendered_and_nothing_else_is_harmed(tmp_path: Path, harm: str) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    build_site(url, tmp_path / "site")
    (tmp_path / "site" / NAME).write_text(harm, encoding="utf-8")
    report = build_site(url, tmp_path / "site")
    assert (report.written, report.rendered, report.removed) == ((), 6, ())


def test_other_settings_render_everything_anew(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    build_site(url, tmp_path / "site")
    report = build_site(url, tmp_path / "site", identity=SiteIdentity(name="某县信息公开"))
    assert report.rendered == 6
    assert set(report.unchanged) == {
        *("notice-1.json", "list-1.json", "notice-1.ics", "notice-2.json", "list-2.json", "notice-2.ics"),
        *("plan-1.json", "pool-1.json", "draw-1.json", "verify_draw.py", "limits-1.json", "verify_audit.py"),
    }


def test_changed_code_or_templates_render_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    build_site(url, tmp_path / "site")
    for name in site.MADE_WITH:
        shutil.copytree(site.ROOT / name, tmp_path / "tree" / name)
    template = tmp_path / "tree" / "publication" / "templates" / "notice.html.j2"
    monkeypatch.setattr(site, "ROOT", tmp_path / "tree")
    site._made_with.cache_clear()
    assert build_site(url, tmp_path / "site").rendered == 0  # the same sources in another place
    template.write_text(template.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    site._made_with.cache_clear()
    assert build_site(url, tmp_path / "site").rendered == 6
    site._made_with.cache_clear()


def test_what_is_no_longer_published_is_taken_away_and_what_is_not_ours_stays(tmp_path: Path, database: str) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    build_site(url, tmp_path / "site")
    (tmp_path / "site" / "word.txt").write_text("旁人的文件", encoding="utf-8")
    report = build_site(database, tmp_path / "site")
    assert report.removed == tuple(sorted({*json_names(), "draw-1.html", "verify_draw.py"}))
    assert {path.name for path in (tmp_path / "site").glob("[!.]*")} == {*INDEX, "word.txt"}


def json_names() -> set[str]:
    notices = {f"notice-{n}.{kind}" for n in (1, 2) for kind in ("html", "json", "ics")}
    return notices | {
        "limits-1.html",
        "limits-1.json",
        "list-1.json",
        "list-2.json",
        "plan-1.json",
        "pool-1.json",
        "draw-1.json",
    }


def test_the_day_after_the_last_changes_the_state_of_one_notice(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    build_site(url, tmp_path / "site", datetime.fromisoformat("2025-10-23T12:00:00+08:00"))
    report = build_site(url, tmp_path / "site", datetime.fromisoformat("2025-10-24T00:15:00+08:00"))
    assert set(report.written) == {"notice-2.html", "notice-2.json", "index.html", "index.json", "feed.atom"}


def test_an_amended_schedule_renders_the_notices_anew(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until=WAITING_AT))
    build_site(url, tmp_path / "site")
    about = {"notice": "国办发明电〔2025〕99号", "off": [["2025-09-27", "2025-10-12"]], "working": []}
    with transaction(url) as session:
        at = datetime.fromisoformat("2025-09-24T18:00:00+08:00")
        say(session, "schedule_added", "主任")
        session.add(WorkdaySchedule(year=2025, loaded_at=at, loaded_by="主任", **about))
    assert {"notice-1.html", "limits-1.html"} <= set(build_site(url, tmp_path / "site").written)
    assert "SEQUENCE:3" in (tmp_path / "site" / "notice-1.ics").read_text(encoding="utf-8")


def test_builds_of_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round())
    reports: list[SiteReport] = []
    builders = [threading.Thread(target=lambda: reports.append(build_site(url, tmp_path / "site"))) for _ in range(4)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert sorted(report.rendered for report in reports) == [0, 0, 0, 8]


def test_the_manifest_knows_every_file_and_no_content(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round())
    build_site(url, tmp_path / "site")
    kept = json.loads((tmp_path / "site" / NAME).read_text(encoding="utf-8"))
    files = {name for part in kept["parts"].values() for name in part["files"]}
    assert files == {path.name for path in (tmp_path / "site").glob("[!.]*")}
