"""Notices that wait until somebody else has read them (待复看), and the printed proof of what went out.

Revision: 0037
Follows: 0036
"""

from __future__ import annotations

from alembic import op

from models.migrations.remaking import remake

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STATUSES = (
    "status IN ('pending', 'sending', 'accepted', 'delivered', 'undelivered', 'retry', 'unknown', 'rejected', 'failed', "
    "'suppressed', 'cancelled', 'expired', 'digested', 'held')"
)
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    "'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', 'service_receipt', "
    "'assessment_notice', 'settlement_sheet', 'inspection_record', 'warning_notice', 'message_proof')"
)


def upgrade() -> None:
    """One step up."""
    _allow("notification", "status", STATUSES, "'digested'", "'held'")
    _allow("document", "kind", KINDS, "'warning_notice'", "'message_proof'")


def _allow(table: str, column: str, now: str, after: str, value: str) -> None:
    """One more value of a column; in SQLite it is put after one that is named in the table's definition once."""
    if op.get_bind().dialect.name == "postgresql":
        name = op.f(f"ck_{table}_{column}")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, now)
    else:
        remake(op.get_bind(), table, [(after, f"{after}, {value}")])
