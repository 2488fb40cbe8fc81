"""Suspension and dissolution (六(二)、六(三); 民法典565), and what an overturned finding leaves of them (更正规则)."""

from __future__ import annotations

from rules.case import Context, Event, Refused
from rules.cityanswer import CITY, city_answers
from rules.localtime import local_day
from rules.performance.guards.shared import all_stand, finding_of, not_ahead, of_two
from rules.performance.records import BY_COUNT, AgreementCase, overturned_ref, state_by_records, without
from rules.procedure import Answer
from rules.vocabulary import AgreementState as A
from rules.vocabulary import CityDecision, RectificationResult


def reaches_limit(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """With this one the suspensions of the term reach the number at which it is dissolved (六(二); R44③, R45④)."""
    answer = may_suspend(case, event, ctx)
    return answer if isinstance(answer, Refused) else case.count + 1 >= case.limit


def may_suspend(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """On findings that stand; from the day of the decision at the earliest, inside the term."""
    today, from_on, to_on = local_day(event.at), event.fields["from_on"], event.fields["to_on"]
    if wrong := of_two(event) or all_stand(case, event.fields["findings"]):
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
    if wrong := of_two(event) or all_stand(case, [event.fields["finding"]]):
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
    if ahead := not_ahead(event, served_on, "送达日期"):
        return ahead
    if served_on < ending.decided_on:
        return Refused(f"送达日期 {served_on} 早于决定日 {ending.decided_on}，请核对日期", "民法典565")
    agreed_on = case.city_report.decided_on if ctx.policy.city_determines and case.city_report else None
    if agreed_on and served_on < agreed_on:
        return Refused(f"送达日期 {served_on} 早于市级同意之日 {agreed_on}，请核对日期", CITY)
    return True


def state_without(case: AgreementCase, event: Event) -> A | Refused:
    """The state that the records give without the finding, or without the ground of the ending."""
    if wrong := of_two(event):
        return wrong
    if not str(event.fields["reason"]).strip() or not str(event.fields["evidence"]).strip():
        return Refused("撤销须写明理由和证据", "更正规则")
    ref = overturned_ref(case, event)
    found = finding_of(case, ref)
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
