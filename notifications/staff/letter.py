"""A message to staff, ready to go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from foundation.staff_addresses import scheme_of


@dataclass(frozen=True, slots=True)
class StaffLetter:
    """Title and text for the address of a role; the address is a secret."""

    role: str
    to: str = field(repr=False)
    subject: str
    text: str
    message_id: str

    @property
    def scheme(self) -> str:
        """Which service it goes by, as Apprise calls it."""
        return scheme_of(self.to)

    @property
    def to_masked(self) -> str:
        """Role and service: nothing else of an address may be shown."""
        return f"{self.role}（{self.scheme}）"

    @property
    def digest(self) -> str:
        """SHA-256 over title and text."""
        return hashlib.sha256(f"{self.subject}\0{self.text}".encode()).hexdigest()

    @property
    def enclosed(self) -> str:
        """Never any documents."""
        return ""
