"""The public dates of a round for calendars: when to apply, when the draw may be, and each notice's period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from publication.calendar import CalendarEntry, icalendar
from publication.identity import SiteIdentity, lasting_id
from publication.summaries import NoticeHead, RoundHead, RoundView
from rules.localtime import local_day
from rules.wording import cn_day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def notice_dates(of: RoundView, head: NoticeHead, site: SiteIdentity) -> bytes:
    """One notice's period. Bytes follow from the data alone; the sequence rises when its days may have moved."""
    return icalendar(head.title, _notice(of, head, site), head.changed_at)


def all_dates(rounds: Sequence[RoundHead], site: SiteIdentity) -> bytes:
    """Every public date of every round: one file to subscribe to."""
    changed = [head.changed_at for of in rounds for head in of.notices]
    drawn = [of.draw.published_at for of in rounds if of.draw]
    entries = [entry for of in rounds for entry in _round(of, site)]
    return icalendar(site.name, entries, max([*changed, *drawn], default=EPOCH))


def _round(of: RoundHead, site: SiteIdentity) -> Iterator[CalendarEntry]:
    yield _applications(of.round, site)
    if of.draw:
        yield _draw(of, of.draw.published_at, site)
    for head in of.notices:
        yield from _notice(of.round, head, site)


def _key(of: RoundView) -> str:
    """2026, 2026-2: names a round of a county for good, in the names that calendars keep."""
    return str(of.year) + (f"-{of.batch}" if of.batch > 1 else "")


def _applications(of: RoundView, site: SiteIdentity) -> CalendarEntry:
    first, last = (local_day(datetime.fromisoformat(of.announcement[name])) for name in ("accept_from", "accept_until"))
    return CalendarEntry(
        uid=lasting_id(of.county, f"round/{_key(of)}/applications"),
        title=f"{of.name}：受理申报",
        first_day=first,
        last_day=last,
        note=f"受理地点：{of.announcement['place']}",
        link=site.address("index.html"),
    )


def _draw(of: RoundHead, published_at: datetime, site: SiteIdentity) -> CalendarEntry:
    """The day of the draw; before it, the first day on which it may be. The sequence tells the two apart."""
    assert of.draw is not None
    earliest = local_day(published_at) + timedelta(days=of.round.as_of(published_at).policy.count("draw_after_plan"))
    drawn_at = of.draw.drawn_at
    day = local_day(drawn_at) if drawn_at else earliest
    return CalendarEntry(
        uid=lasting_id(of.round.county, f"round/{_key(of.round)}/draw"),
        title=f"{of.round.name}：公开抽取评估专家" + ("" if drawn_at else "（最早可抽取之日）"),
        first_day=day,
        last_day=day,
        link=site.address(f"draw-{of.round.id}.html"),
        sequence=1 if drawn_at else 0,
    )


def _notice(of: RoundView, head: NoticeHead, site: SiteIdentity) -> Iterator[CalendarEntry]:
    """A period that is running or over; one that has not started or has no firm last day has no entry yet."""
    if head.starts_on is None or head.last_day is None:
        return
    yield CalendarEntry(
        uid=lasting_id(of.county, f"round/{_key(of)}/{head.kind.value}/{head.number}"),
        title=f"公示期：{head.title}",
        first_day=head.starts_on,
        last_day=head.last_day,
        note=f"对名单有异议的，请在{cn_day(head.last_day)}届满前提出。",
        link=site.address(f"notice-{head.id}.html"),
        sequence=head.sequence,
    )
