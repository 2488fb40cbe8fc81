"""Records changes with everything that follows from them: whoever records has nothing else to remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from rules.case import Case, Change, Setting
from rules.performance.records import AgreementCase
from rules.workdays import Workdays
from tasks.advance import advance
from tasks.places import fill_places
from tasks.successors import follow_agreements

# What follows from the changes of a kind of subject, in the same transaction.
FOLLOWS: Mapping[str, Callable[[Session, Any, Sequence[Change[Any]]], None]] = {
    Case.kind: fill_places,
    AgreementCase.kind: follow_agreements,
}


def record(
    session: Session, ctx: Setting, changes: Sequence[Change[Any]], *, workdays_before: Workdays | None = None
) -> None:
    """Writes the changes of subjects of one kind (`tasks.advance`) and what follows from them: places that dossiers
    leave are filled as announced (A7-18), orders that ran out are noted (R44③, R45④), a renewal goes the way of what it
    renews (六(三)).

    Raises ConflictError and RefusedError as the one writer does; then the caller's transaction must end.
    """
    advance(session, ctx, changes, workdays_before=workdays_before)
    follow = FOLLOWS.get(changes[0].case.kind) if changes else None
    if follow:
        follow(session, ctx, changes)
