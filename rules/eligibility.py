"""The conditions of application (二; R01-R18), tested on facts; every failed one is listed, in clause order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from rules.case import Reason
from rules.errors import InputError
from rules.facts import FACTS
from rules.penalties import Standing
from rules.periods import due_day
from rules.policy import Condition, Policy
from rules.texts import compared
from rules.vocabulary import ConditionResult, InstitutionList
from rules.workdays import Workdays

LISTED = "REFUSAL_LIST"
BARRED = Reason("REAPPLICATION_BAN", "六(三)", "被解除协议后三年内不得重新申请")
LOOKS_BACK = "no_recent_penalty"
PENALTIES, DOUBT, NONE = "penalties", Standing.IN_DOUBT, Standing.DOES_NOT_COUNT


@dataclass(frozen=True, slots=True)
class Question:
    """What a condition is tested on. `applied_on` is the Beijing day of the application; `bars` stand in our own
    register: first and last day of each; `refusals` are entries of the refusal list: ground, first and last day."""

    facts: Mapping[str, Any]
    applied_on: date
    announcement: Mapping[str, Any]
    judgements: Mapping[str, Mapping[str, Any]]
    policy: Policy
    workdays: Workdays
    bars: tuple[tuple[date, date], ...] = ()
    refusals: tuple[tuple[str, date, date | None], ...] = ()

    def fact(self, name: str) -> Any:
        """A declared fact. Raises InputError when it was never given."""
        if name not in self.facts:
            raise InputError(f"缺少事实“{FACTS[name].label}”：请在实地核查中补录后再签署初审意见")
        return self.facts[name]


def failures(question: Question, applicant_type: str) -> tuple[Reason, ...]:
    """Every condition of the type that the facts fail, in the order of the clauses, each code once."""
    failed: dict[str, Reason] = {}
    for condition in question.policy.conditions:
        if applicant_type in condition.types and _applies(condition, question) and not holds(condition, question):
            failed.setdefault(condition.code, Reason(condition.code, condition.clause, condition.text))
    return (*failed.values(), *standing_out(question))


def checked(question: Question, applicant_type: str) -> tuple[tuple[Condition, ConditionResult], ...]:
    """Every condition of the type with how it stands, in the order of the clauses: what `failures` would say of each,
    and where facts or a judgement are still wanting."""
    asked = (one for one in question.policy.conditions if applicant_type in one.types)
    return tuple((one, _result(one, question, applicant_type)) for one in asked)


def _result(condition: Condition, question: Question, applicant_type: str) -> ConditionResult:
    try:
        if not _applies(condition, question):
            return ConditionResult.NOT_ASKED
        is_open = _is_unjudged(condition, question) or (
            condition.test == LOOKS_BACK and doubtful(question, applicant_type)
        )
        is_met = holds(condition, question)
    except InputError:
        return ConditionResult.UNKNOWN
    if is_open:
        return ConditionResult.TO_JUDGE
    return ConditionResult.MET if is_met else ConditionResult.FAILED


def standing_out(question: Question) -> tuple[Reason, ...]:
    """Why an institution may not apply at all on that day: the bar (六(三)), and the refusal list where the county
    keeps one (R77), each ground once."""
    return (*((BARRED,) if is_under_bar(question) else ()), *_listed(question))


def _listed(question: Question) -> tuple[Reason, ...]:
    if not question.policy.keeps_list(InstitutionList.REFUSAL):
        return ()
    codes = {code for code, first, last in question.refusals if first <= question.applied_on <= (last or date.max)}
    grounds = (question.policy.list_ground(InstitutionList.REFUSAL, code) for code in sorted(codes))
    return tuple(Reason(LISTED, one.clause, f"列入不受理申请名单：{one.text}") for one in grounds if one)


def unjudged(question: Question, applicant_type: str) -> tuple[Condition, ...]:
    """Conditions that only a person can decide (A7-32) and for which no reasoned judgement was given."""
    return tuple(
        condition
        for condition in question.policy.conditions
        if applicant_type in condition.types and _is_unjudged(condition, question)
    )


def _is_unjudged(condition: Condition, question: Question) -> bool:
    return (
        condition.test == "one_of_or_judged"
        and _applies(condition, question)
        and not _one_of(condition, question)
        and not str(_judgement(condition, question).get("reason", "")).strip()
    )


def flagged(question: Question, applicant_type: str) -> tuple[str, ...]:
    """Authorities outside the list with a penalty within the lookback: no bar, but somebody should look (A7-31)."""
    penalties = question.facts.get("penalties") or ()
    return tuple(
        dict.fromkeys(
            one["authority"]
            for one in penalties
            if _may_bar(one, question, applicant_type)
            and not _is_listed(one, question)
            and _standing(one, question) is not NONE
        )
    )


def is_under_bar(question: Question) -> bool:
    """Whether, by our register, or by the facts as they stand (what a site visit found goes before what was declared),
    a dissolved institution applied within its bar; other ways of leaving do not bar (六(三); A7-38)."""
    if any(first <= question.applied_on <= last for first, last in question.bars):
        return True
    ended_on = dissolved_on(question.facts)
    return ended_on is not None and is_barred(ended_on, question.applied_on, question.policy, question.workdays)


def dissolved_on(facts: Mapping[str, Any]) -> date | None:
    """The day on which, by the facts, an agreement was dissolved; None where none was, or it ended in another way."""
    ended = facts.get("prior_termination")
    return date.fromisoformat(str(ended["date"])) if ended and compared(ended["kind"]) == "解除" else None


def doubtful(question: Question, applicant_type: str) -> tuple[str, ...]:
    """Kinds of measures that may or may not be administrative penalties, of those that would bar: a person must judge
    (reading `penalty_kind`), and none has with a reason."""
    penalties = question.facts.get("penalties") or ()
    barring = (one for one in penalties if _is_listed(one, question) and _may_bar(one, question, applicant_type))
    in_doubt = [one["kind"] for one in barring if _standing(one, question) is DOUBT]
    return () if str(_judged(question, PENALTIES).get("reason", "")).strip() else tuple(dict.fromkeys(in_doubt))


def in_doubt_sentence(kinds: Iterable[str]) -> str:
    """What must be judged of such kinds, and how: the one sentence for form, batch and case."""
    return (
        f"“{'、'.join(kinds)}”是否属于行政处罚须由人判断：请在“签署初审意见”的“须由人判断的事项”中选处罚种类，"
        "不是行政处罚的“是否认可”选“是”，是行政处罚的选“否”，并写明理由"
    )


def is_barred(terminated_on: date, applied_on: date, policy: Policy, workdays: Workdays) -> bool:
    """Whether a day lies within the bar of a dissolution (六(三); A7-38): the last day is the corresponding day."""
    return applied_on <= last_day_of_bar(terminated_on, policy, workdays)


def last_day_of_bar(terminated_on: date, policy: Policy, workdays: Workdays) -> date:
    """The last day on which a dissolved institution may not apply (六(三); A7-38)."""
    roll = policy.reads("bar_last_day") == "roll"
    return due_day(policy.period("reapplication_bar"), terminated_on, workdays, roll=roll).latest


def holds(condition: Condition, question: Question) -> bool:
    """Whether one condition is met."""
    return _TESTS[condition.test](condition, question)


def _applies(condition: Condition, question: Question) -> bool:
    return condition.only_if is None or bool(question.fact(condition.only_if))


def _judgement(condition: Condition, question: Question) -> Mapping[str, Any]:
    return _judged(question, condition.facts[0])


def _judged(question: Question, subject: str) -> Mapping[str, Any]:
    return question.judgements.get(subject, {})


def _is_true(condition: Condition, question: Question) -> bool:
    return all(question.fact(name) is True for name in condition.facts)


def _is_false(condition: Condition, question: Question) -> bool:
    return all(question.fact(name) is False for name in condition.facts)


def _same_county(condition: Condition, question: Question) -> bool:
    return compared(str(question.fact("county"))) == compared(question.announcement["county"])


def _at_least(condition: Condition, question: Question) -> bool:
    least = question.policy.number(condition.number or "")
    return all(_amount(question, name) >= least for name in condition.facts)


def _amount(question: Question, name: str) -> Decimal:
    try:
        return Decimal(str(question.fact(name)))
    except InvalidOperation:
        raise InputError(f"事实“{FACTS[name].label}”的值“{question.fact(name)}”不是数字：请在实地核查中更正") from None


def _at_least_announced(condition: Condition, question: Question) -> bool:
    return bool(question.fact(condition.facts[0]) >= question.announcement[str(condition.value)])


def _grade_at_least(condition: Condition, question: Question) -> bool:
    grades = question.policy.grades
    if question.fact("grade") not in grades:
        raise InputError(
            f"事实“{FACTS['grade'].label}”的值“{question.fact('grade')}”不是等级（{'、'.join(grades)}）：请在实地核查中更正"
        )
    return grades.index(question.fact("grade")) >= grades.index(str(condition.value))


def _all_of(condition: Condition, question: Question) -> bool:
    part, whole = condition.facts
    return bool(question.fact(part) >= question.fact(whole))


def _one_of(condition: Condition, question: Question) -> bool:
    return question.fact(condition.facts[0]) in (condition.value or ())


def _one_of_or_judged(condition: Condition, question: Question) -> bool:
    return _one_of(condition, question) or bool(_judgement(condition, question).get("accepted"))


def _no_recent_penalty(condition: Condition, question: Question) -> bool:
    return not any(_bars(penalty, condition, question) for penalty in question.fact("penalties"))


def _bars(penalty: Mapping[str, Any], condition: Condition, question: Question) -> bool:
    """A7-30: an administrative penalty of an authority of the list (A7-31), within the lookback of the condition; one
    in doubt bars, unless a reasoned judgement says that it is none."""
    if not (_is_listed(penalty, question) and _is_recent(penalty, condition, question)):
        return False
    standing = _standing(penalty, question)
    return standing is Standing.COUNTS or (standing is DOUBT and not _is_judged_none(question))


def _may_bar(penalty: Mapping[str, Any], question: Question, applicant_type: str) -> bool:
    """Recent enough for a condition of the type that looks back over penalties."""
    asked = (one for one in question.policy.conditions if one.test == LOOKS_BACK and applicant_type in one.types)
    return any(_is_recent(penalty, one, question) for one in asked)


def _standing(penalty: Mapping[str, Any], question: Question) -> Standing:
    return question.policy.penalty_kinds.standing_of(str(penalty.get("kind", "")))


def _is_judged_none(question: Question) -> bool:
    judged = _judged(question, PENALTIES)
    return bool(judged.get("accepted")) and bool(str(judged.get("reason", "")).strip())


def _is_listed(penalty: Mapping[str, Any], question: Question) -> bool:
    return any(word in penalty["authority"] for word in question.policy.penalty_authorities)


def _is_recent(penalty: Mapping[str, Any], condition: Condition, question: Question) -> bool:
    """Penalty day + the condition's lookback >= day of application."""
    lookback = question.policy.period(condition.number or "")
    last = due_day(lookback, date.fromisoformat(str(penalty["date"])), question.workdays, roll=False).latest
    return last >= question.applied_on


_TESTS: Mapping[str, Callable[[Condition, Question], bool]] = {
    "is_true": _is_true,
    "is_false": _is_false,
    "same_county": _same_county,
    "at_least": _at_least,
    "at_least_announced": _at_least_announced,
    "grade_at_least": _grade_at_least,
    "all_of": _all_of,
    "one_of_or_judged": _one_of_or_judged,
    LOOKS_BACK: _no_recent_penalty,
}
TESTS = frozenset(_TESTS)
