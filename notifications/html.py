"""The HTML of an e-mail, made from its text: one layout, the same words, everything escaped, nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass

FULL_WIDTH_BLANK = "　"
SIGNATURE_INDENT = 8


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a text: the two lines at its head, the reader, paragraphs, signature and closing remark."""

    agency: str
    title: str
    reader: str
    body: tuple[str, ...]
    signature: tuple[str, ...]
    footer: str


def parts_of(text: str) -> Letter:
    """The parts of a rendered message. Paragraphs are indented by two full-width blanks, the signature by far more."""
    agency, title, *rest = [line for line in text.splitlines() if line.strip()]
    *middle, footer = rest
    reader, *lines = middle
    signed = [line for line in lines if _indent(line) >= SIGNATURE_INDENT]
    body = [line for line in lines if _indent(line) < SIGNATURE_INDENT]
    return Letter(agency, title, reader, tuple(map(_bare, body)), tuple(map(_bare, signed)), footer)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(FULL_WIDTH_BLANK))


def _bare(line: str) -> str:
    return line.strip(FULL_WIDTH_BLANK + " ")
