"""The predicates that the table of agreements names. Each answers whether its row is taken, or refuses with a sentence.

Every act with consequences names a second person (`confirmed_by`), who is not the first: `tasks.acts.performance` sees
that both are on the staff list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from rules import indicators
from rules.assessment import is_in_year
from rules.case import Context, Event, Refused
from rules.cityanswer import CITY, city_answers
from rules.localtime import local_day
from rules.months import first_day, last_day, month_of
from rules.performance.records import BY_COUNT, AgreementCase, Finding, overturned_ref, state_by_records, without
from rules.periods import due_day
from rules.procedure import Answer
from rules.vocabulary import AgreementState as A
from rules.vocabulary import CityDecision, Fitness, RectificationResult

ASSESSED, SURVEYED, EVALUATED = "劳社厅函〔2003〕258号四", "人社部发〔2015〕98号(十)", "人社部发〔2015〕98号(四)"
COSTS, HELD = "劳社厅函〔2003〕258号附件四(四)", "服务协议（暂停结算）"

MONTHLY = "月度指标和书面预警"


ALONE = "复核人须是另一名工作人员，不能与经办人相同：请更正“复核人工号”"


def is_alone(event: Event) -> bool:
    """Whether whoever acts names himself as the second person."""
    return bool(event.fields.get("confirmed_by", "") == event.by)


def _of_two(event: Event) -> Refused | None:
    return Refused(ALONE, "两人办理") if is_alone(event) else None


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
    if case.is_to_be_assessed:
        return Refused(f"该协议尚未审核（须在 {case.assess_by} 以前），请先办理“审核在册机构”", R74)
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


# --- agreements that were there before (R74) --------------------------------------------------------------------

R74 = "定点管理通知二(一)"


def has_begun(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Its term runs already."""
    return case.effective_on <= local_day(event.at)


def is_unfit(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Assessed, with a condition of 二 that is not met."""
    answer = may_assess_migrated(case, event, ctx)
    return answer if isinstance(answer, Refused) else event.fields["result"] == Fitness.UNFIT


def may_assess_migrated(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """One that was there before, once; of two persons, on a day that has come; unfit with the conditions that are not
    met, the number of the decision and the day on which it was served."""
    fields = event.fields
    if case.assess_by is None:
        return Refused("该协议不是在册登记的协议，不需要审核", R74)
    if case.assessed_on:
        return Refused(f"该协议已于 {case.assessed_on} 审核，不能重复审核", R74)
    if wrong := _of_two(event) or _not_ahead(event, fields["assessed_on"], "审核日期"):
        return wrong
    if fields["assessed_on"] < case.effective_on:
        return Refused(f"审核日期 {fields['assessed_on']} 早于协议生效日 {case.effective_on}，请核对日期", R74)
    if fields["result"] == Fitness.FIT:
        return Refused("审核合格的不填“不符合的条件”", R74) if fields["criteria"] else True
    known = {one.code for one in ctx.policy.conditions if case.type in one.types}
    if not fields["criteria"] or (unknown := set(fields["criteria"]) - known):
        wrong_ones = f"“{'、'.join(sorted(unknown))}”不是该类机构的条件" if fields["criteria"] else "没有填写"
        return Refused(f"审核不合格的须填“不符合的条件”：{wrong_ones}；可用：{'、'.join(sorted(known))}", "二")
    if not str(fields["decision_no"]).strip() or fields["served_on"] is None:
        return Refused("审核不合格的须填“决定文号”和“通知送达日期”", R74)
    if fields["served_on"] < fields["assessed_on"]:
        return Refused(f"通知送达日期 {fields['served_on']} 早于审核日期 {fields['assessed_on']}，请核对日期", R74)
    return _not_ahead(event, fields["served_on"], "通知送达日期") or True


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


# --- monthly indicators, warnings, occurrences (R70, R83) --------------------------------------------------------


def _month_over(case: AgreementCase, event: Event) -> Refused | None:
    """A month that is over, with a day of it inside the term."""
    month = event.fields["month"]
    try:
        first, last = first_day(month), last_day(month)
    except ValueError as error:
        return Refused(f"“月份”填写有误：{error}", MONTHLY)
    if last >= local_day(event.at):
        return Refused(f"{month} 尚未结束，月度指标在次月登记", MONTHLY)
    if last < case.effective_on or first > case.performed_until:
        return Refused(f"{month} 不在协议履行期内（{_performed(case)}），请核对月份", MONTHLY)
    return None


def may_report(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Values of a month that is over, of fields that the rules compare, each a sound number, each once."""
    if wrong := _month_over(case, event):
        return wrong
    month, received_on = event.fields["month"], event.fields["received_on"]
    if ahead := _not_ahead(event, received_on, "收到日期"):
        return ahead
    if received_on <= last_day(month):
        return Refused(f"收到日期 {received_on} 须在 {month} 结束以后，请核对日期", MONTHLY)
    by_code = {one.code: one for one in ctx.policy.compared_of(case.type)}
    values = [indicators.Value(**one) for one in event.fields["values"]]
    codes = [one.field for one in values]
    faults = [f"“{code}”不是该类机构的月度指标" for code in codes if code not in by_code]
    faults += [f"“{code}”写了两次" for code in sorted(set(codes)) if codes.count(code) > 1]
    faults += [why for one in values if one.field in by_code and (why := indicators.fault_of(by_code[one.field], one))]
    return Refused("；".join(faults), MONTHLY) if faults else True


def may_warn(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Something of the month is beyond what was agreed; one warning a month."""
    if wrong := _month_over(case, event):
        return wrong
    if ahead := _not_ahead(event, event.fields["served_on"], "送达日期"):
        return ahead
    month = event.fields["month"]
    if event.fields["served_on"] <= last_day(month):
        return Refused(f"送达日期 {event.fields['served_on']} 须在 {month} 结束以后，请核对日期", MONTHLY)
    if any(one.month == month for one in case.warnings):
        return Refused(f"{month} 的预警通知书已经发出，不能重复发出", MONTHLY)
    if not event.fields["exceeded"]:
        return Refused(f"{month} 没有超出协议约定的指标（或者尚未登记数值），不发预警", MONTHLY)
    return True


def may_answer(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Measures on a warning that has none yet; late ones are taken in, too."""
    ref, on = event.fields["warning"], event.fields["answered_on"]
    warned = case.warning(ref)
    if warned is None or warned.answered_on:
        waiting = "、".join(one.ref for one in case.warnings if one.answered_on is None) or "无"
        return Refused(f"第 {ref} 号预警不待答复；待答复的：{waiting}", MONTHLY)
    if ahead := _not_ahead(event, on, "答复日期"):
        return ahead
    if on < warned.served_on:
        return Refused(f"答复日期 {on} 早于送达日 {warned.served_on}，请核对日期", MONTHLY)
    return True


def may_report_event(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Only where the announcement asks for it: it has happened, inside the term, and was reported afterwards."""
    if not ctx.policy.hears_of_events:
        return Refused("本轮公告没有要求报告突发情况（读法 event_reports），不用登记", MONTHLY)
    occurred, reported = event.fields["occurred_at"], event.fields["reported_at"]
    if reported > event.at:
        return Refused("报告时间尚未到来，请核对", MONTHLY)
    if reported < occurred:
        return Refused("报告时间早于发生时间，请核对", MONTHLY)
    if not case.effective_on <= local_day(occurred) <= case.expires_on:
        return Refused(f"发生时间不在协议有效期（{case.effective_on} 至 {case.expires_on}）之内，请核对", MONTHLY)
    return True


def is_late_event(event: Event, ctx: Context) -> bool:
    """Reported after its hours, counted on the clock from the occurrence; no day off lengthens them (R83)."""
    hours = timedelta(hours=ctx.policy.count("event_report"))
    return bool(event.fields["reported_at"] - event.fields["occurred_at"] > hours)


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


def may_report_to_city(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """A decision stands, and is not with the city already, where the city determines (R75)."""
    if not ctx.policy.city_determines:
        return Refused("本轮由县级确定（读法 determination），不必上报：请办理“登记解除送达”", CITY)
    if case.ending is None or case.ending.overturned_on:
        return Refused("尚无解除决定：请先办理“决定解除协议”", CITY)
    if case.city_answer in ("", CityDecision.CONFIRMED):
        now = "已同意，请登记解除送达" if case.city_answer else "尚未答复，请登记市级意见"
        return Refused(f"解除决定（{case.ending.decision_no}）已报市级，{now}", CITY)
    reported_on, decided_on = event.fields["reported_on"], case.ending.decided_on
    if reported_on > local_day(event.at):
        return Refused(f"上报日期 {reported_on} 尚未到来，请核对日期", CITY)
    if reported_on < decided_on:
        return Refused(f"上报日期 {reported_on} 早于决定日 {decided_on}，请核对日期", CITY)
    return True


def awaits_city(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """The decision is with the city; its answer is dated, and reasoned unless it agrees (R75)."""
    if case.city_answer != "":
        return Refused("没有等候市级意见的解除决定：请先办理“上报市级确定”", CITY)
    return city_answers(event, None)


def _city_first(case: AgreementCase, ctx: Context) -> Refused | None:
    """Where the city determines, nothing is served before it has agreed (R75)."""
    if not ctx.policy.city_determines or case.city_answer == CityDecision.CONFIRMED:
        return None
    now = {None: "请先办理“上报市级确定”", "": "市级尚未答复，收到意见后先办理“登记市级意见”"}
    why = now.get(case.city_answer, "市级没有同意，补充后再次上报，或凭证据“撤销认定”")
    return Refused(f"本轮由市级确定，解除决定须经市级同意才能送达：{why}", CITY)


def may_serve(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """A decision stands; it reached the institution on a day that has come (民法典565)."""
    ending, served_on = case.ending, event.fields["served_on"]
    if ending is None or ending.overturned_on:
        return Refused("尚无解除决定：请先办理“决定解除协议”", "六(二)")
    if first := _city_first(case, ctx):
        return first
    if ahead := _not_ahead(event, served_on, "送达日期"):
        return ahead
    if served_on < ending.decided_on:
        return Refused(f"送达日期 {served_on} 早于决定日 {ending.decided_on}，请核对日期", "民法典565")
    agreed_on = case.city_report.decided_on if ctx.policy.city_determines and case.city_report else None
    if agreed_on and served_on < agreed_on:
        return Refused(f"送达日期 {served_on} 早于市级同意之日 {agreed_on}，请核对日期", CITY)
    return True


# --- assessment and settlement ----------------------------------------------------------------------------------


def was_surveyed(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Over days that have come, inside the term, with no more answers than sheets (R64)."""
    first, last = event.fields["from_on"], event.fields["to_on"]
    if ahead := _not_ahead(event, last, "调查止日"):
        return ahead
    if first > last:
        return Refused(f"调查起日 {first} 晚于止日 {last}，请核对日期", SURVEYED)
    if not _was_performed(case, first, last):
        return Refused(f"调查日期 {first} 至 {last} 不在协议履行期内（{_performed(case)}）", SURVEYED)
    if event.fields["answers"] > event.fields["sample"]:
        why = f"有效答卷 {event.fields['answers']} 份多于发放的 {event.fields['sample']} 份，请核对"
        return Refused(why, SURVEYED)
    return _in_points(event, ctx, SURVEYED) or True


def was_evaluated(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """On a day that has come, inside the term (R61)."""
    on = event.fields["evaluated_on"]
    if ahead := _not_ahead(event, on, "评价日期"):
        return ahead
    if not _was_performed(case, on, on):
        return Refused(f"评价日期 {on} 不在协议履行期内（{_performed(case)}）", EVALUATED)
    return _in_points(event, ctx, EVALUATED) or True


def may_assess(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """A year that has begun, in which the agreement was performed (R51)."""
    year, today = event.fields["year"], local_day(event.at)
    if year > today.year:
        return Refused(f"{year} 年尚未开始，不能考核：请更正“考核年度”", ASSESSED)
    if not is_in_year(case.effective_on, case.performed_until, year):
        return Refused(f"该协议 {year} 年没有履行（{_performed(case)}）：请更正“考核年度”或协议编号", ASSESSED)
    return True


def may_decide_costs(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Of a month that has begun and in which the agreement was performed, on findings that stand where some are named,
    and never at the patients' expense (R58)."""
    fields, month = event.fields, event.fields["month"]
    if month > month_of(local_day(event.at)):
        return Refused(f"{month} 尚未开始，不能处理该月的费用：请更正“费用月份”", COSTS)
    if not month_of(case.effective_on) <= month <= month_of(case.performed_until):
        return Refused(f"该协议 {month} 没有履行（{_performed(case)}）：请更正“费用月份”", COSTS)
    if not fields["not_charged_to_patients"]:
        return Refused("拒付、追回、冲抵的费用不得转由患者负担：请先责令机构退还，再登记费用处理", COSTS)
    return _standing(case, [fields["finding"]] if fields["finding"] else []) or True


def may_hold(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """From a day of the term on; no second hold while one runs (R82)."""
    from_on = event.fields["from_on"]
    if event.fields["is_held"]:
        return Refused("该协议的结算已经暂停，尚未恢复：请先办理“恢复结算”", HELD)
    if not _was_performed(case, from_on, from_on):
        return Refused(f"暂停结算起日 {from_on} 不在协议履行期内（{_performed(case)}）", HELD)
    return True


def may_release(_case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Where payment is held, from a day that has come (R82)."""
    since, on = event.fields["held_since"], event.fields["released_on"]
    if since is None:
        return Refused("该协议的结算没有暂停，无须恢复", HELD)
    if ahead := _not_ahead(event, on, "恢复日期"):
        return ahead
    return True if on > since else Refused(f"恢复日期 {on} 须在暂停起日 {since} 之后", HELD)


def _in_points(event: Event, ctx: Context, clause: str) -> Refused | None:
    score, most = event.fields["score"], ctx.policy.number("full_mark")
    return None if 0 <= score <= most else Refused(f"得分 {score} 须在 0 至 {most} 之间，请核对", clause)


def _was_performed(case: AgreementCase, first: date, last: date) -> bool:
    return first <= case.performed_until and last >= case.effective_on


def _performed(case: AgreementCase) -> str:
    return f"{case.effective_on} 至 {case.performed_until}"


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


# --- complaints ------------------------------------------------------------------------------------------------


def may_complain(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """About a designated institution, from its signature on; before it, notices have their objections (五(三))."""
    received_on = local_day(event.fields["received_at"])
    if ahead := _not_ahead(event, received_on, "收到日期"):
        return ahead
    if case.signed_on and received_on < case.signed_on:
        return Refused(
            f"{received_on} 收到的举报投诉早于签约日 {case.signed_on}：签约以前的请办理“16 登记异议”", "五(三)"
        )
    acknowledged_on = event.fields["acknowledged_on"]
    if acknowledged_on and not received_on <= acknowledged_on <= local_day(event.at):
        return Refused(f"受理回执日期 {acknowledged_on} 须在收到之日与今日之间，请核对", "六(一)")
    return True


def may_resolve(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """One that is still open."""
    found = case.complaint(event.fields["complaint"])
    if found is None or not found.is_open:
        waiting = "、".join(one.ref for one in case.complaints if one.is_open) or "无"
        return Refused(f"第 {event.fields['complaint']} 件举报投诉不待核查；待核查的：{waiting}", "六(一)")
    return True


def may_reply(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """One that was concluded; the row knows the rest."""
    found = case.complaint(event.fields["complaint"])
    if found is None:
        known = "、".join(one.ref for one in case.complaints) or "无"
        return Refused(f"没有第 {event.fields['complaint']} 件举报投诉；已登记：{known}", "六(一)")
    if found.is_open:
        return Refused(f"第 {found.ref} 件举报投诉尚未作出结论：请先办理“举报核查结论”", "六(一)")
    return _not_ahead(event, event.fields["replied_on"], "答复日期") or True
