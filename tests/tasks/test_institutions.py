"""One institution across rounds: who is the same, what is known of it from before, and what stays in the office."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from dingdian.replay import replay_together
from dingdian.scenario import Scenario, check
from models import Applicant, Application, Institution
from models.database import transaction
from publication.site import build_site
from rules.case import Event
from tasks.case_loading import context_of, round_numbered
from tasks.perform import perform
from tasks.pooling import conflicts_of
from tests.support.rounds import small_round
from tests.tasks.rehearsal import beijing
from views.case_page import case_page
from views.casefile import case_file

CODE = "91350100M000100Y43"
SEEN = beijing("2025-09-02 10:00")


def batch(number: int, name: str, until: str, **identity: str) -> Scenario:
    """A batch of the year whose only pharmacy has this name and identity."""
    made = small_round(1, 1, names={"P01": name}, until=until)
    made["announcement"]["batch"] = number
    checked = check(made)
    hospital, pharmacy = checked.head["applicants"]
    return replace(checked, head={**checked.head, "applicants": [hospital, pharmacy | identity]})


def two_rounds(url: str, before: dict[str, str], now: dict[str, str], name: str = "新名药房") -> None:
    """A finished round in which it was 旧名药房, and the next one that was just announced."""
    rounds = [batch(1, "旧名药房", "finished", **before), batch(2, name, "announced", **now)]
    for outcome in replay_together(rounds, url):
        assert outcome["refused"] == []


def evaluators(url: str) -> set[str]:
    """Whom the second round keeps from evaluating P01 for having done so before."""
    with transaction(url) as session:
        found = conflicts_of(session, context_of(session, round_numbered(session, 2)), date(2025, 9, 17))
        return {one.expert_id for one in found if one.applicant_id == "P01" and one.kind == "past_evaluation"}


def file_of(url: str, round_id: int = 2) -> dict[str, Any]:
    with transaction(url) as session:
        return case_file(session, "P01", round_id, at=SEEN)


def test_a_code_is_one_institution_under_another_name(database: str) -> None:
    two_rounds(database, {"credit_code": CODE}, {"credit_code": CODE})
    file = file_of(database)
    (earlier,) = file["earlier"]
    assert (earlier["round_id"], earlier["applicant_id"], earlier["name"]) == (1, "P01", "旧名药房")
    assert (earlier["state_label"], earlier["reasons"]) == ("已签订、备案并公布", ["SIGNED"])
    assert earlier["agreement"]
    assert file["former_names"] == [{"name": "旧名药房", "round": earlier["round"]}]
    shown = case_page(file)
    assert "## 此前各轮" in shown
    assert "曾用名：旧名药房" in shown
    assert len(evaluators(database)) == 3
    first = file_of(database, 1)
    assert (first["earlier"], first["former_names"]) == ([], [])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"credit_code": CODE, "campus": "东院区"}, {"credit_code": CODE, "campus": "西院区"}),
        ({"credit_code": CODE}, {"credit_code": ""}),
        ({}, {}),
    ],
)
def test_another_campus_and_one_without_a_code_are_not_merged(
    database: str, before: dict[str, str], now: dict[str, str]
) -> None:
    two_rounds(database, before, now)
    assert (file_of(database)["earlier"], evaluators(database)) == ([], set())


def test_a_campus_of_one_name_is_another_institution_for_the_evaluators(database: str) -> None:
    campuses = [{"credit_code": CODE, "campus": campus} for campus in ("东院区", "西院区")]
    two_rounds(database, *campuses, name="旧名药房")
    assert evaluators(database) == set()


def test_without_a_code_the_name_still_keeps_the_evaluators_out(database: str) -> None:
    two_rounds(database, {}, {}, name="旧名药房")
    assert (file_of(database)["earlier"], len(evaluators(database))) == ([], 3)


def test_every_registered_applicant_has_its_institution(database: str) -> None:
    two_rounds(database, {"credit_code": CODE, "campus": "东 院区"}, {"credit_code": CODE, "campus": "东院区"})
    with transaction(database) as session:
        ids = list(session.execute(select(col(Applicant.institution_id)).order_by(col(Applicant.id))).scalars())
        known = list(session.execute(select(Institution).where(col(Institution.credit_code) != "")).scalars())
    assert None not in ids
    assert len(set(ids)) == 3  # two hospitals without a code, one pharmacy in both rounds
    assert [(one.credit_code, one.campus) for one in known] == [(CODE, "东院区")]


def dissolved_before(url: str, day: str, kind: str = "解除") -> None:
    """The first round's visit found how an agreement of it ended."""
    with transaction(url) as session:
        of_first = select(Application).join(Applicant).where(col(Applicant.applicant_id) == "P01")
        row = session.execute(of_first.where(col(Application.round_id) == 1)).scalar_one()
        row.findings = {"prior_termination": {"date": day, "kind": kind}}
        session.add(row)


@pytest.mark.parametrize(
    ("day", "kind", "is_told"),
    [
        ("2022-09-01", "解除", False),
        ("2022-09-02", "解除", True),
        ("2022-09-03", "解除", True),
        ("2022-09-03", "到期", False),
    ],
)
def test_a_dissolution_that_an_earlier_dossier_tells_is_not_passed_over(
    database: str, day: str, kind: str, is_told: bool
) -> None:
    """Looked at on 2 September 2025: the corresponding day is the last of the bar (A7-38)."""
    two_rounds(database, {"credit_code": CODE}, {"credit_code": CODE})
    dissolved_before(database, day, kind)
    file = file_of(database)
    assert (f"记有 {day} 解除协议" in file["bar"]) is is_told
    assert ("限制期：" in case_page(file)) is is_told


def test_a_dossier_that_states_the_dissolution_itself_contradicts_nothing(database: str) -> None:
    two_rounds(database, {"credit_code": CODE}, {"credit_code": CODE})
    dissolved_before(database, "2024-05-01")
    with transaction(database) as session:
        row = session.execute(select(Applicant).where(col(Applicant.round_id) == 2, col(Applicant.type) == "pharmacy"))
        applicant = row.scalar_one()
        applicant.facts = {**applicant.facts, "prior_termination": {"date": "2024-05-01", "kind": "解除"}}
        session.add(applicant)
    assert file_of(database)["bar"] == ""


def test_the_opinion_says_that_an_earlier_dossier_tells_of_a_dissolution(database: str) -> None:
    rounds = [batch(1, "旧名药房", "finished", credit_code=CODE)]
    rounds.append(batch(2, "新名药房", "2025-09-10T15:00:00+08:00", credit_code=CODE))
    replay_together(rounds, database)
    dissolved_before(database, "2024-05-01")
    fields = {"applicant_id": "P01", "judgements": {}}
    event = Event("sign_preliminary_opinion", beijing("2025-09-10 16:00"), "经办员乙", fields, 2)
    said = perform(database, event).summary
    assert "提示：" in said
    assert "记有 2024-05-01 解除协议，再次申请的限制期至 2027-05-01" in said


def test_the_public_site_tells_nothing_of_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'public.db'}"
    rounds = [batch(1, "旧名药房", "finished", credit_code=CODE), batch(2, "新名药房", "finished", credit_code=CODE)]
    replay_together(rounds, url)
    dissolved_before(url, "2024-05-01")
    known = site(url, tmp_path / "known")
    with transaction(url) as session:
        session.execute(update(Applicant).values(institution_id=None))
    assert site(url, tmp_path / "unknown") == known
    assert any("新名药房" in page for page in known.values())
    for word in ("此前各轮", "曾用名", "2024-05-01"):
        assert not any(word in page for page in known.values())


def site(url: str, folder: Path) -> dict[str, str]:
    """Every page of the public site."""
    build_site(url, folder, None)
    return {str(one.relative_to(folder)): one.read_text(encoding="utf-8") for one in folder.rglob("*.html")}
