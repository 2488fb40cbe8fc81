"""Opens a round: the announcement with its rubric, library and applicants, in one transaction (三; R20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Applicant, Staff
from models.database import transaction
from models.migrate import ensure_current
from models.secrets import Keyring
from policies.loader import load_policy
from rules.announcing import faults_of_applicants, faults_of_round
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from tasks.acts.challenges import register_declarations
from tasks.casebook import context_of, current_round
from tasks.perform import may_act
from tasks.receipt import Receipt
from tasks.rounds import create_round, expect_sound, record_for_round
from tasks.rounds import register_applicants as add_to_register


def announce_round(url: str, head: Mapping[str, Any], event: Event, keys: Keyring) -> Receipt:
    """Writes the round and everything that comes with its announcement.

    Raises InputError for a file in which anything is wrong, RefusedError when the county already has a round of that
    year or the person may not do it.
    """
    ensure_current(url)
    with transaction(url) as session:
        may_act(session, load_policy(), event)
        expect_sound(faults_of_round(head, load_policy(on=date.fromisoformat(head["announcement"]["published_on"]))))
        the_round = create_round(session, head, announced_at=event.at)
        add_to_register(session, the_round.id or 0, head["applicants"], keys)
        ctx = context_of(session, the_round)
        if declared := head.get("expert_declarations"):
            told = Event("register_declarations", event.at, event.by, {"declarations": declared})
            register_declarations(session, ctx, told)
        detail = {"procedure": the_round.procedure, "policy_sha256": the_round.policy_sha256}
        record_for_round(session, ctx, event, {**detail, "workdays_version": the_round.workdays_version})
        count = session.execute(
            select(func.count()).select_from(Applicant).where(col(Applicant.round_id) == the_round.id)
        ).scalar_one()
        summary = f"已发布“{the_round.name}”公告：登记机构 {count} 家，专家 {len(head['expert_library'])} 名。"
        return Receipt(summary, the_round.id or 0)


def register_applicants(url: str, entries: Sequence[Mapping[str, Any]], event: Event, keys: Keyring) -> Receipt:
    """Adds applicants to the round announced last: all of them, or none."""
    ensure_current(url)
    with transaction(url) as session:
        return register(session, context_of(session, current_round(session)), entries, event, keys)


def register(
    session: Session, ctx: Context, entries: Sequence[Mapping[str, Any]], event: Event, keys: Keyring
) -> Receipt:
    """Adds applicants inside a transaction, on the round's record. Raises InputError for what cannot be."""
    may_act(session, ctx.policy, event)
    expect_sound(faults_of_applicants(entries, ctx.policy, local_day(event.at)))
    add_to_register(session, ctx.round.id, entries, keys)
    added = tuple(entry["applicant_id"] for entry in entries)
    record_for_round(session, ctx, event, {"applicants": added})
    return Receipt(f"已登记机构 {len(added)} 家：{'、'.join(added)}。", ctx.round.id, added)


def register_staff(session: Session, staff: Sequence[Mapping[str, Any]]) -> None:
    """Adds people to the staff list. Raises RefusedError for a number that is taken."""
    for person in staff:
        if session.execute(select(Staff).where(col(Staff.staff_no) == person["staff_no"])).first():
            raise RefusedError(f"工号 {person['staff_no']} 已登记")
        session.add(Staff(staff_no=person["staff_no"], name=person["name"], roles=list(person["roles"])))
    session.flush()
