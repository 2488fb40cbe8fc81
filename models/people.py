"""Applicants and staff. Contacts are encrypted, bound to their row; screens and logs see the masked form only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import ApplicantType


class Institution(SQLModel, table=True):
    """A hospital or pharmacy across rounds: its credit code and its campus (院区), both as `rules.register.identity_of`
    keeps them. Without a code each register's entry is one of its own: names never merge two. What it was called and
    what became of it stands with its applicants, round by round."""

    __table_args__ = (
        Index(
            "uq_institution_credit_code_campus",
            *("credit_code", "campus"),
            unique=True,
            sqlite_where=text("credit_code <> ''"),
            postgresql_where=text("credit_code <> ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    credit_code: str = ""
    campus: str = ""


class Applicant(SQLModel, table=True):
    """A hospital or pharmacy that may apply in a round; `applicant_id` is its number in that round.

    `credit_code` is its 统一社会信用代码 (GB 32100), empty where the register does not say it. `campus`
    (院区) tells apart those that are one legal person; the name says it as well, for every list to print.
    `institution_id` is who it is in every round: the register sets it for each applicant.
    `scope` (定点范围) is what the institution applies for, as the lists print it; empty where the register is silent.
    `email_bidx` and `phone_bidx` are blind indexes, for finding who has an address. `consent_on` is the day of the
    signed 电子送达确认书 with the number `consent_reference`; without it an electronic message is a reminder only.
    """

    __table_args__ = (UniqueConstraint("round_id", "applicant_id"), one_of("type", ApplicantType))

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    institution_id: int | None = Field(default=None, foreign_key="institution.id", index=True)
    applicant_id: str
    type: str
    name: str
    credit_code: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    campus: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    scope: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    facts: Json = Field(default_factory=dict, sa_type=JsonColumn)
    contact_sealed: str = ""
    email_masked: str = ""
    phone_masked: str = ""
    email_bidx: str = Field(sa_column_kwargs={"server_default": text("''")}, default="", index=True)
    phone_bidx: str = Field(sa_column_kwargs={"server_default": text("''")}, default="", index=True)
    consent_reference: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    consent_on: date | None = None


class Staff(SQLModel, table=True):
    """Somebody who may act (经办人): a number, a name and roles; whoever leaves is deactivated, never deleted."""

    __table_args__ = (UniqueConstraint("staff_no"),)

    id: int | None = Field(default=None, primary_key=True)
    staff_no: str
    name: str
    roles: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    is_active: bool = True


class FormerName(SQLModel, table=True):
    """What an applicant, or the employer of an expert, was called in its round until somebody entered another name:
    lists and letters of before keep it, and conflicts are looked for under it, too. Triggers refuse UPDATE and DELETE.
    """

    __tablename__ = "former_name"
    __table_args__ = (
        CheckConstraint("subject IN ('applicant', 'expert')", name="subject"),
        Index("ix_former_name_subject_subject_id", "subject", "subject_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_id: int
    name: str
    changed_at: datetime
    changed_by: str
    evidence: str


class SocialSupervisor(SQLModel, table=True):
    """Somebody who watches over the designated institutions from outside (社会监督员; R73): the name sealed to the row,
    which body named him, on what it rests, from which day to which, both included."""

    __tablename__ = "social_supervisor"
    __table_args__ = (CheckConstraint("until IS NULL OR until >= from_on", name="range"),)

    id: int | None = Field(default=None, primary_key=True)
    name_sealed: str
    body: str
    evidence: str
    from_on: date
    until: date | None = None
    recorded_at: datetime
    recorded_by: str
    ended_by: str | None = None

    @property
    def context(self) -> str:
        """What the name is sealed to."""
        return f"social_supervisor:{self.id}"
