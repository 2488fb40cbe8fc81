"""The papers of the county: 年度考核结果通告 and 结算联系单, day by day and to the cent (R51, R58)."""

from __future__ import annotations

from typing import Any

import pytest

from models.database import transaction
from publication.documents.making import facts_of, make
from rules.errors import RefusedError
from rules.vocabulary import DocumentKind
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal
from tests.tasks.test_assessment import COST, TABLE, Office

NOTICE, SHEET = DocumentKind.ASSESSMENT_NOTICE, DocumentKind.SETTLEMENT_SHEET


@pytest.fixture
def database_kind() -> str:
    """What is read is tried on the quicker database; the tables' own tests use both."""
    return "sqlite"


@pytest.fixture
def rehearsal(at_stage: Stage) -> Rehearsal:
    """P01 suspended from 10 to 20 March 2026, held from the 25th, with costs; its renewal carries 2026."""
    made = at_stage("published", "assessed")
    made.sweep("2025-11-06 00:05")
    made.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE)
    office = Office(made)
    ref = office.found("2026-03-10")
    office.suspended("2026-03-10", "暂停1号", ref)
    office.mended("2026-03-20", ref)
    office.did("2026-03-25 09:00", "hold_settlement", from_on="2026-03-25", reason="核查")
    office.did("2026-04-02 09:00", "release_settlement", released_on="2026-04-02", reason="完结")
    office.did("2026-04-02 10:00", "record_cost_decision", by=OFFICE, **COST)
    office.did("2026-04-02 10:00", "record_cost_decision", by=OFFICE, **COST | {"amount": "0.07", "kind": "recovered"})
    set_off = COST | {"amount": "33.33", "kind": "set_off_next_month"}
    office.did("2026-04-02 10:00", "record_cost_decision", by=OFFICE, **set_off)
    return made


def facts(rehearsal: Rehearsal, kind: DocumentKind, ref: int) -> dict[str, Any]:
    with transaction(rehearsal.url) as session:
        return dict(facts_of(session, kind, ref))


def of_p01(rehearsal: Rehearsal, month: int) -> list[str]:
    [line] = [one for one in facts(rehearsal, SHEET, month)["entries"] if one[0] == "P01"]
    return list(line[2:])


def test_the_sheet_tells_each_day_and_each_amount(rehearsal: Rehearsal) -> None:
    days = "1—9日有效；10—19日暂停；20—24日有效；25—31日暂停结算"
    held = "2026-03-25起，2026-04-02恢复"
    assert of_p01(rehearsal, 202603) == [days, "—", "12800.50", "0.07", "—", held]
    april = "1日暂停结算；2—30日有效"
    assert of_p01(rehearsal, 202604) == [april, "—", "—", "—", "33.33", held]
    assert facts(rehearsal, SHEET, 202603)["sums"] == ["12800.50", "0.07", "—"]


def test_the_sheet_begins_and_ends_with_the_term(rehearsal: Rehearsal) -> None:
    assert of_p01(rehearsal, 202511)[0] == "1—2日未生效；3—30日有效"
    rehearsal.sweep("2026-11-03 00:05")
    assert of_p01(rehearsal, 202611)[0] == "1—2日有效；3—30日已结束"
    with pytest.raises(RefusedError, match="没有履行中的协议"):
        facts(rehearsal, SHEET, 202612)


def test_the_coefficient_counts_from_the_month_after_the_publication(rehearsal: Rehearsal) -> None:
    office = Office(rehearsal)
    office.did("2026-08-03 09:00", "apply_renewal", by=OFFICE, applied_on="2026-08-03")
    office.did("2026-08-10 09:00", "sign_renewal", signed_on="2026-08-10")
    office.surveyed("91.2")
    for number in ("H01", "P01", "P02"):
        office.assessed(number, "50")
    with pytest.raises(RefusedError, match="尚未确定"):
        facts(rehearsal, NOTICE, 2026)
    office.concluded("2027-01-11 09:00")
    assert [of_p01(rehearsal, month)[1] for month in (202701, 202702, 202703)] == ["—", "1.00", "1.00"]
    told = facts(rehearsal, NOTICE, 2026)
    assert (told["count"], [len(one["entries"]) for one in told["groups"]]) == ("3", [1, 2])
    assert told["groups"][1]["entries"][0] == ["P01", "样例大药房1店", "90.00", "91.20", "A级"]
    with transaction(rehearsal.url) as session:
        for kind, ref in ((NOTICE, 2026), (SHEET, 202702)):
            made = make(session, kind, ref)
            assert (made.content[:5], made.described) == (b"%PDF-", ())
            assert made.sha256 == make(session, kind, ref).sha256
