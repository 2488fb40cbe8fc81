"""A supplement changes what an agreement fixes while it is performed (R63; L17): when it may be signed, and what is
told. From its day on what it sets counts, never before: what a month was compared with stays so. It is filed with the
county bureau, as a renewal is (R60)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rules.case import Context, Event, Message, Refused
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.procedure import Answer, Effect, Transition

SUPPLEMENTED = "人社部发〔2015〕98号(五)、(七)"
FILED = "人社部发〔2015〕98号(五)"
ITSELF = "0"  # of what waits to be filed under an agreement: the agreement itself, a renewal; supplements count from 1
Row = Transition[AgreementCase, Context]


def _out_of_order(event: Event, earlier: date, since: str, day: date, what: str, clause: str) -> Refused | None:
    """A day that is still to come, or that lies before another one."""
    if day > local_day(event.at):
        return Refused(f"{what} {day} 尚未到来，请核对日期", clause)
    return Refused(f"{what} {day} 早于{since} {earlier}，请核对日期", clause) if day < earlier else None


def may_sign_supplement(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Signed on a day that has come, for days from then on inside the term; it changes something."""
    fields = event.fields
    signed_on, effective_on = fields["signed_on"], fields["effective_on"]
    if wrong := _out_of_order(event, case.signed_on, "协议签订日", signed_on, "签订日期", SUPPLEMENTED):
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


def may_file(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """A supplement or a renewal that was signed and is not filed yet, on a day that has come (R60)."""
    fields, signed_on = event.fields, event.fields["signed_on"]
    if signed_on is None:
        return Refused(_none_waits(case, fields["supplement"], fields["unfiled"]), FILED)
    return _out_of_order(event, signed_on, "签订日期", fields["filed_on"], "备案日期", FILED) or True


def _none_waits(case: AgreementCase, given: str, unfiled: Sequence[str]) -> str:
    """Why nothing can be filed: what was named does not wait, or it was not said which of several."""
    waiting = "、".join(unfiled) or "无"
    if unfiled and not given:
        return f"待备案的不止一份，请填“备案哪一份”；待备案的：{waiting}"
    if given == ITSELF and sum(one.startswith(ITSELF) for one in unfiled) > 1:
        return f"待备案的续签协议不止一份，请填“协议编号”；待备案的：{waiting}"
    what = f"没有待备案的第 {given} 号补充协议" if given not in ("", ITSELF) else "没有待备案的续签协议"
    return f"{what if given else '没有待备案的补充协议或续签协议'}；待备案的：{waiting}{_elsewhere(case)}"


def _elsewhere(case: AgreementCase) -> str:
    """Where to file what is not filed here: the application's agreement with its dossier, a renewal by its number."""
    if case.previous_id is None and case.filed_on is None and case.assess_by is None:
        return "；随申报签订的协议请办理“21 协议备案”"
    return f"；续签的协议以其编号（{case.successor}）办理" if case.successor else ""


def filed(_case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> Effect:
    """Filed with the county bureau: of a renewal its own record says so, of a supplement the supplement's."""
    ref, filed_on = event.fields["supplement"], event.fields["filed_on"]
    columns = {"filed_on": filed_on, "filed_by": event.by} if ref == ITSELF else {}
    return Effect(columns, detail={"ref": ref, "filed_on": filed_on})
