"""How a case stood right before an act that may be taken back: kept with the act by the one writer, read when it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import StoodBefore
from models.bulk import among, insert_rows
from rules.case import Change, Clock, Subject
from rules.vocabulary import Audience
from tasks.procedures import Kind
from tasks.typed_fields import read, written

Kept = dict[str, Any]


def keep(session: Session, kind: Kind[Any, Any], changes: Sequence[Change[Any]]) -> None:
    """Keeps, of each act among the changes that may be taken back, what it is about to change: nothing else could tell
    afterwards. Called before anything is written."""
    wanted = [one for one in changes if one.event.name in kind.procedure.retractable]
    if not wanted:
        return
    rows = _rows(session, kind, wanted)
    kept = [_row(one, rows[one.case.id]) for one in wanted]
    insert_rows(session.connection(), StoodBefore, kept)


def _rows(session: Session, kind: Kind[Any, Any], changes: Sequence[Change[Any]]) -> Mapping[int, Mapping[str, Any]]:
    """The columns of the cases that these changes set, with the reasons of their states."""
    names = sorted({"id", "reasons", *(name for one in changes for name in one.outcome.set)})
    table = kind.table
    query = select(*(table.c[name] for name in names)).where(among(table.c.id, [one.case.id for one in changes]))
    return {row["id"]: dict(row) for row in session.execute(query).mappings()}


def _row(change: Change[Subject], row: Mapping[str, Any]) -> dict[str, Any]:
    outcome, case = change.outcome, change.case
    touched = {one.kind for one in outcome.sets} | {one.kind for one in outcome.starts}
    kept: Kept = {
        "columns": {name: row[name] for name in outcome.set},
        "reasons": row["reasons"],
        "clocks": {kind: _clock(case.clock(kind)) for kind in sorted(touched)},
        "told": [one.event for one in outcome.messages if one.audience is Audience.APPLICANT],
    }
    return {"subject": case.kind, "subject_id": case.id, "seq": case.audit_seq + 1, "kept": written(kept)}


def _clock(clock: Clock | None) -> Kept | None:
    return {"status": clock.status, "closed_on": clock.closed_on} if clock else None


def kept_of(session: Session, case: Subject) -> dict[int, Kept]:
    """What was kept of a case, by the number of the record."""
    of_it = col(StoodBefore.subject) == case.kind, col(StoodBefore.subject_id) == case.id
    rows = session.execute(select(col(StoodBefore.seq), col(StoodBefore.kept)).where(*of_it))
    return {seq: read(kept) for seq, kept in rows}
