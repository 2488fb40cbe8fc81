"""A finding tried out: the very act in a transaction that is taken back. Nothing is written, nobody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.database import engine_for
from rules.case import Context, Event
from tasks.acts.objections import conclude_inquiry, the_open_objection
from tasks.casebook import context_of, current_round
from tasks.consequences import consequences, look

TRIED_OUT = "试算"


def objection_effect(url: str, ref: str, at: datetime) -> dict[str, Any]:
    """What either finding on an objection would do. Raises RefusedError for one that is unknown or concluded."""
    return {
        "ref": ref,
        "if_substantiated": _tried(url, ref, at, substantiated=True),
        "if_not_substantiated": _tried(url, ref, at, substantiated=False),
    }


def _tried(url: str, ref: str, at: datetime, *, substantiated: bool) -> dict[str, Any]:
    fields = {"ref": ref, "substantiated": substantiated, "finding": TRIED_OUT, "preview_code": ""}
    event = Event("resolve_objection", at, TRIED_OUT, fields)
    with Session(engine_for(url), expire_on_commit=False) as session:
        try:
            return _consequences(session, context_of(session, current_round(session)), event)
        finally:
            session.rollback()


def _consequences(session: Session, ctx: Context, event: Event) -> dict[str, Any]:
    the_open_objection(session, ctx, event)
    before = look(session, ctx)
    receipt = conclude_inquiry(session, ctx, event)
    return {"said": receipt.summary, **consequences(session, before, look(session, ctx))}
