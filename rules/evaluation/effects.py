"""What an event changes beside the state: columns, reasons, suspended days, and what the parties are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from rules import eligibility
from rules.case import Case, Context, Event, Message, Reason, listed
from rules.clocks import compute_deadline
from rules.evaluation.clock_effects import (
    CORRECTION,
    NOTICE_CLOCKS,
    limit_to_come,
    limits_passed,
    notice_over_on,
    reopened,
    signing_starts_on,
)
from rules.evaluation.guards import fields_for, kept_out, missing_after, question_of
from rules.evaluation.holds import released
from rules.localtime import local_day
from rules.materials import gaps
from rules.periods import Suspension
from rules.procedure import Effect, Transition
from rules.terms import drafted_of, told_in_order
from rules.vocabulary import Audience, ClockStatus, NoticeKind, State, Term

Row = Transition[Case, Context]

# Which due days of the clocks a message tells, filled in once they are worked out: parameter -> (clock, column).
CLOCK_PARAMS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "application_accepted": {
        "preliminary_review_due": ("preliminary_review", "due_on"),
        "whole_procedure_due": ("whole_procedure", "due_on"),
    },
    "signing_opened": {
        "due_on": ("signing", "due_on"),
        "earliest_on": ("signing", "earliest_on"),
        "latest_on": ("signing", "latest_on"),
    },
    "deadline_moved": {"new_due": ("signing", "due_on")},
    "notice_started": {},
}

SIGNED = Reason("SIGNED", "五(三)", "已签订服务协议")
ABANDONED = Reason("SIGN_TIMEOUT_OWN_FAULT", "五(三)", "因机构自身原因逾期未签订协议，视作自动放弃")
OUTSIDE = (Reason("OUTSIDE_WINDOW", "三", "申请不在公告的受理时间内"),)
REFUSALS: Mapping[Term, tuple[Reason, ...]] = {State.TOO_EARLY: OUTSIDE, State.NOT_ACCEPTED_LATE: OUTSIDE}
UPHELD: Mapping[Term, Reason] = {
    State.DISQUALIFIED_PUBLICITY_1: Reason("OBJECTION_TRUE", "五(二)", "公示期异议经核查属实"),
    State.DISQUALIFIED_PUBLICITY_2: Reason("COMPLAINT_TRUE", "五(三)", "举报投诉经核查属实"),
}
INCOMPLETE = Reason("MATERIALS_MISSING", "四", "受理截止时申请材料不齐全")


def submitted(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """Taken in, or refused with the reason."""
    columns: dict[str, Any] = {"submitted_at": event.handed_in_at}
    if reasons := kept_out(case, event, ctx) if row.to is State.NOT_ACCEPTED_BAN else REFUSALS.get(row.to, ()):
        told = Message(row.message, {"reasons": listed(reasons)})
        undeclared = eligibility.BARRED in reasons and eligibility.dissolved_on(case.facts) is None
        detail = {"undeclared_bar": "登记簿中有限制期，申报材料没有如实写明"} if undeclared else {}
        return Effect(columns, reasons, messages=(told,), detail=detail, clause=reasons[0].clause)
    if row.frm is State.INCOMPLETE:
        columns = {}
    if row.frm is State.WITHDRAWN:
        columns |= {"findings": {}, "site_checked_on": None}
    return _taken_in(case, event, ctx, row, columns)


def supplemented(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """Materials came in later."""
    return _taken_in(case, event, ctx, row, {})


def _taken_in(case: Case, event: Event, ctx: Context, row: Row, columns: dict[str, Any]) -> Effect:
    if row.to is State.ACCEPTED:
        day = local_day(event.handed_in_at)
        told = Message(row.message, {"accepted_on": day}, limits=("preliminary_review", "whole_procedure"))
        return Effect({**columns, "accepted_on": day}, messages=(told,))
    return Effect(columns, detail={"missing": [material.code for material in missing_after(case, event, ctx)]})


def supplement_requested(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """One notice of all that is missing (A7-37)."""
    named = set(event.fields["missing"])
    missing = [
        {"code": material.code, "name": material.name}
        for material in gaps(ctx.policy, case.type, case.facts, case.materials)
        if material.code in named
    ]
    until = ctx.round.announcement["accept_until_text"]
    return Effect(messages=(Message(row.message, {"missing": missing, "until": until}, limits=("supplement",)),))


def window_closed(case: Case, _event: Event, ctx: Context, row: Row) -> Effect:
    """What was still missing when the window closed."""
    missing = [material.name for material in gaps(ctx.policy, case.type, case.facts, case.materials)]
    reason = Reason(INCOMPLETE.code, INCOMPLETE.clause, f"{INCOMPLETE.text}：{'、'.join(missing)}")
    return Effect(reasons=(reason,), messages=(Message(row.message, {"reasons": listed((reason,))}),))


def withdrawn(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """At the wish of the applicant."""
    reason = Reason("WITHDRAWN_BY_APPLICANT", row.clause, "申请人撤回申请")
    told = {"reason": event.fields["reason"], "withdrawn_on": local_day(event.at)}
    return Effect(reasons=(reason,), messages=(Message(row.message, told),))


def site_verified(case: Case, event: Event, _ctx: Context, _row: Row) -> Effect:
    """What the visit found, over what was declared."""
    findings = dict(event.fields["findings"])
    columns = {"findings": {**case.findings, **findings}, "site_checked_on": local_day(event.at)}
    return Effect(columns, detail={"findings": findings})


def opinion_signed(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """The opinion, with every condition that is not met."""
    passed = row.to is State.PRELIM_PASSED
    reasons = () if passed else eligibility.failures(question_of(case, event, ctx), case.type)
    told = {"passed": passed, "opinion_on": local_day(event.at), "reasons": listed(reasons)}
    return Effect(reasons=reasons, messages=(Message(row.message, told),))


def panel_drawn(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """Who evaluates is drawn: the applicant is told how many."""
    told = {"drawn_on": local_day(event.at), "panel_size": event.fields["panel_size"]}
    return Effect(messages=(Message(row.message, told),))


def concluded(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """Score and rank; why below the mark, or beyond the quota."""
    reasons: tuple[Reason, ...] = ()
    if row.to is State.BELOW_THRESHOLD:
        reasons = _why_below(event, ctx)
    elif row.to is State.OUT_OF_QUOTA:
        reasons = (Reason("RANK_BEYOND_QUOTA", "五(二)", "排名在公告名额之外"),)
    score, place = event.fields["mean_score"], event.fields["rank"]
    told = _result_told(case, event, ctx, row)
    detail = {"mean_score": score, "exact": event.fields.get("exact"), "rank": place}
    return Effect({"mean_score": score, "rank": place}, reasons, messages=(Message(row.message, told),), detail=detail)


def _why_below(event: Event, ctx: Context) -> tuple[Reason, ...]:
    """Below the mark; or an item on which a "no" alone fails the dossier was not met; or both."""
    clause, vetoed = ctx.policy.clause("pass_mark"), event.fields.get("vetoed", ())
    low = Reason("SCORE_LT_70", clause, "评估得分低于分数线" if ctx.pass_rule.is_inclusive else "评估得分未超过分数线")
    failed = tuple(Reason("VETO_ITEM", clause, f"否决项不符合：{name}") for name in vetoed)
    return failed if vetoed and event.fields["reaches_mark"] else (low, *failed)


def _result_told(case: Case, event: Event, ctx: Context, row: Row) -> dict[str, Any]:
    return {
        "outcome": row.to.label,
        "mean_score": event.fields["mean_score"],
        "rank": event.fields["rank"],
        "quota": ctx.round.quota[case.type],
        "qualified": row.to is not State.BELOW_THRESHOLD,
        "selected": row.to is State.SELECTED,
        "vetoed": tuple(event.fields.get("vetoed", ())),
    }


def moved_up(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """As a conclusion; where the county reads it so, the time in which the place was another's is not counted into
    the whole procedure (五 末; A7-16)."""
    effect, clock = concluded(case, event, ctx, row), case.clock("whole_procedure")
    if clock is None or clock.closed_on is None or clock.status == ClockStatus.BREACHED:
        return effect
    if ctx.policy.reads("late_substitution") == "breach_reported":
        return effect
    elsewhere = Suspension(clock.closed_on, local_day(event.at), "名额由其他机构占用", row.clause, event.by)
    return replace(effect, suspends=(("whole_procedure", elsewhere),))


def place_yielded(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """No more places are taken than were announced: the ground on which this dossier held one has fallen away."""
    quota = ctx.round.quota[case.type]
    reason = Reason("RANK_BEYOND_QUOTA", row.clause, "排名在公告名额之外")
    told = {"what": case.state.label, "reason": f"{event.fields['because']}；公告名额 {quota} 家，按名次不再占用名额"}
    detail = {"mean_score": event.fields["mean_score"], "rank": case.rank}
    return Effect(reasons=(reason,), messages=(Message(row.message, told),), detail=detail)


def rank_changed(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """A late dossier was evaluated: the order is made anew, the score stays (五(二))."""
    place = event.fields["rank"]
    told = _result_told(case, event, ctx, row)
    messages = (Message(row.message, told),) if row.message else ()
    detail = {"rank": place, "before": case.rank, "mean_score": event.fields["mean_score"]}
    return Effect({"rank": place}, messages=messages, detail=detail)


def notice_published(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """The final result ends the procedure; the two notices are told when they run."""
    if row.to is not State.PUBLISHED:
        return Effect(detail={"notice": event.fields["number"]})
    return Effect(reasons=(SIGNED,), messages=(Message(row.message, {"published_on": event.fields["starts_on"]}),))


def notice_started(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """The notice runs: from when, until when."""
    told = {
        "notice": NoticeKind(event.fields["kind"]).label,
        "starts_on": event.fields["starts_on"],
        "last_day": event.fields["last_day"],
    }
    return Effect(messages=(Message(row.message, told, limits=(NOTICE_CLOCKS[row.to],)),))


def period_over(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """What the end of the notice opens: the negotiation, or the signing."""
    told = _signing_opened(case, ctx, row) if row.to is State.SIGNING else _negotiation_opened(event, row)
    return Effect(messages=(told,), detail={"over_on": notice_over_on(case)})


def _signing_opened(case: Case, ctx: Context, row: Row) -> Message:
    """With the working of the notice's last day too, where signing is counted from it."""
    starts_on, notice = signing_starts_on(case, ctx), case.clocks[NOTICE_CLOCKS[case.state]]
    limits = (notice.kind, "signing") if starts_on == notice.due_on else ("signing",)
    period = str(ctx.policy.clocks["signing"].period)
    return Message(row.message, {"starts_on": starts_on, "period": period}, limits=limits)


def _negotiation_opened(event: Event, row: Row) -> Message:
    return Message(row.message, {"opened_on": local_day(event.at)})


def objection_recorded(case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """The dossier is held by an objection that came in time."""
    in_time = event.fields["is_in_time"]
    told = {"ref": event.fields["ref"], "in_time": in_time, "received_on": local_day(event.fields["received_at"])}
    columns = {"holds": case.holds + 1} if event.fields["holds"] else {}
    messages = (
        Message(row.message, told),
        Message(row.tells[1], told, Audience.SUPERVISOR),
    )
    return Effect(columns, messages=messages, detail={"ref": event.fields["ref"], "in_time": in_time})


def objection_resolved(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """The hold falls away, and with a finding against it the dossier."""
    ref, substantiated = event.fields["ref"], event.fields["substantiated"]
    columns, suspends = released(case, event, ctx, row.to) if event.fields["holds"] else ({}, ())
    reasons, messages = _finding(event, row)
    detail = {"ref": ref, "substantiated": substantiated}
    return Effect(columns, reasons, suspends, messages, detail)


def objection_withdrawn(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """The hold is lifted only where the county reads that a withdrawal ends the inquiry."""
    ends = event.fields["ends_inquiry"]
    columns, suspends = released(case, event, ctx, row.to) if ends and event.fields["holds"] else ({}, ())
    return Effect(columns, (), suspends, detail={"ref": event.fields["ref"], "ends_inquiry": ends})


def _finding(event: Event, row: Row) -> tuple[tuple[Reason, ...], tuple[Message, ...]]:
    if row.to is row.frm:
        told = {name: event.fields[name] for name in ("ref", "substantiated", "finding")}
        reasons: tuple[Reason, ...] = (SIGNED,) if row.frm in (State.SIGNED, State.FILED, State.PUBLISHED) else ()
        return reasons, (Message(row.message, told),) if row.message else ()
    upheld = UPHELD[row.to]
    told = {"reasons": listed((upheld,)), "ref": event.fields["ref"], "finding": event.fields["finding"]}
    return (upheld,), (Message(row.message, told),)


def negotiated(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """Consensus, or none."""
    reached = row.to is State.CONSENSUS
    reasons = () if reached else (Reason("NO_CONSENSUS", "五(三)", "谈判未达成共识"),)
    told = {"consensus": reached, "open_point": event.fields["open_point"] or ""}
    return Effect(reasons=reasons, messages=(Message(row.message, told),))


def reported_to_city(case: Case, event: Event, _ctx: Context, _row: Row) -> Effect:
    """The list went to the city with the score and the rank of each (R75)."""
    return Effect(detail={"report_no": event.fields["report_no"], "rank": case.rank})


def city_decided(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """Confirmed, returned with questions, or refused with reasons; the institution is told of the last two."""
    fields = event.fields
    told = {name: fields[name] for name in ("decided_on", "decision_no", "reason")}
    refused = Reason("CITY_REFUSED", row.clause, f"市级不予确定：{fields['reason']}")
    reasons = (refused,) if row.to is State.NOT_DETERMINED else ()
    messages = (Message(row.message, told),) if row.message else ()
    return Effect(reasons=reasons, messages=messages, detail={"decision": fields["decision"]})


def city_silent(case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """No answer yet: the office is reminded, again and again. No text gives the city a limit, so nothing is late."""
    told = {"since": case.clocks["city_reply"].start_on, "until": local_day(event.at)}
    return Effect(messages=(Message(row.message, told, Audience.AUTHORITY),))


def agency_delayed(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """Days that the agency itself cost are left out (A7-14)."""
    fields = event.fields
    days = Suspension(
        fields["delay_from"], fields["delay_to"], fields["cause"], ctx.policy.readings["signing_fault"].clause, event.by
    )
    told = {
        "deadline": ctx.policy.clocks["signing"].label,
        "old_due": case.clocks["signing"].due_on,
        "reason": fields["cause"],
    }
    return Effect(suspends=(("signing", days),), messages=(Message(row.message, told, limits=("signing",)),))


def terms_drafted(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """The terms of the agreement are drafted, for the institution to look through (R53, R56, R57)."""
    told = told_in_order(fields_for(case, ctx), drafted_of(event.fields["terms"]))
    shown = [{name: one[name] for name in ("label", "told")} for one in told]
    return Effect(messages=(Message(row.message, {"terms": shown}),))


def signed(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """The agreement is signed."""
    day: date = event.fields["signed_on"]
    return Effect({"signed_on": day}, (SIGNED,), messages=(Message(row.message, {"signed_on": day}),))


def filed(_case: Case, event: Event, _ctx: Context, row: Row) -> Effect:
    """The agreement is filed."""
    day: date = event.fields["filed_on"]
    return Effect({"filed_on": day}, (SIGNED,), messages=(Message(row.message, {"filed_on": day}),))


def sign_timeout(case: Case, _event: Event, _ctx: Context, row: Row) -> Effect:
    """Deemed abandoned on the day after the last day."""
    due_on = case.clocks["signing"].due_on
    told = Message(row.message, {"due_on": due_on}, limits=("signing",))
    return Effect(reasons=(ABANDONED,), messages=(told,), detail={"due_on": due_on})


def breached(_case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """An authority is late: it is recorded and reported, the procedure goes on (A7-3)."""
    rule = ctx.policy.clocks[event.fields["kind"]]
    due_on = event.fields["due_on"]
    told = {"deadline": rule.label, "due_on": due_on, "days_late": (local_day(event.at) - due_on).days}
    message = Message(row.message, told, Audience.SUPERVISOR, (rule.kind,))
    return Effect(messages=(message,), detail={"clock": rule.kind, "due_on": due_on}, clause=rule.clause)


def corrected(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """What was brought back has a limit of its own: the letter names it, so that nothing waits for ever."""
    today = local_day(event.at)
    until = (
        limit_to_come(case, row, today)
        or compute_deadline(ctx.policy.clocks[CORRECTION], today, ctx.workdays).latest_on
    )
    reason = f"{event.fields['reason']}（请在 {until} 以前办完后续手续，逾期未办的，恢复原处理）"
    told = {"what": case.state.label, "reason": reason}
    detail = {name: event.fields[name] for name in ("what", "reason", "evidence")}
    return Effect(messages=(Message(row.message, told),), detail=detail)


def taken_back(case: Case, event: Event, ctx: Context, row: Row) -> Effect:
    """What an act set reads as it did before it, its clocks run again from their own facts, and whoever was told of the
    act is told of this. Both stay on record."""
    fields = event.fields
    reasons = tuple(Reason(**one) for one in fields["reasons"])
    why = _why_taken_back(case, event, ctx, row)
    told = {"what": fields["told_as"], "reason": why, "clause": fields["clause"]}
    messages = (Message(row.message, told),) if fields["was_told"] else ()
    passed = limits_passed(case, event)
    again = tuple(kind for kind in reopened(event) if kind not in passed and not _is_late(case, kind))
    columns: Mapping[str, Any] = fields["columns"]
    suspends: tuple[tuple[str, Suspension], ...] = ()
    if fields["held_by"]:  # as with a finding: until today it was held
        columns, suspends = released(case, replace(event, fields=fields["held_by"]), ctx, row.to)
    return Effect(columns, reasons, suspends, messages, recalculates=again)


def _is_late(case: Case, kind: str) -> bool:
    """A breach that is on record stays so: it is not worked out anew."""
    return case.clocks[kind].status == ClockStatus.BREACHED


def _why_taken_back(case: Case, event: Event, ctx: Context, row: Row) -> str:
    """Never the clerk's own words: those are for the record."""
    today = local_day(event.at)
    said = f"该事项登记有误，已于 {today} 撤回，不再有效；你单位的申请现为“{row.to.label}”"
    if not limits_passed(case, event):
        return f"{said}，有关期限按其本来的起算日计算"
    until = compute_deadline(ctx.policy.clocks[CORRECTION], today, ctx.workdays).latest_on
    return f"{said}，请在 {until} 以前办完后续手续，逾期未办的按逾期处理"
