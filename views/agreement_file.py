"""Agreements for the office: the list of all with what is due, and one with everything on its record (六)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    Agreement,
    AgreementEnding,
    AgreementSuspension,
    Applicant,
    Complaint,
    Inspection,
    InstitutionChange,
    RectificationOrder,
    Renewal,
    ViolationFinding,
)
from rules.acts import CATALOGUE, Scope
from rules.case import Clock, Context
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance import PERFORMANCE
from rules.performance.records import AgreementCase
from rules.performance.states import ENDS
from rules.vocabulary import (
    AgreementState,
    ChangeKind,
    FiveMatch,
    InspectionKind,
    MatchResult,
    ObjectionStatus,
    ObjectionVia,
    RectificationResult,
)
from tasks.agreed_terms import terms_on
from tasks.agreements import load_agreements
from tasks.assessments import last_result, open_hold
from tasks.case_loading import context_numbered
from tasks.filings import unfiled_of, unfiled_renewal_of
from tasks.staff import staff_names
from views import annexes, assessment
from views.agreements import bar_of, grade_of
from views.caseparts import papers_of_agreement
from views.deadlines import deadline_told
from views.history import history_of
from views.next_steps import NextAct, roles_of

FILE = "file_supplement"
LISTED = 500  # agreements on one page


def agreement_lines(session: Session, state: str = "") -> dict[str, Any]:
    """The agreements whose life is kept, the one that is due first at the top; those that have ended come last. `state`
    narrows it."""
    kept = col(Agreement.state) != AgreementState.DRAFT
    found = load_agreements(session, kept)
    counts = Counter(one.state for one in found)
    wanted = [one for one in found if not state or one.state == state]
    wanted.sort(key=lambda one: (one.state in ENDS, _due(_first(one)) or date.max, one.id))
    return {
        "counts": {one.value: {"label": one.label, "count": counts[one]} for one in AgreementState},
        "total": len(wanted),
        "lines": lines_of(session, wanted[:LISTED]),
    }


def lines_of(session: Session, found: Sequence[AgreementCase]) -> list[dict[str, Any]]:
    """Agreements as lines of a list, each in the words of its round's rules."""
    contexts = {round_id: context_numbered(session, round_id) for round_id in {one.round_id for one in found}}
    return [_line(contexts[one.round_id], one) for one in found]


def _first(case: AgreementCase) -> Clock | None:
    """The open limit that is due first."""
    dated = (one for one in case.clocks.values() if one.is_open and one.due_on)
    return min(dated, key=lambda one: one.due_on or date.max, default=None)


def _due(clock: Clock | None) -> date | None:
    return clock.due_on if clock else None


def _line(ctx: Context, case: AgreementCase) -> dict[str, Any]:
    first = _first(case)
    return {
        "id": case.id,
        "number": case.number,
        "round_id": case.round_id,
        "applicant_id": case.applicant_id,
        "name": case.name,
        "state": case.state.value,
        "state_label": case.state.label + _waits_for(case),
        "term": f"{case.effective_on} 至 {case.expires_on}",
        "count": f"{case.count}/{case.limit}",
        "is_near": case.count + 1 >= case.limit and case.state not in ENDS,
        "deadline_label": ctx.clocks[first.kind].label if first else "",
        "due": first.due_on.isoformat() if first and first.due_on else "",
    }


def _waits_for(case: AgreementCase) -> str:
    """What its own record still lacks while it has not ended."""
    if case.state in ENDS:
        return ""
    return ("（待审核）" if case.is_to_be_assessed else "") + ("（待备案）" if case.is_to_be_filed else "")


def agreement_file(session: Session, agreement_id: int) -> dict[str, Any]:
    """Everything our own records say of an agreement. Raises RefusedError for an unknown one."""
    case, ctx = agreement_of(session, agreement_id)
    history = history_of(session, case.kind, case.id)
    return {
        **_line(ctx, case),
        "national": ctx.policy.numbers["suspension_limit_national"].value if case.limit else "",
        "next_step": PERFORMANCE.next_step.get(case.state, "协议已经结束"),
        "open_objections": case.holds,
        "successor": case.successor + ("（待备案）" if unfiled_renewal_of(session, case) else ""),
        "filed": case.filed_on.isoformat() if case.filed_on else "待备案" if case.is_to_be_filed else "",
        "bar": bar_of(session, case.id),
        "deadlines": [deadline_told(ctx, case, clock) for clock in case.clocks.values()],
        "findings": _findings(session, ctx, case),
        "orders": _orders(session, case),
        "pauses": _pauses(session, case),
        "endings": _endings(session, case),
        "inspections": _inspections(session, case),
        "changes": _changes(session, case),
        "renewals": _renewals(session, case),
        **annexes.of_agreement(session, case),
        **assessment.of_agreement(session, case),
        "grade": grade_of(session, case),
        "complaints": _complaints(session, case),
        "papers": papers_of_agreement(session, case.id),
        "history": history,
        "names": staff_names(session, [one["by"] for one in history]),
    }


def agreement_of(session: Session, agreement_id: int) -> tuple[AgreementCase, Context]:
    found = load_agreements(session, col(Agreement.id) == agreement_id)
    if not found or found[0].state is AgreementState.DRAFT:
        raise RefusedError(f"没有第 {agreement_id} 份登记履行的协议：请从协议清单进入")
    return found[0], context_numbered(session, found[0].round_id)


def acts_for_agreement(session: Session, agreement_id: int) -> list[NextAct]:
    """The acts that the table allows now, in its order, with the agreement's number and, where only one can be meant,
    the finding or the order filled in. What a person must assert is never filled in."""
    case, ctx = agreement_of(session, agreement_id)
    events = dict.fromkeys(row.event for row in PERFORMANCE.table if row.frm is case.state)
    acts = [event for event in events if event in CATALOGUE and CATALOGUE[event].scope is Scope.AGREEMENT]
    to_file = _to_file(session, case)
    unknown = _unknown_to(session, ctx, case) | (set() if to_file else {FILE})
    acts = [act for act in acts if act not in unknown]
    named = {"agreement_number": case.number, "round": str(case.round_id)}
    is_held = open_hold(session, case) is not None
    filled = {act: named | (to_file if act == FILE else _meant(case, act)) for act in acts}
    return [
        NextAct(act, values["agreement_number"], values, False, roles_of(ctx, act), _until(case, act))
        for act, values in filled.items()
        if _is_wanted(case, act, is_held=is_held)
    ]


def _to_file(session: Session, case: AgreementCase) -> dict[str, Any]:
    """The agreement and what of it the filing can only mean; once nothing waits here, the renewal that follows. Empty
    where nothing waits."""
    if own := unfiled_of(session, case):
        return {"agreement_number": case.number} | ({"supplement": own[0].ref} if len(own) == 1 else {})
    renewal = unfiled_renewal_of(session, case)
    return {"agreement_number": renewal.case.number, "supplement": renewal.ref} if renewal else {}


def _meant(case: AgreementCase, act: str) -> dict[str, Any]:
    """The finding or the order that an act can only mean."""
    proposed = [one.ref for one in case.findings if not one.established_on and not one.overturned_on]
    reports = [one.ref for one in case.orders if one.awaits_report]
    looks = [one.ref for one in case.orders if one.awaits_inspection]
    grounds = [one.ref for one in case.grounds]
    warnings = [one.ref for one in case.warnings if one.answered_on is None]
    by_act = {
        "confirm_finding": ("finding", proposed),
        "hand_in_rectification": ("order", reports),
        "re_inspect": ("order", looks),
        "record_measures": ("warning", warnings),
        "dissolve_agreement": ("finding", grounds),
        "resolve_complaint": ("complaint", [one.ref for one in case.complaints if one.is_open]),
    }
    name, refs = by_act.get(act, ("", []))
    return {name: refs[0]} if len(refs) == 1 else {}


def _unknown_to(session: Session, ctx: Context, case: AgreementCase) -> set[str]:
    """The acts that an agreement has no use for: it fixes no terms, nothing is signed by the year, no year of it was
    concluded, its round asks for no reports of occurrences."""
    of_terms = set() if terms_on(session, case.id, case.expires_on) else {"record_indicators", "issue_warning"}
    of_years = set() if ctx.policy.signs_yearly else {"sign_annual"}
    of_results = set() if last_result(session, case) else {"correct_assessment"}
    return of_terms | of_years | of_results | (set() if ctx.policy.hears_of_events else {"report_event"})


def _is_wanted(case: AgreementCase, act: str, *, is_held: bool) -> bool:
    """Whether there is anything for an act to be about."""
    needed = {
        "confirm_finding": any(not one.established_on and not one.overturned_on for one in case.findings),
        "overturn_finding": any(not one.overturned_on for one in case.findings),
        "order_rectification": any(one.stands for one in case.findings),
        "suspend_agreement": any(one.stands for one in case.findings),
        "hand_in_rectification": any(one.awaits_report for one in case.orders),
        "re_inspect": any(one.awaits_inspection for one in case.orders),
        "dissolve_agreement": not (case.ending and not case.ending.overturned_on),
        "record_service": bool(case.ending and not case.ending.overturned_on),
        "record_measures": any(one.answered_on is None for one in case.warnings),
        "apply_renewal": not case.renewal_accepted,
        "sign_renewal": case.renewal_accepted and not case.successor,
        "leave_agreement": case.leaves_on is None,
        "release_settlement": is_held,
        "hold_settlement": not is_held,
        "resolve_complaint": any(one.is_open for one in case.complaints),
        "reply_complaint": any(not one.is_open for one in case.complaints),
        "assess_migrated": case.is_to_be_assessed,
    }
    return needed.get(act, True)


def _until(case: AgreementCase, act: str) -> date | None:
    """The last day of the open limit that an act meets."""
    met = {kind for row in PERFORMANCE.rows_for(case.state, act) for kind in PERFORMANCE.marks_of(row).settles}
    clocks = (case.clock(kind) for kind in met)
    return min((one.due_on for one in clocks if one and one.is_open and one.due_on), default=None)


# --- the records, in words -------------------------------------------------------------------------------------


def _rows(session: Session, model: type[SQLModel], case: AgreementCase) -> Sequence[Any]:
    of_it = model.agreement_id == case.id  # type: ignore[attr-defined]
    return session.execute(select(model).where(of_it).order_by(model.id)).scalars().all()  # type: ignore[attr-defined]


def _findings(session: Session, ctx: Context, case: AgreementCase) -> list[dict[str, Any]]:
    return [_finding(ctx, case, one) for one in _rows(session, ViolationFinding, case)]


def _finding(ctx: Context, case: AgreementCase, one: ViolationFinding) -> dict[str, Any]:
    violation = ctx.policy.violation(one.code, case.type)
    if one.overturned_on:
        state = f"{one.overturned_on} 撤销：{one.overturned_why}"
    elif one.established_on:
        state = f"{one.established_on} 认定（{one.confirmed_by}）"
    else:
        state = f"拟认定，陈述至 {one.heard_until}" if one.heard_until else "系统拟认定，待认定"
    what = violation.text if violation else one.code
    clause = violation.clause if violation else ""
    return {"ref": one.ref, "code": one.code, "what": what, "clause": clause, "facts": one.facts, "state": state}


def _orders(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    return [
        {
            "ref": one.ref,
            "todo": "；".join(one.items),
            "due": one.due_on.isoformat(),
            "within": "暂停期间" if one.within_suspension else "",
            "handed_in": one.handed_in_on.isoformat() if one.handed_in_on else "",
            "result": "已失效" if one.overturned_on else _result(one.result),
        }
        for one in _rows(session, RectificationOrder, case)
    ]


def _result(value: str) -> str:
    return RectificationResult(value).label if value else "未结"


def _pauses(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    return [
        {
            "number": one.decision_no,
            "from": one.from_on.isoformat(),
            "to": one.to_on.isoformat() if one.to_on else "整改到位为止",
            "by": f"{one.decided_by}、{one.confirmed_by}",
            "state": _pause_state(one),
        }
        for one in _rows(session, AgreementSuspension, case)
    ]


def _pause_state(one: AgreementSuspension) -> str:
    if one.overturned_on:
        return f"{one.overturned_on} 撤销，不计次"
    return f"{one.lifted_on} 恢复" if one.lifted_on else "暂停中"


def _endings(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    return [
        {
            "number": one.decision_no,
            "decided": f"{one.decided_on}（{one.decided_by}、{one.confirmed_by}）",
            "served": f"{one.served_on} {one.served_how}" if one.served_on else "尚未送达",
            "state": f"{one.overturned_on} 撤销" if one.overturned_on else ("已生效" if one.served_on else "未生效"),
        }
        for one in _rows(session, AgreementEnding, case)
    ]


def _inspections(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    return [
        {
            "on": one.held_on.isoformat(),
            "kind": _kind_of(one),
            "who": "、".join(one.inspectors),
            "minutes": one.minutes,
            "corrections": "；".join(one.corrections),
            "refused": one.refused,
        }
        for one in _rows(session, Inspection, case)
    ]


def _kind_of(one: Inspection) -> str:
    seen = "、".join(f"{FiveMatch(what).label}{MatchResult(result).label}" for what, result in one.matches.items())
    return InspectionKind(one.kind).label + (f"（{seen}）" if seen else "")


def _complaints(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    """What was complained about and what came of it; who complained is not read."""
    return [
        {
            "ref": one.ref,
            "on": local_day(one.received_at).isoformat(),
            "via": ObjectionVia(one.via).label + ("，匿名" if one.is_anonymous else ""),
            "matter": one.matter,
            "result": _found_of(one),
            "reply": "无从答复" if one.is_anonymous else f"{one.replied_on} 答复" if one.replied_on else "待答复",
        }
        for one in _rows(session, Complaint, case)
    ]


def _found_of(one: Complaint) -> str:
    status = ObjectionStatus(one.status).label
    finding = f"，第 {one.finding} 号认定" if one.finding else ""
    return f"{status}{finding}：{one.reason}" if one.reason else status


def _changes(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    return [
        {
            "on": one.changed_on.isoformat(),
            "what": ChangeKind(one.change).label,
            "described": one.described,
            "reported": f"{one.reported_on}{'（逾期）' if one.is_late else ''}",
        }
        for one in _rows(session, InstitutionChange, case)
    ]


def _renewals(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    return [
        {
            "on": f"{one.applied_on}{'（少于提前期）' if one.is_late else ''}",
            "result": "通过" if one.accepted else f"未通过：{'、'.join(one.reasons)}",
        }
        for one in _rows(session, Renewal, case)
    ]


def of_applicant(session: Session, ctx: Context, applicant_id: str) -> list[dict[str, Any]]:
    """The agreements of an applicant whose life is kept, as lines."""
    theirs = (col(Agreement.round_id) == ctx.round.id) & (col(Applicant.applicant_id) == applicant_id)
    kept = theirs & (col(Agreement.state) != AgreementState.DRAFT)
    return [_line(ctx, one) for one in load_agreements(session, kept)]
