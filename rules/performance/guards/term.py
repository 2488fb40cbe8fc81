"""The term of an agreement (六(一); 令2、令3第40、41、44条): signature, renewal, changes, leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.performance.guards.migrated import R74
from rules.performance.guards.shared import not_ahead
from rules.performance.records import AgreementCase, state_by_records
from rules.periods import due_day
from rules.procedure import Answer
from rules.vocabulary import AgreementState as A


def is_signed_by_now(_case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """The day of signing has come (五(三)); the dossier's own guard has asked the rest."""
    return not_ahead(event, event.fields["signed_on"], "签订日") or True


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
    if ahead := not_ahead(event, applied_on, "续签申请日"):
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
    if ahead := not_ahead(event, signed_on, "续签日"):
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
    if ahead := not_ahead(event, max(changed_on, reported_on), "日期"):
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
    if ahead := not_ahead(event, notice_on, "提出退出的日期"):
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
