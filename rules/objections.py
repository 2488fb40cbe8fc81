"""Whether an objection came in time, holds the dossier, or repeats another (五(二), 五(三); 民法典203; A7-8)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from rules.localtime import local_day, local_time
from rules.texts import half_width
from rules.vocabulary import ObjectionVia


def is_in_time(
    via: ObjectionVia,
    received_at: datetime,
    postmarked_on: date | None,
    last_day: date | None,
    counter_closes: time,
    *,
    postmark_counts: bool,
) -> bool:
    """On line until 24:00 Beijing time of the last day; at the counter until it closes; by post the postmark decides
    where one is legible. A notice whose clock has not started yet (`last_day` None) has not run out."""
    if last_day is None:
        return True
    if via is ObjectionVia.POST and postmark_counts and postmarked_on is not None:
        return postmarked_on <= last_day
    day = local_day(received_at)
    if via is ObjectionVia.COUNTER and day == last_day:
        return local_time(received_at) <= counter_closes
    return day <= last_day


def holds(*, in_time: bool, is_anonymous: bool, anonymous_holds: bool) -> bool:
    """An objection in time holds the dossier that it names (A7-11); an anonymous one where the reading says so."""
    return in_time and (anonymous_holds or not is_anonymous)


def matter_of(allegation: str) -> str:
    """A digest of what is alleged: width, blanks, case and punctuation do not make another matter of it."""
    words = "".join(character for character in half_width(allegation).casefold() if character.isalnum())
    return hashlib.sha256(words.encode()).hexdigest()
