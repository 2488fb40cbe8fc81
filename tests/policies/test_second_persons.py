"""Which acts want a second person: who may be it, until when, how late one alone may enter; slips in the file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.forms import FORMS
from policies.loader import load_policy
from policies.second_persons import FILE, load_second_persons
from rules.errors import PolicyError
from rules.second_persons import is_backdated

TODAY = date(2026, 3, 10)
RULES = load_second_persons(TODAY)


@pytest.mark.parametrize("name", RULES)
def test_whoever_may_do_an_act_finds_a_second_person_with_another_role(name: str) -> None:
    rule, roles = RULES[name], load_policy().roles
    doers = list(rule.by) or [role for role, acts in roles.items() if name in acts]
    assert doers
    for role in doers:
        assert any(rule.may_confirm([role], [other]) for other in roles), role
        assert not rule.may_confirm([role], [role])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["discipline"], ["director"], True),
        (["discipline"], ["reviewer"], True),
        (["discipline"], ["operator"], False),
        (["discipline"], ["discipline"], False),
        (["director", "reviewer"], ["director"], False),
        (["director"], ["director", "reviewer"], True),
        (["all"], ["director"], True),
        (["all"], ["operator"], False),
        (["director"], ["all"], True),
        (["director"], [], False),
    ],
)
def test_who_may_confirm_a_draw(first: list[str], second: list[str], expected: bool) -> None:
    assert RULES["draw_experts"].may_confirm(first, second) is expected


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.day])
def test_an_entry_is_backdated_from_the_day_after_the_limit(name: str) -> None:
    rule = RULES[name]
    field, _, inner = rule.day.partition(".")
    assert field in FORMS[name].model_fields or field == "received_at"
    for days, expected in ((rule.older_than_days, False), (rule.older_than_days + 1, True), (0, False)):
        day = TODAY - timedelta(days=days)
        assert is_backdated(rule, {field: [{inner: TODAY}, {inner: day}] if inner else day}, TODAY) is expected


def test_the_last_day_counts_from_the_day_after_the_proposal() -> None:
    rule = RULES["draw_experts"]
    assert rule.last_day(TODAY) == TODAY + timedelta(days=rule.within_days)


DRAW = "draw_experts: {when: always, roles: [director, reviewer], within: {unit: days, value: 3}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (DRAW, DRAW.replace("draw_experts", "draw_lots"), "没有事项“draw_lots”"),
        (DRAW, DRAW.replace("always", "sometimes"), "when 的值“sometimes”不认识"),
        (DRAW, DRAW.replace("director", "mayor"), "没有岗位“mayor”"),
        (DRAW, DRAW.replace("[director, reviewer]", "[]"), "至少写一个岗位"),
        (DRAW, DRAW.replace("unit: days", "unit: weeks"), "的单位应为 days"),
        (DRAW, DRAW.replace("value: 3", "value: 0"), "应为正整数"),
        (DRAW, DRAW.replace("always", "backdated"), "day 和 older_than 只在 when 为 backdated 时写"),
        (DRAW, DRAW + ", day: drawn_on", "day 和 older_than 只在 when 为 backdated 时写"),
        (DRAW, DRAW + ", who: anybody", "未知的键"),
    ],
)
def test_a_slip_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file = tmp_path / "second.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError, match=said) as refused:
        load_second_persons(TODAY, file)
    assert str(file) in str(refused.value)


def test_an_entry_holds_from_its_day_on(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    file = tmp_path / "second.yaml"
    line = next(one for one in text.splitlines() if one.strip().startswith("draw_experts"))
    file.write_text(text.replace(line, line.replace("2018-01-01", "2026-03-10")), encoding="utf-8")
    assert "draw_experts" not in load_second_persons(TODAY - timedelta(days=1), file)
    assert "draw_experts" in load_second_persons(TODAY, file)
