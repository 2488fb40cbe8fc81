"""Reads rounds and cases from the database as the frozen values that the rules decide on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Applicant, Application, ApplicationMaterial, Bar, Deadline, Institution, ListEntry, Round, Suspension
from models.bulk import among
from models.office import office_at, place_told
from models.pinned import policy_of
from models.schedules import known_workdays
from rules import periods
from rules.case import Case, Clock, Context, RoundFacts
from rules.errors import RefusedError
from rules.vocabulary import InstitutionList, State

APPLICATION_COLUMNS = (
    col(Application.id),
    col(Application.round_id),
    col(Application.applicant_pk),
    col(Applicant.applicant_id),
    col(Application.type),
    col(Applicant.name),
    col(Application.state),
    col(Application.version),
    col(Application.holds),
    col(Application.submitted_at),
    col(Application.accepted_on),
    col(Application.released_on),
    col(Application.signed_on),
    col(Application.site_checked_on),
    col(Application.rank),
    col(Application.audit_seq),
    col(Application.audit_head),
)
NO_ROUND = "还没有轮次：请先用“发布公告”建立本轮评估"
FACTS_COLUMNS = (col(Applicant.facts), col(Application.findings))


def round_numbered(session: Session, round_id: int) -> Round:
    """The round with this number. Raises RefusedError when there is none."""
    found = session.get(Round, round_id)
    if found is None:
        raise RefusedError(f"没有第 {round_id} 轮次：轮次号见看板；新的一轮请先用“发布公告”建立")
    return found


def newest_round(session: Session) -> Round:
    """The round announced last: what a view shows that names none. No act is ever addressed this way.

    Raises RefusedError when there is no round yet.
    """
    newest = select(Round).order_by(col(Round.announced_at).is_(None), col(Round.id).desc()).limit(1)
    found: Round | None = session.execute(newest).scalar_one_or_none()
    if found is None:
        raise RefusedError(NO_ROUND)
    return found


def round_or_newest(session: Session, round_id: int) -> Round:
    """The round with this number; for 0 the newest. Raises RefusedError when there is none."""
    return round_numbered(session, round_id) if round_id else newest_round(session)


def context_of(session: Session, the_round: Round) -> Context:
    """The announcement's rules, with the working days as they are known now."""
    announcement = the_round.announcement
    facts = RoundFacts(
        id=the_round.id or 0,
        name=the_round.name,
        county=the_round.county,
        year=the_round.year,
        batch=the_round.batch,
        agency=announcement["agency"],
        place=place_told(office_at(session), announcement["place"], the_round.announced_at),
        accept_from=the_round.accept_from,
        accept_until=the_round.accept_until,
        channels=tuple(announcement["channels"]),
        quota=announcement["quota"],
        tie_rule=announcement["tie_rule"],
        substitution=announcement["substitution"],
        announcement=announcement,
        rubric=the_round.rubric,
    )
    return Context(facts, policy_of(session, the_round), known_workdays(session))


def context_numbered(session: Session, round_id: int) -> Context:
    """The rules of the round with this number. Raises RefusedError when there is none."""
    return context_of(session, round_numbered(session, round_id))


def load_cases(session: Session, condition: ColumnElement[bool], *, with_facts: bool = True) -> list[Case]:
    """Every case that meets a condition on applications, with its clocks; facts and materials only when asked."""
    columns = APPLICATION_COLUMNS + (FACTS_COLUMNS if with_facts else ())
    query = select(*columns).join(Applicant, col(Applicant.id) == col(Application.applicant_pk)).where(condition)
    rows = session.execute(query.order_by(col(Application.id))).all()
    ids = [row[0] for row in rows]
    clocks = clocks_of(session, Case.kind, ids)
    if not with_facts:
        return [_case(row, clocks.get(row[0], {}), frozenset(), with_facts) for row in rows]
    materials, bars, refusals = materials_of(session, ids), bars_of(session, ids), refusals_of(session, ids)
    return [
        replace(
            _case(row, clocks.get(row[0], {}), materials.get(row[0], frozenset()), with_facts),
            bars=bars[row[0]],
            refusals=refusals[row[0]],
        )
        for row in rows
    ]


def number_of(session: Session, case_id: int) -> str:
    """The applicant's number of a case."""
    query = select(col(Applicant.applicant_id)).join(Application).where(col(Application.id) == case_id)
    return str(session.execute(query).scalar_one())


def the_case(session: Session, round_id: int, applicant_id: str) -> Case:
    """The case of an applicant of a round. Raises RefusedError when there is no such applicant."""
    condition = (col(Application.round_id) == round_id) & (col(Applicant.applicant_id) == applicant_id)
    found = load_cases(session, condition)
    if not found:
        raise RefusedError(f"本轮没有申请人“{applicant_id}”：请核对编号（看板可查），或先登记该机构")
    return found[0]


def _case(row: Sequence[Any], clocks: dict[str, Clock], materials: frozenset[str], with_facts: bool) -> Case:
    (id_, _, applicant_pk, applicant_id, type_, name, state, version, holds, *rest) = row
    (submitted_at, accepted_on, released_on, signed_on, site_checked_on, rank, audit_seq, audit_head) = rest[:8]
    declared, findings = rest[8:10] if with_facts else ({}, {})
    return Case(
        id=id_,
        applicant_pk=applicant_pk,
        number=applicant_id,
        type=type_,
        name=name,
        state=State(state),
        version=version,
        holds=holds,
        submitted_at=submitted_at,
        accepted_on=accepted_on,
        released_on=released_on,
        signed_on=signed_on,
        site_checked_on=site_checked_on,
        rank=rank,
        audit_seq=audit_seq,
        audit_head=audit_head,
        facts={**declared, **findings},
        findings=findings,
        materials=materials,
        clocks=clocks,
    )


def clocks_of(session: Session, kind: str, ids: Sequence[int]) -> dict[int, dict[str, Clock]]:
    """The clocks of subjects of a kind, by subject and by the clock's own kind."""
    table = Deadline.__table__  # type: ignore[attr-defined]
    of_them = table.c.subject == kind, among(session, table.c.subject_id, ids)
    suspensions = suspensions_of(session, kind, ids)
    clocks: dict[int, dict[str, Clock]] = defaultdict(dict)
    for row in session.execute(select(table).where(*of_them)).all():
        clocks[row.subject_id][row.kind] = Clock(
            *(row.id, row.kind, row.start_on, row.due_on, row.earliest_on, row.latest_on, row.status, row.closed_on),
            suspensions.get(row.id, ()),
            row.effect_from,
            (row.period, row.roll),
        )
    return clocks


def suspensions_of(session: Session, kind: str, ids: Sequence[int]) -> dict[int, tuple[periods.Suspension, ...]]:
    """The suspended days of the clocks of subjects of a kind, by clock."""
    query = (
        select(Suspension)
        .join(Deadline, col(Deadline.id) == col(Suspension.deadline_id))
        .where(col(Deadline.subject) == kind, among(session, col(Deadline.subject_id), ids))
        .order_by(col(Suspension.from_on))
    )
    found: dict[int, tuple[periods.Suspension, ...]] = {}
    for row in session.execute(query).scalars():
        one = periods.Suspension(row.from_on, row.to_on, row.reason, row.clause, row.by)
        found[row.deadline_id] = (*found.get(row.deadline_id, ()), one)
    return found


def bars_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[tuple[date, date], ...]]:
    """The bars of our register on the institutions of cases, by case: on the institution itself, or on the whole of
    which it is a campus (六(三); L6). A bar that was lifted is none."""
    query, whose = _of_institutions(session, ids, col(Bar.from_on), col(Bar.last_day))
    rows = session.execute(
        query.join(Bar, col(Bar.institution_id) == whose).where(col(Bar.lifted_on).is_(None)).order_by(col(Bar.from_on))
    )
    found: dict[int, tuple[tuple[date, date], ...]] = defaultdict(tuple)
    for application_id, first, last in rows:
        found[application_id] = (*found[application_id], (first, last))
    return found


def refusals_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[tuple[str, date, date | None], ...]]:
    """The entries of the refusal list on the institutions of cases, by case, as the bars are known (R77): ground, first
    and last day. One that was removed is none."""
    query, whose = _of_institutions(
        session, ids, *(col(ListEntry.ground), col(ListEntry.from_on), col(ListEntry.until))
    )
    rows = session.execute(
        query.join(ListEntry, col(ListEntry.institution_id) == whose)
        .where(col(ListEntry.on_list) == InstitutionList.REFUSAL, col(ListEntry.removed_on).is_(None))
        .order_by(col(ListEntry.id))
    )
    found: dict[int, tuple[tuple[str, date, date | None], ...]] = defaultdict(tuple)
    for application_id, ground, first, last in rows:
        found[application_id] = (*found[application_id], (ground, first, last))
    return found


def _of_institutions(session: Session, ids: Sequence[int], *columns: Any) -> tuple[Select[Any], Any]:
    """Cases with the institutions that stand for them: their own, and the whole of which it is a campus (L6)."""
    barred, own = aliased(Institution), aliased(Institution)
    same = col(barred.id) == col(own.id)
    whole = (col(barred.credit_code) == col(own.credit_code)) & (col(barred.credit_code) != "") & (barred.campus == "")
    query: Select[Any] = (
        select(col(Application.id), *columns)
        .select_from(Application)
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .join(own, col(own.id) == col(Applicant.institution_id))
        .join(barred, same | whole)
        .where(among(session, col(Application.id), ids))
    )
    return query, col(barred.id)


def materials_of(session: Session, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The materials on hand, by case."""
    query = select(col(ApplicationMaterial.application_id), col(ApplicationMaterial.code))
    held: dict[int, set[str]] = defaultdict(set)
    for application_id, code in session.execute(
        query.where(among(session, col(ApplicationMaterial.application_id), ids))
    ):
        held[application_id].add(code)
    return {id_: frozenset(codes) for id_, codes in held.items()}
