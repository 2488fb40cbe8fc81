"""The official PDFs that stand beside the pages: those that the office made and kept.

The site sets none itself: the public reads the very bytes whose hash is recorded, and a build costs no typesetting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import OfficialDocument
from rules.errors import DatabaseError
from rules.vocabulary import DocumentKind

OF_A_NOTICE = (DocumentKind.NOTICE, DocumentKind.RESULT)
PUBLIC = (DocumentKind.DRAW_RECORD, *OF_A_NOTICE)


@dataclass(frozen=True, slots=True)
class Print:
    """A kept PDF: what it is, of which round or notice, its size in pages and its SHA-256."""

    kind: DocumentKind
    ref: int
    pages: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name on the site."""
        return f"{'draw' if self.kind is DocumentKind.DRAW_RECORD else 'notice'}-{self.ref}.pdf"

    def content(self) -> bytes:
        """Its bytes, from the folder of kept documents. Raises DatabaseError when they are not those recorded."""
        content = next(self.files()).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise DatabaseError(f"{self.kind.label}的 PDF（{self.name}）已被改动，网页不予生成：请用“制作文书”重新制作")
        return content

    def files(self) -> Iterator[Path]:
        """Where it is kept; nowhere when somebody took it away: the page then stands without it."""
        return (get_settings().var_dir / "documents").glob(f"*-{self.sha256[:8]}.pdf")


Prints = Mapping[tuple[DocumentKind, int], Print]


def kept_prints(session: Session) -> Prints:
    """The newest PDF of each public document that was made."""
    columns = (OfficialDocument.kind, OfficialDocument.ref, OfficialDocument.pages, OfficialDocument.file_sha256)
    is_public = col(OfficialDocument.kind).in_(PUBLIC), col(OfficialDocument.file_format) == "pdf"
    rows = session.execute(select(*map(col, columns)).where(*is_public).order_by(col(OfficialDocument.id)))
    newest = {(kind, ref): Print(DocumentKind(kind), ref, pages, sha) for kind, ref, pages, sha in rows.tuples()}
    return {(one.kind, one.ref): one for one in newest.values() if any(one.files())}
