"""A finding tried out: the very act in a transaction that is taken back. Nothing is written, nobody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.database import engine_for
from rules.case import Context, Event
from tasks.acts.objections import conclude_inquiry, the_open_objection
from tasks.addressing import addressed
from tasks.case_loading import context_of
from tasks.consequences import consequences, look

TRIED_OUT = "试算"


def objection_effect(url: str, ref: str, at: datetime, round_id: int = 0) -> dict[str, Any]:
    """What either finding on an objection would do. Raises RefusedError for one that is unknown or concluded."""
    return {
        "ref": ref,
        "if_substantiated": _tried(url, _finding(ref, at, round_id, substantiated=True)),
        "if_not_substantiated": _tried(url, _finding(ref, at, round_id, substantiated=False)),
    }


def _finding(ref: str, at: datetime, round_id: int, *, substantiated: bool) -> Event:
    fields = {"ref": ref, "substantiated": substantiated, "finding": TRIED_OUT, "preview_code": ""}
    return Event("resolve_objection", at, TRIED_OUT, fields, round_id)


def _tried(url: str, event: Event) -> dict[str, Any]:
    with Session(engine_for(url), expire_on_commit=False) as session:
        try:
            return _consequences(session, context_of(session, addressed(session, event)), event)
        finally:
            session.rollback()


def _consequences(session: Session, ctx: Context, event: Event) -> dict[str, Any]:
    the_open_objection(session, ctx, event)
    before = look(session, ctx)
    receipt = conclude_inquiry(session, ctx, event)
    return {"said": receipt.summary, **consequences(session, before, look(session, ctx))}
