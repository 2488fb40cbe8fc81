"""Yearly assessment, surveys, costs and held settlement (R51, R58, R61, R64, R82)."""

from __future__ import annotations

from datetime import date

from rules.assessment import is_in_year
from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.months import month_of
from rules.performance.guards.shared import all_stand, not_ahead, performed
from rules.performance.records import AgreementCase
from rules.procedure import Answer

ASSESSED, SURVEYED, EVALUATED = "劳社厅函〔2003〕258号四", "人社部发〔2015〕98号(十)", "人社部发〔2015〕98号(四)"
COSTS, HELD = "劳社厅函〔2003〕258号附件四(四)", "服务协议（暂停结算）"


def was_surveyed(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """Over days that have come, inside the term, with no more answers than sheets (R64)."""
    first, last = event.fields["from_on"], event.fields["to_on"]
    if ahead := not_ahead(event, last, "调查止日"):
        return ahead
    if first > last:
        return Refused(f"调查起日 {first} 晚于止日 {last}，请核对日期", SURVEYED)
    if not _was_performed(case, first, last):
        return Refused(f"调查日期 {first} 至 {last} 不在协议履行期内（{performed(case)}）", SURVEYED)
    if event.fields["answers"] > event.fields["sample"]:
        why = f"有效答卷 {event.fields['answers']} 份多于发放的 {event.fields['sample']} 份，请核对"
        return Refused(why, SURVEYED)
    return _in_points(event, ctx, SURVEYED) or True


def was_evaluated(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """On a day that has come, inside the term (R61)."""
    on = event.fields["evaluated_on"]
    if ahead := not_ahead(event, on, "评价日期"):
        return ahead
    if not _was_performed(case, on, on):
        return Refused(f"评价日期 {on} 不在协议履行期内（{performed(case)}）", EVALUATED)
    return _in_points(event, ctx, EVALUATED) or True


def may_assess(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """A year that has begun, in which the agreement was performed (R51)."""
    year, today = event.fields["year"], local_day(event.at)
    if year > today.year:
        return Refused(f"{year} 年尚未开始，不能考核：请更正“考核年度”", ASSESSED)
    if not is_in_year(case.effective_on, case.performed_until, year):
        return Refused(f"该协议 {year} 年没有履行（{performed(case)}）：请更正“考核年度”或协议编号", ASSESSED)
    return True


def may_decide_costs(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Of a month that has begun and in which the agreement was performed, on findings that stand where some are named,
    and never at the patients' expense (R58)."""
    fields, month = event.fields, event.fields["month"]
    if month > month_of(local_day(event.at)):
        return Refused(f"{month} 尚未开始，不能处理该月的费用：请更正“费用月份”", COSTS)
    if not month_of(case.effective_on) <= month <= month_of(case.performed_until):
        return Refused(f"该协议 {month} 没有履行（{performed(case)}）：请更正“费用月份”", COSTS)
    if not fields["not_charged_to_patients"]:
        return Refused("拒付、追回、冲抵的费用不得转由患者负担：请先责令机构退还，再登记费用处理", COSTS)
    return all_stand(case, [fields["finding"]] if fields["finding"] else []) or True


def may_hold(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """From a day of the term on; no second hold while one runs (R82)."""
    from_on = event.fields["from_on"]
    if event.fields["is_held"]:
        return Refused("该协议的结算已经暂停，尚未恢复：请先办理“恢复结算”", HELD)
    if not _was_performed(case, from_on, from_on):
        return Refused(f"暂停结算起日 {from_on} 不在协议履行期内（{performed(case)}）", HELD)
    return True


def may_release(_case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Where payment is held, from a day that has come (R82)."""
    since, on = event.fields["held_since"], event.fields["released_on"]
    if since is None:
        return Refused("该协议的结算没有暂停，无须恢复", HELD)
    if ahead := not_ahead(event, on, "恢复日期"):
        return ahead
    return True if on > since else Refused(f"恢复日期 {on} 须在暂停起日 {since} 之后", HELD)


def _in_points(event: Event, ctx: Context, clause: str) -> Refused | None:
    score, most = event.fields["score"], ctx.policy.number("full_mark")
    return None if 0 <= score <= most else Refused(f"得分 {score} 须在 0 至 {most} 之间，请核对", clause)


def _was_performed(case: AgreementCase, first: date, last: date) -> bool:
    return first <= case.performed_until and last >= case.effective_on
