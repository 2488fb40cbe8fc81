"""What a county reads otherwise is what its pages and documents say: start of the period, last day, postmark."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models.database import transaction
from policies.loader import FOLDER, load_policy, newest_text
from publication.documents.making import facts_of
from publication.site import build_site
from rules.vocabulary import DocumentKind
from tests.publication.markup import Page
from tests.support.policies import pin_text
from tests.support.rounds import CHANNELS, replayed, small_round

# reading: choice: what the page says; then what the document says
TOLD: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "notice_start": {
        "later_channel": ("各渠道中最晚的一个发布之日", "自各渠道中最晚的一个发布之日起算"),
        "first_channel": ("首个渠道发布之日", "自首个渠道发布之日起算"),
    },
    "notice_last_day": {
        "roll": ("最后一日是休息日的，顺延至其后第一个工作日", "顺延至其后第一个工作日。"),
        "no_roll": ("不顺延", "最后一日是休息日的，不顺延。"),
    },
    "posted_objection": {
        "postmark": ("邮戳日期不晚于届满日的为期内", "邮戳日期不晚于届满日"),
        "receipt": ("届满日（含当日）前收到", "届满日（含当日）前收到"),
    },
}
CASES = [(name, choice) for name, choices in TOLD.items() for choice in choices]


def chosen(name: str, choice: str, folder: Path) -> None:
    text = (FOLDER / "special_drug.yaml").read_text(encoding="utf-8")
    now = load_policy().reads(name)
    assert text.count(f"  {name}: {{choice: {now},") == 1
    changed = text.replace(f"  {name}: {{choice: {now},", f"  {name}: {{choice: {choice},")
    (folder / "special_drug.yaml").write_text(changed, encoding="utf-8")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round whose notice of results runs."""
    return replayed(tmp_path_factory.mktemp("told"), small_round(until="2025-09-24T18:00:00+08:00"))[0]


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round whose notice of results waits for its second channel."""
    scenario = small_round(until="2025-09-24T18:00:00+08:00")
    notice: dict[str, Any] = next(one for one in scenario["events"] if one["do"] == "publish_notice")
    notice["postings"] = [one for one in notice["postings"] if one["channel"] == CHANNELS[0]]
    return replayed(tmp_path_factory.mktemp("told"), scenario)[0]


@pytest.mark.parametrize(("name", "choice"), CASES)
def test_page_and_document_say_what_the_county_reads(
    url: str, waiting: str, tmp_path: Path, name: str, choice: str
) -> None:
    chosen(name, choice, tmp_path)
    for one in (url, waiting):
        pin_text(one, newest_text(folder=tmp_path))
    build_site(url, tmp_path / "site")
    page = "".join(Page((tmp_path / "site" / "notice-1.html").read_text(encoding="utf-8")).text.split())
    with transaction(waiting) as session:
        document = str(facts_of(session, DocumentKind.NOTICE, 1))
    for other, (on_page, in_document) in TOLD[name].items():
        assert (on_page in page, in_document in document) == ((other == choice),) * 2, other
