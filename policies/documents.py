"""The one reader of `policies/documents.yaml`: limits of publish channels, archive fields, fonts, who may do what.

Refuses an unknown key, unit or kind of document and a missing number, with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from policies.yamlfile import Document, KeyPath, read
from rules.keepable import dotted
from rules.vocabulary import DocumentKind

FILE = Path(__file__).resolve().parent / "documents.yaml"
UNITS = {"characters", "bytes", "pages", "seconds", "hops"}
NUMBERS = {
    *("wechat_title", "wechat_author", "wechat_digest", "wechat_content", "wechat_content_size"),
    *("evidence_size", "scan_size", "scan_pages"),
    *("page_size", "page_wait", "page_redirects", "wall_text", "shell_text"),
}
FONTS = {"body", "title", "hei", "kai", "song", "mono"}


@dataclass(frozen=True, slots=True)
class KindRule:
    """How a kind of document is archived (GB/T 18894), and whether it is public; `series` names its numbers."""

    retention: str
    classification: str
    public: bool
    series: str


@dataclass(frozen=True, slots=True)
class DocumentPolicy:
    """The whole file. `fonts`: family names by role, the best first. `walls`: what sites say instead of a page."""

    version: str
    numbers: Mapping[str, int]
    documents: Mapping[DocumentKind, KindRule]
    fonts: Mapping[str, tuple[str, ...]]
    bold_titles: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    walls: tuple[str, ...]


@lru_cache
def load_document_policy(file: Path = FILE) -> DocumentPolicy:
    """The rules of documents. Raises PolicyError(file, line, what) for anything that the file does not say clearly."""
    document = read(file)
    document.expect_keys((), {"version", "numbers", "walls", "documents", "fonts", "bold_titles", "roles"})
    document.expect_keys(("numbers",), NUMBERS)
    document.expect_keys(("documents",), {kind.value for kind in DocumentKind})
    document.expect_keys(("fonts",), FONTS)
    return DocumentPolicy(
        version=document.expect(("version",), str),
        numbers={name: _number(document, ("numbers", name)) for name in sorted(NUMBERS)},
        documents={kind: _kind(document, ("documents", kind.value)) for kind in DocumentKind},
        fonts={role: document.texts(("fonts", role)) for role in sorted(FONTS)},
        bold_titles=document.texts(("bold_titles",)),
        walls=document.texts(("walls",)),
        roles={str(role): document.texts(("roles", role)) for role in document.expect(("roles",), dict)},
    )


def _number(document: Document, path: KeyPath) -> int:
    document.expect_keys(path, {"unit", "value", "source"})
    unit, value = document.expect((*path, "unit"), str), document.expect((*path, "value"), int)
    if unit not in UNITS:
        raise document.error((*path, "unit"), f"{dotted(path)} 的单位“{unit}”不认识；可用：{'、'.join(sorted(UNITS))}")
    if value <= 0:
        raise document.error((*path, "value"), f"{dotted(path)} 应为正整数，现为 {value}")
    document.expect((*path, "source"), str)
    return value


def _kind(document: Document, path: KeyPath) -> KindRule:
    document.expect_keys(path, {"retention", "classification", "public", "series"})
    texts = {key: document.expect((*path, key), str) for key in ("retention", "classification", "series")}
    return KindRule(public=document.expect((*path, "public"), bool), **texts)
