"""Honest mistakes (更正规则): an act that was recorded by mistake is taken back. Both stay on record, what the act had
written is set aside, its clocks run again, and whoever was told of it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, AuditRecord
from policies.corrections import load_corrections
from rules.audit import sha256
from rules.case import Case, Change, Context, Event
from rules.corrections import TAKE_BACK, Correction
from rules.errors import NotEntitledError, RefusedError
from rules.evaluation.states import HOLDS_A_PLACE
from rules.localtime import local_day
from rules.vocabulary import State
from tasks.act_result import Receipt, told
from tasks.case_loading import the_case
from tasks.consequences import look, preview_code
from tasks.decisions import decided
from tasks.labels import LABELS, ROLES
from tasks.places import make_room
from tasks.recording import record
from tasks.set_aside import set_aside_with
from tasks.staff import on_staff
from tasks.stood_before import Kept, kept_of

RETURNED = "此前空出名额的办理已经撤回，该名额归还原机构"
CLAUSE = "更正规则"
IN_THE_PROCEDURE = {"自愿原则": "一（自愿申请）", "令2、令3": "四"}  # what a letter names: a clause of the county's own


@dataclass(frozen=True, slots=True)
class Meant:
    """The record that is to be taken back, how the case stood before it, and what the policy says of the act."""

    record: AuditRecord
    before: Kept
    rule: Correction

    @property
    def named(self) -> str:
        """`第 7 号“签署初审意见”（2025-09-03）`."""
        return f"第 {self.record.seq} 号“{LABELS[self.record.event]}”（{local_day(self.record.at)}）"


def take_back_act(session: Session, ctx: Context, event: Event) -> Receipt:
    """Takes one recorded act of a dossier back.

    Raises RefusedError for an act that was never recorded, where a later act stands on it (named), and where the
    consequences are not those that were looked at; NotEntitledError for a role that may not ask for it.
    """
    before = look(session, ctx)
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    meant = what_is_meant(session, case, event)
    expect_entitled(session, event, meant.rule)
    receipt = undo(session, ctx, case, meant, event)
    if code_of(meant, preview_code(before, look(session, ctx))) != event.fields["preview_code"]:
        raise RefusedError(
            f"后果与试算时不同，或者试算码不是这一次的：请重新运行“试算撤回”（{case.applicant_id}），核对后填入新的试算码"
        )
    return receipt


def code_of(meant: Meant, effects: str) -> str:
    """Eight signs that stand for taking back this very record with these consequences."""
    return sha256({"record": meant.record.hash, "effects": effects})[:8]


def undo(session: Session, ctx: Context, case: Case, meant: Meant, event: Event) -> Receipt:
    """The act itself, whoever asks for it. Raises RefusedError when the procedure refuses."""
    whole = replace(event, fields={**event.fields, **_worked(case, meant)})
    change = decided(case, whole, ctx)
    room = _room(session, ctx, change)
    record(session, ctx, [*room, change])
    set_aside_with(session, ctx, case, meant.record, whole)
    yielded = "".join(
        f"{one.case.applicant_id} 此前据以递补的名额已收回，现为“{one.outcome.to.label}”。" for one in room
    )
    about = (case.applicant_id, *(one.case.applicant_id for one in room))
    return Receipt(told(change, f"已撤回{meant.named}，原记录保留") + yielded, ctx.round.id, about)


def _worked(case: Case, meant: Meant) -> dict[str, Any]:
    """What the rules are told beside the form: how the case stood, and what the applicant was told."""
    one, before = meant.record, meant.before
    seen = State(one.to_state)
    ended = f"，结果为“{seen.label}”" if one.to_state != one.from_state else ""
    return {
        "takes_back": one.seq,
        "act": one.event,
        "from_state": one.from_state,
        "columns": before["columns"],
        "reasons": before["reasons"],
        "clocks": before["clocks"],
        "held_by": _hold(one),
        "was_told": bool(before["told"]),
        "clause": IN_THE_PROCEDURE.get(one.clause, one.clause),
        "told_as": f"{local_day(one.at)} {LABELS[one.event]}{ended}",
    }


def _hold(record_: AuditRecord) -> dict[str, Any] | None:
    """The objection that held the dossier, if the record is of one."""
    fields = record_.detail["fields"]
    is_held = record_.event == "record_objection" and fields["holds"]
    return {"ref": fields["ref"], "recorded_at": record_.at} if is_held else None


def _room(session: Session, ctx: Context, change: Change[Case]) -> tuple[Change[Case], ...]:
    """Who gives a place back that the act had freed."""
    takes_a_place = change.case.state not in HOLDS_A_PLACE and change.outcome.to in HOLDS_A_PLACE
    return make_room(session, ctx, change.case, change.event, RETURNED) if takes_a_place else ()


# --- which record is meant, and whether it may be taken back ---------------------------------------------------------


def what_is_meant(session: Session, case: Case, event: Event) -> Meant:
    """The record that the form names by its act, and by its number where there are several: the newest that stands.

    Raises RefusedError for an act that stands on no record, that was recorded before such things were kept, or on which
    a later one stands.
    """
    act, number = event.fields["act"], event.fields["record_no"]
    standing = standing_records(session, case)
    one = next((row for row in reversed(standing) if row.event == act and number in (0, row.seq)), None)
    if one is None:
        which = f"第 {number} 号记录不是仍然有效的“{LABELS[act]}”" if number else f"没有可以撤回的“{LABELS[act]}”记录"
        raise RefusedError(f"{case.applicant_id} {which}：请在案件经过中核对申请人、事项和记录号")
    kept = kept_of(session, case)
    if one.seq not in kept:
        raise RefusedError(
            f"该事项办理于启用撤回功能以前，没有留存当时的期限，不能撤回：请报主管领导书面处理（依据：{CLAUSE}）"
        )
    meant = Meant(one, kept[one.seq], load_corrections()[act])
    _expect_nothing_on_it(meant, [row for row in standing if row.seq > one.seq], kept)
    return meant


def standing_records(session: Session, case: Case) -> list[AuditRecord]:
    """The records of a dossier in order, without those that were taken back and those that took them back."""
    of_it = col(AuditRecord.subject) == case.kind, col(AuditRecord.subject_id) == case.id
    rows = list(session.execute(select(AuditRecord).where(*of_it).order_by(col(AuditRecord.seq))).scalars())
    gone = {row.detail["fields"]["takes_back"] for row in rows if row.event == TAKE_BACK}
    return [row for row in rows if row.event != TAKE_BACK and row.seq not in gone]


def newest_retractable(session: Session, case: Case) -> str:
    """The act of the newest standing record that may be taken back; empty where a later step stands on it, or there is
    none."""
    for row in reversed(standing_records(session, case)):
        if row.event in load_corrections() and load_corrections()[row.event].is_possible:
            return row.event
        if row.from_state != row.to_state:
            return ""
    return ""


def _expect_nothing_on_it(meant: Meant, later: Sequence[AuditRecord], kept: dict[int, Kept]) -> None:
    for row in later:
        moves = row.from_state != row.to_state
        same_columns = set(meant.before["columns"]) & set(kept.get(row.seq, {"columns": ()})["columns"])
        if moves or row.event in meant.rule.until or same_columns:
            raise RefusedError(
                f"{meant.named}之后已经办理第 {row.seq} 号“{LABELS[row.event]}”（{local_day(row.at)}），不能撤回："
                f"{_instead(row.event)}（依据：{CLAUSE}）"
            )


def _instead(act: str) -> str:
    """What to do about the later act."""
    rule = load_corrections().get(act)
    if rule is None:
        return "此后的结论由系统按期限作出"
    return "请先撤回后办的这一项" if rule.is_possible else f"该项不能撤回（{rule.why}）"


def expect_entitled(session: Session, event: Event, rule: Correction) -> None:
    """Raises NotEntitledError for somebody whose roles may not ask for it."""
    if not rule.may_be_asked_by(on_staff(session, event.by).roles):
        who = "、".join(ROLES[role] for role in rule.by)
        raise NotEntitledError(f"撤回“{LABELS[rule.act]}”须由{who}岗位提出，工号“{event.by}”不能办理")


def named_in_full(session: Session, case: Case) -> str:
    """`P01 样例大药房一店`."""
    name = session.execute(select(col(Applicant.name)).where(col(Applicant.id) == case.applicant_pk)).scalar_one()
    return f"{case.applicant_id} {name}"
