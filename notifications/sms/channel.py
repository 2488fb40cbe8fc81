"""Short messages as a channel of the outbox: what is owed becomes a letter, or the outcome where none is sent."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from foundation.secrets import Keyring, mask_phone, unseal_contact
from notifications.ledger import NO_CONTACT
from notifications.mailsettings import Mode
from notifications.outcome import Outcome, OutcomeKind, held_back
from notifications.retry_policy import Pace
from notifications.sms.codes import template_code
from notifications.sms.letter import SmsLetter
from notifications.sms.numbers import is_mobile, is_simulated, normal
from notifications.sms.settings import Provider, SmsSettings
from notifications.sms.wording import render_sms
from rules.errors import InputError
from rules.vocabulary import Audience, Channel

if TYPE_CHECKING:
    from notifications.outbox import Claim
    from notifications.sms.sender import SmsSender


NO_NUMBER = Outcome(OutcomeKind.CONFIGURATION, NO_CONTACT, "申请人没有登记手机号码：请补录号码，或书面送达")
NOT_MOBILE = Outcome(
    OutcomeKind.CONFIGURATION, NO_CONTACT, "申请人登记的不是手机号码，收不到短信：请补录手机号码，或书面送达"
)
SMS_PACE = Pace(
    ahead=1,
    ambiguous=4,
    reconcile_waits=tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15)),
)


class SmsChannel:
    """The channel of an installation: `check` its settings, `prepare` a claimed message, `open` the way out.

    A message whose end is unknown is asked about three times, 2, 5 and 15 minutes apart, and then left to a person.
    """

    channel = Channel.SMS
    pace = SMS_PACE

    def __init__(self, settings: SmsSettings) -> None:
        self.settings = settings

    def check(self) -> None:
        """Whether messages can go out with the settings; asked only where some may leave the house.

        Raises:
            InputError: a setting is missing or cannot be used.
        """
        self.settings.check()

    def prepare(self, held: Claim, keys: Keyring, now: datetime) -> SmsLetter | Outcome:
        """The letter, or the outcome where none is sent: a fault to mend, or the mode holds it back. Calls nobody."""
        try:
            return self._prepare(held, keys, now)
        except InputError as error:
            return Outcome(OutcomeKind.CONFIGURATION, "", str(error))

    def open(self) -> SmsSender:
        """The way out; it connects with the first message."""
        from notifications.sms.sender import SmsSender  # Apprise loads 141 plugins: not for runs that send nothing

        return SmsSender(self.settings)

    def _prepare(self, held: Claim, keys: Keyring, now: datetime) -> SmsLetter | Outcome:
        sms = self.settings
        written = render_sms(held.event, held.params, sms.sign_name, held.template_version)
        if sms.mode is Mode.DRY_RUN and not is_simulated(_registered(held, keys)):
            return held_back("dry_run", "演练模式，未外发")
        number = _number(held, keys)
        to = number if isinstance(number, Outcome) else self._in_this_mode(number)
        if isinstance(to, Outcome):
            return to
        provider = Provider.SIMULATED if is_simulated(to) else sms.provider
        code = template_code(provider, sms.template_codes, held.event, held.template_version)
        return SmsLetter(to, written.text, code, written.variables, message_id_of(held), held.created_at, now)

    def _in_this_mode(self, to: str) -> str | Outcome:
        """The number that the mode lets a message go to; reserved numbers are nobody's and walk the whole path."""
        sms = self.settings
        if is_simulated(to) or sms.mode is Mode.LIVE:
            return to
        if sms.mode is Mode.ALLOW_LIST:
            return to if sms.allows(to) else held_back("allow_list", f"{mask_phone(to)} 不在允许名单，未外发")
        if not sms.redirect_to:
            return held_back("redirect", "转投模式没有设置 DINGDIAN_SMS_REDIRECT_TO，未外发")
        return normal(sms.redirect_to)


def message_id_of(held: Claim) -> str:
    """Our own id of a message, the same for every try of one notification: `dd` and 24 figures of its key's hash."""
    return held.message_ref or f"dd{hashlib.sha256(held.dedupe_key.encode()).hexdigest()[:24]}"


def _number(held: Claim, keys: Keyring) -> str | Outcome:
    """The number a message goes to, or what a person has to mend first.

    Raises:
        InputError: the party is no applicant, or the sealed contact does not open.
    """
    if held.audience != Audience.APPLICANT:
        raise InputError("短信只发给申请人：机关人员请用电子邮件")
    number = _registered(held, keys)
    if is_mobile(number) or is_simulated(number):
        return number
    return NOT_MOBILE if number else NO_NUMBER


def _registered(held: Claim, keys: Keyring) -> str:
    """The number that is registered, as networks write it; empty where there is none."""
    if held.applicant_pk is None or not held.contact_sealed:
        return ""
    return normal(unseal_contact(keys, held.applicant_pk, held.contact_sealed).phone)
