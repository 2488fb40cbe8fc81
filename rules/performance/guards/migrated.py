"""Agreements that were there before (R74: 先纳入、后规范): taken in, assessed."""

from __future__ import annotations

from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.performance.guards.shared import not_ahead, of_two
from rules.performance.records import AgreementCase
from rules.procedure import Answer
from rules.vocabulary import Fitness

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
    if wrong := of_two(event) or not_ahead(event, fields["assessed_on"], "审核日期"):
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
    return not_ahead(event, fields["served_on"], "通知送达日期") or True
