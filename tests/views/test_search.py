"""查找 over the rounds: by number, name, former name and code, on both databases; what is bounded, what is veiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from models import Applicant, Notification
from models.database import engine_for, reading, transaction
from rules.errors import InputError, RefusedError
from tests.support.copies import Copies
from tests.support.stages import Stage
from tests.tasks.rehearsal import beijing, crowd
from tests.tasks.test_institutions import CODE, two_rounds
from views import search as module
from views.institution_file import institution_file
from views.search import KINDS, Sought, search

TODAY = beijing("2025-11-20 09:00").date()


def found(url: str, text: str, *, sees: bool = True, **asked: Any) -> dict[str, list[list[str]]]:
    """The cells of what was found, by kind; kinds without any are left out."""
    with reading(url) as session:
        hits = search(session, Sought(text, **asked), sees_experts=sees)
    return {one.kind: [list(row["cells"]) for row in one.rows] for one in hits if one.rows}


def paths(url: str, text: str, kind: str, **asked: Any) -> list[str]:
    with reading(url) as session:
        [hits] = search(session, Sought(text, kind=kind, **asked), sees_experts=True)
    return [str(row["path"]) for row in hits.rows]


@pytest.fixture
def rounds(copies: Copies, database_kind: str) -> Iterator[str]:
    """旧名药房 of the first round is 新名药房 in the second, by its credit code."""
    fill = lambda url: two_rounds(url, {"credit_code": CODE}, {"credit_code": CODE})  # noqa: E731
    url = copies.copy(copies.original(database_kind, "two_names", fill, copies.newest(database_kind)))
    yield url
    copies.give_back(url)


@pytest.mark.parametrize(
    "text", ["新名药房", "新名", "旧名药房", " 旧　名 ", CODE, CODE[:8], f"{CODE[:9].lower()} {CODE[9:]}"]
)
def test_an_institution_is_found_once_by_any_of_its_names_and_by_its_code(rounds: str, text: str) -> None:
    [path] = paths(rounds, text, "institution")
    [cells] = found(rounds, text, kind="institution")["institution"]
    assert cells[2] == CODE
    with reading(rounds) as session:
        file = institution_file(session, int(path.rpartition("/")[2]), TODAY)
    assert file["name"] == "新名药房"
    assert [one["name"] for one in file["names"]] == ["旧名药房"]
    assert [one["path"] for one in file["dossiers"]] == ["/case/2/P01", "/case/1/P01"]
    assert [one["round"].count("第2批") for one in file["agreements"]] == [0]


def test_a_name_is_found_however_it_was_typed(rounds: str) -> None:
    with transaction(rounds) as session:
        session.get_one(Applicant, 2).name = "同仁·堂（A）大药房·一店"
    for text in ("同仁・堂", "(ａ)大药房", "堂【a】大", "药房•一店", "同仁・堂（A）大藥房"):
        assert paths(rounds, text, "dossier") == ["/case/1/P01"], text
    assert found(rounds, "同仁堂大药房") == {}
    with transaction(rounds) as session:
        session.get_one(Applicant, 2).name = "樣例縣大藥房"
    for text in ("样例县", "樣例縣大藥房", "大药房", "縣大药"):
        assert "/case/1/P01" in paths(rounds, text, "dossier"), text


def test_numbers_lead_to_the_dossiers_of_every_round_and_filters_narrow_them(rounds: str) -> None:
    assert paths(rounds, "p01", "dossier") == ["/case/2/P01", "/case/1/P01"]
    assert paths(rounds, "Ｐ０１", "dossier", round_id=1) == ["/case/1/P01"]
    assert paths(rounds, "P01", "dossier", state="closed") == ["/case/1/P01"]
    assert paths(rounds, "P01", "dossier", state="NOT_APPLIED") == ["/case/2/P01"]
    assert paths(rounds, "P01", "dossier", year=2024) == []
    assert paths(rounds, "P0", "dossier") == []


def test_every_kind_is_found_and_leads_to_its_page(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    told = found(office.url, "样例大药房1店")
    assert set(told) == {"institution", "dossier", "agreement", "message"}
    [number] = [cells[0] for cells in told["agreement"]]
    assert paths(office.url, number.replace("〔", "[").replace("〕", "]"), "agreement")[0].startswith("/agreement/")
    first = next(one for one in office.rows(Notification) if one.applicant_pk == 2)
    assert f"/message/{first.id}" in paths(office.url, "样例大药房1店", "message")
    assert f"/message/{first.id}" in paths(office.url, str(first.id), "message", state=first.status)
    assert paths(office.url, str(first.id), "message", state="held") == []


def test_experts_are_named_to_those_who_may_see_them_only(at_stage: Stage) -> None:
    office = at_stage("drawn")
    [[number, name, *_]] = found(office.url, "Z01", kind="expert")["expert"]
    assert (number, bool(name)) == ("Z01", True)
    assert [cells[0] for cells in found(office.url, name, kind="expert")["expert"]] == ["Z01"]
    veiled = found(office.url, "Z01", sees=False, kind="expert")["expert"]
    assert name not in str(veiled)
    assert found(office.url, name, sees=False) == {}


def test_what_is_typed_is_no_pattern_and_contacts_are_not_searched(rounds: str) -> None:
    for text in ("%", "_", "P0_", "*", "' OR 1=1 --", "\\", "19900000001", "p01@example.invalid", "联系人P01"):
        assert found(rounds, text) == {}, text
    assert found(rounds, "   ") == {}


def test_a_search_reads_no_more_than_its_bound_and_says_so(at_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    office = at_stage("signing")
    crowd(office.url, 60)
    monkeypatch.setattr(module, "READ", 50)
    with reading(office.url) as session:
        [hits] = search(session, Sought("药房", kind="dossier"), sees_experts=False)
    assert (len(hits.rows), hits.is_cut) == (50, True)
    monkeypatch.setattr(module, "READ", 500)
    with reading(office.url) as session:
        [hits] = search(session, Sought("药房", kind="dossier"), sees_experts=False)
    assert (len(hits.rows), hits.is_cut) == (63, False)


def test_every_statement_of_a_search_is_bounded_or_by_an_index(at_stage: Stage) -> None:
    """Whatever reads names ends at the bound; rounds are few; all else names the rows it wants."""
    office = at_stage("signing")
    asked: list[str] = []
    with reading(office.url) as session:
        engine = session.connection().engine

        def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(" ".join(statement.split()))

        event.listen(engine, "before_cursor_execute", note)
        try:
            search(session, Sought("药房"), sees_experts=True)
        finally:
            event.remove(engine, "before_cursor_execute", note)
    assert engine_for(office.url).dialect.name in ("sqlite", "postgresql")
    read = [one for one in asked if one.startswith("SELECT")]
    unbounded = [one for one in read if " LIMIT " not in one and "FROM round" not in one]
    assert all("application.applicant_pk IN" in one for one in unbounded), unbounded


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"kind": "staff"}, "这一类"), ({"state": "SIGNED"}, "状态"), ({"kind": "dossier", "state": "held"}, "状态")],
)
def test_what_cannot_be_asked_is_refused(rounds: str, asked: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        found(rounds, "P01", **asked)


def test_there_is_no_page_of_an_institution_that_is_none(rounds: str) -> None:
    with reading(rounds) as session, pytest.raises(RefusedError, match="没有第 99 号机构"):
        institution_file(session, 99, TODAY)


def test_every_kind_has_a_finder() -> None:
    assert set(module.FINDERS) == set(KINDS)
