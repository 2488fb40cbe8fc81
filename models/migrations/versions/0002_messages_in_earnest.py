"""Messages in earnest: two channels, priorities, expiry, pauses, suppression, consent, deliveries by hand.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
CHANNELS = "channel IN ('email', 'sms')"
STATUSES = (
    "status IN ('pending', 'sending', 'accepted', 'delivered', 'undelivered', 'retry', 'unknown', 'rejected', 'failed', "
    "'suppressed', 'cancelled', 'expired', 'digested')"
)
KEPT = ("notification", "notification_attempt")


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        _alter()
    op.create_index(
        "ix_notification_to_bidx",
        "notification",
        ["to_bidx"],
        sqlite_where=sa.text("to_bidx <> ''"),
        postgresql_where=sa.text("to_bidx <> ''"),
    )
    _people()
    _new_tables()
    append_only(op.get_bind(), "message_act")
    _ended_attempts_stay()


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, AutoString(), nullable=False, server_default="")


def _number(name: str, value: int = 0) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=str(value))


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _notification_columns() -> list[sa.Column[Any]]:
    return [
        _number("priority", 3),
        _flag("is_mandatory"),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        _text("provider_ref"),
        _text("to_bidx"),
        _flag("waits_for_channel"),
        _number("generation"),
        sa.Column("resend_of", sa.Integer(), nullable=True),
        _text("reason"),
        _text("created_by"),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.Column("purged_at", UTCDateTime(), nullable=True),
    ]


def _attempt_columns() -> list[sa.Column[Any]]:
    return [_flag("is_reconcile"), _text("to_masked"), _text("content_sha256")]


def _alter() -> None:
    for name, condition in (("ck_notification_channel", CHANNELS), ("ck_notification_status", STATUSES)):
        op.drop_constraint(op.f(name), "notification", type_="check")
        op.create_check_constraint(op.f(name), "notification", condition)
    for column in _notification_columns():
        op.add_column("notification", column)
    for column in _attempt_columns():
        op.add_column("notification_attempt", column)


def _rebuild() -> None:
    """SQLite cannot change a CHECK: the rows are set aside, the tables made anew (a child first), the rows put back."""
    columns = {table: _names(table) for table in KEPT}
    for table in KEPT:
        op.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
    for table in reversed(KEPT):
        op.drop_table(table)
    _notification()
    _attempt()
    for table, names in columns.items():
        op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM kept_{table}")
        op.drop_table(f"kept_{table}")


def _names(table: str) -> str:
    return ", ".join(f'"{column["name"]}"' for column in sa.inspect(op.get_bind()).get_columns(table))


def _notification() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", AutoString(), nullable=False),
        sa.Column("event", AutoString(), nullable=False),
        sa.Column("audience", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("applicant_pk", sa.Integer(), nullable=True),
        sa.Column("template_version", AutoString(), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", AutoString(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("message_ref", AutoString(), nullable=False),
        sa.Column("last_detail", AutoString(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        *_notification_columns(),
        sa.CheckConstraint(
            "audience <> 'applicant' OR applicant_pk IS NOT NULL", name=op.f("ck_notification_applicant_is_named")
        ),
        sa.CheckConstraint(
            "audience IN ('applicant', 'authority', 'supervisor')", name=op.f("ck_notification_audience")
        ),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_notification_channel")),
        sa.CheckConstraint(STATUSES, name=op.f("ck_notification_status")),
        sa.ForeignKeyConstraint(["applicant_pk"], ["applicant.id"], name=op.f("fk_notification_applicant_pk")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_notification_application_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_notification_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notification_dedupe_key")),
    )
    op.create_index(op.f("ix_notification_application_id"), "notification", ["application_id"])
    op.create_index("ix_notification_next_at", "notification", ["next_at"], sqlite_where=sa.text("next_at IS NOT NULL"))


def _attempt() -> None:
    op.create_table(
        "notification_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        *_attempt_columns(),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_attempt_notification_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_attempt")),
        sa.UniqueConstraint(
            "notification_id", "lease_token", name=op.f("uq_notification_attempt_notification_id_lease_token")
        ),
    )


def _people() -> None:
    for column in (_text("email_bidx"), _text("phone_bidx"), _text("consent_reference")):
        op.add_column("applicant", column)
    op.add_column("applicant", sa.Column("consent_on", sa.Date(), nullable=True))
    for name in ("email_bidx", "phone_bidx"):
        op.create_index(op.f(f"ix_applicant_{name}"), "applicant", [name])


def _new_tables() -> None:
    op.create_table(
        "channel_state",
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=True),
        sa.Column("paused_until", UTCDateTime(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("mended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_channel_state_channel")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_state")),
    )
    for channel in ("email", "sms"):
        op.execute(f"INSERT INTO channel_state (channel, faults, pauses, reason) VALUES ('{channel}', 0, 0, '')")
    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("bidx", AutoString(), nullable=False),
        sa.Column("sealed", AutoString(), nullable=False),
        sa.Column("masked", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("created_by", AutoString(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_suppression_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    op.create_index("ix_suppression_bidx", "suppression", ["bidx"])
    op.create_table(
        "manual_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", AutoString(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("event", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", AutoString(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("how", AutoString(), nullable=False),
        sa.Column("proof", AutoString(), nullable=False),
        sa.CheckConstraint("how IN ('', 'call', 'paper', 'counter')", name=op.f("ck_manual_task_how")),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_manual_task_done_at_with_done_by")),
        sa.CheckConstraint(
            "done_at IS NULL OR (how <> '' AND proof <> '')", name=op.f("ck_manual_task_done_is_proved")
        ),
        sa.ForeignKeyConstraint(["notification_id"], ["notification.id"], name=op.f("fk_manual_task_notification_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_task")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_manual_task_dedupe_key")),
    )
    op.create_index(op.f("ix_manual_task_notification_id"), "manual_task", ["notification_id"])
    op.create_table(
        "message_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_act")),
    )


def _ended_attempts_stay() -> None:
    """A try that has ended can neither be changed nor taken away; one that is open can only be ended."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION notification_attempt_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL THEN "
            "RAISE EXCEPTION 'notification_attempt is append-only'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER notification_attempt_stays BEFORE UPDATE OR DELETE ON notification_attempt "
            "FOR EACH ROW EXECUTE FUNCTION notification_attempt_stays()"
        )
        return
    refuse = "BEGIN SELECT RAISE(ABORT, 'notification_attempt is append-only'); END"
    op.execute(f"CREATE TRIGGER notification_attempt_no_delete BEFORE DELETE ON notification_attempt {refuse}")
    op.execute(
        "CREATE TRIGGER notification_attempt_no_update BEFORE UPDATE ON notification_attempt "
        f"WHEN OLD.ended_at IS NOT NULL {refuse}"
    )
