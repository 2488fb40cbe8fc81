"""Makes a document of any kind: those whose facts `publication` gathers, and those that need what stands above it:
messages, limits, who looks after what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from publication.documents.head import Facts
from publication.documents.making import PDF, Made, compose, laid_flat, make, numbered
from rules.errors import InputError
from rules.vocabulary import DocumentKind
from tasks.documents.dossier_papers import dossier_cover, dossier_index
from tasks.documents.message_proof import message_proof
from tasks.documents.work_ledger import work_ledger

FACTS: Mapping[DocumentKind, Callable[[Session, int], Facts]] = {
    DocumentKind.MESSAGE_PROOF: message_proof,
    DocumentKind.WORK_LEDGER: work_ledger,
    DocumentKind.DOSSIER_COVER: dossier_cover,
    DocumentKind.DOSSIER_INDEX: dossier_index,
}


def make_any(session: Session, kind: DocumentKind, ref: int, **given: Any) -> Made:
    """A document of any kind, from the records as they stand; nothing is written. Raises as
    `publication.documents.making.make`; InputError for another format than PDF where there is none."""
    if kind not in FACTS:
        return make(session, kind, ref, **given)
    if given.get("file_format", PDF) != PDF:
        raise InputError(f"“{kind.label}”只有 PDF：请把格式改为 PDF/A")
    told = laid_flat(FACTS[kind](session, ref))
    made = compose(kind, ref, numbered(session, kind, ref, told, given.get("number", "")))
    if kind is DocumentKind.MESSAGE_PROOF:  # people look for it by both numbers
        return replace(made, name=f"message-proof-{told['applicant_id'] or 'office'}-{ref}.{PDF}")
    return made
