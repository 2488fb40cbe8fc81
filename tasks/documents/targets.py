"""Whom or what a document is about, as people write it: the round, a notice, an applicant, or an agreement and one of
its inspections, findings, orders, suspensions or its dissolution."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    Agreement,
    AgreementEnding,
    AgreementSupplement,
    AgreementSuspension,
    AnnualAgreement,
    IndicatorWarning,
    Inspection,
    Notice,
    Notification,
    OfficialDocument,
    RectificationOrder,
    SettlementHold,
    StockList,
    ViolationFinding,
)
from models.subjects import application_of
from publication.documents.making import OF_A_NOTICE, OF_A_ROUND
from rules.case import Event
from rules.errors import InputError, RefusedError
from rules.months import OURS
from rules.performance.records import BY_COUNT, AgreementCase
from rules.vocabulary import DocumentKind
from tasks.addressing import addressed, all_rounds, in_its_round
from tasks.agreements import the_agreement
from tasks.case_loading import NO_ROUND, the_case


@dataclass(frozen=True, slots=True)
class Target:
    """What a document is about: its number as the kind asks, and the rows it belongs to."""

    ref: int
    round_id: int
    application_id: int | None = None
    notice_id: int | None = None
    agreement_id: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What a paper of an agreement may be about: its number in the agreement, the number of its decision where it has
    one, what tells it from the others, its row."""

    ref: str
    decision_no: str
    told: str
    row_id: int
    is_overturned: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the items of a kind of paper are kept, which of them have one, the act that makes them; whether the paper
    is served on the institution, or signed by both sides."""

    model: type[SQLModel]
    told: Callable[[Any], str]
    act: str
    has_one: Callable[[Any], bool] = lambda _: True
    is_served: bool = True


ITEMS: Mapping[DocumentKind, Kept] = {
    DocumentKind.FINDING_NOTICE: Kept(
        *(ViolationFinding, lambda row: f"{row.code}，{row.recorded_on}", "登记违规事实"),
        lambda row: row.code != BY_COUNT,
    ),
    DocumentKind.RECTIFICATION_NOTICE: Kept(RectificationOrder, lambda row: f"期限至 {row.due_on}", "责令限期整改"),
    DocumentKind.SUSPENSION_NOTICE: Kept(AgreementSuspension, lambda row: row.decision_no, "暂停协议"),
    DocumentKind.RESUMPTION_NOTICE: Kept(
        AgreementSuspension, lambda row: row.decision_no, "恢复协议", lambda row: row.lifted_on is not None
    ),
    DocumentKind.DISSOLUTION_NOTICE: Kept(AgreementEnding, lambda row: row.decision_no, "决定解除协议"),
    DocumentKind.INSPECTION_RECORD: Kept(Inspection, lambda row: row.held_on.isoformat(), "登记检查"),
    DocumentKind.WARNING_NOTICE: Kept(IndicatorWarning, lambda row: row.month, "发出预警通知书"),
    DocumentKind.SUPPLEMENT_AGREEMENT: Kept(
        AgreementSupplement, lambda row: f"{row.effective_on} 起", "签订补充协议", is_served=False
    ),
    DocumentKind.ANNUAL_AGREEMENT: Kept(AnnualAgreement, lambda row: f"{row.year} 年", "签订年度协议", is_served=False),
    DocumentKind.HOLD_NOTICE: Kept(SettlementHold, lambda row: f"{row.from_on} 起", "暂停结算"),
    DocumentKind.STOCK_ANNEX: Kept(StockList, lambda row: f"{row.valid_from} 起", "登记备药清单", is_served=False),
}
SERVED = tuple(kind for kind, kept in ITEMS.items() if kept.is_served)
OF_A_TIME = {
    DocumentKind.ASSESSMENT_NOTICE: (r"20\d\d", "年度，如 2026"),
    DocumentKind.SETTLEMENT_SHEET: (OURS, "月份，如 2026-03"),
}
MESSAGE_DIGITS = 9  # what a database keeps as a whole number
OF_AN_AGREEMENT = (*ITEMS, DocumentKind.SERVICE_RECEIPT, DocumentKind.RENEWAL_AGREEMENT)


def target_of(session: Session, kind: DocumentKind, event: Event) -> Target:
    """What a document is about. Fields: about (`H01`, the number of a notice or of an agreement, nothing for the
    round); of an agreement's papers also `item`, and `served` for the paper that a receipt is for.

    Raises InputError or RefusedError with a sentence; where several could be meant it names them.
    """
    about = event.fields["about"]
    if kind in OF_AN_AGREEMENT:
        return _of_an_agreement(session, kind, event)
    if given := event.fields.get("item") or event.fields.get("served"):
        raise InputError(f"“{kind.label}”不分序号：“序号”和“送达的文书”请留空，现为“{given}”")
    if kind is DocumentKind.MESSAGE_PROOF:
        return _of_a_message(session, kind, about)
    if kind in OF_A_TIME:
        return _of_a_time(session, kind, about)
    if kind in OF_A_NOTICE:
        if not about.isdigit():
            raise InputError(f"“{kind.label}”须填公示编号（公示网址 notice-编号.html 中的数字），现为“{about}”")
        notice = the_notice(session, int(about))
        return Target(notice.id or 0, notice.round_id, notice_id=notice.id)
    if kind in OF_A_ROUND:
        if about:
            raise InputError(f"“{kind.label}”是整轮的文书：编号留空，哪一轮填在“轮次”；现为“{about}”")
        the_round = addressed(session, replace(event, fields={}))
        return Target(the_round.id or 0, the_round.id or 0)
    if not about:
        raise InputError(f"“{kind.label}”须填申请人编号，如 H01")
    asked = in_its_round(session, replace(event, fields={"applicant_id": about}))
    case = the_case(session, asked.round_id, asked.fields["applicant_id"])
    return Target(case.id, asked.round_id, application_id=case.id)


def _of_a_time(session: Session, kind: DocumentKind, about: str) -> Target:
    """A paper of the whole county, of a year or of a month; it is kept with the round announced last."""
    shape, example = OF_A_TIME[kind]
    if not re.fullmatch(shape, about, re.ASCII):
        raise InputError(f"“{kind.label}”的编号应填{example}，现为“{about}”")
    rounds = all_rounds(session)
    if not rounds:
        raise RefusedError(NO_ROUND)
    return Target(int(about.replace("-", "")), rounds[-1].id or 0)


def _of_a_message(session: Session, kind: DocumentKind, about: str) -> Target:
    """The proof of one message; it belongs to the dossier and the agreement that the message is about."""
    if not (about.isascii() and about.isdigit() and len(about) <= MESSAGE_DIGITS):
        raise InputError(f"“{kind.label}”须填通知号（看板该通知页的标题），如 70，现为“{about}”")
    row = session.get(Notification, int(about))
    if row is None:
        raise RefusedError(f"没有第 {about} 号通知：请从看板该通知页进入")
    whose = session.execute(select(application_of(Notification)).where(col(Notification.id) == row.id)).scalar()
    agreement_id = row.subject_id if row.subject == AgreementCase.kind else None
    return Target(row.id or 0, row.round_id, application_id=whose, agreement_id=agreement_id)


def the_notice(session: Session, notice_id: int) -> Notice:
    """The notice of a number. Raises RefusedError when there is none."""
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise RefusedError(
            f"没有第 {notice_id} 号公示：编号见公示网址（notice-编号.html）；尚未冻结名单的，先办理“发布公示”"
        )
    return notice


# --- papers of an agreement ------------------------------------------------------------------------------------


def _of_an_agreement(session: Session, kind: DocumentKind, event: Event) -> Target:
    served, item = event.fields.get("served", ""), event.fields.get("item", "")
    if kind is not DocumentKind.SERVICE_RECEIPT and served:
        raise InputError(f"“送达的文书”只用于“{DocumentKind.SERVICE_RECEIPT.label}”：制作“{kind.label}”请留空")
    case = _agreement(session, kind, event)
    if kind is DocumentKind.SERVICE_RECEIPT:
        ref = _paper_made(session, case, _served(served), item)
    elif kind is DocumentKind.RENEWAL_AGREEMENT:
        if item:
            raise InputError(f"“{kind.label}”不分序号：“序号”请留空，现为“{item}”")
        ref = case.id
    else:
        ref = _item(session, case, kind, item).row_id
    row = session.get_one(Agreement, case.id)
    return Target(ref, row.round_id, application_id=row.application_id, agreement_id=case.id)


def _agreement(session: Session, kind: DocumentKind, event: Event) -> AgreementCase:
    """The agreement of a number, or of an applicant."""
    about = event.fields["about"]
    if not about:
        raise InputError(f"“{kind.label}”须填协议编号（看板“协议”可查），也可以填申请人编号，如 H01")
    numbered = session.execute(select(col(Agreement.id)).where(col(Agreement.number) == about)).first()
    name = "agreement_number" if numbered else "applicant_id"
    asked = in_its_round(session, replace(event, fields={name: about}))
    return the_agreement(session, asked.round_id, asked.fields)


def _served(served: str) -> DocumentKind:
    if served not in SERVED:
        raise InputError(f"“送达回证”须在“送达的文书”选一种：{'、'.join(one.label for one in SERVED)}")
    return DocumentKind(served)


def _paper_made(session: Session, case: AgreementCase, kind: DocumentKind, item: str) -> int:
    """The newest row of a paper that was made: what is served bears its number."""
    found = _item(session, case, kind, item)
    same = col(OfficialDocument.kind) == kind, col(OfficialDocument.ref) == found.row_id
    query = select(col(OfficialDocument.id)).where(*same).order_by(col(OfficialDocument.id).desc()).limit(1)
    made: int | None = session.execute(query).scalar()
    if made is None:
        named = f"“{kind.label}”（第 {found.ref} 号，{found.told}）"
        raise RefusedError(f"协议 {case.number} 的{named}尚未制作：请先制作该文书，再制作送达回证")
    return made


def _item(session: Session, case: AgreementCase, kind: DocumentKind, given: str) -> Item:
    """The item that is meant: the one of a number, or the only one that stands."""
    items = _items(session, case, ITEMS[kind])
    if given and (named := [one for one in items if given in (one.ref, one.decision_no)]):
        return named[0]
    standing = [one for one in items if not one.is_overturned]
    if not standing:
        raise RefusedError(f"协议 {case.number} 没有可以制作“{kind.label}”的记录：请先办理“{ITEMS[kind].act}”")
    if given or len(standing) > 1:
        why = f"没有序号“{given}”" if given else "有几份可以制作"
        choices = "；".join(f"{one.ref}（{one.told}）" for one in standing)
        raise RefusedError(f"协议 {case.number} 的“{kind.label}”{why}：请在“序号”填写其中一个：{choices}")
    return standing[0]


def _items(session: Session, case: AgreementCase, kept: Kept) -> Sequence[Item]:
    of_it = kept.model.agreement_id == case.id  # type: ignore[attr-defined]
    rows = session.execute(select(kept.model).where(of_it).order_by(kept.model.id)).scalars()  # type: ignore[attr-defined]
    return [_as_item(kept, row, place) for place, row in enumerate(rows, 1) if kept.has_one(row)]


def _as_item(kept: Kept, row: Any, place: int) -> Item:
    """An ending has no number of its own: it counts as the others do."""
    decision = getattr(row, "decision_no", "") or getattr(row, "number", "")
    is_overturned = getattr(row, "overturned_on", None) is not None
    return Item(getattr(row, "ref", str(place)), decision, kept.told(row), row.id, is_overturned)
