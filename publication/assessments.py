"""What the public is told of the yearly assessments (R51, R61): the county's criteria and grades before the year they
apply to, and the results of each year. No figures of the records, no notes, nobody's name but the institution's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, AssessmentResult, AssessmentTable
from rules.wording import cn_date


@dataclass(frozen=True, slots=True)
class TableView:
    """An edition of criteria and grades, as it was registered."""

    id: int
    first_year: int
    title: str
    published_on: date
    published_where: str
    sha256: str
    criteria: Sequence[Mapping[str, str]]
    grades: Sequence[Mapping[str, str]]

    def of_type(self, type_: str) -> list[Mapping[str, str]]:
        """The criteria of a type."""
        return [one for one in self.criteria if one["type"] == type_]


@dataclass(frozen=True, slots=True)
class ResultView:
    """The result of one institution's year; `corrected`: when it was, and what was published before."""

    type: str
    applicant_id: str
    name: str
    number: str
    total: str
    satisfaction: str
    grade: str
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class YearView:
    """The results of a year, the day on which they were published, and that of the newest correction."""

    year: int
    published_on: date
    results: Sequence[ResultView]
    corrected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Assessments:
    """Everything of the yearly assessments that is public, the newest first."""

    tables: Sequence[TableView] = ()
    years: Sequence[YearView] = ()

    def __bool__(self) -> bool:
        return bool(self.tables or self.years)


def read_assessments(session: Session) -> Assessments:
    """The editions and the results, in two queries."""
    query = select(AssessmentTable).order_by(col(AssessmentTable.first_year).desc(), col(AssessmentTable.id).desc())
    tables = [_table(row) for row in session.execute(query).scalars()]
    years: dict[int, list[Any]] = {}
    for row in session.execute(_RESULTS):
        years.setdefault(row.year, []).append(row)
    return Assessments(tables, [_year(year, rows) for year, rows in years.items()])


def _table(row: AssessmentTable) -> TableView:
    about = (row.first_year, row.title, row.published_on, row.published_where, row.sha256)
    return TableView(row.id or 0, *about, row.content["criteria"], row.content["grades"])


def _year(year: int, rows: Sequence[Any]) -> YearView:
    corrections = [row.superseded_on for row in rows if row.superseded_on]
    results = [
        replace(ResultView(*row[4:]), corrected=_corrected(rows, row)) for row in rows if row.superseded_on is None
    ]
    return YearView(year, min(row.concluded_on for row in rows), results, max(corrections, default=None))


def _corrected(rows: Sequence[Any], of: Any) -> str:
    before = [row for row in rows if row.institution_id == of.institution_id and row.superseded_on]
    return "；".join(f"{cn_date(row.superseded_on)}更正，原为{row.total}分、{row.grade}" for row in before)


_RESULTS = (
    select(
        *(col(AssessmentResult.year), col(AssessmentResult.concluded_on)),
        *(col(AssessmentResult.superseded_on), col(AssessmentResult.institution_id)),
        *(col(Applicant.type), col(Applicant.applicant_id), col(Applicant.name), col(Agreement.number)),
        *(col(AssessmentResult.total), col(AssessmentResult.satisfaction), col(AssessmentResult.grade)),
    )
    .join(Agreement, col(Agreement.id) == col(AssessmentResult.agreement_id))
    .join(Application, col(Application.id) == col(Agreement.application_id))
    .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    .order_by(
        *(col(AssessmentResult.year).desc(), col(Applicant.type), col(Applicant.applicant_id)),
        col(AssessmentResult.id),
    )
)
