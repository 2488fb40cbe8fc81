"""One page of the list of dossiers, each line with its days left and its slack."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from rules.case import Case, Context
from rules.clocks import working_days_left
from rules.localtime import ZONE, local_day
from rules.vocabulary import ApplicantType, State
from rules.workdays import UnpublishedYearError, Workdays
from tasks.case_loading import clocks_of, context_of, round_numbered
from views.board import case_line, rounds
from views.dossiers import PAGE, Wanted, page
from views.slack import slack_of_clocks, slack_words


def listing(session: Session, at: datetime, wanted: Wanted, size: int = PAGE) -> dict[str, Any]:
    """The dossiers that are wanted, a page of them. Raises InputError for an unknown sort or mark."""
    today = local_day(at)
    found = page(session, wanted, today, size)
    clocks = clocks_of(session, Case.kind, [row["id"] for row in found.rows])
    contexts = _contexts(session, {row["round_id"] for row in found.rows})
    return {
        "rounds": rounds(session),
        "as_of": at.astimezone(ZONE).isoformat(),
        "total": found.total,
        "after": found.after,
        "lines": [_line(row, contexts[row["round_id"]], clocks.get(row["id"], {}), today) for row in found.rows],
    }


def _contexts(session: Session, round_ids: set[int]) -> dict[int, Context]:
    return {round_id: context_of(session, round_numbered(session, round_id)) for round_id in round_ids}


def _line(row: dict[str, Any], ctx: Context, clocks: dict[str, Any], today: date) -> dict[str, Any]:
    slack = slack_of_clocks(ctx, State(row["state"]), clocks, today)
    return {
        **case_line(row, ctx.policy),
        "round_id": row["round_id"],
        "type_label": ApplicantType(row["type"]).label,
        "waits_for": row["waits_for"],
        "left": "暂停" if row["holds"] else _left(today, row["due_on"], ctx.workdays),
        "slack": slack_words(slack) if slack else "",
        "is_lost": bool(slack and slack.is_lost),
    }


def _left(today: date, due_on: date | None, workdays: Workdays) -> str:
    """`12 个工作日`; calendar days where a schedule is not published; a limit that is over says so."""
    if due_on is None:
        return ""
    if due_on < today:
        return f"逾期 {(today - due_on).days} 日"
    try:
        return f"{working_days_left(today, due_on, workdays)} 个工作日"
    except UnpublishedYearError:
        return f"{(due_on - today).days} 日"
