"""The publish package: what is in it, WeChat's limits, hostile names, the same bytes twice, sums that a tool checks."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import html5lib
import pytest

from foundation.settings import reset_settings
from models.database import transaction
from policies.documents import load_document_policy
from publication import wechat
from publication.documents.making import facts_of
from publication.package import SUMS, Package, build_package
from publication.shortening import cut, length
from rules.errors import RefusedError
from rules.vocabulary import DocumentKind
from tests.support.rounds import replayed, small_round

pytestmark = pytest.mark.long
HOSTILE = "<script>alert(1)</script>&\"'甲店"
LIMITS = load_document_policy().numbers
FILES = [
    *("README.txt", SUMS, "fragment.html", "list.json", "metadata.json", "notice-1.pdf", "page.html"),
    *("wechat.html", "wechat.json"),
]


def packed(url: str, notice: int = 1, planned_on: date | None = None) -> Package:
    with transaction(url) as session:
        return build_package(session, notice, planned_on)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return replayed(tmp_path_factory.mktemp("package"), small_round(names={"P01": HOSTILE}))[0]


def test_the_package_is_complete_and_the_same_twice(url: str) -> None:
    first, second = packed(url), packed(url)
    assert sorted(first.files) == sorted(FILES)
    assert (first.zip, first.sha256) == (second.zip, second.sha256)
    with zipfile.ZipFile(io.BytesIO(first.zip)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == first.files


def test_the_sums_hold_with_a_plain_tool(url: str, tmp_path: Path) -> None:
    for name, content in packed(url).files.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(["sha256sum", "-c", SUMS], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == len(FILES) - 1
    (tmp_path / "page.html").write_text("改过")
    assert subprocess.run(["sha256sum", "-c", SUMS], cwd=tmp_path, capture_output=True).returncode == 1


def test_the_metadata_are_those_of_the_archive(url: str) -> None:
    package = packed(url)
    told = json.loads(package.files["metadata.json"])
    pdf = package.files["notice-1.pdf"]
    assert {name: told[name] for name in ("题名", "文件编号", "责任者", "日期", "机构", "保管期限", "密级")} == {
        "题名": "关于样例县2025年度特殊药品定点医药机构评估结果的公示",
        "文件编号": "样例县特药公示〔2025〕1号",
        "责任者": "样例县医疗保险经办中心",
        "日期": "2025-09-23",
        "机构": "样例县医疗保险经办中心",
        "保管期限": "永久",
        "密级": "公开",
    }
    assert (told["starts_on"], told["last_day"]) == ("2025-09-23", "2025-09-30")
    assert told["document"]["sha256"] == hashlib.sha256(pdf).hexdigest()


def test_names_stay_text_in_every_page(url: str) -> None:
    package = packed(url)
    for name in ("fragment.html", "page.html", "wechat.html"):
        tree = html5lib.parse(package.files[name].decode(), namespaceHTMLElements=False)
        assert list(tree.iter("script")) == [], name
        assert HOSTILE in "".join(tree.itertext()), name


def test_the_full_page_is_valid_and_carries_the_head_tags(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_SITE_NAME", "样例县人民政府")
    monkeypatch.setenv("DINGDIAN_SITE_ID_CODE", "5309210001")
    monkeypatch.setenv("DINGDIAN_PUBLIC_BASE_URL", "https://www.example.gov.cn/yb")
    reset_settings()
    page = packed(url).files["page.html"]
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    tags = {tag.get("name"): tag.get("content") for tag in tree.iter("meta") if tag.get("name")}
    assert {name: tags[name] for name in ("SiteName", "SiteDomain", "SiteIDCode", "ArticleTitle", "PubDate")} == {
        "SiteName": "样例县人民政府",
        "SiteDomain": "www.example.gov.cn",
        "SiteIDCode": "5309210001",
        "ArticleTitle": "关于样例县2025年度特殊药品定点医药机构评估结果的公示",
        "PubDate": "2025-09-23 00:00",
    }
    assert json.loads(packed(url).files["wechat.json"])["content_source_url"] == (
        "https://www.example.gov.cn/yb/notice-1.html"
    )


def test_a_hundred_rows_fit_the_account_whole(tmp_path: Path) -> None:
    until = "2025-09-24T18:00:00+08:00"  # the first notice is out
    article = packed(replayed(tmp_path, small_round(pharmacies=99, until=until))[0]).article
    assert (article.shown, article.total) == (100, 100)
    assert length(article.content) <= LIMITS["wechat_content"]


@pytest.mark.parametrize("rows", [150, 400])
def test_a_list_that_is_too_long_keeps_whole_rows_and_says_where_all_are(url: str, rows: int) -> None:
    with transaction(url) as session:
        facts = facts_of(session, DocumentKind.NOTICE, 1)
    one = {"rank": "1", "applicant_id": "P01", "credit_code": "", "score": "90.00"}
    facts["lists"][1]["entries"] = [
        {**one, "name": f"样例县第{place:03}家名称很长的大药房有限公司"} for place in range(rows)
    ]
    linked, bare = wechat.article(facts, "https://www.example.gov.cn/notice-1.html"), wechat.article(facts, "")
    for article, where in ((linked, "点击文末“阅读原文”查看"), (bare, "见县政府网站的同名公告附件")):
        is_whole = article.shown == article.total
        assert is_whole is (rows == 150)
        assert (f"全部名单{where}" in article.content) is not is_whole
        assert article.content.count("</tr>") == article.shown + 2
        assert length(article.content) <= LIMITS["wechat_content"]
        assert len(article.content.encode()) <= LIMITS["wechat_content_size"]
    html5lib.HTMLParser(strict=False).parseFragment(bare.content)


@pytest.mark.parametrize(
    ("county", "title"),
    [
        ("样例县", "关于样例县2025年度特殊药品定点医药机构评估结果的公示"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江拉祜族佤族布朗族傣族自治县特药定点机构评估结果公示"),
    ],
)
def test_a_long_county_leaves_the_title_within_the_limit(url: str, county: str, title: str) -> None:
    with transaction(url) as session:
        facts = facts_of(session, DocumentKind.NOTICE, 1)
    facts["title"] = facts["title"].replace("样例县", county)
    facts["county"], facts["agency"] = county, f"{county}医疗保险经办中心"
    article = wechat.article(facts, "")
    assert length(article.title) <= LIMITS["wechat_title"]
    assert length(article.author) <= LIMITS["wechat_author"]
    assert length(article.digest) <= LIMITS["wechat_digest"]
    assert article.title == title


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("一二三四", 4, "一二三四"),
        ("一二三四五", 4, "一二三…"),
        ("一二𠮷四五", 4, "一二…"),  # two units: does not fit beside the ellipsis
        ("ae\u0301bcd", 3, "a…"),  # an accent stays with its letter
        ("甲乙", 1, "…"),
    ],
)
def test_a_cut_never_parts_a_character(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept
    assert length(cut(text, limit)) <= limit


def test_the_final_list_has_no_period(url: str) -> None:
    package = packed(url, 3)
    assert "result-3.pdf" in package.files
    assert "如何提出异议" not in package.files["page.html"].decode()
    assert json.loads(package.files["metadata.json"])["last_day"] is None


def test_a_notice_that_does_not_exist_is_refused(url: str) -> None:
    with pytest.raises(RefusedError, match="没有第 9 号公示"):
        packed(url, 9)
