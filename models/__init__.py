"""Tables of our own database. It is the only truth: Prefect starts work and shows it, it decides nothing.

`table=True` classes do not validate: forms do, and CHECK and UNIQUE constraints hold what must never be wrong.
Case state is written by `tasks.advance` alone.
"""

from models.agreement import Agreement, Negotiation
from models.application import Application, ApplicationMaterial, Deadline, ReminderFired, Suspension
from models.development import DevelopmentPlan
from models.document import OfficialDocument, PostingCheck
from models.dossier import DossierCopy, FilingReceipt, SiteVisit
from models.evaluation import (
    Draw,
    DrawChallenge,
    EvaluationSummary,
    Expert,
    ExpertDeclaration,
    Recusal,
    ScoreSheet,
)
from models.installation import Belonging
from models.notice import Notice, NoticeEntry, Posting
from models.objection import Objection
from models.outbox import ChannelState, ManualTask, MessageAct, Notification, NotificationAttempt, Suppression
from models.people import Applicant, Institution, Staff
from models.performance import (
    AgreementEnding,
    AgreementSuspension,
    Bar,
    Inspection,
    InstitutionChange,
    RectificationOrder,
    Renewal,
    ViolationFinding,
)
from models.policy import PolicyPin, PolicyText
from models.records import AuditCheckpoint, AuditRecord, WorkdaySchedule
from models.round import Round

__all__ = [
    "Agreement",
    "AgreementEnding",
    "AgreementSuspension",
    "Applicant",
    "Application",
    "ApplicationMaterial",
    "AuditCheckpoint",
    "AuditRecord",
    "Bar",
    "Belonging",
    "ChannelState",
    "Deadline",
    "DevelopmentPlan",
    "DossierCopy",
    "Draw",
    "DrawChallenge",
    "EvaluationSummary",
    "Expert",
    "ExpertDeclaration",
    "FilingReceipt",
    "Inspection",
    "Institution",
    "InstitutionChange",
    "ManualTask",
    "MessageAct",
    "Negotiation",
    "Notice",
    "NoticeEntry",
    "Notification",
    "NotificationAttempt",
    "Objection",
    "OfficialDocument",
    "PolicyPin",
    "PolicyText",
    "Posting",
    "PostingCheck",
    "RectificationOrder",
    "Recusal",
    "ReminderFired",
    "Renewal",
    "Round",
    "ScoreSheet",
    "SiteVisit",
    "Staff",
    "Suppression",
    "Suspension",
    "ViolationFinding",
    "WorkdaySchedule",
]
