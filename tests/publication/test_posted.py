"""Is the list still on the page? Layouts, encodings, names inside names, a changed score, a page that lost it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from publication.fetching import Fetched
from publication.posted import Finding, compare
from rules.vocabulary import PostingOutcome

ENTRIES: list[dict[str, Any]] = [
    {"applicant_id": "H01", "name": "样例县第1医院", "credit_code": "12533524MB0000001X", "mean_score": "95.00"},
    {"applicant_id": "P01", "name": "大药房1店", "credit_code": "", "mean_score": "90.33"},
    {"applicant_id": "P11", "name": "大药房1店分店", "credit_code": "", "mean_score": "90.00"},
]
ROW = "<tr><td>{rank}</td><td>{name}</td><td>{credit_code}</td><td>{mean_score}</td></tr>"
TABLE = "<table>" + "".join(ROW.format(rank=rank, **one) for rank, one in enumerate(ENTRIES, 1)) + "</table>"


def looked(body: str, *, status: int = 200, media_type: str = "text/html", charset: str = "utf-8") -> Finding:
    page = Fetched("https://www.example.gov.cn/1", status, media_type, charset, body.encode(charset or "utf-8"))
    return compare(page, ENTRIES, {"f" * 64: "公示"}, "0" * 64)


@pytest.mark.parametrize(
    "body",
    [
        TABLE,
        TABLE.replace("<td>", "<td><p><span>").replace("</td>", "</span></p></td>"),
        TABLE.replace("样例县第1医院", "样例县<b>第1</b>\n  医院"),
        TABLE.replace("95.00", "９５．００").replace("第1", "第１"),
        TABLE.replace("大药房1店分店", "大药房\u200b1店分店"),
        "<script>var x = '大药房9店 1.00'</script>" + TABLE,
        TABLE.replace("<table>", "<div>").replace("tr>", "div>").replace("td>", "p>"),
    ],
    ids=["table", "spans", "torn name", "full width", "invisible", "script", "no table"],
)
def test_the_list_is_found_however_the_page_is_built(body: str) -> None:
    assert looked(body) == Finding(PostingOutcome.PRESENT, "3 家全部在页面上")


@pytest.mark.parametrize("charset", ["gbk", "gb18030", ""])
def test_the_encoding_is_the_headers_or_the_pages_own(charset: str) -> None:
    body = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">' + TABLE
    page = Fetched("https://x.cn/", 200, "text/html", charset, body.encode("gb18030"))
    assert compare(page, ENTRIES, {}, "").outcome is PostingOutcome.PRESENT


@pytest.mark.parametrize(
    ("change", "to", "faults"),
    [
        ("90.33", "91.33", {"P01": "得分不一致"}),
        ("90.33", "90.331", {"P01": "得分不一致"}),
        ("90.33", "190.33", {"P01": "得分不一致"}),
        ("12533524MB0000001X", "12533524MB0000002X", {"H01": "统一社会信用代码不一致"}),
        ("样例县第1医院", "样例县第2医院", {"H01": "名称不在页面上"}),
        ("<td>大药房1店</td>", "<td></td>", {"P01": "名称不在页面上"}),
        ("大药房1店分店", "大药房1店总店", {"P11": "名称不在页面上"}),
        ("90.00", "", {"P11": "得分不一致"}),
    ],
)
def test_what_was_changed_is_named(change: str, to: str, faults: dict[str, str]) -> None:
    found = looked(TABLE.replace(change, to))
    assert found.outcome is PostingOutcome.CHANGED
    assert {one["applicant_id"]: one["fault"] for one in found.missing} == faults
    assert found.detail == f"3 家中有 {len(faults)} 家缺少或不一致"
    json.dumps(found.missing)


def test_two_scores_that_were_exchanged_are_noticed() -> None:
    swapped = TABLE.replace("90.33", "?").replace("90.00", "90.33").replace("?", "90.00")
    assert {one["applicant_id"] for one in looked(swapped).missing} == {"P01", "P11"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_not_there_is_gone(status: int) -> None:
    assert looked("没有这个页面", status=status).outcome is PostingOutcome.GONE


def test_a_page_without_any_of_the_names_is_gone_though_it_opens() -> None:
    found = looked("<h1>网站改版公告</h1>")
    assert (found.outcome, len(found.missing)) == (PostingOutcome.GONE, 3)


@pytest.mark.parametrize(("status", "media_type"), [(500, "text/html"), (403, "text/html"), (200, "application/pdf")])
def test_what_cannot_be_compared_is_left_to_a_person(status: int, media_type: str) -> None:
    assert looked("x", status=status, media_type=media_type).outcome is PostingOutcome.UNREACHABLE


def test_our_own_file_is_known_by_its_bytes() -> None:
    page = Fetched("https://x.cn/1.pdf", 200, "application/pdf", "", b"%PDF")
    assert compare(page, ENTRIES, {"a" * 64: "公示"}, "a" * 64).outcome is PostingOutcome.PRESENT


WALLS = [
    "<h2>环境异常</h2><p>当前环境异常，完成验证后即可继续访问。</p><a>去验证</a>",
    "<title>访问过于频繁</title><p>您的访问过于频繁，请稍后再试</p>",
    "<form>请输入验证码 <input></form>",
    "<p>请先登录</p><form><input name=user></form>",
    '<div id="app"></div><noscript>Please enable JavaScript</noscript><script src="/app.js"></script>',
    '<div id="app"></div><script src="/app.js"></script>',
    "<h1>403</h1><p>您的请求可能存在威胁，已被网站防火墙拦截</p>",
    "<title>Just a moment...</title><script>1</script>",
]


@pytest.mark.parametrize("body", WALLS)
def test_a_wall_tells_nothing_about_the_notice(body: str) -> None:
    finding = looked(body)
    assert (finding.outcome, finding.missing) == (PostingOutcome.UNREACHABLE, ())
    assert "请用浏览器打开查看" in finding.detail


def test_words_of_a_wall_on_a_page_with_the_list_are_only_words() -> None:
    form = "<form>请输入验证码，请先登录</form>"
    assert looked(TABLE + form).outcome is PostingOutcome.PRESENT
    assert looked(TABLE.replace("90.33", "91.33") + form).outcome is PostingOutcome.CHANGED


def test_a_page_of_content_without_the_list_is_gone_whatever_its_search_form_says() -> None:
    assert looked("<p>该内容已被发布者删除</p>").outcome is PostingOutcome.GONE
    assert looked(f"<form>请输入验证码</form><p>{'另一篇文章。' * 400}</p>").outcome is PostingOutcome.GONE


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_a_byte_order_mark_counts_more_than_what_is_declared(encoding: str) -> None:
    page = Fetched("https://x.cn/", 200, "text/html", "gbk", f"<html>{TABLE}".encode(encoding))
    assert compare(page, ENTRIES, {}, "").outcome is PostingOutcome.PRESENT
