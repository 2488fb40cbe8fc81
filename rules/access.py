"""How people prove who they are at the door: the numbers, and what follows from them (GB/T 22239—2019, 8.1.4.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What `policies/access.yaml` says; a limit is over at its instant, not before.

    `places`: what each place is called; `reach`: where a role gets to; `forms`: which roles start a form that no other
    table of roles names; `officers`: what they are called, by role.
    """

    password_length: int
    password_score: int
    password_days: int
    failures: int
    locked_minutes: int
    idle_minutes: int
    session_hours: int
    enrolment_hours: int
    code_steps: int
    places: Mapping[str, str]
    reach: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, tuple[str, ...]]
    officers: Mapping[str, str]

    def is_old(self, set_at: datetime, now: datetime) -> bool:
        """Whether a password must be changed before it is used again."""
        return now - set_at >= timedelta(days=self.password_days)

    def locked_until(self, failures: int, now: datetime) -> datetime | None:
        """Until when nobody gets in under a number after so many failures in a row; None: he may try again."""
        return now + timedelta(minutes=self.locked_minutes) if failures >= self.failures else None

    def enrolment_until(self, now: datetime) -> datetime:
        """Until when a one-time enrolment code is good."""
        return now + timedelta(hours=self.enrolment_hours)

    def session_until(self, now: datetime) -> datetime:
        """When somebody who logs in now must log in again whatever he does."""
        return now + timedelta(hours=self.session_hours)

    def is_idle(self, seen_at: datetime, now: datetime) -> bool:
        """Whether so much time went by without a request that whoever comes now must log in again."""
        return now - seen_at >= timedelta(minutes=self.idle_minutes)

    def may(self, roles: Collection[str], place: str) -> bool:
        """Whether one of the roles gets to a place."""
        return any(place in self.reach.get(role, ()) for role in roles)

    def who_reach(self, place: str) -> tuple[str, ...]:
        """The roles that get to a place."""
        return tuple(role for role, places in self.reach.items() if place in places)

    def is_mixed(self, roles: Collection[str]) -> bool:
        """Whether an officer would have another role beside his own."""
        return len(set(roles)) > 1 and any(role in self.officers for role in roles)
