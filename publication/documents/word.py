"""The documents that an official edits before use, as docx: a template filled with the same facts as the PDF."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from publication.archive import unzipped, zipped
from rules.errors import RefusedError
from rules.vocabulary import DocumentKind

TEMPLATES = Path(__file__).resolve().parent / "templates"
EDITED = (
    *(DocumentKind.ANNOUNCEMENT, DocumentKind.PRELIMINARY_OPINION, DocumentKind.AGREEMENT),
    *(DocumentKind.INSPECTION_RECORD, DocumentKind.FINDING_NOTICE, DocumentKind.RECTIFICATION_NOTICE),
    *(DocumentKind.SUSPENSION_NOTICE, DocumentKind.RESUMPTION_NOTICE, DocumentKind.DISSOLUTION_NOTICE),
    *(DocumentKind.SERVICE_RECEIPT, DocumentKind.WARNING_NOTICE, DocumentKind.SUPPLEMENT_AGREEMENT),
    *(DocumentKind.ANNUAL_AGREEMENT, DocumentKind.RENEWAL_AGREEMENT, DocumentKind.HOLD_NOTICE),
)
CONTENT_TYPES = "[Content_Types].xml"


def fill(kind: DocumentKind, facts: Mapping[str, Any]) -> bytes:
    """The docx of a document; texts are escaped, an unknown name is an error. Equal facts give equal bytes.

    Raises RefusedError for a kind that nobody edits.
    """
    if kind not in EDITED:
        kinds = "、".join(one.label for one in EDITED)
        raise RefusedError(f"“{kind.label}”没有可编辑的格式；可以制作 docx 的有：{kinds}。请改选 PDF")
    template = DocxTemplate(_path(kind))
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    template.render(dict(facts), jinja_env=environment, autoescape=True)
    about = template.docx.core_properties
    about.title, about.author, about.last_modified_by = facts["title"][:255], facts["agency"][:255], ""
    about.created = about.modified = datetime(*facts["day"])  # noqa: DTZ001  (a day, as the format keeps it)
    target = io.BytesIO()
    template.save(target)
    return zipped(unzipped(target.getvalue()), first=CONTENT_TYPES, compressed=True)


@cache
def template_version(kind: DocumentKind) -> str:
    """The hash of the template."""
    return hashlib.sha256(_path(kind).read_bytes()).hexdigest()[:12]


def _path(kind: DocumentKind) -> Path:
    return TEMPLATES / f"{kind.value}.docx"
