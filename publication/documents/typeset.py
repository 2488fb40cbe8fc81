"""Sets a document: a typst template and its data, as PDF/A-2b. Equal data and fonts give equal bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst

from publication.documents.fonts import font_paths, fonts_of
from rules.errors import InputError
from rules.vocabulary import DocumentKind
from rules.wording import code_point_of

TEMPLATES = Path(__file__).resolve().parent / "templates"
LAYOUT = ("official.typ", "lists.typ", "reviewed.typ")
NO_GLYPH = re.compile(r'the text `"(.*)"` could not be displayed')
ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
MOST_DESCRIBED = 200
PAGES = re.compile(rb"/Type/Pages/Count (\d+)")


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF, and the characters that no font has: each stands in it as its code, `〔U+2B740〕`."""

    content: bytes
    described: tuple[str, ...] = ()


def typeset(kind: DocumentKind, facts: Mapping[str, Any], fonts_dir: Path) -> Typeset:
    """The PDF of a document. Texts go in as data, so that none of them is ever read as markup. One name in a character
    that no font has does not keep the others from being published: the character is described by its code.

    Raises InputError when there is no Chinese font, or when it cannot be set for another reason.
    """
    fonts = json.dumps(fonts_of(fonts_dir), ensure_ascii=False)
    compiler = typst.Compiler(TEMPLATES / f"{kind.value}.typ", root=TEMPLATES, font_paths=font_paths(fonts_dir))
    described: dict[str, str] = {}
    while True:
        data = json.dumps(_described(facts, described), ensure_ascii=False, sort_keys=True)
        try:
            content = compiler.compile(format="pdf", sys_inputs={"data": data, "fonts": fonts}, pdf_standards=["a-2b"])
        except typst.TypstError as error:
            lacking = set(_without_glyph(error.message)) - described.keys()
            if not lacking or len(described) >= MOST_DESCRIBED:
                why = f"“{kind.label}”不能排版：{error.message}"
                raise InputError(f"{why}。请核对其中的生僻字，或安装含有这些字的字体") from error
            described |= {one: code_point_of(one) for one in sorted(lacking)}
            continue
        assert isinstance(content, bytes)
        return Typeset(content, tuple(sorted(described)))


def _without_glyph(message: str) -> str:
    """The characters that an error of typst says cannot be displayed; none where it is about something else."""
    found = NO_GLYPH.search(message)
    text = ESCAPE.sub(lambda one: chr(int(one[1], 16)), found[1]) if found else ""
    return "".join(one for one in text if not one.isascii())


def _described(value: Any, described: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return "".join(described.get(one, one) for one in value)
    if isinstance(value, Mapping):
        return {name: _described(one, described) for name, one in value.items()}
    return [_described(one, described) for one in value] if isinstance(value, list) else value


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF of ours has."""
    return max(int(count) for count in PAGES.findall(pdf))


@cache
def template_version(kind: DocumentKind) -> str:
    """What a document was set with: the hash of its template and of what all share, and typst's own version."""
    content = b"\0".join((TEMPLATES / name).read_bytes() for name in (f"{kind.value}.typ", *LAYOUT))
    return f"{hashlib.sha256(content).hexdigest()[:12]}+typst{version('typst')}"
