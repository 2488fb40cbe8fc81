"""The number and the term of an agreement: given, or the round's next one and the policy's term (五(三))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import Agreement, Applicant, Application, AuditRecord
from models.database import transaction
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal

AT, SIGNED = "2025-11-03 15:00", {"signed_on": "2025-11-03"}
Told = tuple[str, date | None, date | None]


def agreement(rehearsal: Rehearsal, applicant_id: str) -> Told:
    with transaction(rehearsal.url) as session:
        found = session.execute(
            select(col(Agreement.number), col(Agreement.effective_on), col(Agreement.expires_on))
            .join(Application, col(Application.id) == col(Agreement.application_id))
            .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
            .where(col(Applicant.applicant_id) == applicant_id)
        ).one()
    return found.number, found.effective_on, found.expires_on


def sign(rehearsal: Rehearsal, applicant_id: str, **fields: Any) -> Told:
    rehearsal.act(AT, "sign_agreement", applicant_id=applicant_id, **SIGNED, **fields)
    return agreement(rehearsal, applicant_id)


def test_left_open_an_agreement_gets_the_next_number_and_a_year(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    year = (date(2025, 11, 3), date(2026, 11, 3))
    assert sign(rehearsal, "P01") == ("样例县特药协议〔2025〕1号", *year)
    assert sign(rehearsal, "H01") == ("样例县特药协议〔2025〕2号", *year)
    rehearsal.is_sound()


def test_a_number_given_is_kept_and_the_next_one_steps_over_it(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    assert sign(rehearsal, "P01", agreement_number="样例县特药协议〔2025〕1号")[0] == "样例县特药协议〔2025〕1号"
    assert sign(rehearsal, "P02")[0] == "样例县特药协议〔2025〕2号"
    assert rehearsal.refused(
        AT, "sign_agreement", applicant_id="H01", agreement_number="样例县特药协议〔2025〕2号", **SIGNED
    ) == ("协议编号“样例县特药协议〔2025〕2号”已用于另一份协议，请核对后重填，或留空自动编号")


@pytest.mark.parametrize(
    ("given", "term"),
    [
        ({"effective_on": "2026-01-01"}, (date(2026, 1, 1), date(2027, 1, 1))),
        ({"expires_on": "2025-12-31"}, (date(2025, 11, 3), date(2025, 12, 31))),
        ({"effective_on": "2024-02-29"}, (date(2024, 2, 29), date(2025, 2, 28))),  # no corresponding day: month's end
        ({"effective_on": "2026-02-14"}, (date(2026, 2, 14), date(2027, 2, 14))),  # a Sunday: a term does not roll
    ],
)
def test_the_term_follows_from_what_was_agreed(at_stage: Stage, given: dict[str, str], term: tuple[date, date]) -> None:
    assert sign(at_stage("signing"), "P01", **given)[1:] == term


@pytest.mark.parametrize("expires_on", ["2025-11-03", "2025-11-02"])
def test_a_term_that_ends_before_it_begins_is_refused(at_stage: Stage, expires_on: str) -> None:
    sentence = at_stage("signing").refused(AT, "sign_agreement", applicant_id="P01", expires_on=expires_on, **SIGNED)
    assert sentence == f"协议终止日 {expires_on} 须晚于生效日 2025-11-03，请核对"


def test_the_audit_record_says_number_and_term(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    sign(rehearsal, "P01")
    with transaction(rehearsal.url) as session:
        found = session.execute(select(AuditRecord).where(col(AuditRecord.event) == "sign_agreement")).scalar_one()
    told = {name: found.detail["fields"][name] for name in ("agreement_number", "effective_on", "expires_on")}
    assert told == {
        "agreement_number": "样例县特药协议〔2025〕1号",
        "effective_on": "2025-11-03",
        "expires_on": "2026-11-03",
    }
