"""Those who object: who they are (sealed), that they withdraw, and the answer that each is owed (五(三))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Application, Objection
from models.bulk import changed
from models.complainant import Complainant
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.vocabulary import HandDelivery, ObjectionStatus
from tasks import surroundings
from tasks.act_result import Receipt, told
from tasks.acts.complaints import numbered as complaint_numbered
from tasks.acts.objections import OPEN, alike, known, root_of, the_objection, the_open_objection
from tasks.case_loading import load_cases
from tasks.decisions import decided
from tasks.recording import record
from tasks.rounds import record_for_round


def register_complainants(session: Session, ctx: Context, event: Event) -> Receipt:
    """Seals who made which objection; the same person's same matter about one notice becomes one inquiry.

    The record of the round holds the numbers alone.
    """
    keys, said = surroundings.keys(), []
    for entry in event.fields["complainants"]:
        if entry.get("agreement_number"):
            said.append(_seal_complaint(session, keys, entry))
            continue
        objection = the_objection(session, ctx, entry["ref"])
        if objection.complainant_sealed:
            raise RefusedError(f"异议 {objection.ref} 的异议人已登记，不能改登")
        said.append(f"{objection.ref}{_seal(session, keys, objection, entry)}")
    refs = [entry.get("agreement_number", "") + entry["ref"] for entry in event.fields["complainants"]]
    record_for_round(session, ctx, Event(event.name, event.at, event.by, {"refs": refs}))
    return Receipt(f"已登记异议人 {len(refs)} 件：{'、'.join(said)}。联系方式已加密，不显示。", ctx.round.id)


def _seal(session: Session, keys: Keyring, objection: Objection, entry: Mapping[str, str]) -> str:
    who = Complainant.read(entry)
    objection.is_anonymous = False
    objection.complainant_sealed = who.seal(keys, objection.id or 0)
    objection.complainant_bidx = who.index(keys)
    session.add(objection)
    session.flush()
    first = _repeated(session, objection)
    if first is None:
        return ""
    followers = col(Objection.id).in_([objection.id]) | (col(Objection.duplicate_of) == objection.id)
    changed(session, update(Objection).where(followers).values(duplicate_of=first.id))
    return f"（与 {first.ref} 并案）"


def _seal_complaint(session: Session, keys: Keyring, entry: Mapping[str, str]) -> str:
    """Seals who complained about a designated institution."""
    number, ref = entry["agreement_number"], entry["ref"]
    complaint = complaint_numbered(session, number, ref)
    if complaint is None:
        raise RefusedError(f"协议 {number} 没有第 {ref} 件举报投诉，请核对（看板的协议页可查）")
    if complaint.complainant_sealed:
        raise RefusedError(f"协议 {number} 第 {ref} 件举报投诉的举报人已登记，不能改登")
    who = Complainant.read(entry)
    complaint.is_anonymous = False
    complaint.complainant_sealed = who.seal(keys, complaint.id or 0, "complaint")
    complaint.complainant_bidx = who.index(keys)
    session.add(complaint)
    session.flush()
    return f"{number}第 {ref} 件"


def _repeated(session: Session, objection: Objection) -> Objection | None:
    """The open objection that this one repeats: same dossier, notice, matter and person."""
    if objection.status != OPEN or objection.duplicate_of is not None:
        return None
    same = [one for one in alike(session, objection) if one.complainant_bidx == objection.complainant_bidx]
    roots: Sequence[Objection] = [root_of(session, one) for one in same if one.status == OPEN]
    return next((one for one in roots if one.id != objection.id), None)


def withdraw_objection(session: Session, ctx: Context, event: Event) -> Receipt:
    """The objector withdraws. Whether that ends the inquiry is the county's reading; by default it goes on."""
    objection = the_open_objection(session, ctx, event)
    if objection.withdrawn_on is not None:
        raise RefusedError(f"异议 {objection.ref} 已于 {objection.withdrawn_on} 登记撤回，无需重复办理")
    withdrawn_on = event.fields["withdrawn_on"]
    _check_day(withdrawn_on, local_day(objection.received_at), event, "撤回日期", "收到异议之日")
    ends = ctx.policy.reads("withdrawn_objection") == "ends_inquiry"
    case = load_cases(session, col(Application.id) == objection.application_id)[0]
    also = {**known(session, objection, [objection] if ends else []), "ends_inquiry": ends}
    change = decided(case, Event(event.name, event.at, event.by, {**event.fields, **also}), ctx)
    record(session, ctx, [change])
    objection.withdrawn_on, objection.withdrawn_by = withdrawn_on, event.by
    objection.withdrawal_reason = event.fields["reason"]
    if ends:
        objection.status, objection.resolved_at, objection.resolved_by = ObjectionStatus.WITHDRAWN, event.at, event.by
    session.add(objection)
    said = "核查终止" if ends else "核查继续，结论作出前仍暂停" if objection.holds else "核查继续"
    return Receipt(told(change, f"已登记撤回异议 {objection.ref}（{said}）"), ctx.round.id, (case.applicant_id,))


def _check_day(day: Any, earliest: Any, event: Event, what: str, since: str) -> None:
    if day < earliest:
        raise RefusedError(f"{what} {day} 早于{since} {earliest}，请核对日期")
    if day > local_day(event.at):
        raise RefusedError(f"{what} {day} 晚于录入日，请在实际发生之后登记")


def reply_objection(session: Session, ctx: Context, event: Event) -> Receipt:
    """Records that the objector was answered: on which day, how, with which proof. One by one, duplicates too."""
    objection, fields = the_objection(session, ctx, event.fields["ref"]), event.fields
    if objection.status == OPEN:
        raise RefusedError(f"异议 {objection.ref} 尚未作出核查结论，不能登记答复：请先办理“异议核查结论”")
    if objection.is_anonymous:
        raise RefusedError(f"异议 {objection.ref} 是匿名异议，无从答复，不必登记")
    if objection.replied_on is not None:
        raise RefusedError(f"异议 {objection.ref} 已于 {objection.replied_on} 答复，不能重复登记")
    assert objection.resolved_at is not None
    _check_day(fields["replied_on"], local_day(objection.resolved_at), event, "答复日期", "作出结论之日")
    objection.replied_on, objection.replied_by = fields["replied_on"], event.by
    objection.reply_how, objection.reply_proof = fields["how"], fields["proof"]
    session.add(objection)
    record_for_round(session, ctx, event)
    how = HandDelivery(fields["how"]).label
    return Receipt(f"异议 {objection.ref} 已于 {fields['replied_on']} 答复异议人（{how}）。", ctx.round.id)
