"""What each page says, as data for programs: the JSON beside it. Days are ISO dates, instants are in Beijing time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from publication.agreements import RUNNING
from publication.assessments import Assessments, YearView
from publication.checkpoints import KeptHead
from publication.draws import DrawView
from publication.drugs import DrugView
from publication.identity import SiteIdentity
from publication.limits import LimitView
from publication.periods import PeriodView
from publication.reading import ContactView, NoticeView, RegisterView
from publication.summaries import NoticeHead, RoundHead, RoundView
from publication.wording import AGREEMENT_STATES, iso_instant
from rules.checkpoints import Checkpoint
from rules.periods import WorkingDay

Json = dict[str, Any]


def index(rounds: Sequence[RoundHead], site: SiteIdentity) -> Json:
    """Every round with its notices, its draw and its register, the newest first."""
    return {"site": site.name, "rounds": [_round_index(of) for of in rounds]}


def assessments(all_: Assessments, site: SiteIdentity) -> Json:
    """The editions of criteria and grades, and the results of each year."""
    tables = [{**asdict(one), "published_on": str(one.published_on)} for one in all_.tables]
    years = [_assessed_year(one) for one in all_.years]
    return {"address": site.address("assessment.html") or None, "tables": tables, "years": years}


def _assessed_year(one: YearView) -> Json:
    return {
        **asdict(one),
        "published_on": str(one.published_on),
        "corrected_on": str(one.corrected_on) if one.corrected_on else None,
    }


def drugs(views: Sequence[DrugView], site: SiteIdentity) -> Json:
    """Each drug with the institutions that keep it."""
    return {"address": site.address("drugs.html") or None, "drugs": [asdict(one) for one in views]}


def signed_heads(year: int, heads: Sequence[KeptHead], site: SiteIdentity) -> Json:
    """The signed notes of a year, each with its stamp."""
    return {"site": site.name, "year": year, "signed": [{**asdict(one), "day": str(one.day)} for one in heads]}


def checkpoints(year: int, days: Sequence[Checkpoint], site: SiteIdentity) -> Json:
    """The checkpoints of a year, each with all that its hash is taken over."""
    return {"site": site.name, "year": year, "checkpoints": [{**asdict(one), "day": str(one.day)} for one in days]}


def _round_index(of: RoundHead) -> Json:
    told: Json = {**_round(of.round), "notices": [_head(head) for head in of.notices]}
    if of.round.is_intake:
        return told | {"register": {"page": f"results-{of.round.id}.html", "data": f"results-{of.round.id}.json"}}
    told["limits"] = {"page": f"limits-{of.round.id}.html", "data": f"limits-{of.round.id}.json"}
    if of.draw:
        drawn_at = of.draw.drawn_at
        told["draw"] = {
            "page": f"draw-{of.round.id}.html",
            "published_at": iso_instant(of.draw.published_at),
            "drawn_at": iso_instant(drawn_at) if drawn_at else None,
        }
    if of.inspections:
        told["inspections"] = [
            {
                "page": f"inspections-{one.id}.html",
                "data": f"inspections-{one.id}.json",
                "published_at": iso_instant(one.published_at),
                "revealed_at": iso_instant(one.revealed_at) if one.revealed_at else None,
            }
            for one in of.inspections
        ]
    if of.finals:
        told["register"] = {"page": f"results-{of.round.id}.html", "data": f"results-{of.round.id}.json"}
    return told


def intake_entries(of: RoundHead) -> list[Json]:
    """The agreements of before, as the page shows them: those that run first, by name."""
    shown = ("applicant_id", "name", "type", "credit_code", "number", "effective_on", "expires_on", "clause")
    told = [
        {name: getattr(one, name) for name in (*shown, "pauses_on", "assess_by", "assessed_on")}
        | {"state": one.state.value, "state_label": AGREEMENT_STATES[one.state], "state_on": one.day}
        for one in of.agreements.lines
    ]
    running = {state.value for state in RUNNING}
    return sorted(told, key=lambda one: (one["state"] not in running, one["type"], one["name"]))


def intake(of: RoundHead, site: SiteIdentity) -> Json:
    """The same as data."""
    address = site.address(f"results-{of.round.id}.html") or None
    entries = [_ordered(one) for one in intake_entries(of)]
    return {"address": address, "round": _round(of.round), "agreements": entries}


def _round(of: RoundView) -> Json:
    return {
        "id": of.id,
        "name": of.name,
        "county": of.county,
        "year": of.year,
        "batch": of.batch,
        "agency": of.agency,
        "procedure": of.procedure,
        "quota": _ordered(of.announcement["quota"]),
    }


def _head(head: NoticeHead) -> Json:
    return {
        "notice": head.id,
        "page": f"notice-{head.id}.html",
        "data": f"notice-{head.id}.json",
        "kind": head.kind.value,
        "number": head.number,
        "title": head.title,
        "status": head.status,
        "issued_at": iso_instant(head.issued_at),
        "starts_on": _day(head.starts_on),
        "last_day": _day(head.last_day),
    }


def notice(of: RoundView, view: NoticeView, site: SiteIdentity) -> Json:
    """One notice: its list with the hash, both dates with their working, where it was posted, where objections go."""
    return {
        **_head(view.head),
        "address": site.address(f"notice-{view.head.id}.html") or None,
        "round": _round(of),
        "clause": view.clause,
        "list": [_ordered(entry) for entry in view.snapshot["entries"]],
        "not_included": [_ordered(entry) for entry in view.not_included],
        "list_file": f"list-{view.head.id}.json",
        "list_sha256": view.sha256,
        "period": _period(view.period) if view.period else None,
        "signing": _limit(view.signing) if view.signing else None,
        "postings": [
            {
                "channel": one.channel,
                "posted_at": iso_instant(one.posted_at),
                "url": one.url or None,
                "sha256": one.sha256 or None,
            }
            for one in view.postings
        ],
        "channels_missing": list(view.missing),
        "objections": _contact(view.contact) if view.period else None,
    }


def _period(period: PeriodView) -> Json:
    return {
        "length": period.label,
        "starts_on": _day(period.starts_on),
        "last_day": _day(period.last_day),
        "by_present_schedules": _day(period.reckoned),
        "earliest": _day(period.earliest),
        "latest": _day(period.latest),
        "working": working(period.working),
    }


def limits(of: RoundView, days: Sequence[tuple[date, Sequence[LimitView]]], site: SiteIdentity) -> Json:
    """For every day of the window: the limits that start on it, with their working."""
    return {
        "address": site.address(f"limits-{of.id}.html") or None,
        "round": _round(of),
        "limits": [_limit(one) for _, found in days for one in found],
        **_adopted(of),
    }


def _adopted(of: RoundView) -> Json:
    """The rules that the round adopted after its announcement; nothing where there are none."""
    told = [
        {
            "adopted_at": iso_instant(one.pinned_at),
            "procedure": one.identity,
            "policy_sha256": one.policy.sha256,
            "reason": one.reason,
            "difference": list(one.difference),
        }
        for one in of.adopted
    ]
    return {"adopted_rules": told} if told else {}


def _limit(limit: LimitView) -> Json:
    return {
        "kind": limit.kind,
        "label": limit.label,
        "length": limit.length,
        "clause": limit.clause,
        "start_on": _day(limit.start_on),
        "due_on": _day(limit.due_on),
        "earliest": _day(limit.earliest),
        "latest": _day(limit.latest),
        "working": working(limit.working),
    }


def _contact(contact: ContactView) -> Json:
    return {name: getattr(contact, name) or None for name in ContactView.__dataclass_fields__}


def plan(of: RoundView, draw: DrawView, days: Sequence[WorkingDay], site: SiteIdentity) -> Json:
    """The draw's plan; the record, once there is one, is a file of its own in the form that verifiers read."""
    return {
        "address": site.address(f"draw-{of.id}.html") or None,
        "round": _round(of),
        "wanted": draw.wanted,
        "sources": list(draw.sources),
        "published_at": iso_instant(draw.published_at),
        "earliest_on": _day(draw.earliest_on),
        "working": working(days),
        "pool_file": f"pool-{of.id}.json",
        "pool_sha256": draw.pool_sha256,
        "plan_sha256": draw.plan_sha256,
        "record_file": f"draw-{of.id}.json" if draw.result else None,
    }


def register(of: RoundView, view: RegisterView, site: SiteIdentity) -> Json:
    """The designated institutions with their agreements, and how the usual term was worked out for each first day."""
    return {
        "address": site.address(f"results-{of.id}.html") or None,
        "round": _round(of),
        "institutions": [_ordered(entry) for listed in view.lists.values() for entry in listed],
        **({"ended": [_ordered(entry) for entry in view.ended]} if view.is_kept else {}),
        "terms": [
            {
                "effective_on": _day(term.effective_on),
                "length": term.period.label,
                "expires_on": _day(term.expires_on),
                "working": working(term.working),
            }
            for term in view.terms.values()
        ],
    }


def _ordered(entry: Mapping[str, Any]) -> Json:
    """Its keys in one order whatever database keeps it; days as text."""
    return {name: _day(value) if isinstance(value, date) else value for name, value in sorted(entry.items())}


def working(lines: Iterable[WorkingDay]) -> list[Json]:
    """The working of a date, day by day, with the notice that makes a day what it is."""
    return [
        {"day": _day(one.day), "effect": one.effect, "count": one.count, "reason": one.reason, "notice": one.notice}
        for one in lines
    ]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
