"""Who may come in (people, and machines of ours), who is in, who came and went, and who started which run. No password
and no key is legible here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, false, text
from sqlmodel import Field, SQLModel

from models.base import one_of
from rules.vocabulary import AccessEvent, WayIn

GOOD = text("withdrawn_at IS NULL")


class Account(SQLModel, table=True):
    """How somebody of the staff proves who he is. `enrol_hash` is the SHA-256 of a one-time enrolment code, empty where
    none is out; `code_sealed` is the secret of his authenticator, sealed to `account:<number>`; `last_step` is the
    newest time step whose code was taken (none is taken twice); `code_given_by` who gave the enrolment code out, and
    `code_waits` whether somebody else has still to confirm it."""

    staff_no: str = Field(primary_key=True, foreign_key="staff.staff_no")
    password_hash: str = ""
    password_set_at: datetime | None = None
    code_sealed: str = ""
    last_step: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    enrol_hash: str = Field(default="", index=True)
    enrol_until: datetime | None = None
    code_given_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    code_waits: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    @staticmethod
    def context_of(staff_no: str) -> str:
        """What the secret of somebody's authenticator is sealed to."""
        return f"account:{staff_no}"


class GateSession(SQLModel, table=True):
    """Somebody who is, or was, logged in. `token_hash` is the SHA-256 of what his browser shows."""

    __tablename__ = "gate_session"
    __table_args__ = (one_of("way", WayIn),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    staff_no: str = Field(foreign_key="staff.staff_no", index=True)
    way: str
    began_at: datetime
    seen_at: datetime
    until: datetime
    ended_at: datetime | None = None


class AccessRecord(SQLModel, table=True):
    """One event at the door. `staff_no` is empty where a number was typed that is nobody's: it may have been a
    password. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "access_record"
    __table_args__ = (one_of("event", AccessEvent),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    staff_no: str
    event: str
    by: str
    session_id: int | None = Field(default=None, foreign_key="gate_session.id")


class RunStart(SQLModel, table=True):
    """A run that somebody started at the desk: his session, and the one use of the proof that the door gave the run.
    Triggers refuse UPDATE and DELETE."""

    __tablename__ = "run_start"

    nonce: str = Field(primary_key=True)
    run_id: str = Field(unique=True)
    staff_no: str
    session_id: int = Field(foreign_key="gate_session.id")
    act: str
    submitted_at: datetime
    begun_at: datetime


class MachineKey(SQLModel, table=True):
    """The key of one machine, by the SHA-256 of it; a machine has one that is good at most."""

    __tablename__ = "machine_key"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_at_with_by"),
        Index("uq_machine_key_name", "name", unique=True, sqlite_where=GOOD, postgresql_where=GOOD),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    key_hash: str = Field(unique=True)
    made_by: str
    made_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
