"""One institution across rounds: every name that it had, every dossier, agreement, bar and list."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, Bar, Institution, ListEntry, Round
from rules.errors import RefusedError
from rules.register import listed_name
from rules.texts import compared
from rules.vocabulary import AgreementState, ApplicantType, InstitutionList, State


def institution_file(session: Session, institution_id: int, today: date) -> dict[str, Any]:
    """Everything our records say of it. Raises RefusedError for a number that is none."""
    rows = session.execute(
        select(Applicant, Application, Round)
        .join(Round, col(Round.id) == col(Applicant.round_id))
        .outerjoin(Application, col(Application.applicant_pk) == col(Applicant.id))
        .where(col(Applicant.institution_id) == institution_id)
        .order_by(col(Round.year).desc(), col(Round.batch).desc(), col(Round.id).desc())
    ).all()
    one = session.get(Institution, institution_id)
    if one is None or not rows:
        raise RefusedError(f"没有第 {institution_id} 号机构：请从“查找”进入")
    newest = rows[0][0]
    return {
        "name": listed_name(newest.name, newest.campus),
        "type_label": ApplicantType(newest.type).label,
        "credit_code": one.credit_code,
        "campus": newest.campus,
        "names": _names(rows),
        "dossiers": [_dossier(*row) for row in rows],
        "agreements": _agreements(session, institution_id),
        "bars": _bars(session, institution_id, today),
        "lists": _lists(session, institution_id, today),
    }


def _names(rows: Any) -> list[dict[str, str]]:
    """The names that it had before, each with the rounds in which it stood so."""
    found: dict[str, dict[str, Any]] = {}
    for applicant, _, of in rows:
        found.setdefault(compared(applicant.name), {"name": applicant.name, "rounds": []})["rounds"].append(of.name)
    found.pop(compared(rows[0][0].name), None)
    return [{"name": one["name"], "rounds": "、".join(one["rounds"])} for one in found.values()]


def _dossier(applicant: Applicant, application: Application | None, of: Round) -> dict[str, Any]:
    return {
        "round": of.name,
        "path": f"/case/{of.id}/{applicant.applicant_id}",
        "applicant_id": applicant.applicant_id,
        "name": applicant.name,
        "state_label": State(application.state).label if application else "",
        "reasons": [one["text"] for one in application.reasons] if application else [],
    }


def _agreements(session: Session, institution_id: int) -> list[dict[str, Any]]:
    query = (
        select(Agreement, col(Round.name))
        .join(Application, col(Application.id) == col(Agreement.application_id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .join(Round, col(Round.id) == col(Agreement.round_id))
        .where(col(Applicant.institution_id) == institution_id)
        .order_by(col(Agreement.id).desc())
    )
    return [
        {
            "path": f"/agreement/{row.id}" if row.state != AgreementState.DRAFT else "",
            "number": row.number or "（未编号）",
            "round": of,
            "term": f"{row.effective_on or ''} 至 {row.expires_on or ''}" if row.effective_on else "",
            "state_label": AgreementState(row.state).label,
        }
        for row, of in session.execute(query)
    ]


def _bars(session: Session, institution_id: int, today: date) -> list[dict[str, Any]]:
    """The bars of 六(三), those that are over or lifted as well."""
    query = select(Bar).where(col(Bar.institution_id) == institution_id).order_by(col(Bar.id).desc())
    return [
        {
            "from": one.from_on.isoformat(),
            "last_day": one.last_day.isoformat(),
            "how": f"{one.lifted_on} 取消" if one.lifted_on else "已满" if one.last_day < today else "限制期内",
            "runs": not one.lifted_on and one.last_day >= today,
        }
        for one in session.execute(query).scalars()
    ]


def _lists(session: Session, institution_id: int, today: date) -> list[dict[str, Any]]:
    query = select(ListEntry).where(col(ListEntry.institution_id) == institution_id).order_by(col(ListEntry.id).desc())
    return [
        {
            "list": InstitutionList(one.on_list).label,
            "ground": one.ground,
            "document": one.document,
            "since": one.from_on.isoformat(),
            "until": f"{one.removed_on} 移出"
            if one.removed_on
            else one.until.isoformat()
            if one.until
            else "至移出为止",
            "stands": not one.removed_on and (one.until is None or one.until >= today),
        }
        for one in session.execute(query).scalars()
    ]
