"""Annual agreements within a long one (R63; reading `annual_agreement`): what an agreement fixes holds until the end of
a calendar year; for each later year both sides sign anew. Rights, scope, term and count of suspensions are the long
one's.
"""

from __future__ import annotations

from datetime import date

from rules.case import Clock, ClockSet, ClockStart, Context, Event, Message, Refused
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.performance.states import ENDS, NOT_YET
from rules.policy import Policy
from rules.procedure import Answer, Effect, Transition
from rules.vocabulary import ClockStatus

ANNUAL = "人社部发〔2015〕98号(七)"
KIND = "annual_agreement"
Row = Transition[AgreementCase, Context]


def holds_until(policy: Policy, day: date) -> date | None:
    """The last day of what is agreed from a day on; None where it holds as long as the agreement."""
    return date(day.year, 12, 31) if policy.signs_yearly else None


def may_sign_annual(case: AgreementCase, event: Event, ctx: Context) -> Answer:
    """For a year of the term after its first, once, with every term filled in or waived; never backwards."""
    fields = event.fields
    year, signed_on = fields["year"], fields["signed_on"]
    if not ctx.policy.signs_yearly:
        return Refused("本轮没有采用年度协议（读法 annual_agreement），约定在协议期内有效；变更的签补充协议", ANNUAL)
    if fields["faults"]:
        return Refused("；".join(fields["faults"]), ANNUAL)
    first, last = case.effective_on.year + 1, case.performed_until.year
    if not first <= year <= last:
        years = f"{first} 至 {last} 年" if first <= last else "无"
        return Refused(f"{year} 年不签年度协议；须签的年度：{years}（签订当年按协议条款）", ANNUAL)
    if year in fields["signed_years"]:
        return Refused(f"{year} 年的年度协议已经签订，变更的签补充协议", ANNUAL)
    if signed_on > local_day(event.at):
        return Refused(f"签订日期 {signed_on} 尚未到来，请核对日期", ANNUAL)
    if not case.signed_on <= signed_on <= min(date(year, 12, 31), case.performed_until):
        return Refused(f"签订日期 {signed_on} 须在协议签订日 {case.signed_on} 与该年度末之间，请核对日期", ANNUAL)
    return True


def annual_signed(case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """What holds for a year, from which day on."""
    fields = event.fields
    told = {name: fields[name] for name in ("number", "year", "from_on", "until_on")}
    message = Message(row.message, {**told, "agreement_number": case.number, "terms": list(fields["shown"])})
    return Effect(messages=(message,), detail=told)


def until_first_year_ends(kind: str, case: AgreementCase, _event: Event, ctx: Context, _row: Row) -> ClockStart | None:
    """What was agreed at the signature holds until the end of that year."""
    return _until(kind, case, case.effective_on.year, ctx)


def until_signed_year_ends(kind: str, case: AgreementCase, event: Event, ctx: Context, _row: Row) -> ClockStart | None:
    """Until the end of the year that was signed for."""
    return _until(kind, case, event.fields["year"], ctx)


def until_year_ends_after_all(
    kind: str, case: AgreementCase, event: Event, ctx: Context, row: Row
) -> ClockStart | None:
    """Of the year that it stands in, when a dissolution that came between proved wrong."""
    if row.to in (*ENDS, *NOT_YET):
        return None
    clock = case.clock(kind)
    year = clock.due_on.year if clock and clock.due_on else local_day(event.at).year
    return _until(kind, case, max(year, local_day(event.at).year), ctx)


def _until(kind: str, case: AgreementCase, year: int, ctx: Context) -> ClockStart | None:
    if not ctx.policy.signs_yearly or case.performed_until.year <= year:
        return None
    return ClockStart(kind, max(case.effective_on, date(year, 1, 1)), due_on=date(year, 12, 31))


def is_signed_to_the_end(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """The last year of the term is signed for."""
    if case.performed_until.year > event.fields["year"]:
        return None
    return ClockSet(clock.kind, ClockStatus.MET, event.fields["signed_on"])
