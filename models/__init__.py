"""Tables of our own database. It is the only truth: Prefect starts work and shows it, it decides nothing.

`table=True` classes do not validate: forms do, and CHECK and UNIQUE constraints hold what must never be wrong.
Case state is written by `tasks.advance` alone.
"""

from models.access import AccessRecord, Account, GateSession, MachineKey, RunStart
from models.agreement import Agreement, Negotiation
from models.annexes import StockList
from models.application import Application, ApplicationMaterial, Deadline, ReminderFired, Suspension
from models.assessment import (
    Assessment,
    AssessmentResult,
    AssessmentTable,
    CostDecision,
    SatisfactionSurvey,
    SettlementHold,
    ThirdPartyEvaluation,
)
from models.city import CityStep
from models.corrections import SetAside, StoodBefore
from models.desk import DossierHandler, StaffAbsence
from models.development import DevelopmentPlan
from models.document import OfficialDocument, PostingCheck
from models.dossier import DossierCopy, FilingReceipt, MaterialScan, SiteVisit
from models.evaluation import (
    Draw,
    DrawChallenge,
    EvaluationSummary,
    Expert,
    ExpertAbsence,
    ExpertDeclaration,
    Recusal,
    ScoreSheet,
)
from models.installation import Belonging, RestoreRehearsal
from models.notice import Notice, NoticeEntry, Posting
from models.objection import Objection
from models.office import OfficeRecord
from models.outbox import ChannelState, ManualTask, MessageAct, Notification, NotificationAttempt, Suppression
from models.oversight import Complaint, DoubleRandomDraw, ListEntry
from models.people import Applicant, FormerName, Institution, SocialSupervisor, Staff
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
from models.proposal import Proposal
from models.records import (
    AuditCheckpoint,
    AuditRecord,
    CheckpointStamp,
    JournalEntry,
    SignedCheckpoint,
    WorkdaySchedule,
)
from models.round import Round
from models.terms import (
    AgreedTerm,
    AgreementSupplement,
    AnnualAgreement,
    DraftedTerms,
    EventReport,
    IndicatorReport,
    IndicatorWarning,
    SystemTest,
)

__all__ = [
    "AccessRecord",
    "Account",
    "AgreedTerm",
    "Agreement",
    "AgreementEnding",
    "AgreementSupplement",
    "AgreementSuspension",
    "AnnualAgreement",
    "Applicant",
    "Application",
    "ApplicationMaterial",
    "Assessment",
    "AssessmentResult",
    "AssessmentTable",
    "AuditCheckpoint",
    "AuditRecord",
    "Bar",
    "Belonging",
    "ChannelState",
    "CheckpointStamp",
    "CityStep",
    "Complaint",
    "CostDecision",
    "Deadline",
    "DevelopmentPlan",
    "DossierCopy",
    "DossierHandler",
    "DoubleRandomDraw",
    "DraftedTerms",
    "Draw",
    "DrawChallenge",
    "EvaluationSummary",
    "EventReport",
    "Expert",
    "ExpertAbsence",
    "ExpertDeclaration",
    "FilingReceipt",
    "FormerName",
    "GateSession",
    "IndicatorReport",
    "IndicatorWarning",
    "Inspection",
    "Institution",
    "InstitutionChange",
    "JournalEntry",
    "ListEntry",
    "MachineKey",
    "ManualTask",
    "MaterialScan",
    "MessageAct",
    "Negotiation",
    "Notice",
    "NoticeEntry",
    "Notification",
    "NotificationAttempt",
    "Objection",
    "OfficeRecord",
    "OfficialDocument",
    "PolicyPin",
    "PolicyText",
    "Posting",
    "PostingCheck",
    "Proposal",
    "RectificationOrder",
    "Recusal",
    "ReminderFired",
    "Renewal",
    "RestoreRehearsal",
    "Round",
    "RunStart",
    "SatisfactionSurvey",
    "ScoreSheet",
    "SetAside",
    "SettlementHold",
    "SignedCheckpoint",
    "SiteVisit",
    "SocialSupervisor",
    "Staff",
    "StaffAbsence",
    "StockList",
    "StoodBefore",
    "Suppression",
    "Suspension",
    "SystemTest",
    "ThirdPartyEvaluation",
    "ViolationFinding",
    "WorkdaySchedule",
]
