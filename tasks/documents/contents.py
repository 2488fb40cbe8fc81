"""What a dossier holds, in order of days: materials, our documents and notices, records, messages that went out, and
decisions. From the records only; who objected, who scored and what people wrote freely are in none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import (
    AuditRecord,
    FilingReceipt,
    ManualTask,
    Notice,
    NoticeEntry,
    Notification,
    NotificationAttempt,
    Objection,
    OfficialDocument,
    ScoreSheet,
    SiteVisit,
)
from models.application import ApplicationMaterial
from models.corrections import stands
from models.subjects import is_of_dossier
from notifications.catalogue import spec_of
from notifications.outcome import OutcomeKind
from publication.documents.casefacts import Dossier
from rules.case import SYSTEM
from rules.corrections import TAKE_BACK
from rules.localtime import local_day
from rules.vocabulary import (
    Audience,
    Channel,
    DocumentKind,
    HandDelivery,
    NoticeKind,
    ObjectionStatus,
    ObjectionVia,
    State,
)
from tasks import scans
from tasks.labels import LABELS
from tasks.ledger import told_period

WRAPPERS = (DocumentKind.DOSSIER_COVER, DocumentKind.DOSSIER_INDEX)  # they tell of the dossier, and stand before it
HANDED_IN = ("submit_application", "supplement_materials")
BY_NOTICE = ("publish_notice", "start_notice")  # the notice itself is listed
STAYS = ("request_supplement", "withdraw_objection", "change_rank", "correct_record", TAKE_BACK)  # decide where one is


class Kind(StrEnum):
    """What an entry is; of one day they stand in this order, decisions and lapses among each other as they came."""

    MATERIAL = "材料"
    RECORD = "记录"
    OBJECTION = "异议"
    DECISION = "决定"
    LAPSE = "期限效力"
    DOCUMENT = "文书"
    NOTICE = "公示"
    MESSAGE = "通知"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the index. `number`: its own, where it has one; `sha256` of a paper that we keep or sent."""

    on: date
    kind: Kind
    title: str
    number: str = ""
    sha256: str = ""


def contents_of(session: Session, one: Dossier) -> list[Entry]:
    """Everything in a dossier, the oldest day first; cover and index are no part of it."""
    id_ = one.application.id or 0
    found = (
        *_materials(session, one),
        *_records(session, id_),
        *_objections(session, id_),
        *_decisions(session, id_),
        *_documents(session, id_),
        *_notices(session, id_),
        *_messages(session, id_),
        *_by_hand(session, id_),
    )
    order = [kind for kind in Kind if kind is not Kind.LAPSE]
    places = {kind: place for place, kind in enumerate(order)} | {Kind.LAPSE: order.index(Kind.DECISION)}
    return sorted(found, key=lambda entry: (entry.on, places[entry.kind]))  # stable: records of a day keep their order


def counted(entries: Sequence[Entry]) -> str:
    """`共 30 条：材料 12、文书 2、通知 6`."""
    by_kind = Counter(one.kind for one in entries)
    told = "、".join(f"{kind} {by_kind[kind]}" for kind in Kind if by_kind[kind])
    return f"共 {len(entries)} 条" + (f"：{told}" if told else "")


def _rows(session: Session, model: Any, *conditions: Any) -> Iterator[Any]:
    yield from session.execute(select(model).where(*conditions).order_by(model.id)).scalars()


def _materials(session: Session, one: Dossier) -> Iterator[Entry]:
    """What the applicant handed in; seals and copies are requirements, not materials."""
    id_ = one.application.id or 0
    rows = _rows(session, ApplicationMaterial, col(ApplicationMaterial.application_id) == id_)
    received = _as_recorded(session, id_) | {row.code: local_day(row.received_at) for row in rows}
    scanned = scans.counted(session, id_)
    for material in one.view.policy.materials[one.applicant.type]:
        if material.code in received:
            pages = f"（扫描件 {scanned[material.code][1]} 页）" if material.code in scanned else ""
            yield Entry(received[material.code], Kind.MATERIAL, f"{material.name}{pages}", material.code)


def _as_recorded(session: Session, id_: int) -> dict[str, date]:
    """The materials that the records of the application tell of: one that was not accepted leaves no other trace of
    them. Not those of an act that was taken back, nor of an application that was withdrawn before another."""
    of_it = is_of_dossier(AuditRecord, id_), col(AuditRecord.event).in_((*HANDED_IN, TAKE_BACK))
    rows = list(session.execute(select(AuditRecord).where(*of_it).order_by(col(AuditRecord.seq))).scalars())
    gone = {row.detail["fields"]["takes_back"] for row in rows if row.event == TAKE_BACK}
    received: dict[str, date] = {}
    for row in rows:
        if row.event not in HANDED_IN or row.seq in gone:
            continue
        if row.from_state == State.WITHDRAWN:
            received.clear()
        given = row.detail["fields"]
        at = datetime.fromisoformat(given["received_at"]) if given.get("received_at") else row.at
        received |= {code: local_day(at) for code in given.get("materials", ()) if code not in received}
    return received


def _records(session: Session, id_: int) -> Iterator[Entry]:
    visits = _rows(session, SiteVisit, col(SiteVisit.application_id) == id_, stands(SiteVisit))
    yield from (Entry(row.visited_on, Kind.RECORD, "实地核查笔录") for row in visits)
    sheets = _rows(session, ScoreSheet, col(ScoreSheet.application_id) == id_)
    days = Counter(local_day(row.recorded_at) for row in sheets)
    yield from (Entry(day, Kind.RECORD, f"专家评分表（{count} 份）") for day, count in days.items())
    receipts = _rows(session, FilingReceipt, col(FilingReceipt.application_id) == id_)
    yield from (Entry(row.received_on, Kind.RECORD, "备案回执", row.number) for row in receipts)


def _objections(session: Session, id_: int) -> Iterator[Entry]:
    """An objection by its number alone, and what it came to."""
    for row in _rows(session, Objection, col(Objection.application_id) == id_):
        via = ObjectionVia(row.via).label
        yield Entry(local_day(row.received_at), Kind.OBJECTION, f"异议登记（{via}）", row.ref)
        if row.resolved_at:
            label = ObjectionStatus(row.status).label
            yield Entry(local_day(row.resolved_at), Kind.DECISION, f"异议核查结论：{label}", row.ref)


def _decisions(session: Session, id_: int) -> Iterator[Entry]:
    """What moved the dossier, and what was decided where it stood. What the clock did is nobody's decision."""
    for row in _rows(session, AuditRecord, is_of_dossier(AuditRecord, id_)):
        moved = row.from_state != row.to_state and row.event not in BY_NOTICE
        if moved or row.event in STAYS:
            kind = Kind.LAPSE if row.by == SYSTEM else Kind.DECISION
            yield Entry(local_day(row.at), kind, _decided(row, moved), f"记录 {row.seq}")


def _decided(row: AuditRecord, moved: bool) -> str:
    title = LABELS.get(row.event, row.event)
    if row.event == TAKE_BACK:
        title += f"：{LABELS[row.detail['fields']['act']]}"
    return f"{title}：{State(row.to_state).label}" if moved else title


def _documents(session: Session, id_: int) -> Iterator[Entry]:
    """Every document of ours about the dossier; those of the agreement's life have a file of their own."""
    of_it = col(OfficialDocument.application_id) == id_, col(OfficialDocument.agreement_id).is_(None)
    for row in _rows(session, OfficialDocument, *of_it, col(OfficialDocument.kind).not_in(WRAPPERS)):
        title = f"{DocumentKind(row.kind).label}（{row.file_format.upper()}）"
        yield Entry(local_day(row.created_at), Kind.DOCUMENT, title, row.number, row.file_sha256)


def _notices(session: Session, id_: int) -> Iterator[Entry]:
    named = select(col(NoticeEntry.notice_id)).where(col(NoticeEntry.application_id) == id_)
    for row in _rows(session, Notice, col(Notice.id).in_(named)):
        kind = NoticeKind(row.kind)
        period = "" if kind is NoticeKind.FINAL_RESULT else f"（{told_period(row)}）"
        title = f"{kind.label}{period}"
        yield Entry(local_day(row.created_at), Kind.NOTICE, title, f"第 {row.id} 号", row.snapshot_sha256)


def _messages(session: Session, id_: int) -> Iterator[Entry]:
    """What was taken by the other side's server, or perhaps was; one that was folded into another went with it."""
    went = func.coalesce(col(Notification.digest_id), col(Notification.id))
    query = select(Notification, NotificationAttempt).join(
        NotificationAttempt, col(NotificationAttempt.notification_id) == went
    )
    outcomes = (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN)
    query = query.where(is_of_dossier(Notification, id_), col(NotificationAttempt.outcome).in_(outcomes))
    best: dict[int, tuple[Notification, NotificationAttempt]] = {}
    for message, tried in session.execute(query.order_by(col(NotificationAttempt.id))).tuples():
        held = best.get(message.id or 0)
        if held is None or held[1].outcome == OutcomeKind.UNKNOWN:
            best[message.id or 0] = (message, tried)
    for message, tried in best.values():
        doubt = "，结果不明" if tried.outcome == OutcomeKind.UNKNOWN else ""
        title = _message(message, f"{Channel(message.channel).label}{doubt}")
        on = local_day(tried.ended_at or tried.started_at)
        yield Entry(on, Kind.MESSAGE, title, f"通知 {message.id}", tried.content_sha256)


def _by_hand(session: Session, id_: int) -> Iterator[Entry]:
    query = select(ManualTask, Notification).join(Notification, col(Notification.id) == col(ManualTask.notification_id))
    done = query.where(is_of_dossier(Notification, id_), col(ManualTask.done_at).is_not(None))
    for task, message in session.execute(done.order_by(col(ManualTask.id))).tuples():
        on = task.delivered_on or local_day(task.done_at)
        yield Entry(on, Kind.MESSAGE, _message(message, HandDelivery(task.how).label), f"通知 {message.id}")


def _message(message: Notification, means: str) -> str:
    return f"{spec_of(message.event).title}（致{Audience(message.audience).label}，{means}）"
