"""The only place that owes messages: one row of the outbox for each channel that a message goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from foundation.settings import get_settings
from models import Notification, Round
from models.bulk import insert_rows
from models.office import office_at, place_told
from notifications.catalogue import TEMPLATE_VERSION, validate, validate_party
from notifications.sending_windows import due_of, expiry, opening, rule_of
from notifications.sms.wording import SMS_TEMPLATE_VERSION
from notifications.staff.settings import to_staff
from rules.case import SYSTEM, Message
from rules.localtime import local_day
from rules.vocabulary import Audience, AuditSubject, Channel, MessageStatus

Row = dict[str, Any]
SMS_KEY = ":sms"
UNSENT = {
    "status": MessageStatus.PENDING.value,
    "attempts": 0,
    "lease_owner": "",
    "lease_token": 0,
    "message_ref": "",
    "last_detail": "",
}


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a message, the round whose office writes it, the applicant that it goes to, and the parameters
    that every message about the subject tells."""

    subject: str
    subject_id: int
    round_id: int
    applicant_pk: int | None
    params: Row


@dataclass(frozen=True, slots=True)
class _Alike:
    """What the rows of one message have in common, whoever gets it: its parameters, and the columns by channel, with
    the end of the key and the role that each goes to. `message` stays as long as this is known by its identity."""

    message: Message
    params: Row
    columns: tuple[tuple[str, Row], ...]


class Outbox:
    """Owes the messages of one batch about one setting. What is the same for all subjects that share a message (one
    object: `tasks.alike`) is checked and worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, datetime, str], _Alike] = {}

    def owed(
        self,
        about: About,
        at: datetime,
        message: Message,
        key: str,
        workings: Sequence[Row] = (),
        *,
        by: str = SYSTEM,
    ) -> list[Row]:
        """The rows of a message: e-mail; a short message to an applicant where those are set up and the event has one;
        one for each group of staff that hears it. `workings` are those of the days it tells, checked already
        (`tasks.workings`); only an e-mail has room for them. Where the policy wants a second look at this kind of
        notice they wait for somebody else than `by`, who did the act.

        Raises InputError when the message could not be rendered: nothing is owed half.
        """
        alike = self._known.get((id(message), at, by))
        if alike is None:
            alike = self._known[id(message), at, by] = _alike(about, at, message, by)
        params = {**alike.params, **validate_party(message.event, about.params)}
        own = {
            "subject_id": about.subject_id,
            "applicant_pk": about.applicant_pk if message.audience is Audience.APPLICANT else None,
        }
        long = {**params, "workings": list(workings)}
        return [
            {
                **columns,
                **own,
                "params": long if columns["channel"] == Channel.EMAIL else params,
                "dedupe_key": f"{key}:{name}",
            }
            for name, columns in alike.columns
        ]


def _alike(about: About, at: datetime, message: Message, by: str) -> _Alike:
    params = validate(message.event, {**about.params, **message.params})
    common = {
        "event": message.event,
        "audience": message.audience.value,
        "round_id": about.round_id,
        "subject": about.subject,
        **UNSENT,
    }
    columns = [
        (
            name,
            {
                **common,
                **by_channel(message.event, channel, message.audience, params, at),
                **_held(message, at, by),
                "recipient": role,
            },
        )
        for channel, name, role in _channels(message, message.event)
    ]
    return _Alike(message, params, tuple(columns))


def _held(message: Message, at: datetime, by: str) -> Row:
    """The columns of a notice that waits for a second look, by whichever channel: it may not be tried."""
    if message.audience is not Audience.APPLICANT or not rule_of(message.event).is_looked_at(local_day(at)):
        return {"created_by": ""}
    return {"status": MessageStatus.HELD.value, "next_at": None, "created_by": by}


def by_channel(event: str, channel: Channel, audience: Audience, params: Row, at: datetime) -> Row:
    """The columns that differ by channel: when it may go, how urgent it is, when it is given up."""
    rule, due_on = rule_of(event), due_of(event, params)
    versions = SMS_TEMPLATE_VERSION if channel is Channel.SMS else TEMPLATE_VERSION
    return {
        "channel": channel.value,
        "template_version": versions[event],
        "created_at": at,
        "next_at": opening(at, channel, audience, due_on),
        "priority": rule.priority,
        "is_mandatory": rule.mandatory and channel is Channel.EMAIL,
        "due_on": due_on,
        "expires_at": expiry(event, at, due_on),
    }


def _channels(message: Message, key: str) -> list[tuple[Channel, str, str]]:
    """The channels of a message, each with its key and, where it is a group of staff, the role."""
    by_mail = [(Channel.EMAIL, key, "")]
    if message.audience is not Audience.APPLICANT:
        return [*by_mail, *((Channel.STAFF, name, role) for name, role in to_staff(message.audience, key))]
    is_texted = message.event in SMS_TEMPLATE_VERSION and get_settings().sms_provider
    return [*by_mail, (Channel.SMS, f"{key}{SMS_KEY}", "")] if is_texted else by_mail


def owe_to_person(session: Session, the_round: Round, event: str, params: Row, at: datetime, key: str, to: str) -> None:
    """A message to one member of the office, by the way that the settings name for his number; `key` makes it once.

    Raises InputError when it could not be rendered: nothing is owed half.
    """
    row = _of_the_office(session, the_round, event, params, Audience.AUTHORITY)
    staff = by_channel(event, Channel.STAFF, Audience.AUTHORITY, row["params"], at)
    insert_rows(session.connection(), Notification, [{**row, **staff, "dedupe_key": key, "recipient": to}])


def owe_to_office(
    session: Session,
    the_round: Round,
    event: str,
    params: Row,
    at: datetime,
    key: str,
    *,
    audience: Audience = Audience.AUTHORITY,
) -> None:
    """A message to the office, or to those who oversee it, that is about a round and no single dossier; `key` makes it
    once.

    Raises InputError when it could not be rendered: nothing is owed half.
    """
    row = _of_the_office(session, the_round, event, params, audience)
    checked = row["params"]
    by_mail = {**row, **by_channel(event, Channel.EMAIL, audience, checked, at), "dedupe_key": key, "recipient": ""}
    staff = by_channel(event, Channel.STAFF, audience, checked, at)
    by_group = [{**row, **staff, "dedupe_key": name, "recipient": role} for name, role in to_staff(audience, key)]
    insert_rows(session.connection(), Notification, [by_mail, *by_group])


def _of_the_office(session: Session, the_round: Round, event: str, params: Row, audience: Audience) -> Row:
    """What every row of a message within the office has, whatever way it goes."""
    said = the_round.announcement
    place = place_told(office_at(session), said["place"], the_round.announced_at)
    where = {"county": the_round.county, "agency": said["agency"], "place": place}
    checked = validate(event, {"round_name": the_round.name, **where, **params})
    return {
        "event": event,
        "audience": audience.value,
        "round_id": the_round.id,
        "subject": AuditSubject.ROUND.value,
        "subject_id": the_round.id,
        "params": checked,
        **UNSENT,
    }
