"""The conditions of application beside what an institution declared and what the site visits found, with how each
stands (二): what whoever signs the opinion has to see first. The rules that decide the opinion decide it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from models import Applicant
from rules.case import Case, Context, Event
from rules.eligibility import checked, standing_out
from rules.evaluation.guards import question_of
from rules.facts import FACTS, FactKind
from rules.policy import Condition
from rules.vocabulary import ConditionResult, GeneTesting, State

Told = dict[str, Any]
BEFORE_THE_OPINION = (State.NOT_APPLIED, State.TOO_EARLY, State.INCOMPLETE, State.ACCEPTED)


def conditions_of(session: Session, ctx: Context, case: Case, at: datetime) -> list[Told]:
    """A line for each condition that the type is asked: what is asked, declared, found, and how it stands."""
    applicant = session.get(Applicant, case.applicant_pk)
    declared = applicant.facts if applicant else {}
    question = question_of(case, Event("", at, ""), ctx)
    return [
        {
            "text": condition.text,
            "clause": condition.clause,
            "asked": _ASKED[condition.test](condition, ctx),
            "declared": _facts(condition, declared),
            "found": _facts(
                condition, {name: case.findings[name] for name in condition.facts if name in case.findings}
            ),
            "result": result.value,
            "result_label": f"{result.label}：{condition.text}" if result is ConditionResult.FAILED else result.label,
        }
        for condition, result in checked(question, case.type)
    ]


def expected(ctx: Context, case: Case, conditions: list[Told], at: datetime) -> str:
    """What an opinion signed now would say, on the facts as they are; empty once it is signed."""
    if case.state not in BEFORE_THE_OPINION:
        return ""
    counted = Counter(one["result"] for one in conditions)
    if wanting := counted[ConditionResult.UNKNOWN]:
        return f"还缺 {wanting} 项条件的事实，补录后才能签署"
    if to_judge := counted[ConditionResult.TO_JUDGE]:
        return f"有 {to_judge} 项须由人判断并写明理由"
    out = [one.text for one in standing_out(question_of(case, Event("", at, ""), ctx))]
    failed = [one["text"] for one in conditions if one["result"] == ConditionResult.FAILED] + out
    return f"预计不通过：{'；'.join(dict.fromkeys(failed))}" if failed else "预计通过：各项条件均符合"


def _facts(condition: Condition, given: Mapping[str, Any]) -> str:
    """`执业药师人数 2，医师人数 0`; a single fact without its name."""
    shown = {name: fact_words(name, given[name]) for name in condition.facts if given.get(name) is not None}
    if len(condition.facts) == 1:
        return "".join(shown.values())
    return "，".join(f"{FACTS[name].label} {words}" for name, words in shown.items())


def fact_words(name: str, value: Any) -> str:
    """A fact's value as people write it."""
    kind = FACTS[name].kind
    if kind is FactKind.YES_NO:
        return "是" if value else "否"
    if kind is FactKind.GENE_TESTING:
        return GeneTesting(value).label
    if kind is FactKind.PENALTIES:
        return "；".join(f"{one['date']} {one['authority']} {one['kind']}" for one in value) or "无"
    if kind is FactKind.AMOUNT:
        return f"{Decimal(str(value)):,}"
    return f"{value['date']} {value['kind']}" if kind is FactKind.TERMINATION else str(value)


def _number(condition: Condition, ctx: Context) -> str:
    names = "、".join(FACTS[name].label for name in condition.facts)
    return f"{names}不少于 {ctx.policy.number(condition.number or ''):,}"


def _announced(condition: Condition, ctx: Context) -> str:
    return f"{FACTS[condition.facts[0]].label}不少于公告要求的 {ctx.round.announcement[str(condition.value)]}"


def _all(condition: Condition, _ctx: Context) -> str:
    part, whole = (FACTS[name].label for name in condition.facts)
    return f"{part}不少于{whole}"


def _options(condition: Condition, _ctx: Context) -> str:
    return "或".join(GeneTesting(one).label for one in condition.value or ()) + "；不具备的由人判断"


def _is(words: str) -> Callable[[Condition, Context], str]:
    return lambda condition, _ctx: f"{'、'.join(FACTS[name].label for name in condition.facts)}：{words}"


_ASKED: Mapping[str, Callable[[Condition, Context], str]] = {
    "is_true": _is("是"),
    "is_false": _is("否"),
    "same_county": lambda _condition, ctx: f"在{ctx.round.county}",
    "at_least": _number,
    "at_least_announced": _announced,
    "grade_at_least": lambda condition, _ctx: f"{condition.value}及以上",
    "all_of": _all,
    "one_of_or_judged": _options,
    "no_recent_penalty": lambda condition, ctx: (
        f"申请前 {ctx.policy.period(condition.number or '').label}内没有所列部门的行政处罚"
    ),
}
