"""Sets a document: a typst template and its data, as PDF/A-2b. Equal data and fonts give equal bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst

from publication.documents.fonts import font_paths, fonts_of
from rules.errors import InputError
from rules.vocabulary import DocumentKind

TEMPLATES = Path(__file__).resolve().parent / "templates"
LAYOUT = ("official.typ", "lists.typ", "reviewed.typ")
PAGES = re.compile(rb"/Type/Pages/Count (\d+)")


def typeset(kind: DocumentKind, facts: Mapping[str, Any], fonts_dir: Path) -> bytes:
    """The PDF of a document. Texts go in as data, so that none of them is ever read as markup.

    Raises InputError when there is no Chinese font, or when a text cannot be set (a character without any glyph).
    """
    fonts = json.dumps(fonts_of(fonts_dir), ensure_ascii=False)
    data = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    compiler = typst.Compiler(TEMPLATES / f"{kind.value}.typ", root=TEMPLATES, font_paths=font_paths(fonts_dir))
    try:
        content = compiler.compile(format="pdf", sys_inputs={"data": data, "fonts": fonts}, pdf_standards=["a-2b"])
    except typst.TypstError as error:
        why = f"“{kind.label}”不能排版：{error.message}"
        raise InputError(f"{why}。请核对其中的生僻字，或安装含有这些字的字体") from error
    assert isinstance(content, bytes)
    return content


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF of ours has."""
    return max(int(count) for count in PAGES.findall(pdf))


@cache
def template_version(kind: DocumentKind) -> str:
    """What a document was set with: the hash of its template and of what all share, and typst's own version."""
    content = b"\0".join((TEMPLATES / name).read_bytes() for name in (f"{kind.value}.typ", *LAYOUT))
    return f"{hashlib.sha256(content).hexdigest()[:12]}+typst{version('typst')}"
