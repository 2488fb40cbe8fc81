"""The bar of our own register (六(三)): found at the application and at the opinion, whatever is declared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from models import Agreement, AgreementEnding, Applicant, Application, AuditRecord, Bar, Institution
from models.database import transaction
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal

APPLIED = date(2025, 9, 1)
CODE = "91350100M000100Y43"
AT = datetime(2024, 1, 1, tzinfo=UTC)


def barred(office: Rehearsal, last_day: date, *, lifted_on: date | None = None, campus: str | None = None) -> None:
    """A dissolution of before puts a bar on the institution of P01, or (`campus`) on another campus of its code."""
    with transaction(office.url) as session:
        applicant = session.execute(select(Applicant).where(col(Applicant.applicant_id) == "P01")).scalar_one()
        institution_id = applicant.institution_id or 0
        if campus is not None:
            session.execute(
                update(Institution)
                .where(col(Institution.id) == institution_id)
                .values(credit_code=CODE, campus="东院区")
            )
            session.add(other := Institution(credit_code=CODE, campus=campus))
            session.flush()
            institution_id = other.id or 0
        application = session.execute(
            select(col(Application.id)).where(col(Application.applicant_pk) == applicant.id)
        ).scalar_one()
        agreement = Agreement(
            application_id=application, round_id=1, signed_on=AT.date(), signed_by="甲", recorded_at=AT, number="旧1号"
        )
        session.add(agreement)
        session.flush()
        about = {"finding": "1", "decision_no": "解除1号", "decided_on": AT.date(), "recorded_at": AT}
        ending = AgreementEnding(agreement_id=agreement.id or 0, decided_by="甲", confirmed_by="乙", **about)
        session.add(ending)
        session.flush()
        first = last_day - timedelta(days=365 * 3)
        days = {"from_on": first, "last_day": last_day, "lifted_on": lifted_on}
        session.add(Bar(institution_id=institution_id, ending_id=ending.id or 0, **days))


def applied(office: Rehearsal) -> str:
    materials = [f"P{number}" for number in range(1, 13)]
    formal = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    office.act("2025-09-01 10:00", "submit_application", applicant_id="P01", materials=materials, **formal)
    return office.state("P01")


@pytest.mark.parametrize(
    ("last_day", "state"),
    [
        (APPLIED - timedelta(days=1), "ACCEPTED"),
        (APPLIED, "NOT_ACCEPTED_BAN"),
        (APPLIED + timedelta(days=1), "NOT_ACCEPTED_BAN"),
    ],
)
def test_the_register_refuses_to_the_last_day_of_the_bar(at_stage: Stage, last_day: date, state: str) -> None:
    office = at_stage("announced")
    barred(office, last_day)
    assert applied(office) == state
    if state == "NOT_ACCEPTED_BAN":
        assert office.reasons("P01") == ["REAPPLICATION_BAN"]
        record = [row for row in office.rows(AuditRecord) if row.event == "submit_application"][-1]
        assert "没有如实写明" in record.detail["undeclared_bar"]


def test_a_bar_that_was_lifted_is_none(at_stage: Stage) -> None:
    office = at_stage("announced")
    barred(office, APPLIED, lifted_on=date(2025, 8, 1))
    assert applied(office) == "ACCEPTED"


@pytest.mark.parametrize(("campus", "state"), [("", "NOT_ACCEPTED_BAN"), ("西院区", "ACCEPTED")])
def test_a_bar_on_the_whole_bars_its_campuses_and_one_on_another_campus_does_not(
    at_stage: Stage, campus: str, state: str
) -> None:
    office = at_stage("announced")
    barred(office, APPLIED, campus=campus)
    assert applied(office) == state


def test_a_bar_that_became_known_after_the_acceptance_counts_at_the_opinion(at_stage: Stage) -> None:
    office = at_stage("accepted")
    barred(office, date(2026, 1, 1))
    office.act("2025-09-05 10:00", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    assert (office.state("P01"), office.reasons("P01")) == ("PRELIM_FAILED", ["REAPPLICATION_BAN"])
