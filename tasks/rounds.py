"""The announcement of a round and the registers that come with it (三; R20), and the round's own audit chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Contact, Keyring, mask_email, mask_phone, seal_contact
from models import Applicant, Application, AuditRecord, Expert, Round
from models.pinned import pin_policy
from notifications.suppression import index_of
from policies.calendars import load_workdays
from policies.loader import PROCEDURE, newest_text, parse_policy
from rules.announcing import Fault
from rules.case import Context, Event
from rules.errors import InputError, RefusedError
from rules.localtime import local_day, local_time
from rules.register import Listed, listed_name, shared_codes, shared_sentence
from rules.vocabulary import AuditSubject, Channel, PinnedBy
from rules.wording import season
from tasks.advance import audit_row
from tasks.institutions import attach

MOST_TOLD = 20
FIRST = 1  # the batch of an announcement that names none


def create_round(session: Session, head: Mapping[str, Any], *, announced_at: datetime | None = None) -> Round:
    """Writes a round with its announcement, rubric and expert library, pinned to the policy of the day it is published.

    `head` holds `announcement`, `rubric` and `expert_library`. Raises RefusedError for a batch of a county's year that
    was announced before.
    """
    announcement = dict(head["announcement"]) | _beyond_the_procedure(head)
    text = newest_text()
    policy = parse_policy(text, date.fromisoformat(announcement["published_on"]), PROCEDURE)
    county, year, batch = announcement["county"], announcement["year"], announcement.get("batch", FIRST)
    expect_new(session, county, year, batch)
    accept_until = datetime.fromisoformat(announcement["accept_until"])
    announcement.setdefault("agency", f"{county}医疗保险经办中心")
    announcement["accept_until_text"] = f"{local_day(accept_until)} {local_time(accept_until):%H:%M}"
    new = Round(
        county=county,
        year=year,
        batch=batch,
        name=f"{county}{season(year, batch)}特殊药品定点医药机构评估",
        procedure=policy.identity,
        policy_sha256=policy.sha256,
        workdays_version=load_workdays().version,
        announcement=announcement,
        rubric=dict(head["rubric"]),
        accept_from=datetime.fromisoformat(announcement["accept_from"]),
        accept_until=accept_until,
        announced_at=announced_at,
    )
    session.add(new)
    session.flush()
    pinned_at = announced_at or new.accept_from
    pin_policy(session, new, text, policy, pinned_by=PinnedBy.ANNOUNCEMENT, pinned_at=pinned_at)
    for position, expert in enumerate(head["expert_library"], 1):
        session.add(Expert(round_id=new.id or 0, position=position, **expert))
    session.flush()
    return new


def expect_new(session: Session, county: str, year: int, batch: int) -> None:
    """Raises RefusedError for a batch that was announced already; the sentence names the next one."""
    of_year = col(Round.county) == county, col(Round.year) == year
    known = set(session.execute(select(col(Round.batch)).where(*of_year)).scalars())
    if batch in known:
        again = f"本年度再次评估的，在公告中填写批次（batch: {max(known) + 1}）"
        raise RefusedError(f"{county}{season(year, batch)}的公告已经发布，不能重复发布；{again}")


def expect_sound(faults: Iterable[Fault]) -> None:
    """Raises InputError with every fault of a file: nothing is announced or registered from it."""
    if found := [str(one) for one in faults]:
        more = f"（另有 {len(found) - MOST_TOLD} 处）" if len(found) > MOST_TOLD else ""
        raise InputError(f"文件有误，没有办理：{'；'.join(found[:MOST_TOLD])}{more}。请改正后重新提交")


def _beyond_the_procedure(head: Mapping[str, Any]) -> dict[str, Any]:
    """What a round file may fix beside the announcement: further requirements, and which institutions are a group."""
    return {name: head[name] for name in ("safeguards", "groups") if head.get(name)}


def register_applicants(session: Session, round_id: int, entries: Sequence[Mapping[str, Any]], keys: Keyring) -> None:
    """Adds applicants and their cases (not applied yet), each attached to its institution. Contacts are sealed to
    their rows; only masks stay legible. A known code under another name is taken: the office's page tells 曾用名.

    Raises RefusedError when a number is taken, or one legal person stands there already and is not told apart.
    """
    numbers = Counter(entry["applicant_id"] for entry in entries)
    known = select(col(Applicant.applicant_id)).where(col(Applicant.round_id) == round_id)
    taken = set(session.execute(known).scalars()) & numbers.keys() | {one for one in numbers if numbers[one] > 1}
    if taken:
        raise RefusedError(f"申请人编号 {'、'.join(sorted(taken))} 已登记，请核对")
    groups = shared_codes([*listed_in(session, round_id), *map(listed, entries)])
    if clashes := [group for group in groups if any(one.applicant_id in numbers for one in group)]:
        raise RefusedError("；".join(shared_sentence(one) for one in clashes))
    applicants = [(_applicant(round_id, entry, keys), Contact(**entry["contact"])) for entry in entries]
    attach(session, [applicant for applicant, _ in applicants])
    session.add_all([applicant for applicant, _ in applicants])
    session.flush()
    for applicant, contact in applicants:
        applicant.contact_sealed = seal_contact(keys, applicant.id or 0, contact)
        session.add(Application(round_id=round_id, applicant_pk=applicant.id or 0, type=applicant.type))
    session.flush()


def listed_in(session: Session, round_id: int) -> list[Listed]:
    """Who is registered in a round, as far as identity goes."""
    columns = (Applicant.applicant_id, Applicant.type, Applicant.credit_code, Applicant.campus)
    query = select(*map(col, columns)).where(col(Applicant.round_id) == round_id)
    return [Listed(*row) for row in session.execute(query.order_by(col(Applicant.id)))]


def listed(entry: Mapping[str, Any]) -> Listed:
    """The identity of an entry of a register."""
    return Listed(entry["applicant_id"], entry["type"], entry.get("credit_code", ""), entry.get("campus", ""))


def _applicant(round_id: int, entry: Mapping[str, Any], keys: Keyring) -> Applicant:
    contact = Contact(**entry["contact"])
    return Applicant(
        round_id=round_id,
        applicant_id=entry["applicant_id"],
        type=entry["type"],
        name=listed_name(entry["name"], entry.get("campus", "")),
        credit_code=entry.get("credit_code", ""),
        campus=entry.get("campus", ""),
        scope=entry.get("scope", ""),
        facts=dict(entry["facts"]),
        email_masked=mask_email(contact.email),
        phone_masked=mask_phone(contact.phone),
        email_bidx=index_of(keys, Channel.EMAIL, contact.email),
        phone_bidx=index_of(keys, Channel.SMS, contact.phone),
    )


def record_for_round(session: Session, ctx: Context, event: Event, detail: Mapping[str, Any] | None = None) -> None:
    """Appends an act of the whole round to the round's own hash chain."""
    the_round = session.get(Round, ctx.round.id, with_for_update=True)
    assert the_round is not None
    record = {
        "at": event.at,
        "event": event.name,
        "by": event.by,
        "from_state": "",
        "to_state": "",
        "clause": "",
        "detail": {"fields": event.fields, **(detail or {})},
    }
    row = audit_row(AuditSubject.ROUND, ctx.round.id, the_round.audit_seq, the_round.audit_head, record)
    the_round.audit_seq, the_round.audit_head = row["seq"], row["hash"]
    session.add(the_round)
    session.add(AuditRecord(**row))
