"""The policy file held to the regulation, row by row: rule, clause, unit, day, value, test, fact and adopted reading.

The table beside this test is a copy by hand. A new number, reading, condition, material or clock is missing here until
somebody has looked its clause up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from policies import yamlfile
from policies.loader import FOLDER, load_policy

Entry = Mapping[str, Any]
FILE: dict[str, Any] = yamlfile.read(FOLDER / "special_drug.yaml").data
LAW: dict[str, Any] = yamlfile.read(Path(__file__).with_name("regulation.yaml")).data
OF_A_CLOCK = ("label", "holder", "clause", "number")
DATED = ("effective_on", "value")


def number(one: Entry) -> list[Any]:
    return [one["rule"], one["clause"], one["unit"], *(value[key] for value in one["values"] for key in DATED)]


def reading(one: Entry) -> list[Any]:
    recommended = [one["recommended"]] if "recommended" in one else []
    return [*(one[key] for key in ("question", "clause", "choice", "choices")), *recommended]


def condition(one: Entry) -> list[Any]:
    return [one.get(key) for key in ("rule", "code", "clause", "types", "test", "facts", "number", "value", "only_if")]


def priority(one: Entry) -> list[Any]:
    return [one[key] for key in ("rule", "fact", "clause", "types")]


def material(one: Entry) -> list[Any]:
    return [one["code"], one["name"], one["clause"], one.get("needed_if", [])]


def violation(one: Entry) -> list[Any]:
    by_system = ["by_system"] if one.get("by_system") else []
    return [*(one[key] for key in ("code", "types", "clause", "follows")), *by_system]


def term(one: Entry) -> list[Any]:
    rest = {key: one[key] for key in ("levels", "method", "choices", "indicator") if key in one}
    return [*(one[key] for key in ("code", "types", "bound", "unit", "clause")), *([rest] if rest else [])]


def clock(one: Entry) -> list[Any]:
    rest = {key: value for key, value in one.items() if key not in OF_A_CLOCK}
    return [one["holder"], one.get("clause"), one.get("number"), rest]


ROWS: Mapping[str, Callable[[Entry], list[Any]]] = {"numbers": number, "readings": reading, "clocks": clock}
NAMED = [(section, name) for section in ROWS for name in sorted({*FILE[section], *LAW[section]})]


@pytest.mark.parametrize(("section", "name"), NAMED, ids=[f"{section}.{name}" for section, name in NAMED])
def test_each_number_reading_and_clock_is_the_regulations(section: str, name: str) -> None:
    assert name in FILE[section], f"{section}.{name} stands in the regulation and not in the policy file"
    assert name in LAW[section], f"{section}.{name} is in no row of regulation.yaml: look its clause up and add it"
    assert ROWS[section](FILE[section][name]) == LAW[section][name]


def test_the_conditions_are_those_of_the_regulation_in_the_order_of_its_clauses() -> None:
    assert [condition(one) for one in FILE["conditions"]] == LAW["conditions"]


def test_what_is_included_first_is_what_the_regulation_says() -> None:
    assert [priority(one) for one in FILE["priority_conditions"]] == LAW["priority_conditions"]


@pytest.mark.parametrize("kind", ["hospital", "pharmacy"])
def test_the_materials_are_those_of_the_regulation(kind: str) -> None:
    assert [material(one) for one in FILE["materials"][kind]] == LAW["materials"][kind]


def test_what_makes_a_dossier_formally_good_is_what_the_regulation_asks() -> None:
    assert [material(one) for one in FILE["formalities"]] == LAW["materials"]["formalities"]


def test_what_can_be_found_is_what_the_regulation_lists() -> None:
    assert [violation(one) for one in FILE["violations"]] == LAW["violations"]


def test_what_the_office_sets_of_the_assessment_is_marked_as_its_own() -> None:
    told = {name: [one[key] for key in ("rule", "clause", "unit", "value")] for name, one in FILE["assessment"].items()}
    assert told == LAW["assessment"]
    assert all("办公规则" in clause for _, clause, *_ in told.values())


def test_what_an_agreement_fixes_is_what_the_regulation_lists() -> None:
    assert [term(one) for one in FILE["agreement_terms"]] == LAW["agreement_terms"]


@pytest.mark.parametrize(
    "section", ["grades", "penalty_authorities", "penalty_kinds", "topics", "ladders", "tie_rules", "list_grounds"]
)
def test_the_lists_are_those_of_the_regulation(section: str) -> None:
    assert FILE[section] == LAW[section]


@pytest.mark.parametrize("name", sorted(LAW["numbers"]))
def test_what_is_loaded_carries_the_clause_to_whoever_is_told(name: str) -> None:
    assert load_policy().clause(name) == LAW["numbers"][name][1]
