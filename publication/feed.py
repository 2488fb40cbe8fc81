"""The newest things published, for the Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from publication.agreements import CHANGES
from publication.assessments import Assessments
from publication.dates import EPOCH
from publication.identity import SiteIdentity, lasting_id
from publication.summaries import NoticeHead, RoundHead
from publication.wording import STATES, iso_instant
from rules.localtime import ZONE
from rules.wording import cn_date

SHOWN = 50


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing published: `id` lasts, `link` is its page, `published` its first instant, `updated` its last change."""

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    summary: str
    author: str


def recent(rounds: Sequence[RoundHead], assessments: Assessments, site: SiteIdentity) -> dict[str, Any]:
    """What the feed's template shows: the newest entries, and when the newest of them changed."""
    county = rounds[0].round.county if rounds else ""
    author = rounds[0].round.agency if rounds else site.name
    found = [entry for of in rounds for entry in _entries(of, site)]
    entries = sorted([*found, *_of_assessments(assessments, county, author, site)], key=lambda one: one.published)[::-1]
    updated = max((entry.updated for entry in entries), default=EPOCH)
    return {"id": lasting_id(county, "feed"), "author": author, "updated": updated, "entries": entries[:SHOWN]}


def _entries(of: RoundHead, site: SiteIdentity) -> Iterator[FeedEntry]:
    for head in of.notices:
        yield _entry(of, site, f"notice-{head.id}", head.title, (head.issued_at, head.changed_at), _summary(head))
    if of.draw:
        days = (of.draw.published_at, of.draw.drawn_at or of.draw.published_at)
        what = "评估专家抽取方案与抽取记录" if of.draw.drawn_at else "评估专家抽取方案"
        yield _entry(of, site, f"draw-{of.round.id}", f"{of.round.name}：{what}", days, "任何人都可以重算抽取结果。")
    if of.finals or of.round.is_intake:
        yield from _of_agreements(of, site)


def _of_agreements(of: RoundHead, site: SiteIdentity) -> Iterator[FeedEntry]:
    """What changed with agreements, one entry for all that one act or one sweep did: many expire in one night."""
    page = f"results-{of.round.id}.html"
    act = lambda one: (one.at, one.event)  # noqa: E731
    for (at, event), found in groupby(sorted(of.agreements.changes, key=act), act):
        group = list(found)
        names = group[0].name + (f"等{len(group)}家" if len(group) > 1 else "")
        yield FeedEntry(
            id=lasting_id(of.round.county, f"agreement/{group[0].number}/{event}/{iso_instant(at)}"),
            title=f"{names}：{CHANGES[event]}",
            link=site.address(page) or page,
            published=at,
            updated=at,
            summary="；".join(f"{one.name}，协议{one.number}：{one.told}" for one in group) + "。",
            author=of.round.agency,
        )


def _of_assessments(of: Assessments, county: str, author: str, site: SiteIdentity) -> Iterator[FeedEntry]:
    """The county's criteria and each year's results, which are known by their day: it counts from its beginning."""

    def entry(place: str, title: str, days: tuple[date, date], summary: str) -> FeedEntry:
        address = site.address(f"assessment.html#{place}") or f"assessment.html#{place}"
        first, last = (datetime.combine(day, time(), ZONE) for day in days)
        return FeedEntry(lasting_id(county, f"assessment/{place}"), title, address, first, last, summary, author)

    for table in of.tables:
        days = (table.published_on, table.published_on)
        yield entry(f"table-{table.id}", table.title, days, f"年度考核办法，自{table.first_year}年度起适用。")
    for year in of.years:
        days = (year.published_on, year.corrected_on or year.published_on)
        corrected = f"，{cn_date(year.corrected_on)}有更正" if year.corrected_on else ""
        yield entry(f"year-{year.year}", f"{year.year}年度考核结果", days, f"共{len(year.results)}家{corrected}。")


def _entry(
    of: RoundHead, site: SiteIdentity, page: str, title: str, days: tuple[datetime, datetime], summary: str
) -> FeedEntry:
    address = site.address(f"{page}.html") or f"{page}.html"
    return FeedEntry(lasting_id(of.round.county, page), title, address, *days, summary, of.round.agency)


def _summary(head: NoticeHead) -> str:
    """The state and both days."""
    if head.starts_on is None:
        return "公示期尚未起算。"
    if head.last_day is None:
        return f"{STATES[head.status]}：{cn_date(head.starts_on)}起。"
    return f"{STATES[head.status]}：{cn_date(head.starts_on)}起，{cn_date(head.last_day)}届满。"
