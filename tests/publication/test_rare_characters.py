"""Characters that a reader may have no font for, and what pages say of them: told by code."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.database import transaction
from publication.package import build_package
from publication.site import build_site
from rules.wording import rare_characters, rare_told
from tests.support.rounds import replayed, small_round


@pytest.mark.parametrize(
    ("text", "rare"),
    [
        *(("样例医院 A1·（一）", ""), ("\u4e00\u9fff\uffe5", ""), ("\ufffd", ""), ("\U00010000", "\U00010000")),
        *(("\ue000\uf8ff", "\ue000\uf8ff"), ("\uf900", ""), ("乙𠮷丙\U0002b740𠮷", "𠮷\U0002b740")),
    ],
)
def test_what_is_beyond_the_first_plane_or_private_is_rare(text: str, rare: str) -> None:
    assert rare_characters([text]) == tuple(rare)


def test_the_sentence_gives_the_code_of_each_once() -> None:
    assert rare_told(["甲", "乙"]) == ""
    assert rare_told(["𠮷甲", "𠮷乙\U0002b740"]) == (
        "名单中的生僻字：𠮷〔U+20BB7〕、\U0002b740〔U+2B740〕；没有相应字体的设备可能显示为空框，以所注字码为准。"
    )


def test_pages_and_the_package_tell_the_code_where_a_name_has_a_rare_character(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(names={"P01": "𠮷祥药房"}))
    build_site(url, tmp_path / "site", None)
    with transaction(url) as session:
        fragment = build_package(session, 1).files["fragment.html"].decode()
    told = [(tmp_path / "site" / page).read_text(encoding="utf-8") for page in ("notice-1.html", "results-1.html")]
    assert [one.count("名单中的生僻字：𠮷〔U+20BB7〕；") for one in (*told, fragment)] == [1, 1, 1]


def test_pages_without_rare_characters_say_nothing_of_them(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="2025-09-24T18:00:00+08:00"))
    build_site(url, tmp_path / "site", None)
    assert "生僻字" not in (tmp_path / "site" / "notice-1.html").read_text(encoding="utf-8")
