"""Inspections, findings and orders to rectify (六(一)、六(二))."""

from __future__ import annotations

from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.performance.guards.shared import all_stand, finding_of, not_ahead
from rules.performance.records import AgreementCase
from rules.procedure import Answer
from rules.vocabulary import RectificationResult


def was_held(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """By as many persons as the policy asks, on a day that has come, inside the term."""
    held_on, inspectors = event.fields["held_on"], event.fields["inspectors"]
    if ahead := not_ahead(event, held_on, "检查日期"):
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
    found = finding_of(case, event.fields["finding"])
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
    if wrong := all_stand(case, event.fields["findings"]):
        return wrong
    served_on, due_on = event.fields["served_on"], event.fields["due_on"]
    if ahead := not_ahead(event, served_on, "送达日期"):
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
    if ahead := not_ahead(event, on, "提交日期"):
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
    if ahead := not_ahead(event, on, "复查日期"):
        return ahead
    if order.handed_in_on and on < order.handed_in_on:
        return Refused(f"复查日期 {on} 早于提交日 {order.handed_in_on}，请核对日期", "六(二)")
    return True
