"""Groups of staff (企业微信, 钉钉, 飞书, whatever Apprise knows) as a channel of the outbox."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from foundation.secrets import Keyring
from foundation.settings import Settings
from foundation.staff_addresses import REDIRECT
from notifications.mailsettings import Mode
from notifications.outcome import Outcome, OutcomeKind, held_back
from notifications.retry_policy import Pace
from notifications.staff.letter import StaffLetter
from notifications.staff.settings import StaffSettings
from notifications.staff.wording import render_staff
from rules.errors import InputError
from rules.vocabulary import Channel

if TYPE_CHECKING:
    from notifications.outbox import Claim
    from notifications.staff.sender import StaffSender

PACE = Pace(batch=16, ahead=1)  # Apprise itself waits some seconds between two messages to one group


class StaffChannel:
    """The channel of an installation. A message whose end nobody saw is sent once more under the same number."""

    channel = Channel.STAFF
    pace: Pace | None = PACE

    def __init__(self, settings: StaffSettings) -> None:
        self.settings = settings

    def check(self) -> None:
        """Raises InputError: Apprise does not know an address."""
        from notifications.staff.sender import check_addresses  # Apprise loads 141 plugins: not where nothing leaves

        check_addresses(self.settings)

    def prepare(self, held: Claim, keys: Keyring, now: datetime) -> StaffLetter | Outcome:
        """The letter, or the outcome where none is sent: a fault to mend, or the mode holds it back. Calls nobody."""
        try:
            words = render_staff(held.event, held.params, held.id, edition=held.template_version)
        except InputError as error:
            return Outcome(OutcomeKind.CONFIGURATION, "", str(error))
        role = self._in_this_mode(held.recipient)
        if isinstance(role, Outcome):
            return role
        subject = f"【转投，原岗位 {held.recipient}】{words.title}" if role == REDIRECT else words.title
        return StaffLetter(role, self.settings.addresses[role], subject, words.text, _message_id(held))

    def open(self) -> StaffSender:
        """The way out; it connects with each message."""
        from notifications.staff.sender import StaffSender

        return StaffSender()

    def _in_this_mode(self, role: str) -> str | Outcome:
        """The role whose address the mode lets a message go to."""
        mode = self.settings.mode
        if mode is Mode.DRY_RUN:
            return held_back("dry_run", "演练模式，未外发")
        if mode is Mode.REDIRECT:
            return REDIRECT if self.settings.redirect_to else held_back("redirect", NOWHERE)
        if mode is Mode.ALLOW_LIST and not self.settings.allows(role):
            return held_back("allow_list", f"staff:{role} 不在允许名单，未外发")
        if role not in self.settings.addresses:
            said = f"岗位 {role} 没有地址：请在 DINGDIAN_STAFF_URLS 中补上，或取消这条通知"
            return Outcome(OutcomeKind.CONFIGURATION, "no_address", said)
        return role


NOWHERE = "转投模式没有 redirect 的地址（DINGDIAN_STAFF_URLS），未外发"


def expect_usable(settings: Settings) -> None:
    """At the start of a service: refuses an address that Apprise does not know. Raises InputError."""
    if settings.staff_addresses:
        StaffChannel(StaffSettings.from_settings(settings)).check()


def _message_id(held: Claim) -> str:
    return held.message_ref or f"dd{hashlib.sha256(held.dedupe_key.encode()).hexdigest()[:24]}"
