"""One case with its whole story: its state, its limits with the working of each date, its history, its messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Notification
from models.subjects import is_of_dossier
from notifications.catalogue import EVENTS
from rules.case import Case, Context, Event
from rules.eligibility import doubtful, in_doubt_sentence
from rules.evaluation import NEXT_STEP
from rules.evaluation.guards import question_of
from rules.localtime import ZONE, local_day
from rules.vocabulary import Audience, Channel, MessageStatus, State
from tasks.absences import handler_of
from tasks.addressing import in_its_round
from tasks.case_loading import context_of, round_numbered, the_case
from tasks.contacts import AGAIN
from tasks.institutions import contradicted_bar, earlier_rounds, former_names, names_before
from tasks.staff import staff_names
from views.agreement_file import of_applicant
from views.caseparts import changes_of, documents_of, objections_of, papers_of
from views.conditions import conditions_of, expected
from views.deadlines import deadline_told
from views.history import history_of
from views.slack import slack_of_clocks, slack_words


def file_of(session: Session, applicant_id: str, round_id: int, at: datetime) -> dict[str, Any]:
    """The case with a number that a person typed, in the round given (0: the one that has the number).

    Raises RefusedError for a number that no round has, or several.
    """
    asked = in_its_round(session, Event("show_case", at, "", {"applicant_id": applicant_id}, round_id))
    return case_file(session, asked.fields["applicant_id"], asked.round_id, at=at)


def case_file(session: Session, applicant_id: str, round_id: int, *, at: datetime | None = None) -> dict[str, Any]:
    """Everything our own records say of a case; with `at`, the slack that it has then. Raises RefusedError for an
    unknown applicant."""
    ctx = context_of(session, round_numbered(session, round_id))
    case = the_case(session, ctx.round.id, applicant_id)
    row = session.get(Application, case.id)
    assert row is not None
    slack = slack_of_clocks(ctx, case.state, case.clocks, local_day(at)) if at else None
    history, changes = history_of(session, case.kind, case.id), changes_of(session, ctx, case.id)
    conditions = conditions_of(session, ctx, case, at or ctx.round.accept_from)
    objections, earlier = objections_of(session, case.id), earlier_rounds(session, case.applicant_pk)
    handler = handler_of(session, case.id)
    renamed = names_before(session, "applicant", [case.applicant_pk]).get(case.applicant_pk, [])
    return {
        "round": ctx.round.name,
        "round_id": ctx.round.id,
        "year": ctx.round.year,
        "applicant_id": case.applicant_id,
        "institution_id": session.get_one(Applicant, case.applicant_pk).institution_id,
        "name": case.name,
        "type": case.type,
        "state": case.state.value,
        "state_label": case.state.label,
        "next_step": NEXT_STEP.get(case.state, "本案已办结"),
        "to_judge": to_judge(ctx, case),
        "conditions": conditions,
        "expected": expected(ctx, case, conditions, at) if at else "",
        "former_names": former_names(case.name, earlier, renamed),
        "earlier": [one.told for one in earlier],
        "bar": contradicted_bar(ctx, case, earlier, _applied_on(ctx, case, at)) if case.state in NEXT_STEP else "",
        "open_objections": case.holds,
        "reasons": row.reasons,
        "mean_score": row.mean_score,
        "rank": row.rank,
        "slack": slack_words(slack) if slack else "",
        "deadlines": [deadline_told(ctx, case, clock) for clock in case.clocks.values()],
        "history": [one | {"changed": words} for one, words in zip(history, changes, strict=True)],
        "handler": handler,
        "names": staff_names(session, [handler, *(one["by"] for one in history)]),
        "objections": objections,
        "agreements": of_applicant(session, ctx, case.applicant_id),
        "papers": papers_of(session, ctx, case),
        "documents": documents_of(session, case.id),
        "messages": _messages(session, case),
    }


def _applied_on(ctx: Context, case: Case, at: datetime | None) -> date:
    """The day of the application; of one that is not handed in, the day of the look."""
    return local_day(case.submitted_at or at or ctx.round.accept_from)


def to_judge(ctx: Context, case: Case) -> str:
    """What the opinion needs a person's judgement on: measures that may be penalties or not; empty where none is."""
    if case.state is not State.ACCEPTED or case.submitted_at is None:
        return ""
    kinds = doubtful(question_of(case, Event("", case.submitted_at, ""), ctx), case.type)
    return in_doubt_sentence(kinds) if kinds else ""


def _messages(session: Session, case: Case) -> list[dict[str, Any]]:
    """What was owed to whom; addresses are masked, always."""
    query = (
        select(Notification, col(Applicant.email_masked), col(Applicant.phone_masked))
        .outerjoin(Applicant, col(Applicant.id) == col(Notification.applicant_pk))
        .where(is_of_dossier(Notification, case.id))
        .order_by(col(Notification.id))
    )
    return [
        {
            "number": row.id,
            "event": row.event,
            "title": EVENTS[row.event].title,
            "audience": row.audience,
            "to": row.recipient or (phone if row.channel == Channel.SMS else email) or Audience(row.audience).label,
            "status": row.status,
            "status_label": MessageStatus(row.status).label,
            "failed": row.audience == Audience.APPLICANT and row.status in AGAIN,
            "at": row.created_at.astimezone(ZONE).isoformat(),
        }
        for row, email, phone in session.execute(query)
    ]
