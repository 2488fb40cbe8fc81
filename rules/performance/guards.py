"""The predicates that the table of agreements names. Each answers whether its row is taken, or refuses with a sentence.

Every act with consequences names a second person (`confirmed_by`), who is not the first: `tasks.acts.performance` sees
that both are on the staff list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.performance.records import BY_COUNT, AgreementCase, Finding, overturned_ref, state_by_records, without
from rules.periods import due_day
from rules.procedure import Answer
from rules.vocabulary import AgreementState as A
from rules.vocabulary import RectificationResult


def _of_two(event: Event) -> Refused | None:
    second = event.fields.get("confirmed_by", "")
    if second == event.by:
        return Refused("复核人须是另一名工作人员，不能与经办人相同：请更正“复核人工号”", "两人办理")
    return None


def _not_ahead(event: Event, day: date, what: str) -> Refused | None:
    if day > local_day(event.at):
        return Refused(f"{what} {day} 尚未到来，请核对日期", "六(二)")
    return None


def _finding(case: AgreementCase, ref: str) -> Finding | Refused:
    found = case.finding(ref)
    if found is None:
        known = "、".join(one.ref for one in case.findings) or "无"
        return Refused(f"没有第 {ref} 号认定；已登记：{known}", "六(二)")
    return found


def _standing(case: AgreementCase, refs: Iterable[str]) -> Refused | None:
    """Every finding named is established and was not overturned."""
    for ref in refs:
        found = _finding(case, ref)
        if isinstance(found, Refused):
            return found
        if not found.stands:
            why = "已撤销" if found.overturned_on else "尚未认定，请先办理“认定违规事实”"
            return Refused(f"第 {ref} 号认定{why}", "六(二)")
    return None


# --- term ------------------------------------------------------------------------------------------------------


def is_signed_by_now(_case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """The day of signing has come (五(三)); the dossier's own guard has asked the rest."""
    return _not_ahead(event, event.fields["signed_on"], "签订日") or True


def has_successor(case: AgreementCase, _event: Event, _ctx: Context) -> Answer:
    """It was renewed before its term ran out."""
    return bool(case.successor)


def previous_dissolved(case: AgreementCase, _event: Event, _ctx: Context) -> Answer:
    """The agreement that it renews was dissolved."""
    return case.previous_state is A.DISSOLVED


def was_dissolved_with_previous(case: AgreementCase, _event: Event, _ctx: Context) -> Answer:
    """It was dissolved with the agreement that it renews, not by a decision of its own."""
    return not (case.ending and case.ending.has_effect)


def restored_to(state: A) -> Callable[[AgreementCase, Event, Context], Answer]:
    """Whether its own records put it into a state, now that what it renews stands again."""

    def puts(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
        return state_by_records(case, local_day(event.at)) is state

    puts.__name__ = f"restored_to_{state.name.lower()}"
    return puts


def may_apply_for_renewal(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Applied for within the term, and not twice."""
    applied_on = event.fields["applied_on"]
    if ahead := _not_ahead(event, applied_on, "续签申请日"):
        return ahead
    if applied_on > case.expires_on:
        return Refused(f"协议已于 {case.expires_on} 到期，续签申请日须在到期以前", "令2第41条、令3第41条")
    if case.leaves_on:
        return Refused(f"该机构已申请退出（{case.leaves_on}），不能续签", "令2第41条、令3第41条")
    if case.renewal_accepted:
        return Refused("续签申请已经登记并通过，请办理“续签协议”", "令2第41条、令3第41条")
    return True


def may_renew(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Signed before the term is over, upon an application that was accepted; once."""
    signed_on = event.fields["signed_on"]
    if ahead := _not_ahead(event, signed_on, "续签日"):
        return ahead
    if case.successor:
        return Refused(f"已续签（{case.successor}），不能重复续签", "令2第41条、令3第41条")
    if not case.renewal_accepted:
        return Refused("没有通过的续签申请：请先办理“登记续签申请”", "令2第41条、令3第41条")
    if case.leaves_on:
        return Refused(f"该机构已申请退出（{case.leaves_on}），不能续签", "令2第41条、令3第41条")
    if signed_on > case.expires_on:
        return Refused(f"协议至 {case.expires_on} 到期，续签日 {signed_on} 已在其后", "令2第41条、令3第41条")
    return True


def may_report_change(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """It has happened, and was reported after it happened."""
    changed_on, reported_on = event.fields["changed_on"], event.fields["reported_on"]
    if ahead := _not_ahead(event, max(changed_on, reported_on), "日期"):
        return ahead
    if reported_on < changed_on:
        return Refused(f"报告日 {reported_on} 早于变更日 {changed_on}，请核对日期", "令2第40条、令3第40条")
    return True


def is_late_change(event: Event, ctx: Context) -> bool:
    """Reported after its limit, counted from the day of the change (令2、令3第40条)."""
    period = ctx.policy.period("change_report")
    return bool(event.fields["reported_on"] > due_day(period, event.fields["changed_on"], ctx.workdays).latest)


def is_late_renewal(case: AgreementCase, applied_on: date, ctx: Context) -> bool:
    """Applied for less than the notice before expiry: accepted all the same, and noted (no source bars it)."""
    period = ctx.policy.period("renewal_notice")
    return due_day(period, applied_on, ctx.workdays, roll=False).latest > case.expires_on


def may_leave(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """With the notice that the rules ask; a public hospital may not ask (令2第44条)."""
    notice_on, leaves_on = event.fields["notice_on"], event.fields["leaves_on"]
    if event.fields.get("is_public_hospital"):
        return Refused("公立医疗机构不得主动提出解除协议", "令2第44条")
    if ahead := _not_ahead(event, notice_on, "提出退出的日期"):
        return ahead
    if case.leaves_on:
        return Refused(f"已登记自 {case.leaves_on} 起退出，不能重复登记", "令2、令3第44条")
    earliest = due_day(ctx.policy.period("leave_notice"), notice_on, ctx.workdays, roll=False).latest
    if leaves_on < earliest:
        return Refused(
            f"须提前三个月提出：{notice_on} 提出的，最早 {earliest} 退出，请更正“退出日期”", "令2、令3第44条"
        )
    if leaves_on > case.expires_on:
        return Refused(f"协议至 {case.expires_on} 到期，退出日期须在其前", "令2、令3第44条")
    return True


# --- inspection, findings, orders ------------------------------------------------------------------------------


def was_held(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """By as many persons as the policy asks, on a day that has come, inside the term."""
    held_on, inspectors = event.fields["held_on"], event.fields["inspectors"]
    if ahead := _not_ahead(event, held_on, "检查日期"):
        return ahead
    if held_on < case.effective_on:
        return Refused(f"检查日期 {held_on} 早于协议生效日 {case.effective_on}，请核对日期", "六(一)")
    least = ctx.policy.count("site_visitors")
    if len(set(inspectors)) < least:
        return Refused(f"检查须由 {least} 名以上工作人员进行，现为 {len(set(inspectors))} 名", "行政许可法34（参照）")
    return True


def may_propose(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """A code of the policy's list for the type, that a person may establish."""
    code = event.fields["code"]
    violation = ctx.policy.violation(code, case.type)
    if violation is None:
        known = "、".join(one.code for one in ctx.policy.violations_of(case.type) if not one.by_system)
        return Refused(f"“{code}”不是该类机构的违规代码；可用：{known}", "六(二)")
    if violation.by_system:
        return Refused(f"“{code}”（{violation.text}）由系统按记录得出，不能直接登记", violation.clause)
    return True


def is_ground(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """It may be established, and is a ground of dissolution (六(二): 一律解除)."""
    answer = may_confirm(case, event, ctx)
    if isinstance(answer, Refused):
        return answer
    found = case.finding(event.fields["finding"])
    return bool(found and found.is_ground)


def may_confirm(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Proposed by somebody else, and the institution was heard: its statement is in, or its days are over."""
    found = _finding(case, event.fields["finding"])
    if isinstance(found, Refused):
        return found
    if found.overturned_on or found.established_on:
        return Refused(
            f"第 {found.ref} 号认定{'已撤销' if found.overturned_on else '已经作出'}，不能再次认定", "六(二)"
        )
    if found.recorded_by == event.by:
        return Refused("认定人须与登记人不同：请由另一名有权限的人员办理", "两人办理")
    statement_on, today = event.fields.get("statement_on"), local_day(event.at)
    if statement_on:
        if statement_on > today or statement_on < found.told_on:
            return Refused(f"陈述日期 {statement_on} 须在告知日 {found.told_on} 与今日之间，请核对", "六(二)")
        return True
    if found.heard_until and today <= found.heard_until:
        return Refused(f"陈述期限至 {found.heard_until}，届满或收到书面陈述后才能认定", "六(二)")
    return True


def may_order(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """On findings that stand, with a day to come."""
    if wrong := _standing(case, event.fields["findings"]):
        return wrong
    served_on, due_on = event.fields["served_on"], event.fields["due_on"]
    if ahead := _not_ahead(event, served_on, "送达日期"):
        return ahead
    if due_on <= served_on:
        return Refused(f"整改期限 {due_on} 须在送达日 {served_on} 之后", "六(二)、限期整改")
    return True


def may_hand_in(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """An order that awaits a report; what came in time counts, even when it is entered after the run-out."""
    order, on = case.order(event.fields["order"]), event.fields["handed_in_on"]
    if order is None or order.overturned_on:
        known = "、".join(one.ref for one in case.orders if one.awaits_report) or "无"
        return Refused(f"没有第 {event.fields['order']} 号整改通知；待报告的：{known}", "六(二)")
    if ahead := _not_ahead(event, on, "提交日期"):
        return ahead
    if on < order.served_on:
        return Refused(f"提交日期 {on} 早于送达日 {order.served_on}，请核对日期", "六(二)")
    if not event.fields["in_time"]:
        return Refused(f"第 {order.ref} 号整改期限至 {order.due_on} 届满，{on} 提交已逾期", "六(二)")
    if order.awaits_report:
        return True
    if order.result == RectificationResult.LATE and not _stands_on(case, f"order:{order.ref}"):
        return True
    return Refused(f"第 {order.ref} 号整改报告已经登记或已有结论", "六(二)")


def _stands_on(case: AgreementCase, what: str) -> bool:
    return any(one.stands and what in one.stands_on for one in case.findings)


def may_re_inspect(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """An order whose report was handed in."""
    order, on = case.order(event.fields["order"]), event.fields["inspected_on"]
    if order is None or not order.awaits_inspection:
        waiting = "、".join(one.ref for one in case.orders if one.awaits_inspection) or "无"
        return Refused(f"第 {event.fields['order']} 号整改通知不待复查；待复查的：{waiting}", "六(二)")
    if ahead := _not_ahead(event, on, "复查日期"):
        return ahead
    if order.handed_in_on and on < order.handed_in_on:
        return Refused(f"复查日期 {on} 早于提交日 {order.handed_in_on}，请核对日期", "六(二)")
    return True


# --- suspension and dissolution --------------------------------------------------------------------------------


def reaches_limit(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """With this one the suspensions of the term reach the number at which it is dissolved (六(二); R44③, R45④)."""
    answer = may_suspend(case, event, ctx)
    return answer if isinstance(answer, Refused) else case.count + 1 >= case.limit


def may_suspend(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """On findings that stand; from the day of the decision at the earliest, inside the term."""
    today, from_on, to_on = local_day(event.at), event.fields["from_on"], event.fields["to_on"]
    if wrong := _of_two(event) or _standing(case, event.fields["findings"]):
        return wrong
    if today > case.expires_on or from_on > case.expires_on:
        return Refused(f"协议至 {case.expires_on} 到期，不能自其后暂停", "六(二)")
    if from_on < today:
        return Refused(f"暂停自决定之日 {today} 起或其后，不能自 {from_on} 起追溯", "六(二)")
    if to_on and to_on < from_on:
        return Refused(f"暂停止日 {to_on} 早于起日 {from_on}，请核对日期", "六(二)")
    return True


def may_resume(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """What it was suspended for is mended, or its last day is over; no order is open."""
    pause, today = case.open_pause, local_day(event.at)
    open_orders = [one.ref for one in case.orders if one.awaits_report or one.awaits_inspection]
    if open_orders:
        return Refused(f"第 {'、'.join(open_orders)} 号整改通知尚无结论，整改到位后才能恢复", "六(二)")
    orders = case.orders_in_pause
    latest = {ref: one.result for one in orders for ref in one.findings}
    if orders and all(result == RectificationResult.DONE for result in latest.values()):
        return True
    if pause and pause.to_on and today > pause.to_on:
        return True
    if not orders and not (pause and pause.to_on):
        return Refused("暂停至整改到位为止：请先责令限期整改并复查", "六(二)")
    return Refused("整改尚未到位或暂停期限尚未届满，不能恢复", "六(二)")


def may_dissolve(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """On a ground that stands, once."""
    if wrong := _of_two(event) or _standing(case, [event.fields["finding"]]):
        return wrong
    if event.fields["finding"] not in {one.ref for one in case.grounds}:
        return Refused(f"第 {event.fields['finding']} 号认定不是解除的情形", "六(二)")
    if case.ending and not case.ending.overturned_on:
        return Refused(f"已作出解除决定（{case.ending.decision_no}），请办理“登记解除送达”", "六(二)")
    return True


def may_serve(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """A decision stands; it reached the institution on a day that has come (民法典565)."""
    ending, served_on = case.ending, event.fields["served_on"]
    if ending is None or ending.overturned_on:
        return Refused("尚无解除决定：请先办理“决定解除协议”", "六(二)")
    if ahead := _not_ahead(event, served_on, "送达日期"):
        return ahead
    if served_on < ending.decided_on:
        return Refused(f"送达日期 {served_on} 早于决定日 {ending.decided_on}，请核对日期", "民法典565")
    return True


# --- overturning -----------------------------------------------------------------------------------------------


def state_without(case: AgreementCase, event: Event) -> A | Refused:
    """The state that the records give without the finding, or without the ground of the ending."""
    if wrong := _of_two(event):
        return wrong
    if not str(event.fields["reason"]).strip() or not str(event.fields["evidence"]).strip():
        return Refused("撤销须写明理由和证据", "更正规则")
    ref = overturned_ref(case, event)
    found = _finding(case, ref)
    if isinstance(found, Refused):
        return found
    if found.overturned_on:
        return Refused(f"第 {ref} 号认定已经撤销", "更正规则")
    today = local_day(event.at)
    left = without(case, [ref], today)
    if found.code == BY_COUNT and left.count >= left.limit:
        return Refused(
            f"第 {ref} 号认定（{BY_COUNT}）由累计暂停 {left.count} 次得出，不能单独撤销：请用“撤销认定”撤销有误的"
            "暂停所依据的认定，次数随之改正",
            "更正规则",
        )
    return state_by_records(left, today)


def _is(state: A, case: AgreementCase, event: Event) -> Answer:
    answer = state_without(case, event)
    return answer if isinstance(answer, Refused) else answer is state


def leaves_in_force(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it the agreement is in force."""
    return _is(A.IN_FORCE, case, event)


def leaves_suspended(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it a suspension is still in effect."""
    return _is(A.SUSPENDED, case, event)


def leaves_a_ground(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it another ground of dissolution stands."""
    return _is(A.TO_BE_DISSOLVED, case, event)


def leaves_dissolved(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it the dissolution still has its effect."""
    return _is(A.DISSOLVED, case, event)


def leaves_superseded(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it the term is over, and it was renewed."""
    return _is(A.SUPERSEDED, case, event)


def leaves_left(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it the institution has left meanwhile."""
    return _is(A.LEFT, case, event)


def leaves_expired(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Without it the term is over."""
    return _is(A.EXPIRED, case, event)
