"""The operator's manual: a page for every form, current, with pictures that exist and links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dingdian.running.deployments import read
from docs import manual_pages

PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#]+)\)")
BUDGET_BYTES = 4_000_000
PAGES = sorted(manual_pages.FOLDER.glob("*.md"))


def test_every_form_has_a_page_and_every_page_is_current() -> None:
    made = manual_pages.pages()
    assert {f"{manual_pages.number_of(entry)}.md" for entry in read()} | {"list.md"} == set(made)
    for name, text in made.items():
        path = manual_pages.FOLDER / name
        assert path.exists(), f"docs/manual/{name}：请运行 python docs/manual_pages.py"
        assert path.read_text(encoding="utf-8") == text, (
            f"docs/manual/{name} 已过时：请运行 python docs/manual_pages.py"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_picture_and_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [name for name in (*PICTURE.findall(text), *LINK.findall(text)) if not (page.parent / name).exists()]
    assert missing == []


def test_every_step_of_the_procedure_has_its_form_and_its_result_as_a_picture() -> None:
    numbers = [manual_pages.number_of(entry) for entry in read() if "01" <= entry["name"][:2] <= "21"]
    steps = [number for number in numbers if "-" not in number]  # what an announcement may ask beside is not walked
    shown = {path.stem for path in manual_pages.PICTURES.glob("*.webp")}
    assert {f"{number}-form" for number in steps} <= shown
    in_the_round = set(steps) - {"02", "07", "19"}
    assert {f"{number}-result" for number in in_the_round} <= shown


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in manual_pages.PICTURES.glob("*")) < BUDGET_BYTES
