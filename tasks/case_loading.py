"""Reads rounds and cases from the database as the frozen values that the rules decide on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Applicant, Application, ApplicationMaterial, Bar, Deadline, Institution, ListEntry, Round, Suspension
from models.bulk import among_given, plain_rows
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


def _cases_with(columns: Sequence[Any]) -> Select[Any]:
    whose = col(Applicant.id) == col(Application.applicant_pk)
    return select(*columns).join(Applicant, whose).order_by(col(Application.id))


def _institutions_of_cases(*columns: Any, on: Any) -> Select[Any]:
    """Cases with what is known of the institutions that stand for them: their own, and the whole of which it is a
    campus (L6); `on`: the column that names the institution."""
    known, own = aliased(Institution), aliased(Institution)
    same = col(known.id) == col(own.id)
    whole = (col(known.credit_code) == col(own.credit_code)) & (col(known.credit_code) != "") & (known.campus == "")
    return (
        select(col(Application.id), *columns)
        .select_from(Application)
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .join(own, col(own.id) == col(Applicant.institution_id))
        .join(known, same | whole)
        .join(on.class_, on == col(known.id))
        .where(among_given(col(Application.id)))
    )


# What every act reads is built once: building a statement takes longer than carrying it out.
_BARE, _FULL = _cases_with(APPLICATION_COLUMNS), _cases_with(APPLICATION_COLUMNS + FACTS_COLUMNS)
_NAMED = (col(Application.round_id) == bindparam("round_id"), col(Applicant.applicant_id) == bindparam("applicant_id"))
_ONE, _ONE_BARE = _FULL.where(*_NAMED), _BARE.where(*_NAMED)
_CLOCKS = (
    select(
        *(col(Deadline.subject_id), col(Deadline.id), col(Deadline.kind), col(Deadline.start_on), col(Deadline.due_on)),
        *(col(Deadline.earliest_on), col(Deadline.latest_on), col(Deadline.status), col(Deadline.closed_on)),
        *(col(Deadline.effect_from), col(Deadline.period), col(Deadline.roll)),
        *(col(Suspension.from_on), col(Suspension.to_on)),
        *(col(Suspension.reason), col(Suspension.clause), col(Suspension.by)),
    )
    .outerjoin(Suspension, col(Suspension.deadline_id) == col(Deadline.id))
    .where(col(Deadline.subject) == bindparam("kind"), among_given(col(Deadline.subject_id)))
)
_BARS = (
    _institutions_of_cases(col(Bar.from_on), col(Bar.last_day), on=Bar.institution_id)
    .where(col(Bar.lifted_on).is_(None))
    .order_by(col(Bar.from_on))
)
_REFUSALS = (
    _institutions_of_cases(
        col(ListEntry.ground), col(ListEntry.from_on), col(ListEntry.until), on=ListEntry.institution_id
    )
    .where(col(ListEntry.on_list) == InstitutionList.REFUSAL, col(ListEntry.removed_on).is_(None))
    .order_by(col(ListEntry.id))
)
_MATERIALS = select(col(ApplicationMaterial.application_id), col(ApplicationMaterial.code)).where(
    among_given(col(ApplicationMaterial.application_id))
)


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
    rows = plain_rows(session, (_FULL if with_facts else _BARE).where(condition))
    return _cases(session, rows, with_facts=with_facts)


def _cases(session: Session, rows: Sequence[Sequence[Any]], *, with_facts: bool) -> list[Case]:
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


def the_case(session: Session, round_id: int, applicant_id: str, *, with_facts: bool = True) -> Case:
    """The case of an applicant of a round; facts and materials, bars and refusals only where the act asks for them.

    Raises RefusedError when there is no such applicant.
    """
    named = {"round_id": round_id, "applicant_id": applicant_id}
    rows = plain_rows(session, _ONE if with_facts else _ONE_BARE, named)
    found = _cases(session, rows, with_facts=with_facts)
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
    """The clocks of subjects of a kind with their suspended days, by subject and by the clock's own kind."""
    clocks: dict[int, dict[str, Clock]] = defaultdict(dict)
    for row in plain_rows(session, _CLOCKS, {"kind": kind, "numbers": ids}):
        subject_id, clock_id, of, *days, effect_from, period, rolls, from_on, to_on, reason, clause, by = row
        known = clocks[subject_id].get(of)
        suspended = known.suspensions if known else ()
        if from_on:
            added = periods.Suspension(from_on, to_on, reason, clause, by)
            suspended = tuple(sorted((*suspended, added), key=lambda one: one.from_on))
        begun_with = period, rolls
        start_on, due_on, earliest_on, latest_on, status, closed_on = days
        first = clock_id, of, start_on, due_on, earliest_on, latest_on
        clocks[subject_id][of] = Clock(*first, status, closed_on, suspended, effect_from, begun_with)
    return clocks


def bars_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[tuple[date, date], ...]]:
    """The bars of our register on the institutions of cases, by case: on the institution itself, or on the whole of
    which it is a campus (六(三); L6). A bar that was lifted is none."""
    found: dict[int, tuple[tuple[date, date], ...]] = defaultdict(tuple)
    for application_id, first, last in session.execute(_BARS, {"numbers": ids}):
        found[application_id] = (*found[application_id], (first, last))
    return found


def refusals_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[tuple[str, date, date | None], ...]]:
    """The entries of the refusal list on the institutions of cases, by case, as the bars are known (R77): ground, first
    and last day. One that was removed is none."""
    found: dict[int, tuple[tuple[str, date, date | None], ...]] = defaultdict(tuple)
    for application_id, ground, first, last in session.execute(_REFUSALS, {"numbers": ids}):
        found[application_id] = (*found[application_id], (ground, first, last))
    return found


def materials_of(session: Session, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The materials on hand, by case."""
    held: dict[int, set[str]] = defaultdict(set)
    for application_id, code in session.execute(_MATERIALS, {"numbers": ids}):
        held[application_id].add(code)
    return {id_: frozenset(codes) for id_, codes in held.items()}
