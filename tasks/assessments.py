"""What the yearly assessment reads (R51): the county's table for a year, whose year is to be assessed, what our own
records say of it, the survey that counts, the grade that an institution has.

An institution is assessed once a year, whatever agreements it had in it: with the last of them, which carries the year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    Agreement,
    Applicant,
    Assessment,
    AssessmentResult,
    AssessmentTable,
    Inspection,
    SatisfactionSurvey,
    SettlementHold,
    ThirdPartyEvaluation,
)
from models.bulk import among
from rules.assessment import exact, is_in_year
from rules.performance.records import AgreementCase
from rules.performance.states import NOT_YET
from rules.policy import Policy
from rules.vocabulary import AgreementState, GradeEffect
from tasks.agreements import load_agreements

COUNTS = col(AssessmentResult.superseded_on).is_(None)  # of a result that was corrected, the correction
KEPT = col(Agreement.state) != AgreementState.DRAFT


@dataclass(frozen=True, slots=True)
class Year:
    """The year of one institution: the agreement that carries it, and the others that it had in it."""

    institution_id: int
    carrier: AgreementCase
    others: tuple[AgreementCase, ...] = ()

    @property
    def cases(self) -> tuple[AgreementCase, ...]:
        """Every agreement of the institution that was performed in the year."""
        return (*self.others, self.carrier)


def table_for(session: Session, year: int) -> AssessmentTable | None:
    """The edition that applies to a year: the one of the latest first year up to it, of these the newest."""
    query = select(AssessmentTable).where(col(AssessmentTable.first_year) <= year)
    newest = query.order_by(col(AssessmentTable.first_year).desc(), col(AssessmentTable.id).desc()).limit(1)
    found: AssessmentTable | None = session.execute(newest).scalar()
    return found


def years_of(session: Session, year: int, only: int = 0) -> list[Year]:
    """Every institution with an agreement performed at any time of a year, in the order of their types and numbers;
    `only`: that institution."""
    condition = KEPT & col(Agreement.state).not_in(NOT_YET)
    cases = [one for one in load_agreements(session, condition & _of(only)) if _is_of(one, year)]
    institutions = institutions_of(session, cases)
    by_institution: dict[int, list[AgreementCase]] = {}
    for case in sorted(cases, key=lambda one: (one.effective_on, one.id)):
        by_institution.setdefault(institutions[case.applicant_pk], []).append(case)
    found = [Year(of, held[-1], tuple(held[:-1])) for of, held in by_institution.items()]
    return sorted(found, key=lambda one: (one.carrier.type, one.carrier.applicant_id, one.carrier.id))


def _of(institution_id: int) -> Any:
    return col(Applicant.institution_id) == institution_id if institution_id else KEPT


def _is_of(case: AgreementCase, year: int) -> bool:
    return is_in_year(case.effective_on, case.performed_until, year)


def institutions_of(session: Session, cases: Iterable[AgreementCase]) -> Mapping[int, int]:
    """Who the applicants of agreements are in every round."""
    wanted = {one.applicant_pk for one in cases}
    query = select(col(Applicant.id), col(Applicant.institution_id))
    return {row[0]: row[1] for row in session.execute(query.where(among(col(Applicant.id), list(wanted))))}


def newest_assessments(session: Session, year: int, table_id: int) -> Mapping[int, Assessment]:
    """The assessment that counts for a year by an edition, by agreement: the last one."""
    query = select(Assessment).where(col(Assessment.year) == year, col(Assessment.table_id) == table_id)
    return {one.agreement_id: one for one in session.execute(query.order_by(col(Assessment.id))).scalars()}


def results_of(session: Session, year: int) -> Mapping[int, AssessmentResult]:
    """The results of a year that count, by institution."""
    query = select(AssessmentResult).where(col(AssessmentResult.year) == year, COUNTS)
    return {one.institution_id: one for one in session.execute(query).scalars()}


def last_result(session: Session, case: AgreementCase) -> AssessmentResult | None:
    """The newest result of the institution that has an agreement."""
    of_it = select(col(Applicant.institution_id)).where(col(Applicant.id) == case.applicant_pk).scalar_subquery()
    query = select(AssessmentResult).where(col(AssessmentResult.institution_id) == of_it, COUNTS)
    found: AssessmentResult | None = session.execute(
        query.order_by(col(AssessmentResult.year).desc()).limit(1)
    ).scalar()
    return found


def to_be_inspected(session: Session, year: int) -> list[AssessmentResult]:
    """Whom the inspection plan of a year takes in whole: the grade of the year before asks for stricter supervision."""
    query = select(AssessmentResult).where(col(AssessmentResult.year) == year - 1, COUNTS)
    strict = query.where(col(AssessmentResult.effect) == GradeEffect.STRICTER)
    return list(session.execute(strict.order_by(col(AssessmentResult.id))).scalars())


# --- what our own records say ------------------------------------------------------------------------------------


def rows_of(session: Session, model: type[SQLModel], cases: Sequence[AgreementCase]) -> list[Any]:
    """The rows of a table about some agreements, in their order."""
    of_them: Any = model.agreement_id  # type: ignore[attr-defined]
    query = select(model).where(among(of_them, [one.id for one in cases]))
    return list(session.execute(query.order_by(model.id)).scalars())  # type: ignore[attr-defined]


def survey_of(session: Session, of: Year, year: int) -> SatisfactionSurvey | None:
    """The last survey that ended in the year."""
    surveys = [one for one in rows_of(session, SatisfactionSurvey, of.cases) if one.to_on.year == year]
    return max(surveys, key=lambda one: (one.to_on, one.id), default=None)


def satisfaction_of(survey: SatisfactionSurvey | None, policy: Policy) -> tuple[Decimal | None, str]:
    """The satisfaction that counts for a grade; None with the reason where there is none (R64)."""
    if survey is None:
        return None, "该年度没有登记满意度调查"
    if survey.answers < policy.least_answers:
        return None, f"满意度调查有效答卷 {survey.answers} 份，少于 {policy.least_answers} 份，只列示、不评级"
    return Decimal(survey.score), ""


def parts_of(session: Session, of: Year, year: int) -> dict[str, str]:
    """The figures of a year from the records, as they stand: what the assessment is filled in with beforehand."""

    def is_of(day: date | None) -> bool:
        return day is not None and day.year == year

    findings = [one for case in of.cases for one in case.findings if one.stands and is_of(one.established_on)]
    orders = [one for case in of.cases for one in case.orders if not one.overturned_on and is_of(one.served_on)]
    pauses = [one for case in of.cases for one in case.pauses if not one.overturned_on and is_of(one.from_on)]
    inspections = [one for one in rows_of(session, Inspection, of.cases) if is_of(one.held_on)]
    survey = survey_of(session, of, year)
    others = [one for one in rows_of(session, ThirdPartyEvaluation, of.cases) if is_of(one.evaluated_on)]
    return {
        **{"findings": str(len(findings)), "orders": str(len(orders))},
        **{"suspensions": str(len(pauses)), "inspections": str(len(inspections))},
        "survey": f"{exact(Decimal(survey.score))}（{survey.answers} 份）" if survey else "",
        "third_party": exact(Decimal(others[-1].score)) if others else "",
    }


PARTS = {
    "findings": "认定违规（项）",
    "orders": "责令整改（次）",
    "suspensions": "暂停协议（次）",
    "inspections": "检查（次）",
    "survey": "满意度",
    "third_party": "第三方评价",
}
"""What the figures are called on screens, papers and in workbooks."""


def open_hold(session: Session, case: AgreementCase) -> SettlementHold | None:
    """The hold of payment in effect."""
    return next((one for one in rows_of(session, SettlementHold, [case]) if one.released_on is None), None)


def next_ref_in(session: Session, model: type[SQLModel], case: AgreementCase) -> str:
    """The number of the next row of a table about an agreement."""
    return str(len(rows_of(session, model, [case])) + 1)
