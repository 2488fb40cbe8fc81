"""The result of a year proved wrong (R51): what takes its place, and what is told. Both results are kept."""

from __future__ import annotations

from rules.case import Context, Event, Message, Refused
from rules.performance.guards.assessment import ASSESSED
from rules.performance.guards.shared import ALONE, is_alone
from rules.performance.records import AgreementCase
from rules.procedure import Answer, Effect, Transition

Row = Transition[AgreementCase, Context]
COMPARED = ("total", "satisfaction", "grade")


def may_correct(_case: AgreementCase, event: Event, _ctx: Context) -> Answer:
    """Of two persons, and to something else than what was published."""
    fields = event.fields
    if is_alone(event):
        return Refused(ALONE, "两人办理")
    if all(fields[name] == fields[f"{name}_before"] for name in COMPARED):
        return Refused(f"{fields['year']} 年度的得分、满意度和等级都没有变动，不用更正", ASSESSED)
    return True


def regraded(_case: AgreementCase, event: Event, _ctx: Context, row: Row) -> Effect:
    """What was published and what holds instead; where the grade has an effect, that too."""
    fields = event.fields
    about = {name: fields[name] for name in ("year", *COMPARED)}
    before = {f"{name}_before": fields[f"{name}_before"] for name in COMPARED}
    clause = {"clause": row.clause}
    told = {**about, **before, **clause, "why": fields["why"], "reason": fields["reason"]}
    messages = [Message(row.tells[0], told)]
    if fields["effect"]:
        of_grade = {name: fields[name] for name in ("year", "grade", "effect", "coefficient", "counts_from")}
        messages.append(Message(row.tells[1], {**of_grade, **clause}))
    return Effect(messages=tuple(messages), detail={**about, **before, "evidence": fields["evidence"]})
