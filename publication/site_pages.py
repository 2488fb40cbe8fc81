"""The parts of the site: each a few files that change together, with a fingerprint, and how to read and render it.

Reading happens inside the database's transaction, rendering after it; a part that stands needs neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import Session

from publication import data
from publication.change_scan import Survey
from publication.checkpoints import CheckpointYear, read_checkpoints
from publication.dates import all_dates, notice_dates
from publication.draws import DrawView, draw_view
from publication.feed import recent
from publication.identity import SiteIdentity
from publication.limits import limits_by_day
from publication.pages import render
from publication.periods import plan_working
from publication.qr import address_code
from publication.reading import NoticeView, RegisterView, read_notice, read_register
from publication.summaries import NoticeHead, RoundHead, RoundView
from rules.audit import canonical, sha256
from rules.checkpoints import Checkpoint
from rules.localtime import local_day
from rules.periods import WorkingDay

VERIFIERS = Path(__file__).with_name("verifiers")  # links to those in docs/; a wheel holds them here
CHAIN_VERIFIER = VERIFIERS / "verify_audit.py"
VERIFIER = VERIFIERS / "verify_draw.py"
Files = Iterator[tuple[str, bytes]]
Rendering = Callable[[], Files]


@dataclass(frozen=True, slots=True)
class SitePart:
    """Some files of the site. `read` gives what renders them: a call that asks the database nothing more."""

    key: str
    fingerprint: str
    read: Callable[[Session], Rendering]


def site_parts(found: Survey, site: SiteIdentity) -> Iterator[SitePart]:
    """Every part; a file's name is made of our own numbers only, never of an applicant's text."""
    whole = sha256([sorted(one.register_fingerprint for one in found.rounds), [repr(one.draw) for one in found.rounds]])
    yield SitePart("index", whole, lambda _: partial(_index, found, site))
    yield from _checkpoint_parts(found.checkpoints, site)
    for of in found.rounds:
        yield from _round_parts(found, of, site)


def _editions(of: RoundView) -> list[str]:
    """What the pages of a round show of its rules."""
    return [f"{one.pinned_at.isoformat()} {one.policy.sha256}" for one in of.editions]


def _checkpoint_parts(years: Sequence[CheckpointYear], site: SiteIdentity) -> Iterator[SitePart]:
    """The last hash of a year stands for all of its days and those before."""
    whole = sha256([[one.year, one.hash] for one in years])
    yield SitePart("audit", whole, lambda _: partial(_audit, years, site))
    for one in years:
        yield SitePart(f"audit-{one.year}", one.hash, partial(_read_year, one, site))


def _round_parts(found: Survey, of: RoundHead, site: SiteIdentity) -> Iterator[SitePart]:
    limits = sha256([of.round.announcement, of.round.name, *_editions(of.round), found.workdays.version])
    yield SitePart(f"limits-{of.round.id}", limits, lambda _: partial(_limits, found, of, site))
    for head in of.notices:
        yield SitePart(f"notice-{head.id}", head.fingerprint, partial(_read_notice, found, of, head, site))
    if of.draw:
        yield SitePart(f"draw-{of.round.id}", of.fingerprint, partial(_read_draw, found, of, site))
    if of.finals:
        yield SitePart(f"results-{of.round.id}", of.register_fingerprint, partial(_read_register, found, of, site))


def _index(found: Survey, site: SiteIdentity) -> Files:
    yield "index.html", render("index.html", site=site, rounds=found.rounds, code=address_code(site, "index.html"))
    yield "index.json", _json(data.index(found.rounds, site))
    yield "feed.atom", render("feed.atom", site=site, **recent(found.rounds, site))
    yield "dates.ics", all_dates(found.rounds, site)
    yield "404.html", render("404.html", site=site)


def _audit(years: Sequence[CheckpointYear], site: SiteIdentity) -> Files:
    code = address_code(site, "audit.html")
    yield "audit.html", render("audit.html", site=site, years=years, code=code)
    yield CHAIN_VERIFIER.name, CHAIN_VERIFIER.read_bytes()


def _read_year(of: CheckpointYear, site: SiteIdentity, session: Session) -> Rendering:
    return partial(_audit_year, of, read_checkpoints(session, of.year), site)


def _audit_year(of: CheckpointYear, days: Sequence[Checkpoint], site: SiteIdentity) -> Files:
    name = f"audit-{of.year}"
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("audit_year.html", site=site, of=of, days=days, code=code)
    yield f"{name}.json", _json(data.checkpoints(of.year, days, site))


def _limits(found: Survey, of: RoundHead, site: SiteIdentity) -> Files:
    name, days = f"limits-{of.round.id}", limits_by_day(of.round, found.workdays)
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("limits.html", site=site, round=of.round, days=days, code=code)
    yield f"{name}.json", _json(data.limits(of.round, days, site))


def _read_notice(found: Survey, of: RoundHead, head: NoticeHead, site: SiteIdentity, session: Session) -> Rendering:
    of = replace(of, round=of.round.as_of(head.created_at))
    return partial(_notice, of, read_notice(session, of.round, head, found.workdays), site)


def _notice(of: RoundHead, notice: NoticeView, site: SiteIdentity) -> Files:
    """The page, its data, the frozen list in the very bytes that its hash was taken of, and its days for calendars."""
    name = f"notice-{notice.head.id}"
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("notice.html", site=site, round=of.round, notice=notice, code=code)
    yield f"{name}.json", _json(data.notice(of.round, notice, site))
    yield f"list-{notice.head.id}.json", canonical(notice.snapshot)
    if notice.head.last_day and notice.period:
        yield f"{name}.ics", notice_dates(of.round, notice.head, site)
    if notice.head.pdf:
        yield notice.head.pdf.name, notice.head.pdf.content()


def _read_draw(found: Survey, of: RoundHead, site: SiteIdentity, session: Session) -> Rendering:
    assert of.draw is not None
    of = replace(of, round=of.round.as_of(of.draw.published_at))
    draw = draw_view(session, of.round.id, of.round.policy, found.workdays)
    assert draw is not None
    working = plan_working(local_day(draw.published_at), of.round.policy, found.workdays)
    return partial(_draw, of, draw, working, site)


def _draw(of: RoundHead, draw: DrawView, working: Sequence[WorkingDay], site: SiteIdentity) -> Files:
    """The page of plan and record; the plan's data and its pool, and the record once it was drawn."""
    id_ = of.round.id
    code = address_code(site, f"draw-{id_}.html")
    yield (
        f"draw-{id_}.html",
        render("draw.html", site=site, of=of, round=of.round, draw=draw, working=working, code=code),
    )
    yield f"plan-{id_}.json", _json(data.plan(of.round, draw, working, site))
    yield f"pool-{id_}.json", canonical(draw.pool)
    if draw.result:
        yield f"draw-{id_}.json", _json(draw.result.record)
        yield VERIFIER.name, VERIFIER.read_bytes()
    if of.draw and of.draw.pdf:
        yield of.draw.pdf.name, of.draw.pdf.content()
    for number, record in enumerate(draw.earlier, 1):
        yield f"draw-{id_}-annulled-{number}.json", _json(record)


def _read_register(found: Survey, of: RoundHead, site: SiteIdentity, session: Session) -> Rendering:
    return partial(_register, of, read_register(session, of, found.workdays), site)


def _register(of: RoundHead, register: RegisterView, site: SiteIdentity) -> Files:
    name = f"results-{of.round.id}"
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("results.html", site=site, of=of, round=of.round, register=register, code=code)
    yield f"{name}.json", _json(data.register(of.round, register, site))


def _json(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode()
