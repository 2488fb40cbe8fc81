"""What the office does of its own to watch over agreements: double random inspections (双随机、一公开; R82), complaints
about institutions (R61, R64), and the lists of institutions (R76, R77). What proved wrong or is over gets its day; no
row is deleted.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import HandDelivery, InstitutionList, ObjectionStatus, ObjectionVia


class DoubleRandomDraw(SQLModel, table=True):
    """A plan of double random inspections and its draw. `institutions` and `inspectors` are the two frozen, numbered
    pools, `conflicts` the pairs of numbers that do not go together (with why, which is not published); their hash is
    `pools_sha256`. `commitment` is the SHA-256 of the secret last source, which stands in `secret_sealed` until it is
    told in `secret`. A trigger keeps the plan as it was published. `assigned`: whom the draw chose, and who goes.
    """

    __tablename__ = "double_random_draw"
    __table_args__ = (
        UniqueConstraint("round_id", "ref"),
        CheckConstraint("to_on >= from_on", name="range"),
        CheckConstraint("wanted > 0 AND inspectors_each > 0", name="wanted"),
        CheckConstraint("revealed_at IS NULL OR drawn_at IS NOT NULL", name="revealed_was_drawn"),
        CheckConstraint("(revealed_at IS NULL) = (secret = '')", name="secret_until_revealed"),
        both_or_neither("drawn_at", "drawn_by"),
        both_or_neither("revealed_at", "revealed_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    ref: str
    from_on: date
    to_on: date
    wanted: int
    inspectors_each: int
    institutions: list[Json] = Field(sa_type=JsonColumn)
    inspectors: list[Json] = Field(sa_type=JsonColumn)
    conflicts: list[Json] = Field(sa_type=JsonColumn)
    pools_sha256: str
    sources: list[str] = Field(sa_type=JsonColumn)
    source_rules: list[Json] = Field(sa_type=JsonColumn)
    commitment: str
    secret_sealed: str = ""
    published_at: datetime
    published_by: str
    drawn_at: datetime | None = None
    drawn_by: str | None = None
    source_values: list[list[int]] = Field(default_factory=list, sa_type=JsonColumn)
    assigned: list[Json] = Field(default_factory=list, sa_type=JsonColumn)
    revealed_at: datetime | None = None
    revealed_by: str | None = None
    secret: str = ""


class Complaint(SQLModel, table=True):
    """A complaint about a designated institution (举报投诉; R61, R64). `ref` counts within one agreement, from 1. Who
    complained is sealed, as with objections. `finding`: the number of the finding that a true one led to."""

    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        one_of("via", ObjectionVia),
        CheckConstraint("status IN ('open', 'upheld', 'dismissed')", name="status"),
        CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name="open_is_unresolved"),
        CheckConstraint("NOT is_anonymous OR complainant_sealed = ''", name="anonymous_is_unknown"),
        CheckConstraint(f"reply_how IN ('', {', '.join(repr(one.value) for one in HandDelivery)})", name="reply_how"),
        CheckConstraint(
            "replied_on IS NULL OR (status <> 'open' AND reply_how <> '' AND reply_proof <> '')", name="reply_is_proved"
        ),
        both_or_neither("resolved_at", "resolved_by"),
        both_or_neither("replied_on", "replied_by"),
        Index(
            "ix_complaint_complainant_bidx",
            "complainant_bidx",
            sqlite_where=text("complainant_bidx <> ''"),
            postgresql_where=text("complainant_bidx <> ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    via: str
    received_at: datetime
    matter: str
    is_anonymous: bool
    complainant_sealed: str = ""
    complainant_bidx: str = ""
    recorded_at: datetime
    recorded_by: str
    acknowledged_on: date | None = None
    status: str = ObjectionStatus.OPEN
    reason: str = ""
    finding: str = ""
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    replied_on: date | None = None
    replied_by: str | None = None
    reply_how: str = ""
    reply_proof: str = ""


class ListEntry(SQLModel, table=True):
    """An institution on a list of the office (R76, R77), by two persons, until a day or until it is removed by two."""

    __tablename__ = "list_entry"
    __table_args__ = (
        one_of("on_list", InstitutionList),
        CheckConstraint("confirmed_by <> recorded_by", name="two_persons"),
        CheckConstraint("until IS NULL OR until >= from_on", name="range"),
        both_or_neither("removed_on", "removed_by"),
        both_or_neither("removed_on", "removal_confirmed_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    institution_id: int = Field(foreign_key="institution.id", index=True)
    name: str
    on_list: str
    ground: str
    document: str
    evidence: str
    from_on: date
    until: date | None = None
    recorded_at: datetime
    recorded_by: str
    confirmed_by: str
    removed_on: date | None = None
    removed_by: str | None = None
    removal_confirmed_by: str | None = None
    removed_why: str = ""
    removal_evidence: str = ""
