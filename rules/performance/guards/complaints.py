"""Complaints about a designated institution (六(一); R61, R64)."""

from __future__ import annotations

from rules.case import Context, Event, Refused
from rules.localtime import local_day
from rules.performance.guards.shared import not_ahead
from rules.performance.records import AgreementCase
from rules.procedure import Answer


def may_complain(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """About a designated institution, from its signature on; before it, notices have their objections (五(三))."""
    received_on = local_day(event.fields["received_at"])
    if ahead := not_ahead(event, received_on, "收到日期"):
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
    return not_ahead(event, event.fields["replied_on"], "答复日期") or True
