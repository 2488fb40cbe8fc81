"""What a message says, read as whoever gets it reads it: the very words that its channel would send, and who gets them.

Delivery, the page of a message, its printed proof and the look beforehand all read a row of the outbox here, so that
none of them can tell it otherwise than it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from notifications.attachments import Attachment, within
from notifications.catalogue import spec_of
from notifications.outbox import Claim
from notifications.outcome import digest_of
from notifications.rendering import RenderedEmail, render_email
from notifications.sms.wording import render_sms
from notifications.staff.wording import render_staff
from policies.messages import load_message_policy
from rules.localtime import local_day
from rules.vocabulary import Audience, Channel

SIGNED = "【{}】{}"  # a short message, as the networks put its signature before it


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words: `to` is masked; `enclosed` are the documents that go with it, `withheld` those too big for
    it. A short message has no subject."""

    event: str
    title: str
    channel: Channel
    to: str
    subject: str
    text: str
    enclosed: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    html: str = ""

    def is_what_went(self, sha256: str, enclosed: str) -> bool | None:
        """Whether an e-mail of these words with these documents (one a line: name and SHA-256) has the hash that a try
        recorded; None for other channels, whose hash holds more than the words."""
        if self.channel is not Channel.EMAIL:
            return None
        return digest_of(self.subject, self.text, self.html, enclosed) == sha256


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail in words, the documents that it carries, and those that are too big for it."""

    email: RenderedEmail
    carried: tuple[Attachment, ...]
    withheld: tuple[Attachment, ...]


def mail_of(held: Claim, documents: Sequence[Attachment]) -> Mail:
    """The words and the documents of an e-mail; those beyond the limit of the policy are named and left at the counter.

    Raises InputError: the template cannot be filled.
    """
    carried, withheld = within(documents, load_message_policy().numbers["attachments_size"].value)
    email = render_email(
        held.event,
        held.params,
        local_day(held.created_at),
        edition=held.template_version,
        has_consent=held.has_consent,
        enclosed=[one.words for one in carried],
        withheld=[one.name for one in withheld],
    )
    return Mail(email, carried, withheld)


def written(
    channel: Channel, held: Claim, to: str, documents: Sequence[Attachment] = (), sign_name: str = ""
) -> Written:
    """A message in words, by its channel; `to` is who gets it, masked.

    Raises InputError: it cannot be rendered.
    """
    title = spec_of(held.event).title
    if channel is Channel.SMS:
        words = render_sms(held.event, held.params, sign_name, held.template_version).text
        return Written(held.event, title, channel, to, "", SIGNED.format(sign_name, words) if sign_name else words)
    if channel is Channel.STAFF:
        told = render_staff(held.event, held.params, held.id, edition=held.template_version)
        return Written(held.event, title, channel, to, told.title, told.text)
    mail = mail_of(held, documents)
    names = tuple(one.words for one in mail.carried), tuple(one.name for one in mail.withheld)
    return Written(held.event, title, channel, to, mail.email.subject, mail.email.text, *names, mail.email.html)


def masked_party(row: RowMapping | dict[str, Any]) -> str:
    """Who gets a message, as screens may show it: the role of a group, the masked number or address, else which party.
    The row carries the applicant's masked contacts."""
    masked = row["phone_masked"] if row["channel"] == Channel.SMS else row["email_masked"]
    own = masked if row["audience"] == Audience.APPLICANT else ""
    return str(row["recipient"] or own or Audience(row["audience"]).label)
