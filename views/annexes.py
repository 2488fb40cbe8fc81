"""What stands beside an agreement and changes with it: its supplements, as the board tells them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from rules.performance.records import AgreementCase
from tasks.agreed_terms import supplements_of


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
        ]
    }


def unfiled(session: Session, case: AgreementCase) -> list[str]:
    """The supplements that are still to be filed (R60)."""
    return [one.ref for one in supplements_of(session, case.id) if one.filed_on is None]
