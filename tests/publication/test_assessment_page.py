"""The public page of the yearly assessments: the county's table before its year, the results after it, nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from publication.identity import SiteIdentity
from publication.site import build_site
from tests.publication.markup import Page
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, beijing
from tests.tasks.test_assessment import TABLE, Office

SITE = SiteIdentity("样例县医保公开", "https://yb.sample.example/teyao/")


@pytest.fixture
def database_kind() -> str:
    """What is read is tried on the quicker database; the tables' own tests use both."""
    return "sqlite"


def feed(folder: Path) -> list[dict[str, str]]:
    """The entries of the feed that tell of assessments, the newest first."""
    atom = "{http://www.w3.org/2005/Atom}"
    entries = ElementTree.fromstring((folder / "feed.atom").read_text("utf-8")).findall(f"{atom}entry")
    links = [one.find(f"{atom}link").get("href") for one in entries]  # type: ignore[union-attr]
    told = [{name: one.findtext(f"{atom}{name}", "") for name in ("title", "published", "updated")} for one in entries]
    summaries = [one.findtext(f"{atom}summary", "") for one in entries]
    return [
        {**one, "link": link.partition("#")[2], "said": said}
        for one, link, said in zip(told, map(str, links), summaries, strict=True)
        if link.startswith("https://yb.sample.example/teyao/assessment.html#")
    ]


def test_the_table_is_public_first_and_the_results_follow(at_stage: Stage, tmp_path: Path) -> None:
    rehearsal = at_stage("published", "assessed")
    rehearsal.sweep("2025-11-06 00:05")
    office = Office(rehearsal)
    build_site(rehearsal.url, tmp_path, beijing("2025-12-31 12:00"), SITE)
    assert not (tmp_path / "assessment.html").exists()
    before = (tmp_path / "index.html").read_bytes()
    assert "assessment" not in before.decode()
    rehearsal.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE)
    build_site(rehearsal.url, tmp_path, beijing("2026-01-05 12:00"), SITE)
    text = (tmp_path / "assessment.html").read_text("utf-8")
    assert "自2026年度起适用" in text
    assert ["A级", "90", "90", "简化审核和结算，公开表扬", "1"] in Page(text).rows
    assert ["K1", "备药", "60"] in Page(text).rows
    assert 'href="assessment.html"' in (tmp_path / "index.html").read_text("utf-8")
    office.surveyed("91.2")
    for number in ("H01", "P01", "P02"):
        office.assessed(number, "52.5", note="扣分理由")
    office.concluded()
    report = build_site(rehearsal.url, tmp_path, beijing("2027-01-11 12:00"), SITE)
    assert {"assessment.html", "assessment.json", "results-1.html"} <= set(report.written)
    text = (tmp_path / "assessment.html").read_text("utf-8")
    rows = [" ".join(row) for row in Page(text).rows if "92.50" in row]
    assert rows[0].endswith("样例县特药协议〔2025〕2号 92.50 91.20 A级")
    assert "扣分理由" not in text
    told = json.loads((tmp_path / "assessment.json").read_text("utf-8"))
    assert [(one["year"], len(one["results"])) for one in told["years"]] == [(2026, 3)]
    register = (tmp_path / "results-1.html").read_text("utf-8")
    assert '2026年度信用等级</a>：<span class="whole">A级</span>' in register
    assert build_site(rehearsal.url, tmp_path, beijing("2027-01-11 12:00"), SITE).written == ()
    [year, table] = feed(tmp_path)
    assert (
        year
        == {"title": "2026年度考核结果", "link": "year-2026", "updated": year["published"], "said": "共3家。"} | year
    )
    assert table["title"] == TABLE["title"]
    assert table["said"] == "年度考核办法，自2026年度起适用。"
    for place in (year["link"], table["link"]):
        assert f'id="{place}"' in text
