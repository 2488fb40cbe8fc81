"""Acts that wait for their second person (复核): proposed by one, confirmed or sent back by another.

A proposal is all that the first person leaves: the act itself is carried out when it is confirmed, judged by the facts
of that moment, with both names on its record. What has become impossible meanwhile is refused with the act's own
sentence; the proposal then stays open until it is sent back or lapses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlmodel import Session

from foundation.secrets import Keyring
from models import Proposal, Staff
from models.database import transaction
from models.migrate import ensure_current
from policies.second_persons import load_second_persons
from rules.case import Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.second_persons import SecondPerson
from rules.vocabulary import ProposalStatus
from tasks.act_result import Receipt, Submitted
from tasks.announce import announce_in, announce_round, expect_announceable
from tasks.labels import LABELS
from tasks.perform import act_in, again_on_conflict, perform, swept_before
from tasks.proposals import Shown, event_of, keep, named_in_short, record, settle, to_decide
from tasks.second_persons import expect_second, named, second_person_of, who_may_confirm
from tasks.staff_changes import change_staff

CONFIRM = "44 复核"
WITHOUT_A_ROUND = ("announce_round", "change_staff")
NAMED = 4
Done = Callable[[Session, Event], Receipt]


def submit(url: str, event: Event, keys: Keyring, shown: Shown = ()) -> Receipt | Submitted:
    """An act as it comes in at the desk: carried out, or where the policy wants a second person kept as a proposal.

    A proposal that could not be carried out as things stand is refused with the act's own sentence, and nothing is
    kept. Raises as `tasks.perform.perform` does.
    """
    ensure_current(url)
    rule = None
    if event.name in load_second_persons(local_day(event.at)):
        with transaction(url) as session:
            rule = second_person_of(session, event)
    if rule is None:
        return perform(url, event)
    event = swept_before(url, event)
    return again_on_conflict(lambda: _proposed(url, event, rule, keys, shown))


def submit_announcement(
    url: str, head: Mapping[str, Any], event: Event, keys: Keyring, shown: Shown = ()
) -> Receipt | Submitted:
    """As `submit`, of an announcement with its whole file. Raises as `tasks.announce.announce_round` does."""
    ensure_current(url)
    rule = load_second_persons(local_day(event.at)).get(event.name)
    if rule is None:
        return announce_round(url, head, event, keys)
    whole = Event(event.name, event.at, event.by, {"head": dict(head)})
    return again_on_conflict(lambda: _proposed(url, whole, rule, keys, shown))


def submit_staff_change(url: str, event: Event, keys: Keyring, shown: Shown = ()) -> Submitted:
    """A change of the staff list as a proposal, with or without a round. Raises as `change_staff`."""
    ensure_current(url)
    rule = load_second_persons(local_day(event.at))[event.name]
    return again_on_conflict(lambda: _proposed(url, event, rule, keys, shown))


def _doer(act: str, keys: Keyring) -> Done:
    """How an act is carried out inside a transaction."""
    if act == "announce_round":
        return lambda session, event: _announced(session, event, keys)
    return change_staff if act == "change_staff" else act_in


def _announced(session: Session, event: Event, keys: Keyring) -> Receipt:
    fields = dict(event.fields)
    head = fields.pop("head")
    return announce_in(session, head, Event(event.name, event.at, event.by, fields), keys)


def _proposed(url: str, event: Event, rule: SecondPerson, keys: Keyring, shown: Shown) -> Submitted:
    with transaction(url) as session:
        _try_out(session, event, keys)
        asked = str(event.fields.get("confirmed_by", ""))
        helpers = _helpers(session, rule, event.by, asked)
        proposal = keep(session, event, rule, keys, shown)
        record(session, proposal, Event("propose", event.at, event.by, {"act": event.name, "digest": proposal.digest}))
        return Submitted(proposal.id or 0, _waits(proposal, helpers), proposal.round_id or 0)


def _try_out(session: Session, event: Event, keys: Keyring) -> None:
    """Raises what the act itself would raise. An announcement is looked at and not carried out: in PostgreSQL a number
    that was given out is not taken back, and the next round would be number 2."""
    if event.name == "announce_round":
        expect_announceable(session, event.fields["head"], event)
        return
    with _taken_back(session):
        _doer(event.name, keys)(session, event)


@contextmanager
def _taken_back(session: Session) -> Iterator[None]:
    """Whatever happens inside is undone, whether or not it went well."""
    inner = session.begin_nested()
    try:
        yield
    finally:
        inner.rollback()
        session.expire_all()


def _helpers(session: Session, rule: SecondPerson, by: str, asked: str) -> list[Staff]:
    """Who can be asked: whom the form names, else all that may. Raises RefusedError when there is nobody."""
    if asked:
        expect_second(session, rule, by, asked)
    helpers = [one for one in who_may_confirm(session, rule, by) if asked in ("", one.staff_no)]
    if not helpers:
        raise RefusedError(f"没有可以复核“{LABELS[rule.act]}”的人员（依据：{rule.clause}）：请先登记另一岗位的人员")
    return helpers


def _waits(proposal: Proposal, helpers: Sequence[Staff]) -> str:
    who = "、".join(f"{one.staff_no} {one.name}" for one in helpers[:NAMED]) + ("等" if len(helpers) > NAMED else "")
    return (
        f"已提交复核：第 {proposal.id} 号提请“{named_in_short(proposal)}”。请 {who} 在 {proposal.last_day} 以前"
        f"用“{CONFIRM}”确认或退回；确认以前没有办理任何事项"
    )


# --- the second person -----------------------------------------------------------------------------------------


def confirm(url: str, number: int, by: str, at: datetime, keys: Keyring) -> tuple[str, Receipt]:
    """Carries out what was proposed, with both names on its record; answers the act and what it did.

    Raises RefusedError for a proposal that is not open, for a person who may not confirm it, and with the act's own
    sentence when it cannot be done any more; the proposal then stays open, and nothing is written.
    """
    ensure_current(url)
    with transaction(url) as session:
        proposal = to_decide(session, number, by, at)
        event = event_of(proposal, at, by, keys)
    if event.name not in WITHOUT_A_ROUND:
        event = swept_before(url, event)
    return event.name, again_on_conflict(lambda: _confirmed(url, number, event, by, keys))


def _confirmed(url: str, number: int, event: Event, by: str, keys: Keyring) -> Receipt:
    with transaction(url) as session:
        proposal = to_decide(session, number, by, event.at)
        receipt = _doer(event.name, keys)(session, event)
        told = {"act": event.name} | (dict(event.fields) if event.name == "change_staff" else {})
        told |= _stands_in(proposal, by)
        settle(session, proposal, ProposalStatus.CONFIRMED, Event("confirm_proposal", event.at, by, told))
        return receipt


def _stands_in(proposal: Proposal, by: str) -> dict[str, str]:
    """For whom somebody decides who was not the one that was asked."""
    return {"stands_in_for": proposal.asked} if proposal.asked not in ("", by) else {}


def send_back(url: str, number: int, by: str, at: datetime, reason: str) -> Receipt:
    """A proposal is not carried out; who proposed it sees why. Raises RefusedError as `confirm`."""
    ensure_current(url)
    with transaction(url) as session:
        proposal = to_decide(session, number, by, at)
        event = Event("return_proposal", at, by, {"reason": reason, **_stands_in(proposal, by)})
        settle(session, proposal, ProposalStatus.RETURNED, event, reason)
        said = f"已退回第 {number} 号提请“{named_in_short(proposal)}”：{reason}。没有办理任何事项"
        return Receipt(said, proposal.round_id or 0)


def perform_as_filed(url: str, event: Event, second: str) -> Receipt:
    """An act of a replayed file: at once, with the second person whom the file names (empty: nobody, as old files).

    Raises RefusedError for a second person who is the first, or who may not confirm the act."""
    if not second:
        return perform(url, event)
    _expect_filed(url, event, second)
    return perform(url, named(event, second))


def announce_as_filed(url: str, head: Mapping[str, Any], event: Event, second: str, keys: Keyring) -> Receipt:
    """As `perform_as_filed`, of the announcement."""
    if not second:
        return announce_round(url, head, event, keys)
    _expect_filed(url, event, second)
    return announce_round(url, head, named(event, second), keys)


def _expect_filed(url: str, event: Event, second: str) -> None:
    ensure_current(url)
    with transaction(url) as session:
        expect_second(session, load_second_persons(local_day(event.at))[event.name], event.by, second)
