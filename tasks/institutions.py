"""One institution across rounds: whom a register means, and what our own records know of it from before (六(三))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, FormerName, Institution, Round
from models.bulk import changed
from rules.case import Case, Context
from rules.eligibility import dissolved_on, is_barred, last_day_of_bar
from rules.localtime import local_day
from rules.register import identity_of
from rules.texts import compared
from rules.vocabulary import State


@dataclass(frozen=True, slots=True)
class Earlier:
    """An institution in a round before: its name then, where it ended, and the facts that the dossier ended with."""

    round_id: int
    round: str
    applicant_id: str
    name: str
    state: State
    reasons: tuple[str, ...]
    agreement: str
    facts: dict[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """As the office's pages show it."""
        shown = {name: getattr(self, name) for name in ("round_id", "round", "applicant_id", "name", "agreement")}
        return {**shown, "state_label": self.state.label, "reasons": list(self.reasons)}


def attach(session: Session, applicants: Sequence[Applicant]) -> None:
    """Sets the institution of applicants: the one with their code and campus, made where there is none yet.

    Two registers that bring the same new one at the same time get the same row. A name decides nothing.
    """
    wanted = {identity for one in applicants if (identity := identity_of(one.credit_code, one.campus))[0]}
    known = _known(session, sorted(wanted))
    for one in applicants:
        id_ = known.get(identity_of(one.credit_code, one.campus))
        one.institution_id = id_ if id_ is not None else _without_code(session)


def institution_of_code(session: Session, credit_code: str) -> int:
    """The institution as a whole with a code, made where no register has named it yet."""
    identity = identity_of(credit_code, "")
    return _known(session, [identity])[identity]


def _known(session: Session, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not wanted:
        return {}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = [{"credit_code": code, "campus": campus} for code, campus in wanted]
    changed(session, dialect.insert(Institution).values(values).on_conflict_do_nothing())
    identity = tuple_(col(Institution.credit_code), col(Institution.campus))
    rows = session.execute(select(Institution).where(identity.in_(wanted))).scalars()
    return {(one.credit_code, one.campus): one.id or 0 for one in rows}


def _without_code(session: Session) -> int:
    new = Institution()
    session.add(new)
    session.flush()
    return new.id or 0


def earlier_rounds(session: Session, applicant_pk: int) -> list[Earlier]:
    """What became of the institution of an applicant in the rounds before its own, the newest first."""
    own, its_round = session.execute(
        select(Applicant, Round)
        .join(Round, col(Round.id) == col(Applicant.round_id))
        .where(col(Applicant.id) == applicant_pk)
    ).one()
    if own.institution_id is None:
        return []
    age = tuple_(col(Round.year), col(Round.batch), col(Round.id))
    rows = session.execute(
        select(Round, Applicant, Application, col(Agreement.number))
        .join(Applicant, col(Applicant.round_id) == col(Round.id))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .outerjoin(Agreement, col(Agreement.application_id) == col(Application.id))
        .where(col(Applicant.institution_id) == own.institution_id)
        .where(age < (its_round.year, its_round.batch, its_round.id))
        .order_by(col(Round.year).desc(), col(Round.batch).desc(), col(Round.id).desc())
    )
    return [_earlier(*row) for row in rows]


def _earlier(the_round: Round, applicant: Applicant, application: Application, number: str | None) -> Earlier:
    return Earlier(
        *(the_round.id or 0, the_round.name, applicant.applicant_id, applicant.name, State(application.state)),
        tuple(one["code"] for one in application.reasons),
        number or "",
        {**applicant.facts, **application.findings},
    )


def names_before(session: Session, subject: str, ids: Sequence[int]) -> dict[int, list[FormerName]]:
    """What applicants (or the employers of experts) were called in their round before somebody entered another name,
    the newest first."""
    of_them = col(FormerName.subject) == subject, col(FormerName.subject_id).in_(ids)
    found: dict[int, list[FormerName]] = {}
    for one in session.execute(select(FormerName).where(*of_them).order_by(col(FormerName.id).desc())).scalars():
        found.setdefault(one.subject_id, []).append(one)
    return found


def former_names(name: str, earlier: Sequence[Earlier], renamed: Sequence[FormerName] = ()) -> list[dict[str, str]]:
    """The names (曾用名) under which an institution stood before, each with the round that it last stood in; those of
    this round (`renamed`) with the day of the change."""
    last: dict[str, dict[str, str]] = {}
    for one in renamed:
        last.setdefault(compared(one.name), {"name": one.name, "round": f"本轮，{local_day(one.changed_at)} 变更前"})
    for before in earlier:
        last.setdefault(compared(before.name), {"name": before.name, "round": before.round})
    last.pop(compared(name), None)
    return list(last.values())


def contradicted_bar(ctx: Context, case: Case, earlier: Sequence[Earlier], applied_on: date) -> str:
    """What an earlier dossier says of a dissolution whose bar reaches to this application, where the facts of this
    dossier do not say it (六(三); A7-38): a person must look. Empty where nothing is contradicted."""
    stated = dissolved_on(case.facts)
    if stated and is_barred(stated, applied_on, ctx.policy, ctx.workdays):
        return ""
    for one in earlier:
        ended_on = dissolved_on(one.facts)
        if ended_on and is_barred(ended_on, applied_on, ctx.policy, ctx.workdays):
            last = last_day_of_bar(ended_on, ctx.policy, ctx.workdays)
            return (
                f"{one.round}的案卷（{one.applicant_id}）记有 {ended_on} 解除协议，"
                f"再次申请的限制期至 {last}（六(三)），本轮的“以往协议终止情况”没有写明："
                "请在签署初审意见前核对，属实的用“录入实地核查”写入"
            )
    return ""
