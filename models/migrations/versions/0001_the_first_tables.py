"""The first tables.

Revision: 0001
Follows:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("event", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("from_state", AutoString(), nullable=False),
        sa.Column("to_state", AutoString(), nullable=False),
        sa.Column("clause", AutoString(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("prev_hash", AutoString(), nullable=False),
        sa.Column("hash", AutoString(), nullable=False),
        sa.CheckConstraint("subject IN ('round', 'application')", name=op.f("ck_audit_record_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
        sa.UniqueConstraint("subject", "subject_id", "seq", name=op.f("uq_audit_record_subject_subject_id_seq")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county", AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("procedure", AutoString(), nullable=False),
        sa.Column("policy_sha256", AutoString(), nullable=False),
        sa.Column("workdays_version", AutoString(), nullable=False),
        sa.Column("announcement", JSON, nullable=False),
        sa.Column("rubric", JSON, nullable=False),
        sa.Column("accept_from", UTCDateTime(), nullable=False),
        sa.Column("accept_until", UTCDateTime(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("concluded_at", UTCDateTime(), nullable=True),
        sa.Column("ranking", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("audit_head", AutoString(), nullable=False),
        sa.CheckConstraint("accept_from < accept_until", name=op.f("ck_round_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("county", "year", name=op.f("uq_round_county_year")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("staff_no", name=op.f("uq_staff_staff_no")),
    )
    op.create_table(
        "workday_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("notice", AutoString(), nullable=False),
        sa.Column("off", JSON, nullable=False),
        sa.Column("working", JSON, nullable=False),
        sa.Column("loaded_at", UTCDateTime(), nullable=False),
        sa.Column("loaded_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workday_schedule")),
    )
    with op.batch_alter_table("workday_schedule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workday_schedule_year"), ["year"], unique=False)

    op.create_table(
        "applicant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("applicant_id", AutoString(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("contact_sealed", AutoString(), nullable=False),
        sa.Column("email_masked", AutoString(), nullable=False),
        sa.Column("phone_masked", AutoString(), nullable=False),
        sa.CheckConstraint("type IN ('hospital', 'pharmacy')", name=op.f("ck_applicant_type")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_applicant_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applicant")),
        sa.UniqueConstraint("round_id", "applicant_id", name=op.f("uq_applicant_round_id_applicant_id")),
    )
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("pool", JSON, nullable=False),
        sa.Column("pool_sha256", AutoString(), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", AutoString(), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=True),
        sa.Column("drawn_by", AutoString(), nullable=True),
        sa.Column("source_values", JSON, nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("picks", JSON, nullable=False),
        sa.Column("digests", JSON, nullable=False),
        sa.Column("unavailable", JSON, nullable=False),
        sa.CheckConstraint("(drawn_at IS NULL) = (drawn_by IS NULL)", name=op.f("ck_draw_drawn_at_with_drawn_by")),
        sa.CheckConstraint("wanted > 0", name=op.f("ck_draw_wanted")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_draw_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("round_id", name=op.f("uq_draw_round_id")),
    )
    op.create_table(
        "expert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("specialty", AutoString(), nullable=False),
        sa.Column("employer", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_expert_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("round_id", "expert_id", name=op.f("uq_expert_round_id_expert_id")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_expert_round_id_position")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", AutoString(), nullable=False),
        sa.Column("snapshot", JSON, nullable=False),
        sa.Column("snapshot_sha256", AutoString(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('evaluation_result', 'proposed_agreements', 'final_result')", name=op.f("ck_notice_kind")
        ),
        sa.CheckConstraint("last_day IS NULL OR starts_on IS NOT NULL", name=op.f("ck_notice_last_day_needs_start")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_notice_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("round_id", "kind", "number", name=op.f("uq_notice_round_id_kind_number")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("applicant_pk", sa.Integer(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("mean_score", AutoString(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("audit_head", AutoString(), nullable=False),
        sa.CheckConstraint(
            "state IN ('NOT_APPLIED', 'TOO_EARLY', 'INCOMPLETE', 'ACCEPTED', 'PRELIM_PASSED', 'COUNTY_REQUESTED', 'EVALUATING', 'SELECTED', 'NOTICE_RESULT', 'NEGOTIATING', 'CONSENSUS', 'NOTICE_PROPOSED', 'SIGNING', 'SIGNED', 'FILED', 'PUBLISHED', 'NOT_ACCEPTED_LATE', 'NOT_ACCEPTED_INCOMPLETE', 'NOT_ACCEPTED_BAN', 'PRELIM_FAILED', 'BELOW_THRESHOLD', 'OUT_OF_QUOTA', 'DISQUALIFIED_PUBLICITY_1', 'DISQUALIFIED_PUBLICITY_2', 'NEGOTIATION_FAILED', 'DEEMED_ABANDONED', 'WITHDRAWN')",
            name=op.f("ck_application_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('SIGNED', 'FILED', 'PUBLISHED') OR signed_on IS NOT NULL",
            name=op.f("ck_application_signed_on"),
        ),
        sa.CheckConstraint("type IN ('hospital', 'pharmacy')", name=op.f("ck_application_type")),
        sa.CheckConstraint("filed_on IS NULL OR signed_on IS NOT NULL", name=op.f("ck_application_filed_after_signed")),
        sa.CheckConstraint("holds >= 0", name=op.f("ck_application_holds")),
        sa.CheckConstraint("rank IS NULL OR mean_score IS NOT NULL", name=op.f("ck_application_rank_needs_score")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_application_version")),
        sa.ForeignKeyConstraint(["applicant_pk"], ["applicant.id"], name=op.f("fk_application_applicant_pk")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_application_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("applicant_pk", name=op.f("uq_application_applicant_pk")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index("ix_application_round_state", ["round_id", "state"], unique=False)

    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("posted_at", UTCDateTime(), nullable=False),
        sa.Column("url", AutoString(), nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_posting_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_posting_notice_id_channel")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filed_by", AutoString(), nullable=True),
        sa.CheckConstraint("(filed_on IS NULL) = (filed_by IS NULL)", name=op.f("ck_agreement_filed_on_with_filed_by")),
        sa.CheckConstraint("filed_on IS NULL OR filed_on >= signed_on", name=op.f("ck_agreement_filed_after_signed")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_agreement_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("application_id", name=op.f("uq_agreement_application_id")),
    )
    op.create_table(
        "application_material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("code", AutoString(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_material_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_material")),
        sa.UniqueConstraint("application_id", "code", name=op.f("uq_application_material_application_id_code")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("holder", AutoString(), nullable=False),
        sa.Column("period", AutoString(), nullable=False),
        sa.Column("roll", sa.Boolean(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("nominal_on", sa.Date(), nullable=True),
        sa.Column("earliest_on", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("check_on", sa.Date(), nullable=True),
        sa.CheckConstraint("holder IN ('authority', 'applicant', 'period')", name=op.f("ck_deadline_holder")),
        sa.CheckConstraint("status <> 'met' OR closed_on IS NOT NULL", name=op.f("ck_deadline_met_on")),
        sa.CheckConstraint(
            "status <> 'provisional' OR due_on IS NULL", name=op.f("ck_deadline_provisional_has_no_day")
        ),
        sa.CheckConstraint(
            "status IN ('running', 'met', 'breached', 'lapsed', 'suspended', 'provisional', 'ended')",
            name=op.f("ck_deadline_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('running', 'breached', 'lapsed') OR due_on IS NOT NULL",
            name=op.f("ck_deadline_firm_has_day"),
        ),
        sa.CheckConstraint("check_on IS NULL OR due_on IS NOT NULL", name=op.f("ck_deadline_provisional_never_fires")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_deadline_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("uq_deadline_application_id_kind")),
    )
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deadline_check_on",
            ["check_on"],
            unique=False,
            sqlite_where=sa.text("check_on IS NOT NULL"),
            postgresql_where=sa.text("check_on IS NOT NULL"),
        )

    op.create_table(
        "negotiation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("consensus", sa.Boolean(), nullable=False),
        sa.Column("open_point", AutoString(), nullable=False),
        sa.Column("held_at", UTCDateTime(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_negotiation_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_negotiation")),
        sa.UniqueConstraint("application_id", name=op.f("uq_negotiation_application_id")),
    )
    op.create_table(
        "notice_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_notice_entry_application_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_entry_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_entry")),
        sa.UniqueConstraint("notice_id", "application_id", name=op.f("uq_notice_entry_notice_id_application_id")),
    )
    with op.batch_alter_table("notice_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_entry_application_id"), ["application_id"], unique=False)

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
        sa.CheckConstraint(
            "audience <> 'applicant' OR applicant_pk IS NOT NULL", name=op.f("ck_notification_applicant_is_named")
        ),
        sa.CheckConstraint(
            "audience IN ('applicant', 'authority', 'supervisor')", name=op.f("ck_notification_audience")
        ),
        sa.CheckConstraint("channel IN ('email')", name=op.f("ck_notification_channel")),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'accepted', 'retry', 'unknown', 'rejected', 'failed', 'suppressed')",
            name=op.f("ck_notification_status"),
        ),
        sa.ForeignKeyConstraint(["applicant_pk"], ["applicant.id"], name=op.f("fk_notification_applicant_pk")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_notification_application_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_notification_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notification_dedupe_key")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            "ix_notification_next_at",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("via", AutoString(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("postmarked_on", sa.Date(), nullable=True),
        sa.Column("is_in_time", sa.Boolean(), nullable=False),
        sa.Column("allegation", AutoString(), nullable=False),
        sa.Column("complainant_sealed", AutoString(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_by", AutoString(), nullable=True),
        sa.CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name=op.f("ck_objection_open_is_unresolved")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'dismissed')", name=op.f("ck_objection_status")),
        sa.CheckConstraint("via IN ('online', 'counter', 'post')", name=op.f("ck_objection_via")),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_objection_resolved_at_with_resolved_by")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_objection_application_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_objection_notice_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_objection_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("round_id", "ref", name=op.f("uq_objection_round_id_ref")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_application_id"), ["application_id"], unique=False)

    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_pk", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_recusal_application_id")),
        sa.ForeignKeyConstraint(["expert_pk"], ["expert.id"], name=op.f("fk_recusal_expert_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint("expert_pk", "application_id", name=op.f("uq_recusal_expert_pk_application_id")),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(
            "uq_recusal_whole_round",
            ["expert_pk"],
            unique=True,
            sqlite_where=sa.text("application_id IS NULL"),
            postgresql_where=sa.text("application_id IS NULL"),
        )

    op.create_table(
        "score_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("expert_pk", sa.Integer(), nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_score_sheet_application_id")),
        sa.ForeignKeyConstraint(["expert_pk"], ["expert.id"], name=op.f("fk_score_sheet_expert_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
        sa.UniqueConstraint("application_id", "expert_pk", name=op.f("uq_score_sheet_application_id_expert_pk")),
    )
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
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_attempt_notification_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_attempt")),
        sa.UniqueConstraint(
            "notification_id", "lease_token", name=op.f("uq_notification_attempt_notification_id_lease_token")
        ),
    )
    op.create_table(
        "reminder_fired",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("fired_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_reminder_fired_deadline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_fired")),
        sa.UniqueConstraint("deadline_id", "rung", "due_on", name=op.f("uq_reminder_fired_deadline_id_rung_due_on")),
    )
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("clause", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_suspension_order")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_suspension_deadline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
        sa.UniqueConstraint("deadline_id", "from_on", "to_on", name=op.f("uq_suspension_deadline_id_from_on_to_on")),
    )
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspension_deadline_id"), ["deadline_id"], unique=False)
    append_only(op.get_bind(), "audit_record")
