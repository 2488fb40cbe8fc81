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
    opened_at: datetime | None = None,
) -> bool:
    """On line until 24:00 Beijing time of the last day; at the counter until it closes; by post the postmark decides
    where one is legible. A notice whose clock has not started yet (`last_day` None) has not run out.

    `opened_at` is when the notice was first posted: what was received before is outside the period as well, and a
    postmark of an earlier day decides nothing, the receipt does.
    """
    if opened_at is not None and received_at < opened_at:
        return False
    if last_day is None:
        return True
    if (
        via is ObjectionVia.POST
        and postmark_counts
        and postmarked_on is not None
        and _is_since(postmarked_on, opened_at)
    ):
        return postmarked_on <= last_day
    day = local_day(received_at)
    if via is ObjectionVia.COUNTER and day == last_day:
        return local_time(received_at) <= counter_closes
    return day <= last_day


def _is_since(day: date, opened_at: datetime | None) -> bool:
    return opened_at is None or day >= local_day(opened_at)


def made_on(via: ObjectionVia, received_at: datetime, postmarked_on: date | None) -> date:
    """The day on which it was made: that of the postmark, else of the receipt."""
    return postmarked_on if via is ObjectionVia.POST and postmarked_on else local_day(received_at)


def postmark_fault(
    via: ObjectionVia, received_at: datetime, postmarked_on: date | None, earliest: date, since: str
) -> str:
    """Why a postmark cannot be: later than the receipt, or before the day (`earliest`, called `since`) from which
    anybody could write. Empty where it can."""
    if via is not ObjectionVia.POST or postmarked_on is None:
        return ""
    received_on = local_day(received_at)
    if postmarked_on > received_on:
        return f"邮戳日期 {postmarked_on} 晚于收到日期 {received_on}，寄出不会晚于收到：请对照信封核对两个日期"
    if postmarked_on < earliest:
        return (
            f"邮戳日期 {postmarked_on} 早于{since} {earliest}，请对照信封核对年月日；邮戳看不清的留空，以收到日期为准"
        )
    return ""


def holds(*, in_time: bool, is_anonymous: bool, anonymous_holds: bool) -> bool:
    """An objection in time holds the dossier that it names (A7-11); an anonymous one where the reading says so."""
    return in_time and (anonymous_holds or not is_anonymous)


def matter_of(allegation: str) -> str:
    """A digest of what is alleged: width, blanks, case and punctuation do not make another matter of it."""
    words = "".join(character for character in half_width(allegation).casefold() if character.isalnum())
    return hashlib.sha256(words.encode()).hexdigest()
