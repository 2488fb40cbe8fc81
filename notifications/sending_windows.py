"""When a message may go out, when it is no longer worth sending, which goes first: pure functions over the policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from policies.messages import EventRule, MessagePolicy, Window, load_message_policy
from rules.localtime import ZONE, local_day
from rules.vocabulary import Audience, Channel

ONE_DAY = timedelta(days=1)


def rule_of(event: str) -> EventRule:
    """How messages of an event are treated."""
    return load_message_policy().events[event]


def due_of(event: str, params: Mapping[str, Any]) -> date | None:
    """The due day that a message is about, from its stored parameters; None where it is about none."""
    name = rule_of(event).due
    given = params.get(name) if name else None
    return date.fromisoformat(given) if given else None


def opening(at: datetime, channel: Channel, audience: Audience, due_on: date | None) -> datetime:
    """The first instant from `at` on at which the channel may disturb the party. Applicants and groups of staff have
    quiet hours; what would come after its own due day goes at once where the channel allows it."""
    window = load_message_policy().windows[channel]
    if audience is not Audience.APPLICANT and channel is not Channel.STAFF:
        return at
    opens = _opening(at, window)
    if window.urgent_goes_at_once and due_on is not None and local_day(at) <= due_on < local_day(opens):
        return at
    return opens


def _opening(at: datetime, window: Window) -> datetime:
    local = at.astimezone(ZONE)
    if window.opens <= local.time() < window.closes:
        return at
    day = local.date() if local.time() < window.opens else local.date() + ONE_DAY
    return datetime.combine(day, window.opens, ZONE)


def expiry(event: str, created_at: datetime, due_on: date | None) -> datetime:
    """When a message is given up: a reminder with the end of its due day, anything else after the policy's time."""
    if rule_of(event).expires and due_on is not None:
        return datetime.combine(due_on + ONE_DAY, datetime.min.time(), ZONE)
    return created_at + load_message_policy().numbers["give_up_after"].span


def near(now: datetime) -> date:
    """The last due day that counts as near: what is due by then goes before everything else."""
    return local_day(now) + load_message_policy().numbers["near_deadline"].span


def next_by_number(sent: list[datetime], now: datetime, policy: MessagePolicy | None = None) -> datetime | None:
    """When the next message to a number is allowed after those of the last day or so (oldest first); None: now.

    Counts by Beijing day and by spacing.
    """
    rules = policy or load_message_policy()
    spacing, most = rules.numbers["sms_spacing"].span, rules.numbers["sms_daily"].value
    today = [at for at in sent if local_day(at) == local_day(now)]
    if len(today) >= most:
        return _opening(datetime.combine(local_day(now) + ONE_DAY, datetime.min.time(), ZONE), _sms(rules))
    if sent and now < sent[-1] + spacing:
        return sent[-1] + spacing
    return None


def _sms(policy: MessagePolicy) -> Window:
    return policy.windows[Channel.SMS]
