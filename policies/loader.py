"""The one reader of procedure files: `policies/<procedure>.yaml` as a `Policy`, as it stood on one day.

`load_policy` reads the newest file and serves the desk before a round. A round runs on the text that is pinned to it:
`models.pinned.policy_of`. Refuses an unknown key, unit, test, clock or choice, a missing value and a reference to
nothing, with file and line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from policies import dated
from policies.plainfile import FileTextError, content_of, text_of
from policies.yamlfile import Document, KeyPath, parse
from rules.audit import sha256
from rules.clocktime import clock_of
from rules.eligibility import TESTS
from rules.errors import PolicyError
from rules.evaluation.clock_table import CLOCKS as OF_DOSSIERS
from rules.facts import FACTS
from rules.keepable import dotted
from rules.penalties import PenaltyKinds
from rules.performance.clock_table import CLOCKS as OF_AGREEMENTS
from rules.periods import Period
from rules.policy import (
    PERIOD_UNITS,
    AssessmentRules,
    ClockRule,
    Condition,
    DrawSource,
    Ladder,
    ListGround,
    Material,
    Number,
    OfficeRule,
    Policy,
    PriorityCondition,
    Reading,
    TermField,
    Violation,
)
from rules.procedure import ClockRow
from rules.ranking import TIE_STEPS
from rules.vocabulary import ApplicantType, ClockKind, InstitutionList

FOLDER = Path(__file__).resolve().parent
PROCEDURE = "special_drug"
TYPES = [one.value for one in ApplicantType]
UNITS = {
    *PERIOD_UNITS,
    "persons",
    "points",
    "copies",
    "square_metres",
    "yuan",
    "channels",
    "time_of_day",
    "month_of_year",
    "bits",
    "times",
    "items",
    "percent",
    "hours",
}
CLOCKS = {**OF_DOSSIERS, **OF_AGREEMENTS}
BOUNDS = {"at_least", "at_most", "none"}
TERM_UNITS = {"percent", "days", "yuan", "text"}
INDICATORS = {"six", "county"}
METHOD = "settlement_method"  # the term that says how is settled
FOLLOWS = {"dissolution", "order", "cancellation"}
SECTIONS = {  # and what they are called on screens
    "procedure": "程序",
    "version": "版本",
    "title": "名称",
    "source": "出处",
    "numbers": "期限和数字",
    "readings": "读法",
    "grades": "医院等级",
    "penalty_authorities": "处罚机关",
    "penalty_kinds": "处罚种类",
    "conditions": "申请条件",
    "priority_conditions": "优先纳入",
    "materials": "申请材料",
    "formalities": "形式要件",
    "topics": "谈判内容",
    "ladders": "提醒时点",
    "clocks": "期限",
    "tie_rules": "同分规则",
    "draw_sources": "随机源",
    "violations": "违规情形",
    "assessment": "年度考核",
    "list_grounds": "列入名单的情形",
    "agreement_terms": "协议条款",
    "roles": "岗位权限",
}
# sections that texts pinned before do not have
LATER = {"violations": list, "assessment": dict, "list_grounds": list, "agreement_terms": list}
OF_ASSESSMENT = {"concluded_by": "month_day", "survey_answers": "persons", "settled_after": "months"}
CONDITION_KEYS = {"rule", "code", "clause", "types", "test", "facts", "text"}
NEEDS = {
    "at_least": "number",
    "no_recent_penalty": "number",
    "at_least_announced": "value",
    "grade_at_least": "value",
    "one_of_or_judged": "value",
}
# What the program counts in one unit only; every other period may change its unit with its value.
COUNTED_IN = {
    "draw_after_plan": "days",
    "draw_challenge": "days",
    "past_evaluation": "years",
    "firm_after_notice": "working_days",
    "migration_assess_by": "month_of_year",
}


def load_policy(procedure: str = PROCEDURE, on: date = date.max, folder: Path | None = None) -> Policy:
    """The newest file of a procedure, as it stood on a day (default: its newest values).

    Raises PolicyError(file, line, what) for anything that the file does not say clearly.
    """
    return parse_policy(newest_text(procedure, folder), on, str((folder or FOLDER) / f"{procedure}.yaml"))


def newest_text(procedure: str = PROCEDURE, folder: Path | None = None) -> str:
    """The whole text of a procedure file: what is pinned to a round. Raises PolicyError."""
    file = (folder or FOLDER) / f"{procedure}.yaml"
    try:
        return text_of(content_of(file))
    except FileTextError as error:
        raise PolicyError(str(file), error.line, f"{error}") from error


def hash_of_text(text: str) -> str:
    """The SHA-256 of a procedure file's text (UTF-8), in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache
def hash_of_content(text: str) -> str:
    """What rounds of before the texts were kept stored: the SHA-256 of a text's content as canonical JSON, in hex."""
    return sha256(parse(text, PROCEDURE).data)


@lru_cache
def parse_policy(text: str, on: date, file: str) -> Policy:
    """The procedure that a text says, as it stood on a day; `file` is the name that errors give. Raises PolicyError."""
    document = document_of(text, on, file)
    by_name = _each(document, ("numbers",), lambda path: _number(document, path, on))
    numbers = {name: number for name, number in by_name.items() if number}
    readings = _each(document, ("readings",), lambda path: _reading(document, path))
    ladders = _each(document, ("ladders",), lambda path: _ladder(document, path))
    clocks = _each(document, ("clocks",), lambda path: _clock(document, path, by_name, readings, ladders))
    return Policy(
        procedure=document.expect(("procedure",), str),
        version=document.expect(("version",), str),
        title=document.expect(("title",), str),
        sha256=hash_of_text(text),
        numbers=numbers,
        readings=readings,
        conditions=tuple(_condition(document, path, numbers) for path in _items(document, ("conditions",))),
        priority=tuple(_priority(document, path) for path in _items(document, ("priority_conditions",))),
        materials=_each(document, ("materials",), lambda path: _materials(document, path)),
        formalities=_materials(document, ("formalities",)),
        clocks={kind: rule for kind, rule in clocks.items() if rule},
        topics=document.texts(("topics",)),
        grades=document.texts(("grades",)),
        penalty_authorities=document.texts(("penalty_authorities",)),
        penalty_kinds=_penalty_kinds(document, ("penalty_kinds",)),
        tie_rules=_each(document, ("tie_rules",), lambda path: _tie_rule(document, path)),
        roles=_each(document, ("roles",), document.texts),
        draw_sources=tuple(_draw_source(document, path) for path in _items(document, ("draw_sources",))),
        violations=tuple(_violation(document, path) for path in _items(document, ("violations",))),
        assessment=_assessment(document, ("assessment",)),
        list_grounds=tuple(_list_ground(document, path) for path in _items(document, ("list_grounds",))),
        terms=_terms(document, numbers),
    )


def document_of(text: str, on: date, file: str) -> Document:
    """The sections of a text as they read on a day, as plain data. Raises PolicyError."""
    document = dated.as_of(parse(text, file), on)
    for name, empty in LATER.items():
        document.data.setdefault(name, empty())
    document.expect_keys((), set(SECTIONS))
    return document


def _each(document: Document, path: KeyPath, build: Callable[[KeyPath], Any]) -> dict[str, Any]:
    return {str(key): build((*path, key)) for key in document.expect(path, dict)}


def _items(document: Document, path: KeyPath) -> list[KeyPath]:
    return [(*path, index) for index in range(len(document.expect(path, list)))]


def _text(document: Document, path: KeyPath, key: str) -> str:
    return document.expect((*path, key), str)


def _optional_text(document: Document, path: KeyPath, key: str) -> str | None:
    return _text(document, path, key) if key in document.at(path) else None


def _one_of(document: Document, path: KeyPath, allowed: set[str]) -> str:
    value = document.expect(path, str)
    if value not in allowed:
        raise document.error(path, f"{dotted(path)} 的值“{value}”不认识；可用：{'、'.join(sorted(allowed))}")
    return value


def _number(document: Document, path: KeyPath, on: date) -> Number | None:
    """The value in force on a day; None for a rule that was introduced later (`introduced: true`)."""
    document.expect_keys(path, {"unit", "clause", "rule", "values"}, {"introduced"})
    values = _values(document, path)
    days = [one.effective_on for one in values]
    if not values or days != sorted(set(days)):
        raise document.error((*path, "values"), f"{dotted(path)} 的各次取值须按生效日先后排列，且至少一次")
    in_force = [one for one in values if one.effective_on <= on]
    if in_force:
        return in_force[-1]
    if "introduced" in document.at(path) and document.expect((*path, "introduced"), bool):
        return None
    raise document.error((*path, "values"), f"{dotted(path)} 在 {on} 尚无有效取值：请补上此前的取值和生效日")


def _values(document: Document, path: KeyPath) -> list[Number]:
    """Every value of a number. Each may say its own unit and clause; one that does not has those of the one before."""
    unit, clause = _unit(document, path, str(path[-1])), _text(document, path, "clause")
    found: list[Number] = []
    for item in _items(document, (*path, "values")):
        document.expect_keys(item, {"effective_on", "value"}, {"unit", "clause"})
        entry = document.at(item)
        unit = _unit(document, item, str(path[-1])) if "unit" in entry else unit
        clause = _text(document, item, "clause") if "clause" in entry else clause
        value, day = _value(document, (*item, "value"), unit), document.expect((*item, "effective_on"), date)
        found.append(Number(str(path[-1]), value, unit, clause, day))
    return found


def _unit(document: Document, path: KeyPath, name: str) -> str:
    unit = _one_of(document, (*path, "unit"), UNITS)
    if unit != COUNTED_IN.get(name, unit):
        raise document.error((*path, "unit"), f"{dotted((*path, 'unit'))} 只能是 {COUNTED_IN[name]}：程序按此单位计算")
    return unit


def _value(document: Document, path: KeyPath, unit: str) -> Decimal | time:
    if unit == "time_of_day":
        found = clock_of(document.expect(path, str))
        if found is None:
            raise document.error(path, f"{dotted(path)} 应为 HH:MM 形式的时刻")
        return found
    return Decimal(document.expect(path, int))


def _reading(document: Document, path: KeyPath) -> Reading:
    document.expect_keys(path, {"choice", "choices", "clause", "question", "why"}, {"recommended"})
    choices = document.texts((*path, "choices"))
    choice, name = _one_of(document, (*path, "choice"), set(choices)), str(path[-1])
    clause, why = _text(document, path, "clause"), _text(document, path, "why")
    is_open = "recommended" in document.at(path)
    recommended = _one_of(document, (*path, "recommended"), set(choices)) if is_open else ""
    return Reading(name, choice, choices, clause, why, recommended)


def _ladder(document: Document, path: KeyPath) -> Ladder:
    document.expect_keys(path, {"before", "after"})
    before, after = (
        tuple(document.expect(item, int) for item in _items(document, (*path, side))) for side in ("before", "after")
    )
    return Ladder(str(path[-1]), before, after)


def _clock(
    document: Document,
    path: KeyPath,
    numbers: dict[str, Number | None],
    readings: dict[str, Reading],
    ladders: dict[str, Ladder],
) -> ClockRule | None:
    """A time limit; None where the rule it carries out is not law yet."""
    document.expect_keys(path, {"label", "holder"}, {"number", "clause", "roll", "roll_reading", "ladder"})
    entry, row = document.at(path), _clock_row(document, path)
    length = _length(document, path, numbers)
    roll = True
    if "roll_reading" in entry:
        roll = readings[_one_of(document, (*path, "roll_reading"), set(readings))].choice == "roll"
    elif "roll" in entry:
        roll = document.expect((*path, "roll"), bool)
    ladder = ladders[_one_of(document, (*path, "ladder"), set(ladders))] if "ladder" in entry else None
    label = _text(document, path, "label")
    return length and ClockRule(row.kind, label, row.holder, length[0], roll, length[1], ladder)


def _clock_row(document: Document, path: KeyPath) -> ClockRow:
    """What the program does with a clock. Refuses one that it does not know, knows as somebody else's, or could not
    remind of: it would do something else, or break a sweep, on the day."""
    row = CLOCKS.get(str(path[-1]))
    if row is None:
        known = "、".join(sorted(CLOCKS))
        raise document.error(path, f"{dotted(path)} 是程序不认识的期限，届满后无从办理；可用：{known}")
    holder = ClockKind(_one_of(document, (*path, "holder"), {one.value for one in ClockKind}))
    if holder is not row.holder:
        raise document.error((*path, "holder"), f"{dotted((*path, 'holder'))} 只能是 {row.holder}：程序按此办理其届满")
    if "ladder" in document.at(path) and not row.reminder:
        raise document.error((*path, "ladder"), f"{dotted(path)} 没有可发的提醒，不能设提醒时点：请删去 ladder")
    return row


def _length(document: Document, path: KeyPath, numbers: dict[str, Number | None]) -> tuple[Period | None, str] | None:
    """How long a clock runs and by which clause; without a number it ends on an announced day."""
    if "number" not in document.at(path):
        return None, _text(document, path, "clause")
    number = numbers[_one_of(document, (*path, "number"), set(numbers))]
    if number is None:
        return None
    if number.unit not in PERIOD_UNITS or isinstance(number.value, time):
        raise document.error((*path, "number"), f"{dotted(path)} 引用的 {number.name} 不是期间，单位为 {number.unit}")
    return Period(int(number.value), PERIOD_UNITS[number.unit]), number.clause


def _condition(document: Document, path: KeyPath, numbers: dict[str, Number]) -> Condition:
    document.expect_keys(path, CONDITION_KEYS, {"number", "value", "only_if", "announced"})
    _expect_what_the_test_needs(document, path)
    entry = document.at(path)
    value = entry.get("value")
    return Condition(
        code=_text(document, path, "code"),
        rule=_text(document, path, "rule"),
        clause=_text(document, path, "clause"),
        types=tuple(_one_of(document, item, set(TYPES)) for item in _items(document, (*path, "types"))),
        test=_one_of(document, (*path, "test"), set(TESTS)),
        facts=document.texts((*path, "facts")),
        number=_number_of(document, path, numbers) if "number" in entry else None,
        value=document.texts((*path, "value")) if isinstance(value, list) else _optional_text(document, path, "value"),
        only_if=_optional_text(document, path, "only_if"),
        text=_text(document, path, "text"),
        announced=_optional_text(document, path, "announced") or "",
    )


def _number_of(document: Document, path: KeyPath, numbers: dict[str, Number]) -> str:
    """The number that a condition compares with; a look back over penalties needs a length of time."""
    name = _one_of(document, (*path, "number"), set(numbers))
    if document.at(path)["test"] == "no_recent_penalty" and numbers[name].unit not in PERIOD_UNITS:
        raise document.error((*path, "number"), f"{dotted(path)} 引用的 {name} 不是期间，单位为 {numbers[name].unit}")
    return name


def _priority(document: Document, path: KeyPath) -> PriorityCondition:
    document.expect_keys(path, {"rule", "fact", "clause", "types", "text"})
    return PriorityCondition(
        fact=_one_of(document, (*path, "fact"), set(FACTS)),
        rule=_text(document, path, "rule"),
        clause=_text(document, path, "clause"),
        types=tuple(_one_of(document, item, set(TYPES)) for item in _items(document, (*path, "types"))),
        text=_text(document, path, "text"),
    )


def _penalty_kinds(document: Document, path: KeyPath) -> PenaltyKinds:
    """Words of measures by whether they are administrative penalties. Refuses a word that stands on both sides."""
    document.expect_keys(path, {"counts", "does_not_count"})
    for side in ("counts", "does_not_count"):
        document.expect_keys((*path, side), {"clause", "kinds"})
    counting, other = (document.texts((*path, side, "kinds")) for side in ("counts", "does_not_count"))
    if both := sorted(set(counting) & set(other)):
        raise document.error(path, f"{dotted(path)} 的“{both[0]}”不能既是行政处罚又不是")
    clauses = [_text(document, (*path, side), "clause") for side in ("counts", "does_not_count")]
    return PenaltyKinds(counting, clauses[0], other, clauses[1])


def _expect_what_the_test_needs(document: Document, path: KeyPath) -> None:
    """A comparison without anything to compare with would fail only when a dossier is reviewed."""
    entry = document.at(path)
    needed = NEEDS.get(document.expect((*path, "test"), str))
    if needed and needed not in entry:
        raise document.error(path, f"{dotted(path)} 的判断方式 {entry['test']} 需要 {needed}")
    if entry["test"] == "grade_at_least":
        _one_of(document, (*path, "value"), set(document.texts(("grades",))))


def _materials(document: Document, path: KeyPath) -> tuple[Material, ...]:
    return tuple(_material(document, item) for item in _items(document, path))


def _material(document: Document, path: KeyPath) -> Material:
    document.expect_keys(path, {"code", "name", "clause"}, {"needed_if"})
    needed_if = document.texts((*path, "needed_if")) if "needed_if" in document.at(path) else ()
    return Material(
        _text(document, path, "code"), _text(document, path, "name"), _text(document, path, "clause"), needed_if
    )


def _tie_rule(document: Document, path: KeyPath) -> tuple[str, ...]:
    return tuple(_one_of(document, item, set(TIE_STEPS)) for item in _items(document, path))


def _draw_source(document: Document, path: KeyPath) -> DrawSource:
    """A kind of public result. Refuses one that cannot be drawn: more numbers than there are, or none."""
    document.expect_keys(path, {"code", "label", "pick", "of", "from"})
    pick, of, first = (document.expect((*path, key), int) for key in ("pick", "of", "from"))
    if not 1 <= pick <= of or first < 0:
        raise document.error(path, f"{dotted(path)} 的号码范围不成立：须从 of 个号码中取 1 至 of 个，from 不小于 0")
    return DrawSource(_text(document, path, "code"), _text(document, path, "label"), pick, of, first)


def _violation(document: Document, path: KeyPath) -> Violation:
    document.expect_keys(path, {"code", "types", "clause", "follows", "text"}, {"by_system"})
    by_system = "by_system" in document.at(path) and document.expect((*path, "by_system"), bool)
    return Violation(
        code=_text(document, path, "code"),
        types=tuple(_one_of(document, item, set(TYPES)) for item in _items(document, (*path, "types"))),
        clause=_text(document, path, "clause"),
        follows=_one_of(document, (*path, "follows"), FOLLOWS),
        text=_text(document, path, "text"),
        by_system=by_system,
    )


def _assessment(document: Document, path: KeyPath) -> AssessmentRules | None:
    """What the office sets of the yearly assessment; None in texts of before it was there."""
    if not document.expect(path, dict):
        return None
    document.expect_keys(path, set(OF_ASSESSMENT))
    return AssessmentRules(
        **{name: _office_rule(document, (*path, name), unit) for name, unit in OF_ASSESSMENT.items()}
    )


def _office_rule(document: Document, path: KeyPath, unit: str) -> OfficeRule:
    """One value in the only unit that the program counts it in. A county that does not want it leaves `value` empty."""
    document.expect_keys(path, {"unit", "value", "clause", "rule"})
    _one_of(document, (*path, "unit"), {unit})
    clause, where = _text(document, path, "clause"), (*path, "value")
    if document.at(where) is None:
        return OfficeRule(None, unit, clause)
    if unit == "month_day":
        return OfficeRule(_month_day(document, where), unit, clause)
    value = document.expect(where, int)
    if value < 0:
        raise document.error(where, f"{dotted(where)} 不能小于 0；不用此规则的留空")
    return OfficeRule(value, unit, clause)


def _month_day(document: Document, path: KeyPath) -> tuple[int, int]:
    """A day that every year has."""
    try:
        day = date.fromisoformat(f"2023-{document.expect(path, str)}")
    except ValueError:
        raise document.error(path, f"{dotted(path)} 应为每年都有的月和日，如 03-31") from None
    return day.month, day.day


def _list_ground(document: Document, path: KeyPath) -> ListGround:
    document.expect_keys(path, {"code", "list", "clause", "text"})
    return ListGround(
        code=_text(document, path, "code"),
        on_list=_one_of(document, (*path, "list"), {one.value for one in InstitutionList}),
        clause=_text(document, path, "clause"),
        text=_text(document, path, "text"),
    )


def _terms(document: Document, numbers: dict[str, Number]) -> tuple[TermField, ...]:
    """What agreements fix. Refuses a way of settlement that is none, and more indicators than the rules allow (R83)."""
    section: KeyPath = ("agreement_terms",)
    paths = _items(document, section)
    found = [_term(document, path) for path in paths]
    methods = {method for one in found if one.code == METHOD for method in one.choices}
    for one, path in zip(found, paths, strict=True):
        if one.method and one.method not in methods:
            raise document.error(path, f"{dotted(path)} 的结算方式“{one.method}”不在 {METHOD} 的 choices 之中")
        same = [other for other in found if other is not one and other.code == one.code]
        if any(set(one.types) & set(other.types) and _overlap(one.levels, other.levels) for other in same):
            raise document.error(path, f"{dotted(path)} 的 {one.code} 对同一类机构重复，请合并或分别写明 levels")
    most = numbers.get("indicators_most")
    indicators = {one.code for one in found if one.indicator}
    if most and not isinstance(most.value, time) and len(indicators) > most.value:
        raise document.error(
            section, f"agreement_terms 的指标有 {len(indicators)} 项，最多 {most.value} 项（{most.clause}）"
        )
    return tuple(found)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _term(document: Document, path: KeyPath) -> TermField:
    optional = {"levels", "method", "choices", "indicator"}
    document.expect_keys(path, {"code", "label", "types", "bound", "unit", "clause"}, optional)
    entry = document.at(path)
    bound, unit = _one_of(document, (*path, "bound"), BOUNDS), _one_of(document, (*path, "unit"), TERM_UNITS)
    if unit == "text" and bound != "none":
        raise document.error(path, f"{dotted(path)} 是文字，不能与数值比较：bound 应为 none")
    return TermField(
        code=_text(document, path, "code"),
        label=_text(document, path, "label"),
        types=tuple(_one_of(document, item, set(TYPES)) for item in _items(document, (*path, "types"))),
        bound=bound,
        unit=unit,
        clause=_text(document, path, "clause"),
        levels=document.texts((*path, "levels")) if "levels" in entry else (),
        method=_optional_text(document, path, "method") or "",
        choices=document.texts((*path, "choices")) if "choices" in entry else (),
        indicator=_one_of(document, (*path, "indicator"), INDICATORS) if "indicator" in entry else "",
    )
