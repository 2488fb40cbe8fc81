"""When a new edition of the stock list may be recorded, and what is told (R54)."""

from __future__ import annotations

from rules.case import Context, Event, Message, Refused
from rules.performance.records import AgreementCase
from rules.procedure import Answer, Effect, Transition

ANNEX = "服务协议附件二(一)"
Row = Transition[AgreementCase, Context]


def may_list(case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """A sound list from a day of the term on, not before one that is recorded already."""
    fields, valid_from = event.fields, event.fields["valid_from"]
    if fields["faults"]:
        return Refused("；".join(fields["faults"]), ANNEX)
    if not case.effective_on <= valid_from <= case.performed_until:
        term = f"{case.effective_on} 至 {case.performed_until}"
        return Refused(f"执行日期 {valid_from} 不在协议履行期内（{term}），请核对日期", ANNEX)
    if fields["newest_from"] and valid_from < fields["newest_from"]:
        return Refused(f"执行日期 {valid_from} 早于现有清单的 {fields['newest_from']}：后一份清单接替前一份", ANNEX)
    return True


def listed(case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """Which edition takes the place of the one before, from which day on."""
    told = {name: event.fields[name] for name in ("ref", "valid_from", "count")}
    message = Message(row.message, {**told, "agreement_number": case.number})
    return Effect(messages=(message,), detail={**told, "sha256": event.fields["sha256"]})
