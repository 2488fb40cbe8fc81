"""A run acts in the name of whoever was logged in when it was submitted: once, for that form and what he gave."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from foundation.secrets import Keyring
from models import RunStart
from models.database import reading, transaction
from rules.errors import NotEntitledError
from rules.vocabulary import WayIn
from tasks import accounts, staffing
from tasks.accounts import Person
from tasks.run_starts import AT, BY, ONCE, PROOF, SESSION, Run, StandIn, proof_for, starter_of

KEYS = Keyring.from_secret("a key of sixteen")
GIVEN: dict[str, Any] = {
    "form": {"applicant_id": "P03", "score": 85.0, "items": [1, 2.50], "is_met": True, "note": "中"}
}


@pytest.fixture
def office(database: str) -> str:
    for number in ("1001", "1002"):
        staffing.add_person(database, number, "张敏", ["operator"], "server")
    return database


def person(url: str, staff_no: str = "1001") -> Person:
    found = accounts.person_of(url, accounts.open_session(url, staff_no, WayIn.PROXY))
    assert found is not None
    return found


def run_of(url: str, given: dict[str, Any] = GIVEN) -> Run:
    return Run("run-1", "form-20", given, proof_for(person(url), "form-20", given, KEYS))


def refusal(url: str, run: Run, keys: Keyring = KEYS) -> str:
    with pytest.raises(NotEntitledError) as refused:
        starter_of(url, run, "sign_agreement", keys)
    return str(refused.value)


def test_a_run_acts_for_its_starter_also_when_it_begins_once_more(office: str) -> None:
    run = run_of(office)
    assert [starter_of(office, run, "sign_agreement", KEYS) for _ in range(2)] == ["1001", "1001"]
    with reading(office) as session:
        (kept,) = session.execute(select(RunStart)).scalars()
    assert (kept.run_id, kept.staff_no, kept.act) == ("run-1", "1001", "sign_agreement")


def test_prefect_may_spell_a_number_otherwise(office: str) -> None:
    form = {**GIVEN["form"], "score": 85, "items": [1.0, 2.5]}
    kept = json.loads(json.dumps({"form": dict(reversed(form.items()))}))
    assert starter_of(office, replace(run_of(office), parameters=kept), "sign_agreement", KEYS) == "1001"


@pytest.mark.parametrize(
    "changed",
    [
        {"deployment_id": "form-21"},
        {"parameters": {"form": {**GIVEN["form"], "applicant_id": "P04"}}},
        {"parameters": {"form": {**GIVEN["form"], "score": 85.1}}},
        {"parameters": {"form": {**GIVEN["form"], "is_met": 1}}},
        {"parameters": {**GIVEN, "more": 1}},
        {"labels": BY},
        {"labels": SESSION},
        {"labels": AT},
        {"labels": ONCE},
        {"labels": PROOF},
    ],
)
def test_whatever_is_changed_is_not_his(office: str, changed: dict[str, Any]) -> None:
    run, other = run_of(office), proof_for(person(office, "1002"), "form-20", {"form": {}}, KEYS)
    if isinstance(name := changed.get("labels"), str):
        changed = {"labels": {**run.labels, name: other[name] if name != AT else "2026-01-05T00:00:00+00:00"}}
    assert "不一致" in refusal(office, replace(run, **changed))
    with reading(office) as session:
        assert session.execute(select(RunStart)).first() is None


@pytest.mark.parametrize("missing", [BY, SESSION, AT, ONCE, PROOF])
def test_a_run_that_shows_nothing_acts_for_nobody(office: str, missing: str) -> None:
    run = run_of(office)
    labels = {name: value for name, value in run.labels.items() if name != missing}
    assert "没有登录人的凭据" in refusal(office, replace(run, labels=labels))


def test_a_second_run_with_the_same_proof_is_refused(office: str) -> None:
    run = run_of(office)
    starter_of(office, run, "sign_agreement", KEYS)
    assert "只能办理一次" in refusal(office, replace(run, id="run-2"))


def test_whoever_writes_the_database_has_no_proof(office: str) -> None:
    """The key is not in the database: with another one, and a session of one's own making, nothing is proved."""
    forged = proof_for(person(office), "form-20", GIVEN, Keyring.from_secret("another key of sixteen"))
    assert "不一致" in refusal(office, Run("run-1", "form-20", GIVEN, forged))
    unknown = proof_for(Person(99, "1001", "张敏", ()), "form-20", GIVEN, KEYS)
    assert "没有登录人的凭据" in refusal(office, Run("run-1", "form-20", GIVEN, unknown))


def test_in_a_rehearsal_the_name_is_taken_out_of_the_form(office: str) -> None:
    given, labels = StandIn(office, KEYS).order("form-20", {"form": {"by": "1002", "applicant_id": "P03"}})
    assert given == {"form": {"applicant_id": "P03"}}
    assert starter_of(office, Run("run-1", "form-20", given, labels), "sign_agreement", KEYS) == "1002"
    assert StandIn(office, KEYS).order("sweep", {"form": {"dry_run": True}}) == ({"form": {"dry_run": True}}, {})
    with pytest.raises(NotEntitledError, match="9999"):
        StandIn(office, KEYS).order("form-20", {"form": {"by": "9999"}})


def test_what_was_used_stays(office: str) -> None:
    starter_of(office, run_of(office), "sign_agreement", KEYS)
    with pytest.raises(DBAPIError, match="append-only"), transaction(office) as session:
        session.execute(text("UPDATE run_start SET staff_no = '1002'"))
