"""What was reported of a month, and how it compares with the terms in force on the month's last day (R70, R83)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import IndicatorReport
from models.bulk import among
from rules.indicators import Compared, Value, compare
from rules.months import last_day
from rules.performance.records import AgreementCase
from rules.policy import Policy
from tasks.agreed_terms import terms_of_all_on

Values = dict[str, Value]


def values_of(session: Session, agreement_ids: Sequence[int], months: Sequence[str]) -> dict[tuple[int, str], Values]:
    """The newest value of each field, by agreement and month."""
    of_them = among(col(IndicatorReport.agreement_id), agreement_ids)
    columns = (getattr(IndicatorReport, name) for name in ("field", "value", "numerator", "denominator"))
    query = select(col(IndicatorReport.agreement_id), col(IndicatorReport.month), *columns)
    query = query.where(of_them, col(IndicatorReport.month).in_(list(months)))
    found: dict[tuple[int, str], Values] = defaultdict(dict)
    for agreement_id, month, *value in session.execute(query.order_by(col(IndicatorReport.version))):
        found[agreement_id, month][value[0]] = Value(*value)
    return found


def compared_in(
    session: Session, policy: Policy, cases: Sequence[AgreementCase], month: str
) -> Mapping[int, tuple[Compared, ...]]:
    """Every value of a month against the term in force on its last day, by agreement."""
    ids = [one.id for one in cases]
    terms, values = terms_of_all_on(session, ids, last_day(month)), values_of(session, ids, [month])
    return {
        one.id: compare(policy.compared_of(one.type), terms.get(one.id, {}), values.get((one.id, month), {}))
        for one in cases
    }
