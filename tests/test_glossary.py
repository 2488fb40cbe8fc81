"""The glossary names every word of the vocabulary, with the Chinese that people read, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import rules.vocabulary
from rules.vocabulary import Term

GLOSSARY = Path(__file__).resolve().parent.parent / "GLOSSARY.md"
ROW = re.compile(r"^\| (\w+) \| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def vocabulary() -> set[tuple[str, str, str]]:
    classes = [one for one in vars(rules.vocabulary).values() if isinstance(one, type) and issubclass(one, Term)]
    return {(one.__name__, member.value, member.label) for one in classes for member in one}


def test_the_glossary_holds_the_vocabulary_and_nothing_else() -> None:
    assert set(ROW.findall(GLOSSARY.read_text(encoding="utf-8"))) == vocabulary()


def test_one_chinese_word_has_one_english_word_in_the_procedure() -> None:
    procedure = GLOSSARY.read_text(encoding="utf-8").split("## The words of the code")[0]
    chinese = re.findall(r"^\| ([^|A-Za-z]+) \|", procedure, re.MULTILINE)
    assert len(chinese) == len(set(chinese))
