"""What an act left behind, read from our own records after its commit: changes, limits, and who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Applicant, Application, AuditRecord, Notification
from models.subjects import application_of
from notifications.catalogue import EVENTS
from rules.case import Case
from rules.performance.records import AgreementCase
from rules.vocabulary import AgreementState, Audience, Channel, MessageStatus, State, Term
from tasks.labels import LABELS

STATES: Mapping[str, type[Term]] = {Case.kind: State, AgreementCase.kind: AgreementState}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the records reached before an act."""

    audit: int = 0
    notification: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record of the audit trail: of a dossier or an agreement (`subject`), or (without `applicant_id`) of a
    round."""

    round_id: int
    applicant_id: str
    event: str
    from_state: str
    to_state: str
    at: datetime
    hash: str
    subject: str

    @property
    def happened(self) -> str:
        """The state that the dossier came into (`signed`); what happened to it where it stayed (`breach`)."""
        return self.event if self.from_state == self.to_state else self.to_state.lower()


def mark(session: Session) -> Mark:
    """The present end of the records."""
    ends = (session.execute(select(func.max(col(model.id)))).scalar() or 0 for model in (AuditRecord, Notification))
    return Mark(*ends)


def changes(session: Session, round_id: int, applicants: Sequence[str], since: Mark) -> list[dict[str, str]]:
    """Every recorded event of these applicants' dossiers and agreements since the mark, in order: before and after."""
    query = (
        select(
            *(col(Applicant.applicant_id), col(Applicant.name), col(AuditRecord.event)),
            *(col(AuditRecord.from_state), col(AuditRecord.to_state), col(AuditRecord.subject)),
        )
        .select_from(AuditRecord)
        .join(Application, col(Application.id) == application_of(AuditRecord))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .where(col(AuditRecord.id) > since.audit)
        .where(col(Applicant.applicant_id).in_(applicants), col(Applicant.round_id) == round_id)
        .order_by(col(AuditRecord.id))
    )
    return [
        {
            "applicant_id": row[0],
            "name": row[1],
            "event": LABELS.get(row[2], row[2]),
            "from": STATES[row[5]](row[3]).label,
            "to": STATES[row[5]](row[4]).label,
        }
        for row in session.execute(query)
    ]


def recorded(session: Session, since: Mark) -> list[Recorded]:
    """Every record about a dossier, an agreement or a round since the mark, in order, whoever made it."""
    record = AuditRecord
    query = (
        select(
            *(func.coalesce(col(Application.round_id), col(record.subject_id)), col(Applicant.applicant_id)),
            *(col(record.event), col(record.from_state), col(record.to_state), col(record.at), col(record.hash)),
            col(record.subject),
        )
        .select_from(record)
        .outerjoin(Application, col(Application.id) == application_of(record))
        .outerjoin(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .where(col(record.id) > since.audit)
        .order_by(col(record.id))
    )
    return [Recorded(row[0], row[1] or "", *row[2:]) for row in session.execute(query)]


def messages(session: Session, round_id: int, applicants: Sequence[str], since: Mark) -> list[dict[str, str]]:
    """The messages that became owed since the mark about these applicants; addresses are masked, always."""
    query = (
        select(Notification, col(Applicant.applicant_id), col(Applicant.email_masked), col(Applicant.phone_masked))
        .select_from(Notification)
        .join(Application, col(Application.id) == application_of(Notification))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .where(col(Notification.id) > since.notification, col(Applicant.round_id) == round_id)
        .where(col(Applicant.applicant_id).in_(applicants))
        .order_by(col(Notification.id))
    )
    return [
        {
            "applicant_id": applicant_id,
            "title": EVENTS[row.event].title,
            "to": (phone if row.channel == Channel.SMS else email)
            if row.audience == Audience.APPLICANT
            else row.recipient or Audience(row.audience).label,
            "channel": Channel(row.channel).label,
            "status": MessageStatus(row.status).label,
        }
        for row, applicant_id, email, phone in session.execute(query)
    ]


def days_left(due: str | None, today: date) -> str:
    """`还剩 12 天`, `今天届满`, `已过 3 天`; `暂定` while the day is not certain."""
    if due is None:
        return "暂定"
    left = (date.fromisoformat(due) - today).days
    return f"还剩 {left} 天" if left > 0 else "今天届满" if left == 0 else f"已过 {-left} 天"
