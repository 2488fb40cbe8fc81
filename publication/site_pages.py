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
from publication.checkpoints import CheckpointYear, KeptHead, read_checkpoints, read_heads
from publication.dates import all_dates, notice_dates
from publication.draws import DrawView, draw_view
from publication.drugs import DrugView, Keepers, read_drugs
from publication.feed import recent
from publication.identity import SiteIdentity
from publication.inspections import PlanHead, PlanView, plan_view
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
from rules.vocabulary import ApplicantType, GradeEffect

VERIFIERS = Path(__file__).with_name("verifiers")  # links to those in docs/; a wheel holds them here
CHAIN_VERIFIER = VERIFIERS / "verify_audit.py"
VERIFIER = VERIFIERS / "verify_draw.py"
INSPECTIONS_VERIFIER = VERIFIERS / "verify_inspections.py"
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
    draws = [[repr(one.draw), *(plan.fingerprint for plan in one.inspections)] for one in found.rounds]
    whole = sha256([sorted(one.register_fingerprint for one in found.rounds), draws])
    if found.assessments:
        assessed = sha256(repr(found.assessments))
        whole = sha256([whole, assessed])
        yield SitePart("assessment", assessed, lambda _: partial(_assessment, found, site))
    if found.keepers.all:
        whole = sha256([whole, "drugs"])
        yield SitePart("drugs", found.keepers.fingerprint, partial(_read_drugs, found.keepers, site))
    yield SitePart("index", whole, lambda _: partial(_index, found, site))
    yield from _checkpoint_parts(found.checkpoints, site)
    for of in found.rounds:
        yield from _round_parts(found, of, site)


def _editions(of: RoundView) -> list[str]:
    """What the pages of a round show of its rules."""
    return [f"{one.pinned_at.isoformat()} {one.policy.sha256}" for one in of.editions]


def _checkpoint_parts(years: Sequence[CheckpointYear], site: SiteIdentity) -> Iterator[SitePart]:
    """The last hash of a year stands for all of its days and those before."""
    whole = sha256([[one.year, one.hash, one.kept] for one in years])
    yield SitePart("audit", whole, partial(_read_audit, years, site))
    for one in years:
        yield SitePart(f"audit-{one.year}", sha256([one.hash, one.kept]), partial(_read_year, one, site))


def _round_parts(found: Survey, of: RoundHead, site: SiteIdentity) -> Iterator[SitePart]:
    if of.round.is_intake:
        yield SitePart(f"results-{of.round.id}", of.register_fingerprint, lambda _: partial(_intake, of, site))
        return
    limits = sha256([of.round.announcement, of.round.name, *_editions(of.round), found.workdays.version])
    yield SitePart(f"limits-{of.round.id}", limits, lambda _: partial(_limits, found, of, site))
    for head in of.notices:
        yield SitePart(f"notice-{head.id}", head.fingerprint, partial(_read_notice, found, of, head, site))
    if of.draw:
        yield SitePart(f"draw-{of.round.id}", of.fingerprint, partial(_read_draw, found, of, site))
    for plan in of.inspections:
        shown = sha256([plan.fingerprint, of.round.announcement, of.round.name])
        yield SitePart(f"inspections-{plan.id}", shown, partial(_read_plan, of, plan, site))
    if of.finals:
        yield SitePart(f"results-{of.round.id}", of.register_fingerprint, partial(_read_register, found, of, site))


def _index(found: Survey, site: SiteIdentity) -> Files:
    told = {"rounds": found.rounds, "is_assessed": bool(found.assessments), "has_drugs": bool(found.keepers.all)}
    yield "index.html", render("index.html", site=site, **told, code=address_code(site, "index.html"))
    yield "index.json", _json(data.index(found.rounds, site))
    yield "feed.atom", render("feed.atom", site=site, **recent(found.rounds, found.assessments, site))
    yield "dates.ics", all_dates(found.rounds, site)
    yield "404.html", render("404.html", site=site)


def _assessment(found: Survey, site: SiteIdentity) -> Files:
    told = {
        "all": found.assessments,
        "types": list(ApplicantType),
        "effects": {one.value: one.label for one in GradeEffect},
    }
    code = address_code(site, "assessment.html")
    yield "assessment.html", render("assessment.html", site=site, **told, code=code)
    yield "assessment.json", _json(data.assessments(found.assessments, site))


def _read_drugs(of: Keepers, site: SiteIdentity, session: Session) -> Rendering:
    return partial(_drugs, read_drugs(session, of), site)


def _drugs(drugs: Sequence[DrugView], site: SiteIdentity) -> Files:
    code = address_code(site, "drugs.html")
    yield "drugs.html", render("drugs.html", site=site, drugs=drugs, code=code)
    yield "drugs.json", _json(data.drugs(drugs, site))


def _read_audit(years: Sequence[CheckpointYear], site: SiteIdentity, session: Session) -> Rendering:
    newest = read_heads(session, years[0].year)[:1] if years else []
    return partial(_audit, years, newest, site)


def _audit(years: Sequence[CheckpointYear], newest: Sequence[KeptHead], site: SiteIdentity) -> Files:
    """`checkpoint` is what programs for transparency logs ask for: the newest signed note as it is."""
    code = address_code(site, "audit.html")
    yield "audit.html", render("audit.html", site=site, years=years, newest=newest, code=code)
    for one in newest:
        yield "checkpoint.txt", one.note.encode()
    yield CHAIN_VERIFIER.name, CHAIN_VERIFIER.read_bytes()


def _read_year(of: CheckpointYear, site: SiteIdentity, session: Session) -> Rendering:
    return partial(_audit_year, of, read_checkpoints(session, of.year), read_heads(session, of.year), site)


def _audit_year(of: CheckpointYear, days: Sequence[Checkpoint], heads: Sequence[KeptHead], site: SiteIdentity) -> Files:
    name = f"audit-{of.year}"
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("audit_year.html", site=site, of=of, days=days, code=code)
    yield f"{name}.json", _json(data.checkpoints(of.year, days, site))
    yield f"{name}-signed.json", _json(data.signed_heads(of.year, heads, site))


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


def _read_plan(of: RoundHead, head: PlanHead, site: SiteIdentity, session: Session) -> Rendering:
    return partial(_plan, of, plan_view(session, head), site)


def _plan(of: RoundHead, plan: PlanView, site: SiteIdentity) -> Files:
    """A plan of double random inspections with its pools; draw, secret and results once they are revealed."""
    name = f"inspections-{plan.head.id}"
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("inspections.html", site=site, round=of.round, plan=plan, code=code)
    yield f"{name}.json", _json(plan.record)
    if plan.results:
        yield INSPECTIONS_VERIFIER.name, INSPECTIONS_VERIFIER.read_bytes()


def _read_register(found: Survey, of: RoundHead, site: SiteIdentity, session: Session) -> Rendering:
    return partial(_register, of, read_register(session, of, found.workdays), site)


def _register(of: RoundHead, register: RegisterView, site: SiteIdentity) -> Files:
    name = f"results-{of.round.id}"
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("results.html", site=site, of=of, round=of.round, register=register, code=code)
    yield f"{name}.json", _json(data.register(of.round, register, site))


def _intake(of: RoundHead, site: SiteIdentity) -> Files:
    """The agreements that were there before (R74)."""
    name, entries = f"results-{of.round.id}", data.intake_entries(of)
    code = address_code(site, f"{name}.html")
    yield f"{name}.html", render("intake.html", site=site, of=of, round=of.round, entries=entries, code=code)
    yield f"{name}.json", _json(data.intake(of, site))


def _json(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode()
