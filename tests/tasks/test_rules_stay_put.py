"""The policy file is edited while a round runs: nothing of the round changes, the difference is shown, and an act of
the director takes it over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlmodel import col

from dingdian.scenario import check
from models import AuditRecord, Deadline, PolicyPin, Round
from models.database import transaction
from models.pinned import policy_of
from policies import loader
from policies.loader import FOLDER, PROCEDURE, SECTIONS, newest_text, parse_policy
from publication.documents.making import facts_of
from publication.site import build_site
from rules.case import Event
from rules.vocabulary import DocumentKind
from tasks.perform import perform
from tasks.sweep import sweep
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES, Rehearsal, scenario_until
from upkeep.proof import prove
from views.outcome import outcome_of
from views.rules import rules_of

Data = dict[str, Any]
Edit = Callable[[Data], None]
FILE = FOLDER / f"{PROCEDURE}.yaml"
ON = date(2025, 8, 18)
WHY = "省医保局通知"


def numbers(data: Data) -> None:
    for name, value in (("signing", 5), ("pass_mark", 99), ("preliminary_review", 1), ("dossier_copies", 9)):
        data["numbers"][name]["values"][0]["value"] = value
    data["numbers"]["public_notice"]["values"].append({"effective_on": ON, "value": 15, "unit": "working_days"})


def readings(data: Data) -> None:
    for name, choice in (("notice_last_day", "no_roll"), ("signing_start", "notice_over_for_dossier")):
        data["readings"][name]["choice"] = choice


def grades(data: Data) -> None:
    data["grades"].reverse()


def penalty_kinds(data: Data) -> None:
    data["penalty_kinds"]["counts"]["kinds"].append("口头提醒")


def conditions(data: Data) -> None:
    data["conditions"].append(data["conditions"][0] | {"code": "NO_COLD_CHAIN", "test": "is_false", "text": "另一条件"})


def priority_conditions(data: Data) -> None:
    data["priority_conditions"].pop()


def materials(data: Data) -> None:
    for of_type in data["materials"].values():
        of_type[0]["name"] = "另一申请表"
        of_type.append({"code": "X99", "name": "另一材料", "clause": "四"})


def formalities(data: Data) -> None:
    data["formalities"].append({"code": "X98", "name": "另一要件", "clause": "四 末"})


def topics(data: Data) -> None:
    data["topics"] = ["另一内容"]


def ladders(data: Data) -> None:
    data["ladders"]["applicant"]["before"] = [1]


def clocks(data: Data) -> None:
    data["clocks"]["signing"] |= {"label": "另一期限", "number": "correction", "ladder": "short"}


def tie_rules(data: Data) -> None:
    for name in data["tie_rules"]:
        data["tie_rules"][name] = ["registration"]


def draw_sources(data: Data) -> None:
    data["draw_sources"] = [{"code": "x", "label": "另一结果", "pick": 1, "of": 9, "from": 1}]


def violations(data: Data) -> None:
    data["violations"] = [one | {"text": "另一种违规"} for one in data["violations"]]


def assessment(data: Data) -> None:
    data["assessment"]["concluded_by"]["value"] = "06-30"


def agreement_terms(data: Data) -> None:
    data["agreement_terms"] = [one | {"label": "另一条款"} for one in data["agreement_terms"]]


def roles(data: Data) -> None:
    data["roles"] = {"director": ["adopt_policy"]}


def reworded(section: str) -> Edit:
    def edit(data: Data) -> None:
        data[section] = f"{data[section]}2"

    return edit


EDITS: Mapping[str, Edit] = {
    **{section: reworded(section) for section in ("procedure", "version", "title", "source")},
    "numbers": numbers,
    "readings": readings,
    "grades": grades,
    "penalty_authorities": lambda data: data["penalty_authorities"].append("公安"),
    "penalty_kinds": penalty_kinds,
    "conditions": conditions,
    "priority_conditions": priority_conditions,
    "materials": materials,
    "formalities": formalities,
    "topics": topics,
    "ladders": ladders,
    "clocks": clocks,
    "tie_rules": tie_rules,
    "draw_sources": draw_sources,
    "violations": violations,
    "assessment": assessment,
    "list_grounds": lambda data: data["list_grounds"].pop(),
    "agreement_terms": agreement_terms,
    "roles": roles,
}


@pytest.fixture
def database_kind() -> str:
    """Which text a round runs on is tested on both kinds beside its tables; whole rounds on the quicker one."""
    return "sqlite"


def content() -> Data:
    """The file as it stands."""
    data: Data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return data


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Edits sections of the policy file, as an office would; gives the new text."""

    def edit(*sections: str) -> str:
        data = content()
        for section in sections:
            EDITS[section](data)
        written = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        (tmp_path / FILE.name).write_text(written, encoding="utf-8")
        monkeypatch.setattr(loader, "FOLDER", tmp_path)
        return newest_text()

    return edit


def play_on(rehearsal: Rehearsal, stage: str, until: str = "published") -> None:
    """Everything that comes after a stage, to another one (default: the end of the round)."""
    since = datetime.fromisoformat(STAGES[stage])
    scenario = check(scenario_until(until))
    for one in scenario.happenings:
        if since < one.at <= scenario.until and one.form:
            perform(rehearsal.url, Event(one.do, one.at, one.by, one.form.fields()))
    sweep(rehearsal.url, scenario.until)


def everything(rehearsal: Rehearsal, folder: Path) -> dict[str, Any]:
    """All that became of a round: every row (so every letter that is owed), its outcome, every public page, papers."""
    build_site(rehearsal.url, folder, datetime.fromisoformat(STAGES["published"]))
    with transaction(rehearsal.url) as session:
        papers = [facts_of(session, DocumentKind.ANNOUNCEMENT, 1), facts_of(session, DocumentKind.NOTICE, 1)]
        outcome = outcome_of(session, session.get_one(Round, 1))
    pages = {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file() and one.name[0] != "."}
    return {"rows": dump(rehearsal.url), "pages": pages, "papers": papers, "outcome": outcome}


@pytest.fixture(scope="module")
def untouched() -> dict[str, dict[str, Any]]:
    """What becomes of the round from each stage while nobody edits the file; filled as it is asked for."""
    return {}


def test_every_section_of_the_file_is_edited_here() -> None:
    assert set(EDITS) == set(SECTIONS) == set(content())


@pytest.mark.parametrize("section", SECTIONS)
def test_an_edit_is_shown_by_its_section(at_stage: Stage, edited: Callable[..., str], section: str) -> None:
    rehearsal = at_stage("announced")
    edited(section)
    assert shown(rehearsal) == {SECTIONS[section]}


def shown(rehearsal: Rehearsal) -> set[str]:
    """The sections in which the file differs from what the round runs on, as the desk sees them."""
    with transaction(rehearsal.url) as session:
        [view] = rules_of(session)
    return {one.section for one in view.difference}


@pytest.mark.parametrize(
    ("sections", "stage"),
    [
        # Apart as well, so that none is covered by its neighbours: every third section.
        *((tuple(SECTIONS)[third::3], "announced") for third in range(3)),
        *((tuple(SECTIONS), stage) for stage in ("announced", "drawn", "result_notice", "signing")),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0] if len(value) < len(SECTIONS) else "all",
)
def test_an_edit_changes_nothing_of_a_round_that_runs_and_is_shown(
    at_stage: Stage,
    tmp_path: Path,
    edited: Callable[..., str],
    untouched: dict[str, Any],
    sections: tuple[str, ...],
    stage: str,
) -> None:
    if stage not in untouched:
        rehearsal = at_stage(stage)
        play_on(rehearsal, stage)
        untouched[stage] = everything(rehearsal, tmp_path / "before")
    rehearsal = at_stage(stage)
    edited(*sections)
    play_on(rehearsal, stage)
    assert everything(rehearsal, tmp_path / "after") == untouched[stage]
    assert shown(rehearsal) == {SECTIONS[section] for section in sections}


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_adopted_holds_from_then_on(at_stage: Stage, edited: Callable[..., str], section: str) -> None:
    rehearsal = at_stage("result_notice")
    text = edited(section)
    told = rehearsal.act("2025-09-24 10:00", "adopt_policy", reason=WHY).summary
    assert SECTIONS[section] in told
    with transaction(rehearsal.url) as session:
        the_round = session.get_one(Round, 1)
        assert policy_of(session, the_round) == parse_policy(text, ON, PROCEDURE)
        pin = session.execute(select(PolicyPin).order_by(col(PolicyPin.id).desc()).limit(1)).scalar_one()
        record = session.execute(select(AuditRecord).where(col(AuditRecord.event) == "adopt_policy")).scalar_one()
        assert (pin.reason, record.detail["fields"], record.detail["policy_sha256"]) == (
            *(WHY, {"reason": WHY}, pin.sha256),
        )
        assert record.detail["difference"] == pin.difference != []
        assert prove(session).faults == ()
    assert rehearsal.refused("2025-09-24 11:00", "adopt_policy", reason=WHY).startswith(
        "今日的规则文件在公告之日有效的内容与本轮固定的规则没有不同，无须采用"
    )


def test_clocks_that_run_keep_their_length_and_later_ones_take_the_new_one(
    at_stage: Stage, edited: Callable[..., str]
) -> None:
    """A clock that runs also keeps its length where days are added to it afterwards."""
    delay = {"delay_from": "2025-10-27", "delay_to": "2025-10-28", "cause": "系统联调"}
    rehearsal, other, earlier = at_stage("signing"), at_stage("signing"), at_stage("consensus")
    edited("numbers")
    rehearsal.act("2025-10-24 10:00", "adopt_policy", reason=WHY)
    for one in (rehearsal, other):
        one.act("2025-10-29 10:00", "record_agency_delay", applicant_id="P01", **delay)
    assert deadlines(rehearsal.url) == deadlines(other.url)
    earlier.act("2025-10-15 20:00", "adopt_policy", reason=WHY)
    play_on(earlier, "consensus", "proposed_notice")
    assert {row[1:] for row in deadlines(earlier.url) if row[0] == "proposed_notice"} == {("15wd", True)}


def deadlines(url: str) -> list[tuple[Any, ...]]:
    columns = (Deadline.kind, Deadline.period, Deadline.roll)
    with transaction(url) as session:
        rows = session.execute(select(*map(col, columns), col(Deadline.due_on)).order_by(col(Deadline.id))).all()
        return [tuple(row[:3]) if row[0] == "proposed_notice" else tuple(row) for row in rows]
