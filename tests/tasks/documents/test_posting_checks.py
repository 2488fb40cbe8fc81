"""A look at posted pages on a real server: found, changed, gone; recorded each time, told once per change; the clock of
the notice never moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from foundation.settings import reset_settings
from models import Deadline, Notification, PostingCheck
from models.database import transaction
from publication.package import build_package
from rules.vocabulary import PostingOutcome
from tasks.documents.posting_checks import READING, CheckReport, check_postings
from tests.support.portal import Portal, portal
from tests.support.stages import Stage
from tests.tasks.rehearsal import CHANNELS, Rehearsal, beijing


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Portal]:
    """A portal that may be asked though it stands on loopback."""
    monkeypatch.setenv("DINGDIAN_CHECK_HOSTS", "127.0.0.1")
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    with portal() as running:
        yield running


@pytest.fixture
def posted(at_stage: Stage, site: Portal) -> Rehearsal:
    """A notice on the portal under `/1`; the account's address leads to `/2`, which redirects there."""
    rehearsal = at_stage("concluded")
    postings = [
        {"channel": channel, "posted_at": beijing("2025-09-23 09:00").isoformat(), "url": site.url(path)}
        for channel, path in zip(CHANNELS, ("/1", "/2"), strict=True)
    ]
    rehearsal.act("2025-09-23 09:05", "publish_notice", kind="evaluation_result", postings=postings)
    with transaction(rehearsal.url) as session:
        site.page("/1", build_package(session, 1).files["page.html"])
    site.redirect("/2", "/1")
    return rehearsal


def look(rehearsal: Rehearsal, at: str) -> CheckReport:
    return check_postings(rehearsal.url, beijing(at))


def outcomes(report: CheckReport) -> list[tuple[PostingOutcome, bool]]:
    return [(one.finding.outcome, one.is_news) for one in report.looked]


def alerts(rehearsal: Rehearsal) -> list[str]:
    rows = [row for row in rehearsal.rows(Notification) if row.event == "posting_alert"]
    assert {(row.audience, row.subject) for row in rows} <= {("authority", "round")}
    return [f"{row.params['channel']} {row.params['outcome']}" for row in rows]


def test_a_page_that_stands_is_recorded_and_nobody_is_told(posted: Rehearsal) -> None:
    report = look(posted, "2025-09-24 09:40")
    assert outcomes(report) == [(PostingOutcome.PRESENT, False)] * 2
    assert report.summary == "已核对：内容完整 2 处。"
    assert [row.detail for row in posted.rows(PostingCheck)] == ["3 家全部在页面上"] * 2
    assert alerts(posted) == []


@pytest.mark.parametrize("trap", ["redirect", "charset"])
def test_one_page_s_fault_never_ends_the_check(posted: Rehearsal, site: Portal, trap: str) -> None:
    _, _, content = site.answers["/1"]  # type: ignore[misc]
    site.page("/2", content)
    if trap == "redirect":
        site.redirect("/1", "http://[")
        expected = [(PostingOutcome.UNREACHABLE, True), (PostingOutcome.PRESENT, False)]
    else:
        site.page("/1", content, Content_Type="text/html; charset=zlib")
        expected = [(PostingOutcome.PRESENT, False)] * 2
    report = look(posted, "2025-09-24 09:40")
    assert outcomes(report) == expected, [one.finding for one in report.looked]


def test_a_page_that_our_program_stumbles_over_is_a_finding(posted: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(*_: object) -> None:
        raise RecursionError("页面上的文字 19900010000")

    monkeypatch.setattr("tasks.documents.posting_checks.compare", stumbles)
    report = look(posted, "2025-09-24 09:40")
    assert outcomes(report) == [(PostingOutcome.UNREACHABLE, True)] * 2
    assert {one.finding.detail for one in report.looked} == {
        "核对这个网页时程序出错（RecursionError），不能核对，请用浏览器打开查看"
    }


def test_one_changed_score_is_named_and_told_once_per_change(posted: Rehearsal, site: Portal) -> None:
    _, _, content = site.answers["/1"]  # type: ignore[misc]
    site.page("/1", content.replace(b"90.00", b"91.00"))
    first, second = look(posted, "2025-09-24 09:40"), look(posted, "2025-09-25 09:40")
    assert outcomes(first) == [(PostingOutcome.CHANGED, True)] * 2
    assert outcomes(second) == [(PostingOutcome.CHANGED, False)] * 2
    assert [one["fault"] for one in first.looked[0].finding.missing] == ["得分不一致"]
    assert READING in first.summary
    assert alerts(posted) == ["县政府网站 内容有变", "“医保”公众号 内容有变"]
    site.page("/1", content)
    assert outcomes(look(posted, "2025-09-26 09:40")) == [(PostingOutcome.PRESENT, True)] * 2
    assert alerts(posted)[2:] == ["县政府网站 内容完整", "“医保”公众号 内容完整"]
    assert len(posted.rows(PostingCheck)) == 6


def test_a_page_that_was_taken_down_moves_no_clock(posted: Rehearsal, site: Portal) -> None:
    before = posted.deadline("P01", "result_notice")
    del site.answers["/1"]
    report = look(posted, "2025-09-24 09:40")
    assert outcomes(report) == [(PostingOutcome.GONE, True)] * 2
    assert "没有规定公示中断的后果" in report.summary
    posted.sweep("2025-09-25 00:05")
    assert posted.deadline("P01", "result_notice") == before == ("running", date(2025, 9, 30), None)
    posted.sweep("2025-10-01 00:05")
    assert posted.state("P01") == "NEGOTIATING"


def test_a_circle_of_redirects_is_no_judgement_on_the_page(posted: Rehearsal, site: Portal) -> None:
    site.redirect("/1", "/2")
    report = look(posted, "2025-09-24 09:40")
    assert outcomes(report) == [(PostingOutcome.UNREACHABLE, True)] * 2
    assert report.looked[0].finding.detail == "重定向超过 3 次"


def test_an_inside_address_is_not_called_unless_it_is_allowed_by_name(
    posted: Rehearsal, site: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DINGDIAN_CHECK_HOSTS", "")
    reset_settings()
    report = look(posted, "2025-09-24 09:40")
    assert outcomes(report) == [(PostingOutcome.UNREACHABLE, True)] * 2
    assert site.asked == []


@pytest.mark.parametrize(("at", "count"), [("2025-09-30 23:59:59", 2), ("2025-10-01 00:00:00", 0)])
def test_a_notice_is_looked_at_until_the_end_of_its_last_day(posted: Rehearsal, at: str, count: int) -> None:
    assert len(look(posted, at).looked) == count


def test_a_posting_without_an_address_is_counted(at_stage: Stage) -> None:
    report = look(at_stage("result_notice"), "2025-09-24 09:40")
    assert (report.looked, report.without_url) == ((), 2)
    assert report.summary == "已核对：没有需要核对的页面；另有 2 处没有登记网址。"


def test_the_looks_leave_the_deadlines_alone(posted: Rehearsal) -> None:
    before = [row.model_dump() for row in posted.rows(Deadline)]
    look(posted, "2025-09-24 09:40")
    assert [row.model_dump() for row in posted.rows(Deadline)] == before
