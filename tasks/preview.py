"""A finding, or the taking back of an act, tried out: the very act in a transaction that is rolled back. Nothing is
written, nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.database import engine_for
from policies.corrections import load_corrections
from rules.case import Context, Event
from rules.corrections import TAKE_BACK, TAKE_BACK_POSTING, Correction
from rules.wording import minute
from tasks.acts.corrections import code_of, named_in_full, undo, what_is_meant
from tasks.acts.objections import conclude_inquiry, the_open_objection
from tasks.acts.postings import undo_posting, which_posting
from tasks.addressing import addressed
from tasks.case_loading import context_of, the_case
from tasks.consequences import Picture, consequences, look, moved, preview_code
from tasks.labels import LABELS, ROLES

TRIED_OUT = "试算"
NOT_SHOWN = ("applicant_id", "items", "notes")  # scores are sealed until the last sheet is in


def objection_effect(url: str, ref: str, at: datetime, round_id: int = 0) -> dict[str, Any]:
    """What either finding on an objection would do. Raises RefusedError for one that is unknown or concluded."""
    return {
        "ref": ref,
        "if_substantiated": _tried(url, _finding(ref, at, round_id, substantiated=True), _found),
        "if_not_substantiated": _tried(url, _finding(ref, at, round_id, substantiated=False), _found),
    }


def _finding(ref: str, at: datetime, round_id: int, *, substantiated: bool) -> Event:
    fields = {"ref": ref, "substantiated": substantiated, "finding": TRIED_OUT, "preview_code": ""}
    return Event("resolve_objection", at, TRIED_OUT, fields, round_id)


def take_back_effect(url: str, asked: Mapping[str, Any], at: datetime, round_id: int = 0) -> dict[str, Any]:
    """What taking an act back would do. Raises RefusedError where it may not be taken back."""
    name, work = (TAKE_BACK, _taken_back) if "act" in asked else (TAKE_BACK_POSTING, _posting_taken_back)
    event = Event(name, at, TRIED_OUT, {**asked, "reason": TRIED_OUT, "preview_code": ""}, round_id)
    return _tried(url, event, work)


def _tried(url: str, event: Event, work: Callable[[Session, Context, Event], dict[str, Any]]) -> dict[str, Any]:
    with Session(engine_for(url), expire_on_commit=False) as session:
        try:
            return work(session, context_of(session, addressed(session, event)), event)
        finally:
            session.rollback()


def _taken_back(session: Session, ctx: Context, event: Event) -> dict[str, Any]:
    before = look(session, ctx)
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    meant = what_is_meant(session, case, event)
    one = meant.record
    receipt = undo(session, ctx, case, meant, event)
    after = look(session, ctx)
    return {
        "about": case.applicant_id,
        "title": f"{named_in_full(session, case)}：试算撤回{meant.named}",
        "with": LABELS[TAKE_BACK],
        "recorded_by": one.by,
        "recorded": {name: value for name, value in one.detail["fields"].items() if name not in NOT_SHOWN},
        "code": code_of(meant, preview_code(before, after)),
        **_shown(session, before, after, meant.rule, receipt.summary),
    }


def _posting_taken_back(session: Session, ctx: Context, event: Event) -> dict[str, Any]:
    before = look(session, ctx)
    meant = which_posting(session, ctx, event)
    posting = meant.posting
    recorded = {"channel": posting.channel, "posted_at": minute(posting.posted_at), "url": posting.url}
    by = posting.by
    receipt = undo_posting(session, ctx, meant, event)
    after = look(session, ctx)
    return {
        "about": meant.kind.value.replace("_", "-"),
        "title": f"试算撤回{meant.label}",
        "with": LABELS[TAKE_BACK_POSTING],
        "recorded_by": by,
        "recorded": recorded,
        "code": meant.code(before, after),
        **_shown(session, before, after, load_corrections()["record_posting"], receipt.summary),
    }


def _shown(session: Session, before: Picture, after: Picture, rule: Correction, said: str) -> dict[str, Any]:
    """What every preview of a mistake shows: who may ask, what then happens, what would be so."""
    found = consequences(session, before, after)
    del found["code"]
    who = [ROLES[role] for role in rule.by]
    return {"who": who, "consequence": rule.consequence, "said": said, "moved": moved(before, after), **found}


def _found(session: Session, ctx: Context, event: Event) -> dict[str, Any]:
    the_open_objection(session, ctx, event)
    before = look(session, ctx)
    receipt = conclude_inquiry(session, ctx, event)
    return {"said": receipt.summary, **consequences(session, before, look(session, ctx))}
