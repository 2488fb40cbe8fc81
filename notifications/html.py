"""The HTML of an e-mail, made from its text: one layout, the same words, everything escaped, nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass

FULL_WIDTH_BLANK = "　"
WORKINGS_TITLE = "日期是怎样算出来的"
ADDRESS = ("https://", "http://")
SIGNATURE_INDENT = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the workings; `is_address`: it is the address of a public page and nothing else."""

    text: str
    is_address: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a text: the two lines at its head, the reader, paragraphs, signature, the workings of its dates and
    the closing remark."""

    agency: str
    title: str
    reader: str
    body: tuple[str, ...]
    signature: tuple[str, ...]
    workings: tuple[Line, ...]
    footer: str


def parts_of(text: str) -> Letter:
    """The parts of a rendered message. Paragraphs are indented by two full-width blanks, the signature by far more; the
    workings stand below a heading of their own."""
    agency, title, *rest = [line for line in text.splitlines() if line.strip()]
    *middle, footer = rest
    reader, *lines = middle
    place = lines.index(WORKINGS_TITLE) if WORKINGS_TITLE in lines else len(lines)
    lines, told = lines[:place], [_bare(line) for line in lines[place + 1 :]]
    signed = [line for line in lines if _indent(line) >= SIGNATURE_INDENT]
    body = [line for line in lines if _indent(line) < SIGNATURE_INDENT]
    workings = tuple(Line(one, one.startswith(ADDRESS)) for one in told)
    return Letter(agency, title, reader, tuple(map(_bare, body)), tuple(map(_bare, signed)), workings, footer)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(FULL_WIDTH_BLANK))


def _bare(line: str) -> str:
    return line.strip(FULL_WIDTH_BLANK + " ")
