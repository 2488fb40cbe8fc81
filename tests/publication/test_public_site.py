"""The site as the public finds it: what each page says, and what must never stand on any."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models import WorkdaySchedule
from models.database import transaction
from models.journal import say
from publication.site import SiteReport, build_site
from rules.errors import DatabaseError
from tests.publication.markup import Page
from tests.support.rounds import CHANNELS, replayed, small_round

pytestmark = pytest.mark.long
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}&\"'\u202e{% raw %}"
SHOWN = "<script>alert(1)</script>{{ 7*7 }}&\"'{% raw %}"
NOTICE_2025 = "国办发明电〔2024〕12号"
INDEX = ["index.html", "index.json", "feed.atom", "dates.ics", "404.html", "audit.html", "verify_audit.py"]
FINISHED = [
    *INDEX,
    *("limits-1.html", "limits-1.json"),
    *("notice-1.html", "notice-1.json", "list-1.json", "notice-1.ics"),
    *("notice-2.html", "notice-2.json", "list-2.json", "notice-2.ics"),
    *("notice-3.html", "notice-3.json", "list-3.json"),
    *("draw-1.html", "plan-1.json", "pool-1.json", "draw-1.json", "verify_draw.py", "results-1.html", "results-1.json"),
]
FINISHED_KNOBS: dict[str, Any] = {"objections": {"P02": False}, "scores": {"P01": ["91", "90", "90"]}}
CHANGED = [
    ("UPDATE notice SET snapshot = replace(snapshot, '95.00', '96.00') WHERE id = 1", "公示 1（评估结果公示第1号）"),
    ("UPDATE draw SET pool = replace(pool, 'Z03', 'Z33')", "轮次 1 的抽取名册"),
]
Site = dict[str, str]


def site_of(folder: Path, **knobs: Any) -> Site:
    """The files of the site of a small round."""
    url, _ = replayed(folder, small_round(**knobs))
    return built(url, folder / "site")


def built(url: str, folder: Path, as_of: datetime | None = None) -> Site:
    build_site(url, folder, as_of)
    return {path.name: path.read_bytes().decode() for path in sorted(folder.iterdir()) if path.name[0] != "."}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A whole round with an objection, from the announcement to the published list."""
    return site_of(tmp_path_factory.mktemp("finished"), **FINISHED_KNOBS)


def test_a_second_build_writes_nothing_and_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round())
    assert build_site(url, tmp_path / "one") == SiteReport(tuple(FINISHED), (), (), 8)
    stamps = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "one").iterdir()}
    assert build_site(url, tmp_path / "one") == SiteReport((), tuple(FINISHED), (), 0)
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "one").iterdir()} == stamps
    assert built(url, tmp_path / "two") == built(url, tmp_path / "one")


def test_the_notice_of_results_says_everything_it_must(finished: Site) -> None:
    page = Page(finished["notice-1.html"])
    assert "关于样例县2025年度特殊药品定点医药机构评估结果的公示" in page.text
    assert "《县特殊药品定点医药机构评估办法》五（二）" in page.text
    assert ["1", "样例大药房1店", "P01", "90.33"] in page.rows
    assert ["2", "样例大药房2店", "P02", "90.00"] in page.rows
    assert ["1", "样例县第1医院", "H01", "95.00"] in page.rows
    assert "起始日2025年9月23日（星期二）：各渠道中最晚的一个发布之日，当日不计入期间" in page.text
    assert "届满日2025年9月30日（星期二）" in page.text
    assert [page.definitions()[channel] for channel in CHANNELS] == ["2025年9月23日 09:00 —"] * 2
    for fact in ("样例县医疗保险经办中心2号窗口", "届满日 17:30 前", "邮戳日期不晚于届满日"):
        assert fact in page.text
    assert "届满日 24:00 前" not in page.text  # this office names no address that is open until then
    assert page.definitions()["2025年9月30日（星期二）"] == "届满 7 工作日，期间届满"


@pytest.mark.parametrize(
    ("name", "title", "clause"),
    [
        ("notice-2.html", "关于样例县2025年度特殊药品定点医药机构拟签约名单的公示", "五（三）"),
        ("notice-3.html", "关于公布样例县2025年度特殊药品定点医药机构名单的通告", "五（四）"),
    ],
)
def test_each_kind_has_its_own_title_and_clause(finished: Site, name: str, title: str, clause: str) -> None:
    page = Page(finished[name])
    assert title in page.text
    assert f"根据《县特殊药品定点医药机构评估办法》{clause}的规定" in page.text
    assert ("如何提出异议" in page.text) is (name == "notice-2.html")


def test_anybody_can_check_the_hashes_with_a_plain_tool(finished: Site) -> None:
    for page, file in (("notice-1.html", "list-1.json"), ("draw-1.html", "pool-1.json")):
        assert hashlib.sha256(finished[file].encode()).hexdigest() in finished[page]
    assert json.loads(finished["list-1.json"])["entries"][0]["mean_score"] == "95.00"


def test_a_last_day_in_the_holidays_rolls_and_names_the_notice_that_makes_it(tmp_path: Path) -> None:
    page = Page(site_of(tmp_path, result_on="2025-09-25")["notice-1.html"])
    assert "届满日2025年10月9日（星期四）" in page.text
    days = page.definitions()
    assert days["2025年9月28日（星期日）"] == f"计入 3 调休上班（{NOTICE_2025}）"
    assert days["2025年10月2日（星期四）"].startswith("计入 7")
    assert days["2025年10月8日（星期三）"].startswith("顺延 —")
    assert days["2025年10月9日（星期四）"].startswith("届满")
    assert f"工作日与休息日依据：{NOTICE_2025}。" in page.text


def test_the_later_channel_starts_the_period(tmp_path: Path) -> None:
    page = Page(site_of(tmp_path, second_channel_on="2025-09-24")["notice-1.html"])
    assert "起始日2025年9月24日（星期三）" in page.text
    assert "届满日2025年10月9日（星期四）" in page.text  # the seventh day is 1 October
    assert [page.definitions()[channel] for channel in CHANNELS] == ["2025年9月23日 09:00 —", "2025年9月24日 09:00 —"]


def test_with_one_channel_missing_the_period_has_not_started(tmp_path: Path) -> None:
    scenario = small_round(until="2025-09-24T18:00:00+08:00")
    notice = next(event for event in scenario["events"] if event["do"] == "publish_notice")
    del notice["postings"][1]
    url, _ = replayed(tmp_path, scenario)
    site = built(url, tmp_path / "site")
    page = Page(site["notice-1.html"])
    assert "公示期尚未起算：““医保”公众号”的发布尚待登记" in page.text
    assert page.definitions()[CHANNELS[1]] == "尚未登记 —"
    assert "届满日的推算" not in page.text
    assert Page(site["index.html"]).rows[1][1:] == ["尚未起算", "—", "尚未起算"]


def test_a_day_that_needs_an_unpublished_year_is_given_as_bounds(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="2025-09-24T18:00:00+08:00"))
    with transaction(url) as session:
        session.execute(text("UPDATE notice SET starts_on = '2026-12-28', last_day = NULL"))
    site = built(url, tmp_path / "site")
    page = Page(site["notice-1.html"])
    assert re.search(r"届满日暂定：在 2027年1月\d+日 至 2027年1月\d+日 之间", page.text)
    assert page.rows[-4][1] == "未定"
    assert Page(site["index.html"]).rows[1][2:] == ["暂定", "公示中"]


def test_a_schedule_amended_later_is_shown_beside_the_printed_day(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="2025-09-24T18:00:00+08:00"))
    about = {"notice": "国办发明电〔2025〕99号", "off": [["2025-09-27", "2025-10-12"]], "working": []}
    instant = datetime.fromisoformat("2025-09-24T18:00:00+08:00")
    with transaction(url) as session:
        say(session, "schedule_added", "主任")
        session.add(WorkdaySchedule(year=2025, loaded_at=instant, loaded_by="主任", **about))
    page = Page(built(url, tmp_path / "site")["notice-1.html"])
    assert "届满日2025年9月30日（星期二）" in page.text
    assert "按现行安排推算，期间至 2025年10月13日（星期一） 届满" in page.text


def test_the_index_tells_running_from_past_notices(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    site = built(url, tmp_path / "site")
    rows = Page(site["index.html"]).rows
    assert [row[1:] for row in rows if len(row) == 4 and row[0] != "公示"] == [
        ["2025年10月16日", "2025年10月23日", "公示中"],
        ["2025年9月23日", "2025年9月30日", "已届满"],
    ]
    links = Page(site["index.html"]).links[2:-5]
    assert links == ["notice-2.html", "notice-2.html#working", "notice-1.html", "notice-1.html#working", "draw-1.html"]


@pytest.mark.parametrize(("at", "status"), [("2025-10-23T23:59:59", "公示中"), ("2025-10-24T00:00:00", "已届满")])
def test_a_notice_runs_until_the_end_of_its_last_day(tmp_path: Path, at: str, status: str) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    site = built(url, tmp_path / "site", datetime.fromisoformat(f"{at}+08:00"))
    assert (
        Page(site["index.html"])
        .definitions()["关于样例县2025年度特殊药品定点医药机构拟签约名单的公示"]
        .endswith(status)
    )


def test_the_plan_of_the_draw_stands_before_the_draw(tmp_path: Path) -> None:
    site = site_of(tmp_path, until="planned")
    page = Page(site["draw-1.html"])
    assert sorted(site) == sorted(
        [*INDEX, "limits-1.html", "limits-1.json", "draw-1.html", "plan-1.json", "pool-1.json"]
    )
    assert "最早抽取日2025年9月18日（星期四）" in page.text
    assert "尚未抽取" in page.text
    assert page.rows[4] == ["1", "Z01", "样例专家01", "药学"]
    assert page.definitions()["2025年9月18日（星期四）"] == "届满 1 工作日，期间届满"


def test_the_page_of_the_draw_tells_what_became_of_each(tmp_path: Path) -> None:
    page = Page(site_of(tmp_path, recused=["Z02"], unavailable=[7], until="drawn")["draw-1.html"])
    drawn = [row for row in page.rows if len(row) == 5][1:]
    assert [(row[1], row[3]) for row in drawn] == [
        *(("4", "专家组"), ("2", "公布后回避"), ("7", "当日不能到场"), ("5", "专家组"), ("6", "专家组")),
        *(("8", "候补第1"), ("1", "候补第2"), ("3", "候补第3")),
    ]
    assert drawn[0][4] == hashlib.md5(b"\0\0" + b"3.9.14.20.27.33./11./" + b"\0\0").hexdigest()


def test_the_register_tells_who_was_designated_and_when(finished: Site, tmp_path: Path) -> None:
    rows = Page(finished["results-1.html"]).rows
    assert rows[1] == [
        *("1", "样例县第1医院 H01", "95.00", "样例县特药协议〔2025〕1号 2025年11月3日起 至2026年11月3日"),
        "2025年11月3日签约 2025年11月4日备案 2025年11月5日公布",
    ]
    site = site_of(tmp_path, unsigned=["P01"])
    assert [row[1][-3:] for row in Page(site["results-1.html"]).rows[1:4:2]] == ["H01", "P02"]
    assert "公告名额 2 家，已公布定点 1 家" in site["results-1.html"]


def test_what_applicants_and_operators_write_stays_text(tmp_path: Path) -> None:
    scenario = small_round(names={"P01": HOSTILE})
    scenario["announcement"]["place"] = HOSTILE
    postings = [posting for event in scenario["events"] for posting in event.get("postings", [])]
    postings[0]["url"], postings[1]["url"] = "javascript://x/%0aalert(1)", 'https://example.invalid/?a="><b>'
    for expert in scenario["expert_library"]:
        expert["name"] = expert["specialty"] = HOSTILE
    url, _ = replayed(tmp_path, scenario)
    site = built(url, tmp_path / "site")
    assert sorted(site) == sorted(FINISHED)
    pages = {name: Page(source) for name, source in site.items() if name.endswith(".html")}
    assert pages["notice-1.html"].rows[3][1] == SHOWN
    assert f"窗口地点{SHOWN}" in pages["notice-1.html"].text.replace("\n", "")
    assert pages["draw-1.html"].rows[4][2:] == [SHOWN, SHOWN]
    assert 'https://example.invalid/?a="><b>' in pages["notice-1.html"].links
    assert not [link for link in pages["notice-1.html"].links if link.startswith("javascript")]
    assert "javascript://x/%0aalert(1)" in pages["notice-1.html"].text
    assert not any({"script", "raw"} & page.names for page in pages.values())


def test_no_page_runs_a_script_or_asks_anybody_else(finished: Site) -> None:
    for name, source in finished.items():
        if not name.endswith(".html"):
            continue
        page = Page(source)
        assert page.tags[0] == ("html", {"lang": "zh-CN"})
        assert not {"script", "img", "iframe", "form", "object"} & page.names
        assert {attributes["rel"] for tag, attributes in page.tags if tag == "link"} == {"alternate"}
        assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on") or key == "src"]
        assert {link.partition("#")[0] for link in page.links if link[0] != "#"} <= set(finished)
        assert "http" not in source.replace("http-equiv", "")
        assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.tags


@pytest.mark.parametrize(("statement", "message"), CHANGED)
def test_a_list_that_was_changed_is_not_published(tmp_path: Path, statement: str, message: str) -> None:
    url, _ = replayed(tmp_path, small_round(until="proposed"))
    with transaction(url) as session:
        session.execute(text(statement))
    with pytest.raises(DatabaseError, match=message):
        build_site(url, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_an_empty_database_has_an_index(tmp_path: Path, database: str) -> None:
    site = built(database, tmp_path / "site")
    assert sorted(site) == sorted(INDEX)
    assert "尚无公示" in Page(site["index.html"]).text


def test_both_databases_give_the_same_bytes(tmp_path: Path, finished: Site, database: str) -> None:
    url, _ = replayed(tmp_path, small_round(**FINISHED_KNOBS), database)
    assert built(url, tmp_path / "site") == finished
