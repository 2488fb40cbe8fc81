"""Opens a round: the announcement with its rubric, library and applicants, in one transaction (三; R20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Applicant, Expert, Staff
from models.database import transaction
from models.development import plans_of
from models.journal import say
from models.migrate import ensure_current
from policies.loader import load_policy
from rules.announcing import faults_of_applicants, faults_of_round
from rules.case import Context, Event
from rules.creditcode import doubt_of
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.register import ONE_PERSON, same_names, same_people
from tasks.act_result import Receipt
from tasks.acts.challenges import register_declarations
from tasks.addressing import addressed
from tasks.case_loading import context_of
from tasks.development import KEPT, expect_agreement, keep_plan
from tasks.roles import may_act
from tasks.rounds import FIRST, create_round, expect_new, expect_sound, record_for_round
from tasks.rounds import register_applicants as add_to_register

BY_PROGRAM = "程序"  # a replay, a rehearsal: their people are made up


def announce_round(url: str, head: Mapping[str, Any], event: Event, keys: Keyring) -> Receipt:
    """Writes the round and everything that comes with its announcement.

    Raises InputError for a file in which anything is wrong, RefusedError when the county already has a round of that
    year or the person may not do it.
    """
    ensure_current(url)
    with transaction(url) as session:
        return announce_in(session, head, event, keys)


def announce_in(session: Session, head: Mapping[str, Any], event: Event, keys: Keyring) -> Receipt:
    """The announcement inside a transaction; the event's fields stand on the round's record. Raises as
    `announce_round`."""
    expect_announceable(session, head, event)
    the_round = create_round(session, head, announced_at=event.at)
    add_to_register(session, the_round.id or 0, head["applicants"], keys)
    ctx = context_of(session, the_round)
    if declared := head.get("expert_declarations"):
        told = Event("register_declarations", event.at, event.by, {"declarations": declared})
        register_declarations(session, ctx, told)
    detail: dict[str, Any] = {"procedure": the_round.procedure, "policy_sha256": the_round.policy_sha256}
    detail |= {**_confirmed(head["applicants"]), **_plan(session, ctx, head, event)}
    record_for_round(session, ctx, event, {**detail, "workdays_version": the_round.workdays_version})
    count = session.execute(
        select(func.count()).select_from(Applicant).where(col(Applicant.round_id) == the_round.id)
    ).scalar_one()
    summary = f"已发布“{the_round.name}”公告：登记机构 {count} 家，专家 {len(head['expert_library'])} 名。"
    return Receipt(summary + _twice_in(session, the_round.id or 0), the_round.id or 0)


def expect_announceable(session: Session, head: Mapping[str, Any], event: Event) -> None:
    """What can be told of an announcement without writing it. Raises as `announce_round`."""
    told = head["announcement"]
    may_act(session, load_policy().roles, event)
    expect_sound(faults_of_round(head, load_policy(on=date.fromisoformat(told["published_on"]))))
    expect_new(session, told["county"], told["year"], told.get("batch", FIRST))


def _plan(session: Session, ctx: Context, head: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """The development plan that the announcement rests on, for the round's chain; one in the file is recorded first.

    Raises RefusedError when the recorded plans of the year say otherwise than the announcement.
    """
    county, year = ctx.round.county, ctx.round.year
    if given := head.get("development_plan"):
        told = given | {"approved_on": date.fromisoformat(str(given["approved_on"]))}
        keep_plan(session, county, year, told, event)
    expect_agreement(session, county, year)
    cited = plans_of(session, county, year).get(date.fromisoformat(ctx.round.announcement["plan_approved_on"]))
    return {"development_plan": {name: getattr(cited, name) for name in KEPT}} if cited else {}


def register_applicants(url: str, entries: Sequence[Mapping[str, Any]], event: Event, keys: Keyring) -> Receipt:
    """Adds applicants to the round that the event is addressed to: all of them, or none."""
    ensure_current(url)
    with transaction(url) as session:
        return register(session, context_of(session, addressed(session, event)), entries, event, keys)


def register(
    session: Session, ctx: Context, entries: Sequence[Mapping[str, Any]], event: Event, keys: Keyring
) -> Receipt:
    """Adds applicants inside a transaction, on the round's record. Raises InputError for what cannot be."""
    may_act(session, ctx.policy.roles, event)
    expect_sound(faults_of_applicants(entries, ctx.policy, local_day(event.at)))
    add_to_register(session, ctx.round.id, entries, keys)
    added = tuple(entry["applicant_id"] for entry in entries)
    record_for_round(session, ctx, event, {"applicants": added, **_confirmed(entries)})
    found = _twice_in(session, ctx.round.id)
    return Receipt(f"已登记机构 {len(added)} 家：{'、'.join(added)}。{found}", ctx.round.id, added)


def _confirmed(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Whose credit code does not fit its check character and was compared with the certificate by a person."""
    doubted = [one for one in entries if one.get("credit_code") and doubt_of(one["credit_code"])]
    return {"credit_codes_confirmed": [one["applicant_id"] for one in doubted]} if doubted else {}


def _twice_in(session: Session, round_id: int) -> str:
    """What a person should look at in the registers: institutions of one name, one expert under two numbers."""
    names = select(col(Applicant.applicant_id), col(Applicant.name)).where(col(Applicant.round_id) == round_id)
    people = select(col(Expert.expert_id), col(Expert.name), col(Expert.employer))
    ordered = people.where(col(Expert.round_id) == round_id).order_by(col(Expert.position))
    institutions = same_names((row[0], row[1]) for row in session.execute(names.order_by(col(Applicant.id))))
    experts = same_people((row[0], row[1], row[2]) for row in session.execute(ordered))
    found = [f"申请人 {'、'.join(one)} 名称相同，请核对是否重复登记。" for one in institutions]
    return "".join(found + [f"专家 {'、'.join(one)} 姓名和单位相同：{ONE_PERSON}。" for one in experts])


def register_staff(session: Session, staff: Sequence[Mapping[str, Any]], by: str = BY_PROGRAM) -> None:
    """Adds people to the staff list; the journal says who did it. Raises RefusedError for a number that is taken."""
    for person in staff:
        if session.execute(select(Staff).where(col(Staff.staff_no) == person["staff_no"])).first():
            raise RefusedError(f"工号 {person['staff_no']} 已登记")
        session.add(Staff(staff_no=person["staff_no"], name=person["name"], roles=list(person["roles"])))
        say(session, "staff_added", by, staff_no=person["staff_no"], roles=list(person["roles"]))
    session.flush()
