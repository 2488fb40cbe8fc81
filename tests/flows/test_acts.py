"""Every act of the catalogue has all its parts, and what it lacks is named; nothing is bound to an act that is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dingdian.running.deployments import PREFECT_FILE, flow_at, read
from flows.forms import FORMS
from foundation.settings import ROOT
from policies.loader import load_policy
from rules.acts import CATALOGUE, Act, Scope, Way
from tasks.acts import ACTS
from tasks.labels import LABELS

MANUAL = ROOT / "docs" / "manual"
REHEARSAL = ROOT / "dingdian" / "demo" / "prefect.yaml"
ABOUT_THE_DRAW = {"challenge_draw", "resolve_draw_challenge"}  # their number is the challenge's own
ON_THE_RECORD = [act for act in CATALOGUE.values() if act.way is not Way.OWN]


@dataclass(frozen=True)
class Parts:
    """What is bound to the acts, each by the act's name."""

    form: Mapping[str, Any]
    handler: Mapping[str, Any]
    role: Mapping[str, Any]
    deployment: Mapping[str, str]
    page: Mapping[str, str]
    line: Mapping[str, str]


WHERE = {
    "form": "flows.forms.FORMS",
    "handler": "tasks.acts.ACTS",
    "role": "roles in policies/special_drug.yaml",
    "deployment": "prefect.yaml",
    "page": "docs/manual (python docs/manual_pages.py)",
    "line": "docs/manual/list.md (python docs/manual_pages.py)",
}
REHEARSED = {entry["entrypoint"].rpartition(".")[2] for entry in read(REHEARSAL)}


def deployed(file: Path) -> dict[str, str]:
    return {entry["entrypoint"].rpartition(".")[2]: entry["name"] for entry in read(file)}


@cache
def parts() -> Parts:
    """As they stand; read once."""
    listed = (MANUAL / "list.md").read_text(encoding="utf-8")
    pages = {act.name: MANUAL / f"{act.number}.md" for act in CATALOGUE.values()}
    texts = {name: page.read_text(encoding="utf-8") for name, page in pages.items() if page.exists()}
    return Parts(
        FORMS,
        ACTS,
        {name: role for role, names in load_policy().roles.items() for name in names},
        deployed(PREFECT_FILE) | deployed(REHEARSAL),
        {name: text.split("\n\n")[1].removeprefix("# ") for name, text in texts.items()},
        {act.name: act.title for act in CATALOGUE.values() if f"| [{act.title}]({act.number}.md) |" in listed},
    )


def needed(act: Act) -> list[str]:
    """The parts that an act must have."""
    manual = [] if act.name in REHEARSED else ["page", "line"]
    record = [] if act.way is Way.OWN else ["handler", "role"]
    return [*(["form"] if act.way is Way.FORM else []), *record, "deployment", *manual]


def lacking(act: Act, of: Parts) -> list[str]:
    """What an act lacks, by the place where it belongs; a title counts only when it is the act's own."""
    found = {part: getattr(of, part).get(act.name) for part in needed(act)}
    titles = {part: found[part] for part in ("deployment", "page", "line") if part in found}
    wrong = [part for part, title in titles.items() if title != act.title]
    return [f"{act.title} ({act.name}): {WHERE[part]}" for part in found if found[part] is None or part in wrong]


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_act_has_all_its_parts(name: str) -> None:
    assert lacking(CATALOGUE[name], parts()) == []


@pytest.mark.parametrize(("name", "part"), [(act.name, part) for act in CATALOGUE.values() for part in needed(act)])
def test_a_part_that_is_left_out_is_named(name: str, part: str) -> None:
    whole = parts()
    without = replace(whole, **{part: {act: one for act, one in getattr(whole, part).items() if act != name}})
    act = CATALOGUE[name]
    assert lacking(act, without) == [f"{act.title} ({name}): {WHERE[part]}"]


def test_another_number_or_label_is_named() -> None:
    act = CATALOGUE["sign_agreement"]
    places = [f"99 签订协议 (sign_agreement): {WHERE[part]}" for part in ("deployment", "page", "line")]
    assert lacking(replace(act, number="99"), parts()) == places
    assert len(lacking(replace(act, label="签约"), parts())) == len(places)


def test_nothing_is_bound_to_an_act_that_the_catalogue_does_not_know() -> None:
    assert set(FORMS) == {act.name for act in ON_THE_RECORD if act.way is Way.FORM}
    assert set(ACTS) == {act.name for act in ON_THE_RECORD}
    assert set(parts().deployment) == set(CATALOGUE)
    assert {field.name for field in fields(Parts)} == set(WHERE)


def test_a_number_a_name_and_a_label_belong_to_one_act() -> None:
    acts = CATALOGUE.values()
    assert list(CATALOGUE) == [act.name for act in sorted(acts, key=lambda act: act.number)]
    assert len({act.number for act in acts}) == len({act.label for act in acts}) == len(CATALOGUE)


@pytest.mark.parametrize("entry", [*read(), *read(REHEARSAL)], ids=lambda entry: str(entry["name"]))
def test_a_flow_is_called_as_its_act(entry: Mapping[str, Any]) -> None:
    name = entry["entrypoint"].rpartition(".")[2]
    assert flow_at(entry["entrypoint"]).name == CATALOGUE[name].label == LABELS[name]


@pytest.mark.parametrize("name", FORMS)
def test_what_an_act_is_about_is_what_its_form_asks_for(name: str) -> None:
    asked = FORMS[name].model_fields
    is_about_a_case = any(one in asked and asked[one].is_required() for one in ("applicant_id", "ref"))
    scope = CATALOGUE[name].scope
    assert (scope is Scope.CASE) == (is_about_a_case and name not in ABOUT_THE_DRAW)
    assert (scope is Scope.OFFICE) == ("round" not in asked)
