"""The monthly sheet for the settlement section (R51, R58): of each institution the state on each day, the coefficient
of its grade, what is refused, recovered and set off, and since when payment is held. The system does not pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    Agreement,
    AgreementEnding,
    AgreementSuspension,
    Applicant,
    Application,
    AssessmentResult,
    CostDecision,
    SettlementHold,
)
from rules.assessment import exact
from rules.localtime import local_day
from rules.months import days_of, month_after, month_of
from rules.performance.records import last_day_of
from rules.performance.settlement import DayState, Hold, Span, Stretch, state_on, stretches
from rules.performance.states import OUT
from rules.vocabulary import AgreementState, ApplicantType, CostKind

NOT_BEGUN = (AgreementState.DRAFT, AgreementState.SIGNED, AgreementState.FILED)


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One agreement in a month. `coefficient` is empty where there is no grade that counts; amounts are exact sums."""

    type: ApplicantType
    applicant_id: str
    name: str
    number: str
    days: Sequence[tuple[date, DayState]]
    coefficient: str
    grade: str
    amounts: Mapping[CostKind, Decimal]
    holds: Sequence[Hold]

    @property
    def stretches(self) -> list[Stretch]:
        """The days, as stretches that stand alike."""
        return list(stretches(self.days))


def lines_of(session: Session, month: str, settled_after: int) -> list[SettlementLine]:
    """Every agreement with a day of the month in its term, or with costs that are settled in it. `settled_after`: with
    which month after its publication a grade's coefficient begins to count."""
    rows = session.execute(_AGREEMENTS).all()
    pauses, endings = _by_agreement(session, AgreementSuspension), _by_agreement(session, AgreementEnding)
    holds, costs = _by_agreement(session, SettlementHold), _by_agreement(session, CostDecision)
    grades = _grades(session, month, settled_after)
    lines = []
    for row in rows:
        held = tuple(Hold(one.from_on, one.released_on) for one in holds[row.id])
        stood = tuple((one.from_on, one.lifted_on) for one in pauses[row.id] if one.overturned_on is None)
        span = Span(row.effective_on, _last_day(row, endings[row.id]), stood, held)
        days = [(day, state_on(span, day)) for day in days_of(month)]
        amounts = _amounts(costs[row.id], month)
        if all(state in (DayState.NOT_YET, DayState.OVER) for _, state in days) and not any(amounts.values()):
            continue
        graded = grades.get(row.institution_id)
        about = (ApplicantType(row.type), row.applicant_id, row.name, row.number, days)
        of_grade = (graded.coefficient, graded.grade) if graded else ("", "")
        lines.append(SettlementLine(*about, *of_grade, amounts, [one for one in held if _touches(one, days)]))
    return lines


def _last_day(row: Any, endings: Sequence[Any]) -> date:
    served = next((one.served_on for one in endings if one.served_on and not one.overturned_on), row.cancelled_on)
    ended_on = local_day(row.entered_at) if row.state in OUT and row.entered_at else None
    return last_day_of(row.expires_on, served, row.leaves_on, ended_on)


def _touches(hold: Hold, days: Sequence[tuple[date, DayState]]) -> bool:
    return any(hold.holds(day) for day, _ in days)


def _amounts(costs: Sequence[CostDecision], month: str) -> dict[CostKind, Decimal]:
    """Refused and recovered in their own month, set off in the one after."""
    sums = dict.fromkeys(CostKind, Decimal(0))
    for one in costs:
        kind = CostKind(one.kind)
        settled_in = month_after(one.month, 1) if kind is CostKind.SET_OFF else one.month
        if settled_in == month:
            sums[kind] += Decimal(one.amount)
    return sums


def _grades(session: Session, month: str, settled_after: int) -> dict[int, AssessmentResult]:
    """The newest grade whose coefficient counts in the month, by institution; one that was corrected counts to the end
    of the month of its correction."""
    order = col(AssessmentResult.year), col(AssessmentResult.id)
    rows = session.execute(select(AssessmentResult).order_by(*order)).scalars()
    begun = (one for one in rows if month_after(month_of(one.concluded_on), settled_after) <= month)
    counting = (one for one in begun if one.superseded_on is None or month <= month_of(one.superseded_on))
    return {one.institution_id: one for one in counting if one.coefficient}


def _by_agreement(session: Session, model: type[SQLModel]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in session.execute(select(model).order_by(model.id)).scalars():  # type: ignore[attr-defined]
        found[one.agreement_id].append(one)
    return found


def told_amount(amount: Decimal) -> str:
    """An amount as it is printed; a dash for none."""
    return exact(amount) if amount else "—"


def told_days(line: SettlementLine) -> str:
    """`1—9日有效；10—19日暂停`."""
    return "；".join(f"{_span(one)}{one.state.label}" for one in line.stretches)


def told_holds(line: SettlementLine) -> str:
    """`2026-03-10起` or `2026-03-10至2026-03-19`, each hold that touches the month; a dash for none."""
    return "；".join(map(_told_hold, line.holds)) or "—"


def _told_hold(one: Hold) -> str:
    return f"{one.from_on}起" + (f"，{one.released_on}恢复" if one.released_on else "，未恢复")


def _span(one: Stretch) -> str:
    return f"{one.first.day}日" if one.first == one.last else f"{one.first.day}—{one.last.day}日"


_AGREEMENTS = (
    select(
        *(col(getattr(Agreement, name)) for name in ("id", "number", "state", "entered_at", "effective_on")),
        *(col(getattr(Agreement, name)) for name in ("expires_on", "leaves_on", "cancelled_on")),
        *(col(getattr(Applicant, name)) for name in ("applicant_id", "name", "type", "institution_id")),
    )
    .join(Application, col(Application.id) == col(Agreement.application_id))
    .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    .where(col(Agreement.state).not_in(NOT_BEGUN))
    .order_by(col(Applicant.type), col(Applicant.applicant_id), col(Agreement.id))
)
