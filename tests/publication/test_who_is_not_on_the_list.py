"""The notice of results tells who is not on its list and why, and what each institution applies for: reasons as the
clauses say them, never a score, a fact of a dossier or an objection."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay
from dingdian.scenario import check
from models.database import transaction
from publication.documents.making import make
from publication.package import build_package
from publication.site import build_site
from rules.vocabulary import DocumentKind
from tests.publication.documents.conftest import pages_of
from tests.publication.markup import Page
from tests.support.rounds import small_round

READING = {"result_list": "others_with_reasons"}
SCOPE = "肺癌、乳腺癌靶向药 <12> 种，输注服务"
OTHERS = [
    ["样例大药房3店", "P03", "零售药店", "营业用房使用面积不足（二（二）4）"],
    ["样例大药房4店", "P04", "零售药店", "评估得分低于分数线（五（二））"],
    ["样例大药房5店", "P05", "零售药店", "排名在公告名额之外（五（二））"],
]
SECRET = ("179.51", "61.23", "71.23")  # the area of P03, the means of P04 and P05


def scenario(readings: dict[str, str]) -> dict[str, Any]:
    """P03 fails the review, P04 has 61.23 points, P05 is third of two places; P02 is objected to and disqualified."""
    made = small_round(
        1,
        5,
        quota={"hospital": 1, "pharmacy": 2},
        facts={"P03": {"area_m2": "179.51"}},
        scores={"P04": "61.23", "P05": "71.23"},
        objections={"P02": True},
    )
    for event in made["events"]:
        if event["do"] == "request_evaluation":
            event["applicant_ids"] = [one for one in event["applicant_ids"] if one != "P03"]
    made["events"] = [
        one for one in made["events"] if (one["do"], one.get("applicant_id")) != ("record_score_sheet", "P03")
    ]
    made["announcement"]["readings"] = readings
    return made


def published(folder: Path, readings: dict[str, str], scope: str = "") -> str:
    """The round's database; its site stands in the folder."""
    checked = check(scenario(readings))
    first, *rest = checked.head["applicants"]
    head = {**checked.head, "applicants": [first | ({"scope": scope} if scope else {}), *rest]}
    url = f"sqlite:///{folder / 'round.db'}"
    assert replay(replace(checked, head=head), url)["refused"] == []
    build_site(url, folder / "site", None)
    return url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round that tells who is not on the list, with a scope for the hospital."""
    made = tmp_path_factory.mktemp("told")
    published(made, READING, SCOPE)
    return made


def text_of(folder: Path, name: str) -> str:
    return (folder / "site" / name).read_text(encoding="utf-8")


def test_the_page_lists_them_by_number_with_every_reason(folder: Path) -> None:
    page = Page(text_of(folder, "notice-1.html"))
    assert [row for row in page.rows if row[1] in ("P03", "P04", "P05")] == OTHERS
    assert json.loads(text_of(folder, "notice-1.json"))["not_included"][0] == {
        **{"applicant_id": "P03", "name": "样例大药房3店", "type": "pharmacy"},
        "reasons": [{"text": "营业用房使用面积不足", "clause": "二(二)4"}],
    }


def test_document_and_package_say_the_same(folder: Path) -> None:
    with transaction(f"sqlite:///{folder / 'round.db'}") as session:
        pdf = "".join(pages_of(make(session, DocumentKind.NOTICE, 1)))
        files = build_package(session, 1).files
    for name, _, _, reason in OTHERS:
        assert pdf.index("未列入名单的机构及理由") < pdf.index(name) < pdf.index(reason)
        for file in ("fragment.html", "wechat.html"):
            assert f"{name}（零售药店，" in files[file].decode()
            assert reason in files[file].decode()


def test_neither_their_scores_nor_facts_nor_objections_come_out(folder: Path) -> None:
    with transaction(f"sqlite:///{folder / 'round.db'}") as session:
        package = b"".join(one for name, one in build_package(session, 1).files.items() if not name.endswith(".pdf"))
        pdf = "".join(pages_of(make(session, DocumentKind.NOTICE, 1)))
    site = "".join(one.read_text(encoding="utf-8") for one in (folder / "site").glob("*-1.*"))
    told = site + package.decode() + pdf
    assert [one for one in SECRET if one in told] == []
    later = json.loads(text_of(folder, "notice-2.json"))
    assert later["not_included"] == []


def test_the_scope_stands_beside_the_name_until_the_register_of_results(folder: Path) -> None:
    for page in ("notice-1.html", "notice-2.html", "notice-3.html", "results-1.html"):
        assert "肺癌、乳腺癌靶向药 &lt;12&gt; 种，输注服务" in text_of(folder, page)
    assert "定点范围为机构申报的范围，签约后以服务协议的约定为准" in text_of(folder, "notice-1.html")
    with transaction(f"sqlite:///{folder / 'round.db'}") as session:
        pdf = "".join(pages_of(make(session, DocumentKind.NOTICE, 1)))
        fragment = build_package(session, 1).files["fragment.html"].decode()
    assert "".join(SCOPE.split()) in pdf
    assert "肺癌、乳腺癌靶向药 &lt;12&gt; 种，输注服务" in fragment
    assert fragment.count("定点范围</th>") == 1


def test_a_round_that_says_nothing_of_it_lists_whom_it_proposes_only(tmp_path: Path) -> None:
    url = published(tmp_path, {})
    assert "未列入名单" not in text_of(tmp_path, "notice-1.html")
    assert "定点范围" not in text_of(tmp_path, "notice-1.html")
    assert set(json.loads(text_of(tmp_path, "list-1.json"))) == {"kind", "content_since", "entries"}
    with transaction(url) as session:
        assert "未列入名单" not in "".join(pages_of(make(session, DocumentKind.NOTICE, 1)))
