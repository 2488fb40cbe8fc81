"""The file of plan steps: it fits the form, and a slip in it is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.forms.plan import PlanForm
from policies.planning import FILE, load_plan_rules
from rules.errors import PolicyError


def test_the_form_asks_for_every_assumption_with_its_default() -> None:
    defaults = {rule.step: rule.assumed for rule in load_plan_rules().steps if rule.assumed}
    assert PlanForm.model_validate({"announced_on": "2026-02-02"}).assumed == defaults


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("assumed: 10wd", "assumed: 十天", "读不懂期间"),
        ("assumed: 5wd, reason: 每日走访两三家", "clause2: x", "未知的键"),
        ("assumed: 5wd, reason: 每日走访两三家", "clock: tea", "的值“tea”不认识"),
        (", clock: result_notice}", "}", "其后每步写 assumed 或 clock 之一"),
        ("limit: signing, since", "since", "limit 与 since 须同时写"),
        ("since: [proposed_notice_over]", "since: [filing]", "的值“filing”不认识"),
        ("windows: [春节", "windows: [元宵节", "的值“元宵节”不认识"),
        ("days: 5", "days: 0", "应为正整数"),
    ],
)
def test_a_slip_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    file = tmp_path / "plan.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=said) as refused:
        load_plan_rules(file)
    assert str(file) in str(refused.value)
