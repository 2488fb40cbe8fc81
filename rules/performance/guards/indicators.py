"""Monthly indicators, written warnings, reports of occurrences (R70, R83)."""

from __future__ import annotations

from datetime import timedelta

from rules import indicators
from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.months import first_day, last_day
from rules.performance.guards.shared import not_ahead, performed
from rules.performance.records import AgreementCase
from rules.procedure import Answer

MONTHLY = "月度指标和书面预警"


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
        return Refused(f"{month} 不在协议履行期内（{performed(case)}），请核对月份", MONTHLY)
    return None


def may_report(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Values of a month that is over, of fields that the rules compare, each a sound number, each once."""
    if wrong := _month_over(case, event):
        return wrong
    month, received_on = event.fields["month"], event.fields["received_on"]
    if ahead := not_ahead(event, received_on, "收到日期"):
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
    if ahead := not_ahead(event, event.fields["served_on"], "送达日期"):
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
    if ahead := not_ahead(event, on, "答复日期"):
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
