"""The facts of the papers of an agreement's life (六(一)至六(三)): what was inspected, found, ordered, suspended,
resumed, dissolved, and the form on which somebody signs for one of them.

A paper is about one row of the records and tells what stood on its own day, by the rules of that day; of what was
overturned since, none is made any more. Facts and items are the office's text for the institution; evidence and
statements, which may name persons, are not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    Agreement,
    AgreementEnding,
    AgreementSuspension,
    Applicant,
    Application,
    Bar,
    DoubleRandomDraw,
    IndicatorWarning,
    Inspection,
    OfficialDocument,
    RectificationOrder,
    Staff,
    ViolationFinding,
)
from publication.documents.head import Facts, day_or, head, own_number
from publication.documents.source import RoundSource, round_source
from publication.wording import cn_clause
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance.effects import follows_failure
from rules.performance.records import BY_COUNT
from rules.policy import Violation
from rules.vocabulary import DocumentKind, FiveMatch, InspectionKind, MatchResult
from rules.wording import cn_date, cn_day, on_one_line

KEPT = "此前制作的文书仍在 var/documents 和案卷中"
STOPS = "。．.；;，,、 "


@dataclass(frozen=True, slots=True)
class Contract:
    """An agreement with its institution and its round, whose rules are those of the day of the paper."""

    view: RoundSource
    applicant: Applicant
    agreement: Agreement

    def head(self, kind: DocumentKind, day: date, serial: str) -> Facts:
        """The head of a paper; its own number counts within the agreement and bears the year of the paper."""
        serial = f"{self.agreement.id}-{serial}"
        return {
            **head(kind, self.view, kind.label, day, serial),
            "number": own_number(kind, self.view.county, day.year, serial),
            "name": self.applicant.name,
            "agreement_number": self.agreement.number,
        }

    def violation(self, found: ViolationFinding) -> Violation:
        """What was found, in the words of the rules."""
        violation = self.view.policy.violation(found.code, self.applicant.type)
        assert violation is not None
        return violation

    def told(self, found: ViolationFinding) -> Facts:
        """What was found, as it is printed."""
        violation = self.violation(found)
        facts = {"what": violation.text, "clause": cn_clause(violation.clause), "facts": bare(found.facts)}
        return {"ref": found.ref, **facts}


def finding_notice(session: Session, finding_id: int) -> Facts:
    """拟认定告知书: what is proposed, and until when the institution may state its view."""
    kind = DocumentKind.FINDING_NOTICE
    found: ViolationFinding = row_of(session, ViolationFinding, finding_id, kind)
    if found.code == BY_COUNT:
        raise RefusedError(f"第 {found.ref} 号认定由累计次数当场认定，没有拟认定：请制作“暂停协议通知书”")
    one = contract_of(session, found.agreement_id, found.recorded_at)
    return {
        **one.head(kind, min(found.served_on or found.recorded_on, found.recorded_on), found.ref),
        **one.told(found),
        "amount": found.amount,
        "is_ground": found.is_ground,
        "heard_until": cn_day(found.heard_until) if found.heard_until else "",
    }


def inspection_record(session: Session, inspection_id: int) -> Facts:
    """检查记录: when, by whom, what was seen and mended on the spot, to be signed by both sides (R72, R81)."""
    kind = DocumentKind.INSPECTION_RECORD
    row: Inspection = row_of(session, Inspection, inspection_id, kind)
    one = contract_of(session, row.agreement_id, row.recorded_at)
    names = {row[0]: row[1] for row in session.execute(select(col(Staff.staff_no), col(Staff.name)))}
    plan = session.get(DoubleRandomDraw, row.draw_id) if row.draw_id else None
    return {
        **one.head(kind, row.held_on, row.ref),
        "ref": row.ref,
        "kind": InspectionKind(row.kind).label,
        "plan": plan.ref if plan else "",
        "held_on": cn_day(row.held_on),
        "inspectors": [{"staff_no": each, "name": names.get(each, each)} for each in row.inspectors],
        "matches": [
            {"what": FiveMatch(what).label, "result": MatchResult(result).label} for what, result in row.matches.items()
        ],
        "minutes": bare(row.minutes),
        "corrections": list(map(bare, row.corrections)),
        "evidence": len(row.evidence),
        "refused": row.refused,
    }


def rectification_notice(session: Session, order_id: int) -> Facts:
    """责令限期整改通知书: what is to be mended by which day, and what follows otherwise (R78, R81)."""
    kind = DocumentKind.RECTIFICATION_NOTICE
    order: RectificationOrder = row_of(session, RectificationOrder, order_id, kind)
    one = contract_of(session, order.agreement_id, order.recorded_at)
    day = min(order.served_on, local_day(order.recorded_at))
    found = _findings(session, order.agreement_id, order.findings, day)
    follows = follows_failure(map(one.violation, found), in_a_pause=order.within_suspension)
    return {
        **one.head(kind, day, order.ref),
        "ref": order.ref,
        "findings": list(map(one.told, found)),
        "todo": list(map(bare, order.items)),
        "due_on": cn_day(order.due_on),
        "within_suspension": order.within_suspension,
        "on_failure": cn_clause(follows),
    }


def warning_notice(session: Session, warning_id: int) -> Facts:
    """预警通知书: what was beyond its limit in a month, with both workings as they stood on that day (R83)."""
    kind = DocumentKind.WARNING_NOTICE
    warned: IndicatorWarning = row_of(session, IndicatorWarning, warning_id, kind)
    one = contract_of(session, warned.agreement_id, warned.recorded_at)
    told = ("label", "value", "limit", "over")
    return {
        **one.head(kind, min(warned.served_on, local_day(warned.recorded_at)), warned.ref),
        "ref": warned.ref,
        "month": f"{warned.month[:4]}年{int(warned.month[5:])}月",
        "exceeded": [{name: each[name] for name in told} for each in warned.exceeded],
        "answer_due": cn_day(warned.answer_due) if warned.answer_due else "",
    }


def suspension_notice(session: Session, suspension_id: int) -> Facts:
    """暂停协议通知书: on what grounds, for how long, and which one it is of how many (R44③, R45④; A7-39)."""
    kind = DocumentKind.SUSPENSION_NOTICE
    pause: AgreementSuspension = row_of(session, AgreementSuspension, suspension_id, kind)
    one = contract_of(session, pause.agreement_id, pause.recorded_at)
    by_count = one.view.policy.violation(BY_COUNT, one.applicant.type)
    assert by_count is not None
    return {
        **one.head(kind, pause.decided_on, pause.ref),
        **decided_under(pause.decision_no),
        "findings": list(map(one.told, _findings(session, pause.agreement_id, pause.findings, pause.decided_on))),
        "from_on": cn_day(pause.from_on),
        "to_on": cn_day(pause.to_on) if pause.to_on else "",
        "clause": cn_clause(by_count.clause),
        **_counted(session, one, pause, pause.decided_on),
        "national": one.view.policy.count("suspension_limit_national"),
    }


def resumption_notice(session: Session, suspension_id: int) -> Facts:
    """恢复协议通知书: in force again from a day; the suspension stays counted."""
    kind = DocumentKind.RESUMPTION_NOTICE
    pause: AgreementSuspension = row_of(session, AgreementSuspension, suspension_id, kind)
    if pause.lifted_on is None:
        raise RefusedError(f"“{pause.decision_no}”的暂停尚未恢复：请先办理“恢复协议”")
    one = contract_of(session, pause.agreement_id, pause.recorded_at)
    return {
        **one.head(kind, pause.lifted_on, pause.ref),
        "decision_no": pause.decision_no,
        "from_on": cn_day(pause.from_on),
        "resumed_on": cn_day(pause.lifted_on),
        **_counted(session, one, pause, pause.lifted_on),
    }


def dissolution_notice(session: Session, ending_id: int) -> Facts:
    """解除服务协议通知书: ground and clause; once it was served, from when on and how long the institution is barred
    (六(二)、六(三); 民法典565)."""
    kind = DocumentKind.DISSOLUTION_NOTICE
    ending: AgreementEnding = row_of(session, AgreementEnding, ending_id, kind)
    one = contract_of(session, ending.agreement_id, ending.recorded_at)
    [found] = _findings(session, ending.agreement_id, [ending.finding], ending.decided_on)
    bar = session.execute(select(Bar).where(col(Bar.ending_id) == ending.id)).scalar_one_or_none()
    return {
        **one.head(kind, ending.decided_on, "1"),
        **decided_under(ending.decision_no),
        **one.told(found),
        "established_on": day_or(found.established_on),
        "heard": _heard(found),
        "served_on": day_or(ending.served_on),
        "bar_from": day_or(bar and bar.from_on),
        "bar_last_day": day_or(bar and bar.last_day),
        "bar_period": one.view.policy.period("reapplication_bar").label,
    }


def service_receipt(session: Session, document_id: int) -> Facts:
    """送达回证: the form on which somebody signs for a paper that was made; all but the paper is filled in by hand."""
    kind, made = DocumentKind.SERVICE_RECEIPT, session.get(OfficialDocument, document_id)
    if made is None or made.agreement_id is None:
        raise RefusedError(f"没有第 {document_id} 号可以送达的文书：请先制作要送达的文书")
    one = contract_of(session, made.agreement_id, made.created_at)
    return {
        **one.head(kind, local_day(made.created_at), str(document_id)),
        **decided_under(made.number),
        "paper": made.title,
    }


def row_of(session: Session, model: type[SQLModel], row_id: int, kind: DocumentKind) -> Any:
    """The row that a paper is about. Raises RefusedError when there is none, or it was overturned."""
    row: Any = session.get(model, row_id)
    if row is None:
        raise RefusedError(f"没有可以制作“{kind.label}”的第 {row_id} 条记录：请核对协议编号和序号")
    if getattr(row, "overturned_on", None):
        raise RefusedError(f"所依据的记录已于 {row.overturned_on} 撤销，不再制作“{kind.label}”：{KEPT}")
    return row


def contract_of(session: Session, agreement_id: int, at: datetime) -> Contract:
    """An agreement, with the rules of an instant."""
    agreement = session.get_one(Agreement, agreement_id)
    application = session.get_one(Application, agreement.application_id)
    applicant = session.get_one(Applicant, application.applicant_pk)
    return Contract(round_source(session, agreement.round_id, at), applicant, agreement)


def decided_under(number: str) -> Facts:
    """What was decided, or made, under a number bears that one."""
    return {"number": number, "is_numbered": True}


def _findings(session: Session, agreement_id: int, refs: Sequence[str], day: date) -> list[ViolationFinding]:
    """The findings that something stood on, on its day."""
    of_it = col(ViolationFinding.agreement_id) == agreement_id, col(ViolationFinding.ref).in_(refs)
    rows = session.execute(select(ViolationFinding).where(*of_it).order_by(col(ViolationFinding.id))).scalars()
    return _standing(rows, day)


def _standing(rows: Iterable[Any], day: date) -> list[Any]:
    return [one for one in rows if one.overturned_on is None or one.overturned_on > day]


def _counted(session: Session, one: Contract, pause: AgreementSuspension, day: date) -> Facts:
    """Which suspension of the term it was, of how many, as they stood on a day."""
    of_it = col(AgreementSuspension.agreement_id) == pause.agreement_id, col(AgreementSuspension.id) <= pause.id
    count = len(_standing(session.execute(select(AgreementSuspension).where(*of_it)).scalars(), day))
    limit = one.agreement.suspension_limit
    assert limit is not None
    return {"count": count, "limit": limit, "is_last": count >= limit, "is_near": count + 1 == limit}


def _heard(found: ViolationFinding) -> str:
    """How the institution was heard; empty where the system derived it from the records."""
    if found.heard_until is None:
        return ""
    if found.statement_on:
        return f"你单位于{cn_date(found.statement_on)}提交书面陈述"
    return f"至{cn_date(found.heard_until)}陈述期限届满，你单位没有提交书面陈述"


def bare(text: str) -> str:
    """Text without the stop at its end: the sentence that it stands in has one."""
    return on_one_line(text).rstrip(STOPS)
