"""Official documents that were made, and what later looks at posted pages found; both are only added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import DocumentKind, PostingOutcome


class OfficialDocument(SQLModel, table=True):
    """A document as it was made: which data (`data_sha256`), which template and fonts, which bytes (`file_sha256`).

    `ref` is the number of the round, of the notice, of the application, of the row of an agreement's performance
    (finding, order, suspension, ending) or of the document that is served, as `kind` asks; the same bytes are one row.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("kind", "ref", "file_format", "file_sha256"),
        one_of("kind", DocumentKind),
        one_of("file_format", ("pdf", "docx")),
        CheckConstraint("(file_format = 'pdf') = (pages IS NOT NULL)", name="pages"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    application_id: int | None = Field(default=None, foreign_key="application.id", index=True)
    notice_id: int | None = Field(default=None, foreign_key="notice.id")
    agreement_id: int | None = Field(default=None, foreign_key="agreement.id", index=True)
    kind: str
    ref: int
    file_format: str
    number: str
    title: str
    template_version: str
    fonts: Json = Field(sa_type=JsonColumn)
    pages: int | None = None
    data_sha256: str
    file_sha256: str
    created_at: datetime
    created_by: str


class PostingCheck(SQLModel, table=True):
    """What a look at a posted page found: the outcome, the entries that were missing, the hash of what came."""

    __tablename__ = "posting_check"
    __table_args__ = (one_of("outcome", PostingOutcome),)

    id: int | None = Field(default=None, primary_key=True)
    posting_id: int = Field(foreign_key="posting.id", index=True)
    checked_at: datetime
    outcome: str
    detail: str
    missing: list[Json] = Field(sa_type=JsonColumn)
    content_sha256: str = ""
