"""What becomes of an honest mistake: every act has its row, says so in its form, and a slip in the file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.act_flow import titled
from flows.forms import FORMS
from policies.corrections import FILE, load_corrections
from rules.acts import CATALOGUE
from rules.errors import PolicyError
from rules.evaluation import EVALUATION
from tasks.labels import LABELS, ROLES

ROWS = load_corrections()
OPINION = "sign_preliminary_opinion"


def test_every_act_has_a_row_and_every_way_back_is_used() -> None:
    assert set(ROWS) == set(CATALOGUE)
    possible = {act: row.with_ for act, row in ROWS.items() if row.is_possible}
    own = {
        "record_posting": "take_back_posting",
        "publish_draw_plan": "withdraw_draw_plan",
        "draw_experts": "take_back_draw",
    }
    assert possible == dict.fromkeys(EVALUATION.retractable, "take_back_act") | own
    assert not any(ROWS[act].is_harmless for act in FORMS)


@pytest.mark.parametrize("act", FORMS)
def test_a_form_says_before_it_is_submitted_what_becomes_of_a_mistake(act: str) -> None:
    shown = titled(act).json_schema_extra
    assert isinstance(shown, dict)
    said = str(shown["description"])
    assert ("岗位提交。录错了可以撤回：" if ROWS[act].is_possible else "岗位提交。提交后不能撤回：") in said
    assert (ROWS[act].consequence or ROWS[act].why) in said


def test_what_the_form_of_an_opinion_says() -> None:
    assert ROWS[OPINION].said(LABELS, ROLES) == (
        "录错了可以撤回：“提出评估申请”以前，由复核、主任用“撤回办理”提出、另一人复核；"
        "回到初审中，初审期限按本来的起算日继续计算，须重新签署"
    )


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        (f"  {OPINION}: {{by: [reviewer, director]", f"  {OPINION}: {{by: []", "至少写一个岗位"),
        (f"  {OPINION}: {{by: [reviewer, director]", f"  {OPINION}: {{by: [judge]", "没有岗位“judge”"),
        ("until: [request_evaluation]", "until: [ask_for_evaluation]", "没有事项“ask_for_evaluation”"),
        ("  adopt_policy: {final:", "  adopt_rules: {final:", "没有写明 adopt_policy 能否撤回"),
        ("  adopt_policy: {final:", "  adopt_policy: {because:", "未知的键"),
        ("  adopt_policy: {final:", "  nonsense: {final: x}\n  adopt_policy: {final:", "没有事项“nonsense”"),
        (
            "  adopt_policy: {final: 规则的改变已经公布；再次采用当日文本即可}",
            "  adopt_policy: {by: [director], until: [], consequence: 恢复}",
            "没有撤回的办法",
        ),
    ],
)
def test_a_slip_in_the_file_is_named_with_its_line(tmp_path: Path, was: str, now: str, why: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert was in text
    slip = tmp_path / "corrections.yaml"
    slip.write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_corrections(slip)
    assert why in str(caught.value)
