"""A supplement changes what an agreement fixes while it is performed (R60, R63; L17): when it may be signed and filed,
and what is told. From its day on what it sets counts, never before: what a month was compared with stays so."""

from __future__ import annotations

from datetime import date

from rules.case import Context, Event, Message, Refused
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.procedure import Answer, Effect, Transition

SUPPLEMENTED = "人社部发〔2015〕98号(五)、(七)"
Row = Transition[AgreementCase, Context]


def _out_of_order(event: Event, earlier: date, since: str, day: date, what: str) -> Refused | None:
    """A day that is still to come, or that lies before another one."""
    if day > local_day(event.at):
        return Refused(f"{what} {day} 尚未到来，请核对日期", SUPPLEMENTED)
    return Refused(f"{what} {day} 早于{since} {earlier}，请核对日期", SUPPLEMENTED) if day < earlier else None


def may_sign_supplement(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Signed on a day that has come, for days from then on inside the term; it changes something."""
    fields = event.fields
    signed_on, effective_on = fields["signed_on"], fields["effective_on"]
    if wrong := _out_of_order(event, case.signed_on, "协议签订日", signed_on, "签订日期"):
        return wrong
    if effective_on < signed_on:
        return Refused(f"生效日期 {effective_on} 早于签订日期 {signed_on}：补充协议不追溯，请核对日期", SUPPLEMENTED)
    if not case.effective_on <= effective_on <= case.performed_until:
        term = f"{case.effective_on} 至 {case.performed_until}"
        return Refused(f"生效日期 {effective_on} 不在协议履行期内（{term}），请核对日期", SUPPLEMENTED)
    if not fields["changes"] and not fields["other_terms"]:
        return Refused("没有变更的内容：请填“变更的条款”或“其他约定”", SUPPLEMENTED)
    return True


def supplemented(case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """What was agreed otherwise, from which day on."""
    fields = event.fields
    told = {name: fields[name] for name in ("number", "signed_on", "effective_on", "other_terms", "reason")}
    shown = [{name: one[name] for name in ("label", "before", "after")} for one in fields["changes"]]
    message = Message(row.message, {**told, "agreement_number": case.number, "changes": shown})
    detail = {name: fields[name] for name in ("ref", "number", "effective_on", "changes")}
    return Effect(messages=(message,), detail=detail)


def may_file_supplement(_case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """One that was signed and is not filed yet, on a day that has come (R60)."""
    signed_on, unfiled = event.fields["signed_on"], "、".join(event.fields["unfiled"]) or "无"
    if signed_on is None:
        return Refused(f"没有待备案的第 {event.fields['supplement']} 号补充协议；待备案的：{unfiled}", SUPPLEMENTED)
    return _out_of_order(event, signed_on, "签订日期", event.fields["filed_on"], "备案日期") or True


def supplement_filed(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """Filed with the county bureau, like the agreement."""
    return Effect(detail={"ref": event.fields["supplement"], "filed_on": event.fields["filed_on"]})
