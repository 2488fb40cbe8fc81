"""Who is in the pool of the draw and who is not, with the reason of each (五(二); A7-26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Expert, ExpertAbsence, ExpertDeclaration, FormerName, Round, ScoreSheet
from rules.case import Context
from rules.conflicts import Conflict, Interest, Person, conflicts
from rules.register import evaluated_names, names_of, same_people
from tasks.institutions import names_before
from tasks.panel import experts_of, recusals_of

Row = dict[str, Any]
DECLARED, ABSENT = "申请回避", "抽取日不能到场"


def pool_of_round(session: Session, ctx: Context, on: date, drawn_on: date) -> tuple[list[Row], list[Row]]:
    """The numbered pool: the library in its order without those who stand aside, without conflicts and without those
    who told that they cannot come on the day of the draw; and who is not in it, with every reason. A conflict with one
    dossier is met by standing aside for that dossier alone."""
    reasons = _reasons(session, ctx, on)
    for expert_id in _absent(session, ctx, drawn_on):
        reasons.setdefault(expert_id, []).append({"kind": "absence", "label": ABSENT})
    library = experts_of(session, ctx)
    present = [expert for expert in library if expert.expert_id not in reasons]
    pool = [
        {"number": number, "expert_id": expert.expert_id, "name": expert.name, "specialty": expert.specialty}
        for number, expert in enumerate(present, 1)
    ]
    return pool, [{"expert_id": one, "reasons": why} for one, why in sorted(reasons.items())]


def twice_in_pool(session: Session, ctx: Context, pool: Sequence[Row]) -> list[tuple[str, ...]]:
    """The numbers of the pool under which one person (name, employer) stands more than once."""
    within = {one["expert_id"] for one in pool}
    library = [one for one in experts_of(session, ctx) if one.expert_id in within]
    known_at = _employers(session, library)
    return same_people((one.expert_id, one.name, employer) for one in library for employer in known_at[one.expert_id])


def _employers(session: Session, library: Sequence[Expert]) -> dict[str, list[str]]:
    """Every employer that the round has known each expert at, the present one first."""
    before = names_before(session, "expert", [one.id or 0 for one in library])
    told = {one.expert_id: [one.employer, *(each.name for each in before.get(one.id or 0, ()))] for one in library}
    return {number: list(dict.fromkeys(names)) for number, names in told.items()}


def _reasons(session: Session, ctx: Context, on: date) -> dict[str, list[Row]]:
    """Why somebody is out, by expert number; the kinds are told, not with which applicant."""
    found: dict[str, list[Row]] = {}
    for one in conflicts_of(session, ctx, on):
        why = {"kind": one.kind.value, "label": one.kind.label}
        if why not in found.setdefault(one.expert_id, []):
            found[one.expert_id].append(why)
    codes = {expert.id: expert.expert_id for expert in experts_of(session, ctx)}
    for recusal in recusals_of(session, ctx):
        if recusal.application_id is None:
            found.setdefault(codes[recusal.expert_pk], []).insert(0, {"kind": "recusal", "label": DECLARED})
    return found


def absences_of(session: Session, ctx: Context) -> list[tuple[str, ExpertAbsence]]:
    """The absences of experts of the round that stand, with the experts' numbers, in the order of their days."""
    query = select(col(Expert.expert_id), ExpertAbsence).join(Expert, col(Expert.id) == col(ExpertAbsence.expert_pk))
    standing = col(Expert.round_id) == ctx.round.id, col(ExpertAbsence.withdrawn_at).is_(None)
    ordered = query.where(*standing).order_by(col(ExpertAbsence.from_on), col(ExpertAbsence.id))
    return [(row[0], row[1]) for row in session.execute(ordered)]


def _absent(session: Session, ctx: Context, on: date) -> list[str]:
    """Who cannot come on a day."""
    return sorted({number for number, one in absences_of(session, ctx) if one.from_on <= on <= one.to_on})


def conflicts_of(session: Session, ctx: Context, on: date) -> list[Conflict]:
    """Every computed conflict that is not met by standing aside for that dossier alone."""
    rows = session.execute(
        select(
            *(col(Applicant.applicant_id), col(Applicant.name), col(Application.id), col(Applicant.campus)),
            col(Applicant.id),
        )
        .join(Application)
        .where(col(Application.round_id) == ctx.round.id)
        .order_by(col(Applicant.applicant_id))
    ).all()
    ids = {row[0]: row[2] for row in rows}
    before = names_before(session, "applicant", [row[4] for row in rows])
    library = experts_of(session, ctx)
    keys = {expert.expert_id: expert.id for expert in library}
    aside = {(one.expert_pk, one.application_id) for one in recusals_of(session, ctx)}
    found = conflicts(
        _people(session, ctx, library),
        {row[0]: _every_name(row[1], row[3], before.get(row[4], ())) for row in rows},
        [[one["name"], *one["members"]] for one in ctx.round.announcement.get("groups", [])],
        must_declare=must_declare(ctx),
        on=on,
    )
    return [
        one for one in found if one.applicant_id is None or (keys[one.expert_id], ids[one.applicant_id]) not in aside
    ]


def _every_name(name: str, campus: str, before: Sequence[FormerName]) -> frozenset[str]:
    """What an applicant is called, and what it was called before a clerk entered another name: no tie is lost by it."""
    return names_of(name, campus).union(*(names_of(one.name, campus) for one in before))


def must_declare(ctx: Context) -> bool:
    """Does this round require a declaration of every expert? Fixed with its announcement."""
    return ctx.round.requires("expert_declarations")


def _people(session: Session, ctx: Context, library: Sequence[Expert]) -> list[Person]:
    """Each expert with every employer that the round has known him at."""
    declared = _declared(session, ctx)
    evaluated = _evaluated(session, ctx, library)
    known_at = _employers(session, library)
    return [
        Person(
            *(expert.expert_id, employer, declared.get(expert.id)),
            evaluated.get(expert.expert_id, frozenset()),
        )
        for expert in library
        for employer in known_at[expert.expert_id]
    ]


def _declared(session: Session, ctx: Context) -> dict[int | None, tuple[Interest, ...]]:
    """The newest declaration of each expert."""
    query = select(ExpertDeclaration).join(Expert).where(col(Expert.round_id) == ctx.round.id)
    return {
        one.expert_pk: tuple(
            Interest(tie["institution"], tie["kind"], date.fromisoformat(tie["until"]) if tie["until"] else None)
            for tie in one.interests
        )
        for one in session.execute(query.order_by(col(ExpertDeclaration.id))).scalars()
    }


def _evaluated(session: Session, ctx: Context, library: Sequence[Expert]) -> dict[str, frozenset[str]]:
    """The institutions that each expert scored in the rounds that the policy looks back to, from our own records: as
    they were called then, and as this round lists the same institution."""
    if ctx.policy.reads("past_evaluation") != "counts":
        return {}
    since = ctx.round.year - ctx.policy.count("past_evaluation")
    earlier_year = col(Round.year) < ctx.round.year
    earlier_batch = (col(Round.year) == ctx.round.year) & (col(Round.batch) < ctx.round.batch)
    query = (
        select(col(Expert.expert_id), col(Applicant.name), col(Applicant.campus), col(Applicant.institution_id))
        .join(ScoreSheet, col(ScoreSheet.expert_pk) == col(Expert.id))
        .join(Application, col(Application.id) == col(ScoreSheet.application_id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .join(Round, col(Round.id) == col(Expert.round_id))
        .where(col(Round.id) != ctx.round.id, col(Round.county) == ctx.round.county)
        .where(col(Round.year) >= since, earlier_year | earlier_batch)
        .where(col(Expert.expert_id).in_([expert.expert_id for expert in library]))
    )
    now = _listed_now(session, ctx)
    found: dict[str, frozenset[str]] = {}
    for expert_id, name, campus, institution in session.execute(query):
        today = now.get(institution, frozenset())
        found[expert_id] = found.get(expert_id, frozenset()) | evaluated_names(name, campus) | today
    return found


def _listed_now(session: Session, ctx: Context) -> dict[int, frozenset[str]]:
    """What this round calls each institution, its campus as itself only."""
    of_round = col(Applicant.round_id) == ctx.round.id, col(Applicant.institution_id).is_not(None)
    query = select(col(Applicant.institution_id), col(Applicant.name), col(Applicant.campus)).where(*of_round)
    return {institution: evaluated_names(name, campus) for institution, name, campus in session.execute(query)}
