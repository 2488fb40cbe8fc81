"""What stands beside an agreement and changes with it: its supplements and stock lists, as the board tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from models import StockList
from models.stocked import editions_of
from rules.case import Context
from rules.performance.records import AgreementCase
from rules.performance.states import RUNNING
from rules.stock import in_force
from tasks.agreed_terms import annual_agreements_of, supplements_of, terms_on


def of_agreement(session: Session, case: AgreementCase) -> dict[str, list[dict[str, Any]]]:
    """The annexes of an agreement, in words."""
    return {
        "supplements": [
            {
                **{"ref": one.ref, "number": one.number, "signed": one.signed_on.isoformat()},
                **{"since": one.effective_on.isoformat(), "reason": one.reason},
                "changes": [f"{each['label']}：{each['before']} → {each['after']}" for each in one.changes],
                "other": one.other_terms,
                "filed": one.filed_on.isoformat() if one.filed_on else "待备案",
            }
            for one in supplements_of(session, case.id)
        ],
        "annual": [
            {
                **{"year": one.year, "number": one.number, "signed": one.signed_on.isoformat()},
                **{"from": one.from_on.isoformat(), "until": one.until_on.isoformat()},
                "terms": [f"{each['label']}：{each['told']}" for each in one.terms],
            }
            for one in annual_agreements_of(session, case.id)
        ],
        "stock_lists": [_edition(one) for one in editions_of(session, case.id)],
    }


def _edition(one: StockList) -> dict[str, Any]:
    return {"ref": one.ref, "since": one.valid_from.isoformat(), "count": len(one.entries), "sha256": one.sha256[:12]}


def stock_on(session: Session, agreement_id: int, today: date) -> Sequence[Mapping[str, str]]:
    """The drugs of the edition that is in force; before the first, of the first."""
    editions = editions_of(session, agreement_id)
    found = in_force([(one.valid_from, one) for one in editions], today) or next(iter(editions), None)
    return found.entries if found else ()


def lacks_a_year(session: Session, ctx: Context, case: AgreementCase, today: date) -> bool:
    """Whether it runs without terms, because nothing was signed for the year (R63: 年度协议缺失)."""
    is_asked = ctx.policy.signs_yearly and case.state in RUNNING
    return is_asked and today.year > case.effective_on.year and not terms_on(session, case.id, today)
