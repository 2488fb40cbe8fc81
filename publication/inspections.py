"""Double random inspections as the public sees them (双随机、一公开; R82): the plan with its pools and the hash of the
secret; whom the draw chose, who went and when, only once secret and results were revealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, DoubleRandomDraw, Inspection, Staff
from publication.wording import iso_instant
from rules.audit import sha256
from rules.double_random import seed_of
from rules.errors import DatabaseError
from rules.vocabulary import SourceFallback, SourceState

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan as the index names it; `fingerprint` changes with everything that its page shows."""

    id: int
    ref: str
    from_on: date
    to_on: date
    published_at: datetime
    drawn_at: datetime | None
    revealed_at: datetime | None
    fingerprint: str

    @property
    def standing(self) -> str:
        """Where it stands, in words."""
        return "结果已公开" if self.revealed_at else "已抽取，检查中" if self.drawn_at else "计划已公布"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """An institution that was drawn: who was to go, and when it was inspected by whom (None: it was not)."""

    entry: Entry
    drawn: Sequence[Entry]
    held_on: date | None
    went: Sequence[str]
    corrections: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as its page shows it. `record` is the file beside it, from which anybody recomputes."""

    head: PlanHead
    wanted: int
    each: int
    institutions: Sequence[Entry]
    inspectors: Sequence[Entry]
    conflicts: Sequence[tuple[int, int]]
    pools_sha256: str
    commitment: str
    sources: Sequence[Entry]
    record: Entry
    results: Sequence[ResultLine]


def plan_heads(session: Session) -> dict[int, list[PlanHead]]:
    """The plans of every round, by round."""
    names = ("round_id", "id", "ref", "from_on", "to_on", "published_at", "drawn_at", "revealed_at", "source_rules")
    columns = [col(getattr(DoubleRandomDraw, name)) for name in names]
    found: dict[int, list[PlanHead]] = {}
    for row in session.execute(select(*columns).order_by(col(DoubleRandomDraw.id))).all():
        days = (row.id, row.ref, row.from_on, row.to_on, row.published_at, row.drawn_at, row.revealed_at)
        head = PlanHead(*days, sha256([*map(str, days), row.source_rules]))
        found.setdefault(row.round_id, []).append(head)
    return found


def plan_view(session: Session, head: PlanHead) -> PlanView:
    """Raises DatabaseError for pools that were changed."""
    plan = session.get(DoubleRandomDraw, head.id)
    assert plan is not None
    pairs = [[one["institution"], one["inspector"]] for one in plan.conflicts]
    pools = {"institutions": plan.institutions, "inspectors": plan.inspectors, "conflicts": pairs}
    if sha256(pools) != plan.pools_sha256:
        raise DatabaseError(f"检查计划 {plan.ref} 的名册与其哈希不符，网页不予生成：请先核对数据库是否被改动")
    results = _results(session, plan) if plan.revealed_at else []
    return PlanView(
        head=head,
        wanted=plan.wanted,
        each=plan.inspectors_each,
        institutions=plan.institutions,
        inspectors=plan.inspectors,
        conflicts=[(one[0], one[1]) for one in pairs],
        pools_sha256=plan.pools_sha256,
        commitment=plan.commitment,
        sources=_sources(plan),
        record=_record(plan, pools, results),
        results=results,
    )


def _sources(plan: DoubleRandomDraw) -> list[dict[str, Any]]:
    values = plan.source_values or [[] for _ in plan.sources]
    return [
        {
            "name": name,
            "due_on": date.fromisoformat(rule["due_on"]),
            "fallback": SourceFallback(rule["fallback"]).label,
            "replacement": rule["replacement"],
            "state": SourceState(rule["state"]).label if rule["state"] != SourceState.EXPECTED else "",
            "values": result,
        }
        for name, rule, result in zip(plan.sources, plan.source_rules, values, strict=True)
    ]


def _record(plan: DoubleRandomDraw, pools: Entry, results: Sequence[ResultLine]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "plan": plan.ref,
        "from_on": plan.from_on.isoformat(),
        "to_on": plan.to_on.isoformat(),
        "wanted": plan.wanted,
        "inspectors_each": plan.inspectors_each,
        "pools": pools,
        "pools_sha256": plan.pools_sha256,
        "sources": plan.sources,
        "source_rules": plan.source_rules,
        "commitment": plan.commitment,
        "published_at": iso_instant(plan.published_at),
    }
    if plan.drawn_at:
        told |= {"drawn_at": iso_instant(plan.drawn_at), "source_values": plan.source_values}
    if plan.revealed_at:
        told |= {
            "revealed_at": iso_instant(plan.revealed_at),
            "secret": plan.secret,
            "key": seed_of(plan.source_values, int(plan.secret)),
            "assigned": plan.assigned,
            "inspections": [
                {
                    "institution": one.entry["number"],
                    "held_on": one.held_on.isoformat() if one.held_on else None,
                    "inspectors": list(one.went),
                    "corrections": one.corrections,
                }
                for one in results
            ],
        }
    return told


def numbers_in(session: Session, plan: DoubleRandomDraw) -> Mapping[int, str]:
    """The number of the agreement under which an institution stands in a plan, by its dossier: who is renewed while the
    plan runs stays in it."""
    listed = col(Agreement.number).in_([one["agreement"] for one in plan.institutions])
    rows = session.execute(select(col(Agreement.application_id), col(Agreement.number)).where(listed))
    return {row[0]: row[1] for row in rows}


def inspections_under(session: Session, plan: DoubleRandomDraw) -> Mapping[str, Inspection]:
    """The inspection held under a plan, by the number under which the institution stands in it; of several the last."""
    query = select(Inspection, col(Agreement.application_id)).join(
        Agreement, col(Agreement.id) == col(Inspection.agreement_id)
    )
    rows = session.execute(query.where(col(Inspection.draw_id) == plan.id).order_by(col(Inspection.id))).all()
    numbers = numbers_in(session, plan)
    return {numbers[application_id]: one for one, application_id in rows}


def _results(session: Session, plan: DoubleRandomDraw) -> list[ResultLine]:
    held = inspections_under(session, plan)
    names = {row[0]: row[1] for row in session.execute(select(col(Staff.staff_no), col(Staff.name)))}
    return [_line(plan, one, held, names) for one in plan.assigned]


def _line(
    plan: DoubleRandomDraw, assigned: Entry, held: Mapping[str, Inspection], names: Mapping[str, str]
) -> ResultLine:
    entry = plan.institutions[assigned["institution"] - 1]
    drawn = [plan.inspectors[number - 1] for number in assigned["inspectors"]]
    one = held.get(entry["agreement"])
    went = [names.get(staff_no, staff_no) for staff_no in one.inspectors] if one else []
    return ResultLine(entry, drawn, one.held_on if one else None, went, len(one.corrections) if one else 0)
