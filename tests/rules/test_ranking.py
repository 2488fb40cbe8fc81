"""Scores to ranks: exact fractions, the pass mark, ties by each announced step, and what a draw decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.draw import draw
from rules.ranking import Ranking, Scored, mean_of, rank, shown
from rules.scoring import PassRule
from tests.rules.cases import POLICY, beijing, names, table

CASES = table("ranking.yaml")
DRAWN = "public draw"
PASS = PassRule(POLICY.number("pass_mark"))


def scored(scores: Mapping[str, Sequence[str]], priority: Sequence[str] = ()) -> list[Scored]:
    """In the order of registration, a minute apart."""
    first = beijing("2025-09-01 09:00")
    return [
        Scored(one, mean_of([Decimal(text) for text in totals]), one in priority, first + timedelta(minutes=place))
        for place, (one, totals) in enumerate(scores.items())
    ]


def ranked(dossiers: Sequence[Scored], tie: str = DRAWN, key: str = "9319./") -> Ranking:
    return rank(dossiers, PASS, POLICY.tie_rules[tie], key)


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    asked, expect = row["given"], row["expect"]
    dossiers = scored(asked["scores"], asked.get("priority", []))
    ranking = ranked(dossiers, asked.get("tie", "priority inclusion first, then public draw"))
    told = {one.applicant_id: shown(one.mean, PASS) for one in dossiers}
    assert [one.applicant_id for one in ranking.order] == expect["order"]
    assert [one.applicant_id for one in ranking.below] == expect["below"]
    assert told == expect.get("shown", told)


def test_a_tie_is_drawn_by_the_rfc_among_the_tied_in_the_order_of_their_numbers() -> None:
    ranking = ranked(scored({"C": ["80"], "A": ["80"], "B": ["80"], "X": ["90"], "Y": ["75"]}))
    order = tuple("ABC"[number - 1] for number in draw("9319./2./", 3, 3).picks)
    assert tuple(one.applicant_id for one in ranking.order) == ("X", *order, "Y")
    assert ranking.draws == {"9319./2./": order}


def test_two_ties_of_one_round_are_drawn_with_keys_of_their_own() -> None:
    ranking = ranked(scored({"A": ["90"], "B": ["90"], "C": ["80"], "D": ["80"]}))
    assert list(ranking.draws) == ["9319./1./", "9319./3./"]


def test_a_draw_does_not_depend_on_the_order_of_registration() -> None:
    texts = {one: ["80"] for one in "ABCDEF"}
    backwards = dict(reversed(texts.items()))
    assert [one.applicant_id for one in ranked(scored(texts)).order] == [
        one.applicant_id for one in ranked(scored(backwards)).order
    ]


def test_priority_is_asked_before_the_draw_and_only_the_rest_is_drawn() -> None:
    ranking = ranked(
        scored({"A": ["80"], "B": ["80"], "C": ["80"]}, ["C"]), "priority inclusion first, then public draw"
    )
    assert ranking.order[0].applicant_id == "C"
    assert [set(order) for order in ranking.draws.values()] == [{"A", "B"}]


def test_equal_scores_registered_at_one_moment_are_drawn_in_the_end() -> None:
    at = beijing("2025-09-01 09:00")
    ranking = ranked([Scored(one, Fraction(80), False, at) for one in "AB"], "registration order")
    assert [set(order) for order in ranking.draws.values()] == [{"A", "B"}]


@pytest.mark.parametrize(
    ("mean", "text"),
    [
        *(("80.005", "80.01"), ("80.0049999", "80.00"), ("69.994", "69.99"), ("0", "0.00"), ("100", "100.00")),
        *(("69.995", "69.995"), ("69.9967", "69.997"), ("69.99999951", "69.999"), ("70.00000001", "70.00")),
    ],
)
def test_a_score_is_shown_with_two_decimals_half_up_and_never_on_the_other_side_of_the_mark(
    mean: str, text: str
) -> None:
    assert shown(Fraction(mean), PASS) == text


@given(st.fractions(0, 100))
def test_what_is_shown_reaches_the_mark_exactly_when_what_is_compared_does(mean: Fraction) -> None:
    for rule in (PASS, PassRule(PASS.mark, is_inclusive=False)):
        assert rule.passes(Decimal(shown(mean, rule))) is rule.passes(mean)


def test_a_late_dossier_is_drawn_into_a_tie_without_changing_the_order_of_those_before() -> None:
    first = [one.applicant_id for one in ranked(scored({"A": ["80"], "B": ["80"], "C": ["80"]})).order]
    everybody = scored({"A": ["80"], "B": ["80"], "C": ["80"], "D": ["80"]})
    for key in (f"{number}./" for number in range(40)):
        ranking = rank(everybody, PASS, POLICY.tie_rules[DRAWN], key, first)
        order = [one.applicant_id for one in ranking.order]
        assert [one for one in order if one != "D"] == first
        drawn = draw(f"{key}1./", 4, 4).picks
        assert order.index("D") == drawn.index(4)


def test_a_tie_that_was_drawn_is_not_drawn_again_when_a_late_dossier_comes_before_it() -> None:
    first = ranked(scored({"A": ["80"], "B": ["80"]}))
    settled = [one.applicant_id for one in first.order]
    later = rank(scored({"A": ["80"], "B": ["80"], "L": ["90"]}), PASS, POLICY.tie_rules[DRAWN], "9319./", settled)
    assert [one.applicant_id for one in later.order] == ["L", *settled]
    assert later.draws == {}


def test_a_third_of_a_point_is_kept_exact() -> None:
    assert mean_of([Decimal("70"), Decimal("70"), Decimal("69.9")]) == Fraction(2099, 30)


scores = st.decimals(0, 100, places=2)


@given(st.lists(st.lists(scores, min_size=3, max_size=5), max_size=12), st.sets(st.integers(0, 11)))
def test_a_ranking_is_complete_sorted_and_never_mends_the_pass_mark(
    totals: list[list[Decimal]], priority: set[int]
) -> None:
    dossiers = [
        Scored(f"P{n:02}", mean_of(given), n in priority, beijing("2025-09-01 09:00")) for n, given in enumerate(totals)
    ]
    ranking = rank(dossiers, PASS, POLICY.tie_rules["priority inclusion first, then public draw"], "1./")
    assert sorted([*ranking.order, *ranking.below], key=lambda one: one.applicant_id) == dossiers
    assert all(PASS.passes(one.mean) for one in ranking.order)
    assert not any(PASS.passes(one.mean) for one in ranking.below)
    keys = [(-one.mean, not one.has_priority) for one in ranking.order]
    assert keys == sorted(keys)


def test_a_tie_step_that_is_unknown_is_no_step_that_is_passed_over() -> None:
    with pytest.raises(KeyError, match="sub_scores"):
        rank(scored({"A": ["80"], "B": ["80"]}), PASS, ["priority", "sub_scores"], "9319./")


def test_after_a_lot_nothing_is_left_to_tell_apart() -> None:
    """By lot first: who was registered first does not count any more."""
    for steps in (["draw"], ["draw", "registration"]):
        ranking = rank(scored({"C": ["80"], "A": ["80"], "B": ["80"]}), PASS, steps, "9319./")
        assert list(ranking.draws) == ["9319./1./"]
