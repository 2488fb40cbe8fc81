"""What the events of an agreement's life change beside its state: reasons, messages, columns. What is written into the
records themselves (a finding, an order, a suspension) the acts write (`tasks.acts.performance`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from rules.case import Context, Event, Message, Reason, listed
from rules.eligibility import last_day_of_bar
from rules.localtime import local_day
from rules.performance.guards.indicators import is_late_event
from rules.performance.guards.term import is_late_change, is_late_renewal
from rules.performance.records import BY_COUNT, AgreementCase, Finding, Order, overturned_ref, undone, without
from rules.periods import due_day
from rules.policy import Violation
from rules.procedure import Effect, Transition
from rules.vocabulary import AgreementState as A
from rules.vocabulary import Audience, ChangeKind, CostKind, InspectionKind, RectificationResult

Row = Transition[AgreementCase, Context]
ONE_DAY = timedelta(days=1)

# Of a message: which parameter tells which column of which clock.
CLOCK_PARAMS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "order_to_rectify": {"due_on": ("rectification", "due_on")},
}
FOLLOWS: Mapping[str, str] = {
    ChangeKind.NAME: "签订补充协议",
    ChangeKind.ADDRESS: "重新核查申请条件后签订补充协议",
    ChangeKind.LEGAL_REPRESENTATIVE: "记录在案",
    ChangeKind.LEVEL: "重新核查申请条件后签订补充协议",
    ChangeKind.LICENCE: "重新核查申请条件",
    ChangeKind.OWNER: "重新核查申请条件后签订补充协议",
    ChangeKind.STAFF: "重新核查申请条件",
    ChangeKind.STOCK_LIST: "记录在案，备药目录随之更新",
}
IN_A_PAUSE = "在暂停期间逾期未整改或整改不到位的，一律解除协议（六(二)）"
AS_THE_COUNTY = "逾期未整改或整改不到位的，由经办机构按协议处理，直至暂停协议"
CANCELLED = "逾期未整改的，取消定点资格"


def _violation(found: Finding, case: AgreementCase, ctx: Context) -> Violation:
    violation = ctx.policy.violation(found.code, case.type)
    if violation is None:
        raise ValueError(f"{case.number}: no violation {found.code} in its rules")
    return violation


def on_failure(case: AgreementCase, refs: tuple[str, ...], ctx: Context) -> str:
    """What follows when an order is not done: derived from where the agreement stands and from its grounds, never
    chosen (六(二); R78)."""
    found = [one for ref in refs if (one := case.finding(ref))]
    return follows_failure([_violation(one, case, ctx) for one in found], in_a_pause=case.open_pause is not None)


def follows_failure(violations: Iterable[Violation], *, in_a_pause: bool) -> str:
    """The same of what was found, ordered inside a suspension or outside one."""
    if in_a_pause:
        return IN_A_PAUSE
    return CANCELLED if any(one.follows == "cancellation" for one in violations) else AS_THE_COUNTY


def in_force(case: AgreementCase, _event: Event, _ctx: Context, row: Row) -> Effect:
    """The first day of the term has come."""
    told = {"number": case.number, "effective_on": case.effective_on, "expires_on": case.expires_on}
    return Effect(messages=(Message(row.message, told),))


def filed(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """Filed with the county bureau; the dossier's own letter tells it."""
    return Effect(detail={"filed_on": event.fields["filed_on"]})


def expired(case: AgreementCase, _event: Event, _ctx: Context, row: Row) -> Effect:
    """The term has run out; no bar (六(三) speaks of 解除)."""
    if row.to is A.TO_BE_DISSOLVED:
        return Effect(detail={"expired_on": case.expires_on})
    told = {"number": case.number, "expires_on": case.expires_on, "successor": case.successor}
    reason = Reason("TERM_OVER", row.clause, f"协议于 {case.expires_on} 到期")
    return Effect(reasons=(reason,), messages=(Message(row.message, told),))


def taken_in(case: AgreementCase, _event: Event, _ctx: Context, row: Row) -> Effect:
    """One that was there before is on the register: its term, what it brings along, until when it is assessed (R74)."""
    told = {"number": case.number, "effective_on": case.effective_on, "expires_on": case.expires_on}
    told |= {"count": case.count, "limit": case.limit, "assess_by": case.assess_by}
    return Effect(messages=(Message(row.message, told),), detail={"count": case.count, "assess_by": case.assess_by})


def assessed(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Fit, or cancelled with the conditions that are not met: an end without a bar (R74; L9)."""
    fields = event.fields
    columns = {"assessed_on": fields["assessed_on"]}
    if not row.moves:
        return Effect(columns, detail={"result": fields["result"]})
    failed = {one.code: one for one in ctx.policy.conditions if case.type in one.types}
    found = (failed[code] for code in fields["criteria"])
    reasons = tuple(Reason(one.code, one.clause, one.text) for one in found)
    told = {"number": case.number, "decision_no": fields["decision_no"], "assessed_on": fields["assessed_on"]}
    told |= {"cancelled_on": fields["served_on"], "reasons": listed(reasons)}
    columns |= {"cancelled_on": fields["served_on"]}
    return Effect(columns, reasons, messages=(Message(row.message, told),), detail={"result": fields["result"]})


def inspected(_case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """An inspection was held."""
    fields = event.fields
    told = {name: fields[name] for name in ("held_on", "refused")}
    told |= {"kind": InspectionKind(fields["kind"]).label, "corrections": list(fields["corrections"])}
    return Effect(messages=(Message(row.message, told),), detail={"ref": fields["ref"]})


def proposed(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """A finding is proposed: the institution may state its view first."""
    fields, violation = event.fields, ctx.policy.violation(event.fields["code"], case.type)
    assert violation is not None  # the guard has asked
    told = {"ref": fields["ref"], "what": violation.text, "clause": violation.clause, "facts": fields["facts"]}
    due = due_day(ctx.policy.period("hearing"), fields["served_on"], ctx.workdays).latest
    watched = () if any(one.waits_for_statement(local_day(event.at)) for one in case.findings) else ("hearing",)
    message = Message(row.message, {**told, "statement_due": due}, limits=watched)
    return Effect(messages=(message,), detail={"ref": fields["ref"], "code": violation.code}, clause=violation.clause)


def confirmed(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """The finding is established; a ground of dissolution leaves no choice (六(二): 一律解除)."""
    found = case.finding(event.fields["finding"])
    assert found is not None
    violation = _violation(found, case, ctx)
    about = {"what": violation.text, "clause": violation.clause, "established_on": local_day(event.at)}
    told = Message(row.tells[0], {**about, "ref": found.ref, "is_ground": found.is_ground})
    reasons = (Reason(violation.code, violation.clause, violation.text),) if found.is_ground else ()
    return Effect(
        reasons=reasons,
        messages=(told, *(Message(name, about) for name in row.tells[1:] if row.moves)),
        detail={"ref": found.ref, "code": found.code},
        clause=violation.clause,
    )


def overturned(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """A finding proved wrong, with all that stood on it (更正规则)."""
    ref = overturned_ref(case, event)
    found = case.finding(ref)
    assert found is not None
    violation, fallen = _violation(found, case, ctx), undone(case, without(case, [ref], local_day(event.at)))
    told = {
        **{"ref": ref, "what": violation.text, "reason": event.fields["reason"]},
        "undone": [f"现为“{row.to.label}”", *fallen] if row.moves else list(fallen),
    }
    detail = {"ref": ref, "undone": list(fallen), "evidence": event.fields["evidence"]}
    return Effect(messages=(Message(row.message, told),), detail=detail)


def ordered(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Ordered to rectify, with what follows otherwise."""
    fields = event.fields
    told = {
        **{"ref": fields["ref"], "items": list(fields["items"]), "due_on": fields["due_on"]},
        "within_suspension": case.open_pause is not None,
        "on_failure": on_failure(case, tuple(fields["findings"]), ctx),
    }
    return Effect(messages=(Message(row.message, told),), detail={"ref": fields["ref"], "due_on": fields["due_on"]})


def handed_in(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """The report on the rectification came in."""
    return Effect(detail={"ref": event.fields["order"], "on": event.fields["handed_in_on"]})


def late(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Nothing was handed in by the last day: noted; in a suspension the ground is proposed, a person confirms."""
    orders = overdue(case, event)
    messages = []
    for order in orders:
        told = {"ref": order.ref, "due_on": order.due_on, "on_failure": on_failure(case, order.findings, ctx)}
        messages.append(Message(row.message, told))
    return Effect(messages=tuple(messages), detail={"orders": [one.ref for one in orders]})


def overdue(case: AgreementCase, event: Event) -> list[Order]:
    """The orders that ran out with the clock."""
    return [one for one in case.orders if one.awaits_report and one.due_on < local_day(event.at)]


def re_inspected(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Done, or not enough."""
    order = case.order(event.fields["order"])
    assert order is not None
    done = event.fields["result"] == RectificationResult.DONE
    follows = "" if done else on_failure(case, order.findings, ctx)
    told = {"ref": order.ref, "done": done, "note": event.fields["note"], "on_failure": follows}
    return Effect(messages=(Message(row.message, told),), detail={"ref": order.ref, "done": done})


def reported(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """Values of a month came in."""
    return Effect(detail={"month": event.fields["month"], "count": len(event.fields["values"])})


def warned(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """A written warning, with both workings of each value that is beyond its limit (R83)."""
    fields = event.fields
    told = {"ref": fields["ref"], "month": fields["month"], "exceeded": list(fields["exceeded"])}
    watched = ("warning_answer",) if _is_watched(case, event, ctx) else ()
    message = Message(row.message, {**told, "answer_due": answer_due(event, ctx)}, limits=watched)
    return Effect(messages=(message,), detail={"ref": fields["ref"], "month": fields["month"]})


def answer_due(event: Event, ctx: Context) -> date | None:
    """The last day on which measures are in time; None where the county sets no limit."""
    if "warning_answer" not in ctx.policy.clocks:
        return None
    return due_day(ctx.policy.period("warning_answer"), event.fields["served_on"], ctx.workdays).latest


def _is_watched(case: AgreementCase, event: Event, ctx: Context) -> bool:
    today = local_day(event.at)
    return "warning_answer" in ctx.policy.clocks and not any(one.awaits_answer(today) for one in case.warnings)


def answered(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """Measures against what was beyond came in."""
    return Effect(detail={"ref": event.fields["warning"], "on": event.fields["answered_on"]})


def unanswered(case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """No measures by the last day: an inspection is proposed, nothing follows by itself."""
    today = local_day(event.at)
    return Effect(detail={"warnings": [one.ref for one in case.warnings if one.is_unanswered(today)]})


def event_heard(_case: AgreementCase, event: Event, ctx: Context, _row: Row) -> Effect:
    """An occurrence was reported, in time or late (R83)."""
    return Effect(detail={"kind": event.fields["kind"], "late": is_late_event(event, ctx)})


def suspended(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Suspended; the count of the term goes up, and at the limit nothing but dissolution is left (R44③, R45④)."""
    fields, count = event.fields, case.count + 1
    by_count = ctx.policy.violation(BY_COUNT, case.type)
    assert by_count is not None
    told = {
        **{name: fields[name] for name in ("decision_no", "from_on", "to_on")},
        **{"clause": by_count.clause, "count": count, "limit": case.limit, "is_last": count >= case.limit},
        "national": ctx.policy.count("suspension_limit_national"),
    }
    messages = [Message(row.tells[0], told)]
    reasons: tuple[Reason, ...] = ()
    if row.to is A.TO_BE_DISSOLVED:
        reasons = (Reason(by_count.code, by_count.clause, by_count.text),)
        about = {"what": by_count.text, "clause": by_count.clause, "established_on": local_day(event.at)}
        messages.append(Message(row.tells[1], about))
    return Effect(reasons=reasons, messages=tuple(messages), detail={"count": count, "limit": case.limit})


def resumed(case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """In force again; the suspension stays counted."""
    told = {"resumed_on": local_day(event.at), "count": case.count, "limit": case.limit}
    return Effect(messages=(Message(row.message, told),))


def reported_to_city(case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """The decision to dissolve went to the city (R75)."""
    about = case.ending.decision_no if case.ending else ""
    return Effect(detail={"report_no": event.fields["report_no"], "about": about})


def city_decided(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """What the city answered; the institution is told with the service."""
    return Effect(detail={name: event.fields[name] for name in ("decision", "decision_no")})


def decided(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """The decision to dissolve; it has its effect only when it was served (民法典565)."""
    return Effect(detail={name: event.fields[name] for name in ("decision_no", "finding")})


def dissolved(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Served: dissolved, and barred from the next day on (六(三); A7-38)."""
    assert case.ending is not None
    found, served_on = case.finding(case.ending.finding), event.fields["served_on"]
    assert found is not None
    violation = _violation(found, case, ctx)
    last_day = last_day_of_bar(served_on, ctx.policy, ctx.workdays)
    told = {
        **{"decision_no": case.ending.decision_no, "what": violation.text, "clause": violation.clause},
        **{"effective_on": served_on, "bar_from": served_on + ONE_DAY, "bar_last_day": last_day},
    }
    reason = Reason(violation.code, violation.clause, violation.text)
    detail = {"served_on": served_on, "bar_last_day": last_day}
    return Effect(reasons=(reason,), messages=(Message(row.message, told),), detail=detail, clause=violation.clause)


def renewal_applied(case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """Applied for renewal; refused where a condition of 二 is no longer met."""
    applied_on, reasons = event.fields["applied_on"], tuple(event.fields["reasons"])
    is_late = is_late_renewal(case, applied_on, ctx)
    told = {"accepted": not reasons, "applied_on": applied_on, "is_late": is_late, "reasons": listed(reasons)}
    detail = {"accepted": not reasons, "late": is_late, "reasons": listed(reasons)}
    return Effect(messages=(Message(row.message, told),), detail=detail)


def renewed(case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """A new agreement follows when this one is over."""
    told = {name: event.fields[name] for name in ("number", "effective_on", "expires_on")}
    return Effect(messages=(Message(row.message, {**told, "previous": case.number}),), detail=told)


def changed(_case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """A change of the institution was reported; late reports are noted (令2、令3第40条)."""
    kind, fields = ChangeKind(event.fields["change"]), event.fields
    told = {
        **{"what": kind.label, "changed_on": fields["changed_on"], "reported_on": fields["reported_on"]},
        **{"is_late": is_late_change(event, ctx), "follows": FOLLOWS[kind]},
    }
    return Effect(messages=(Message(row.message, told),), detail={"change": kind, "late": told["is_late"]})


def leaving(_case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """At the wish of the institution, with notice; no bar."""
    told = {name: event.fields[name] for name in ("leaves_on", "notice_on")}
    return Effect({"leaves_on": told["leaves_on"]}, messages=(Message(row.message, told),))


def left(case: AgreementCase, _event: Event, _ctx: Context, row: Row) -> Effect:
    """The last day of the notice is over."""
    return Effect(reasons=(Reason("LEFT", row.clause, f"{case.leaves_on} 起退出定点"),))


def out_with_previous(case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """What it renews was dissolved, or was left: a renewal is for an institution that is designated."""
    why = f"所续签的协议 {event.fields['previous']} {row.to.label}，续签协议随之结束"
    return Effect(reasons=(Reason("PREVIOUS_OVER", row.clause, why),))


def noted(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """A survey, an evaluation by a third party, an assessment that is not concluded, a hold: recorded, nothing more."""
    told = ("ref", "year", "total", "score", "from_on", "released_on")
    return Effect(detail={name: event.fields[name] for name in told if name in event.fields})


def graded(_case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """A year's assessment is concluded: the result and, where the county's table gives a grade, what follows (R51)."""
    fields = event.fields
    about = {name: fields[name] for name in ("year", "total", "satisfaction", "grade")}
    clause = {"clause": row.clause}
    messages = [Message(row.tells[0], {**about, **clause, "why": fields["why"]})]
    if fields["effect"]:
        told = {name: fields[name] for name in ("year", "grade", "effect", "coefficient", "counts_from")}
        messages.append(Message(row.tells[1], {**told, **clause}))
    return Effect(messages=tuple(messages), detail={**about, "effect": fields["effect"]})


def cost_decided(_case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """Costs refused, recovered or set off (R58)."""
    fields = event.fields
    told = {name: fields[name] for name in ("ref", "month", "amount", "ground", "settled_in")}
    message = Message(row.message, {**told, "clause": row.clause, "kind": CostKind(fields["kind"]).label})
    return Effect(messages=(message,), detail={name: fields[name] for name in ("ref", "kind", "month", "amount")})


def complained(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """A complaint came in; the institution is told what is found, not that somebody complained."""
    return Effect(detail={"ref": event.fields["ref"], "received_on": local_day(event.fields["received_at"])})


def complaint_resolved(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """True or not; a true one is proposed as a finding beside this."""
    return Effect(detail={"ref": event.fields["complaint"], "substantiated": event.fields["substantiated"]})


def complaint_replied(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """The complainant was answered."""
    return Effect(detail={"ref": event.fields["complaint"], "on": event.fields["replied_on"]})


def breached(_case: AgreementCase, event: Event, ctx: Context, row: Row) -> Effect:
    """The agency is late: recorded and reported, nothing for the institution."""
    rule, due_on = ctx.policy.clocks[event.fields["kind"]], event.fields["due_on"]
    told = {"deadline": rule.label, "due_on": due_on, "days_late": (local_day(event.at) - due_on).days}
    message = Message(row.message, told, Audience.SUPERVISOR, (rule.kind,))
    return Effect(messages=(message,), detail={"clock": rule.kind, "due_on": due_on}, clause=rule.clause)
