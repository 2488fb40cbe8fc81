"""What telling staff needs to know of an installation: the address of each role, and how much may leave the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from foundation.settings import Settings, get_settings
from foundation.staff_addresses import ALL, NUMBER, REDIRECT
from notifications.mailsettings import Mode
from policies.messages import load_message_policy
from rules.vocabulary import Audience


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """The addresses of `DINGDIAN_STAFF_URLS` by role or number, the mode of delivery, and whom ALLOW_LIST lets
    through (`staff:director` in `DINGDIAN_ALLOW_LIST`)."""

    mode: Mode = Mode.DRY_RUN
    addresses: Mapping[str, str] = field(default_factory=dict, repr=False)
    allowed: frozenset[str] = frozenset()

    @classmethod
    def from_settings(cls, settings: Settings) -> StaffSettings:
        """The part of the installation's settings that telling staff uses."""
        return cls(Mode(settings.message_mode), settings.staff_addresses, settings.allowed)

    def allows(self, role: str) -> bool:
        """Whether ALLOW_LIST lets a role through."""
        return f"staff:{role}" in self.allowed

    def roles_for(self, audience: Audience) -> tuple[str, ...]:
        """The roles that hear a message to an audience, one for each address; applicants are told in other ways."""
        if audience is Audience.APPLICANT or not self.addresses:
            return ()
        hearing = [role for role in (*load_message_policy().staff[audience], ALL) if role in self.addresses]
        by_address = {self.addresses[role]: role for role in reversed(hearing)}
        return tuple(role for role in hearing if by_address[self.addresses[role]] == role)

    @property
    def people(self) -> tuple[str, ...]:
        """The numbers of those who are told by themselves."""
        return tuple(name for name in self.addresses if NUMBER.fullmatch(name))

    @property
    def redirect_to(self) -> str:
        """Where mode REDIRECT sends everything; empty: nowhere."""
        return self.addresses.get(REDIRECT, "")


def to_staff(audience: Audience, key: str) -> list[tuple[str, str]]:
    """For each group that hears a message to an audience: the dedupe key of its row, and the role."""
    roles = StaffSettings.from_settings(get_settings()).roles_for(audience)
    return [(f"{key}:staff:{role}", role) for role in roles]
