"""A rank is the place in the evaluation, never the number of the row: a list whose third has gone reads 1, 2, 4."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from models.database import transaction
from publication.documents.making import facts_of, make
from publication.package import build_package
from publication.site import build_site
from rules.vocabulary import DocumentKind
from tests.publication.markup import Page
from tests.support.rounds import replayed, small_round

GONE = {"at": "2025-09-22T18:00:00+08:00", "do": "withdraw_application", "by": "经办员甲"}
RANKS = {"P01": "1", "P02": "2", "P04": "4"}
FINAL = 3
LATER = ("record_negotiation", "sign_agreement", "file_agreement")
FILING = DocumentKind.FILING_SHEET


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round of four pharmacies; the third withdrew between the conclusion and the first notice."""
    scenario = small_round(pharmacies=4, extra=[{**GONE, "applicant_id": "P03", "reason": "自愿"}])
    scenario["events"] = [one for one in scenario["events"] if one["do"] not in LATER or one["applicant_id"] != "P03"]
    made, _ = replayed(tmp_path_factory.mktemp("gaps"), scenario)
    return made


@pytest.fixture(scope="module")
def site(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gaps") / "site"
    build_site(url, folder)
    return folder


def ranks_in(rows: list[list[str]]) -> dict[str, str]:
    """The first cell of each row of a pharmacy, by its number."""
    words = [(row[0].strip(), " ".join(row).split()) for row in rows if row]
    return {one: rank for rank, found in words for one in found if one in ("P01", "P02", "P03", "P04")}


@pytest.mark.parametrize("number", [1, 2, FINAL])
def test_every_notice_on_the_public_site(site: Path, number: int) -> None:
    assert ranks_in(Page((site / f"notice-{number}.html").read_text(encoding="utf-8")).rows) == RANKS
    told = json.loads((site / f"notice-{number}.json").read_text(encoding="utf-8"))["list"]
    frozen = json.loads((site / f"list-{number}.json").read_text(encoding="utf-8"))["entries"]
    for entries in (told, frozen):
        assert {one["applicant_id"]: str(one["rank"]) for one in entries if one["type"] == "pharmacy"} == RANKS


def test_the_register_of_the_designated(site: Path) -> None:
    assert ranks_in(Page((site / "results-1.html").read_text(encoding="utf-8")).rows) == RANKS
    told = json.loads((site / "results-1.json").read_text(encoding="utf-8"))["institutions"]
    assert {one["applicant_id"]: str(one["rank"]) for one in told if one["type"] == "pharmacy"} == RANKS


@pytest.mark.parametrize("number", [1, 2, FINAL])
def test_what_the_portal_and_the_account_are_handed(url: str, number: int) -> None:
    with transaction(url) as session:
        files = build_package(session, number).files
    for name in ("page.html", "fragment.html", "wechat.html"):
        assert ranks_in(Page(files[name].decode()).rows) == RANKS, name


@pytest.mark.parametrize(
    ("kind", "number"), [(DocumentKind.NOTICE, 1), (DocumentKind.NOTICE, 2), (DocumentKind.RESULT, FINAL)]
)
def test_the_official_documents(url: str, kind: DocumentKind, number: int) -> None:
    with transaction(url) as session:
        facts, printed = facts_of(session, kind, number), make(session, kind, number)
    entries = [one for listed in facts["lists"] for one in listed["entries"] if one["applicant_id"] in RANKS]
    assert {one["applicant_id"]: one["rank"] for one in entries} == RANKS
    page = "".join("".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(printed.content)).pages)
    assert [one for one, rank in RANKS.items() if f"{rank}样例大药房{one[-1]}店" not in page] == []


def test_the_letter_and_the_filing_sheet_of_the_fourth(url: str) -> None:
    with transaction(url) as session:
        letter, sheet = (str(facts_of(session, kind, 5)) for kind in (DocumentKind.RESULT_LETTER, FILING))
    assert ("P04" in letter, "第4名" in letter) == (True, True)
    assert ("P04" in sheet, "第4名" in sheet) == (True, True)


def test_a_list_is_in_the_order_of_the_ranks_and_not_of_the_numbers(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(pharmacies=3, scores={"P01": "75", "P02": "95", "P03": "85"}))
    build_site(url, tmp_path / "site")
    for number in (1, 2, FINAL):
        frozen = json.loads((tmp_path / "site" / f"list-{number}.json").read_text(encoding="utf-8"))["entries"]
        assert [one["applicant_id"] for one in frozen] == ["H01", "P02", "P03", "P01"]
        shown = ranks_in(Page((tmp_path / "site" / f"notice-{number}.html").read_text(encoding="utf-8")).rows)
        assert list(shown.items()) == [("P02", "1"), ("P03", "2"), ("P01", "3")]
    with transaction(url) as session:
        [listed] = [one for one in facts_of(session, DocumentKind.NOTICE, 1)["lists"] if len(one["entries"]) > 1]
    assert [one["applicant_id"] for one in listed["entries"]] == ["P02", "P03", "P01"]
