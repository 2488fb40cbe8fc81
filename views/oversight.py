"""For the office: the double random inspections with what was drawn (which nobody outside knows before the end), and
who is on a list or barred today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Agreement,
    AgreementEnding,
    Applicant,
    Application,
    Bar,
    DoubleRandomDraw,
    ListEntry,
    Round,
)
from publication.inspections import inspections_under
from rules.vocabulary import InstitutionList
from tasks.case_loading import context_numbered

Told = dict[str, Any]


def inspection_plans(session: Session, today: date) -> list[Told]:
    """Every plan, the newest first: where it stands, whom it drew, who was inspected."""
    query = select(DoubleRandomDraw, col(Round.name)).join(Round, col(Round.id) == col(DoubleRandomDraw.round_id))
    rows = session.execute(query.order_by(col(DoubleRandomDraw.id).desc())).all()
    return [_plan(session, plan, name, today) for plan, name in rows]


def _plan(session: Session, plan: DoubleRandomDraw, round_name: str, today: date) -> Told:
    held = {number: one.held_on for number, one in inspections_under(session, plan).items()}
    lines = [_drawn(plan, one, held) for one in plan.assigned]
    left = sum(1 for one in lines if not one["held_on"])
    may_reveal = plan.drawn_at is not None and plan.revealed_at is None and (not left or today > plan.to_on)
    return {
        "ref": plan.ref,
        "round_id": plan.round_id,
        "round": round_name,
        "period": f"{plan.from_on} 至 {plan.to_on}",
        "size": f"{len(plan.institutions)} 家抽 {plan.wanted} 家",
        "inspectors": len(plan.inspectors),
        "sources": "、".join(f"{name}（{rule['due_on']}）" for name, rule in _sources(plan)),
        "state": _state(plan, left),
        "act": "draw_inspections" if plan.drawn_at is None else "reveal_inspections" if may_reveal else "",
        "lines": lines,
    }


def _sources(plan: DoubleRandomDraw) -> list[tuple[str, Mapping[str, Any]]]:
    return list(zip(plan.sources, plan.source_rules, strict=True))


def _state(plan: DoubleRandomDraw, left: int) -> str:
    if plan.revealed_at:
        return "结果已公开"
    if plan.drawn_at:
        return f"已抽取，{left} 家待检查" if left else "检查结束，待公开"
    return "计划已公布，待抽取"


def _drawn(plan: DoubleRandomDraw, assigned: Mapping[str, Any], held: Mapping[str, date]) -> Told:
    entry = plan.institutions[assigned["institution"] - 1]
    staff = [plan.inspectors[number - 1] for number in assigned["inspectors"]]
    on = held.get(entry["agreement"])
    who = "、".join(f"{one['name']}（{one['staff_no']}）" for one in staff)
    return {**entry, "who": who, "held_on": on.isoformat() if on else ""}


def on_the_lists(session: Session, today: date) -> Told:
    """The bars that run and the entries that stand today."""
    rounds = session.execute(select(col(Round.id)).order_by(col(Round.id))).scalars().all()
    policy = context_numbered(session, rounds[-1]).policy if rounds else None
    entries = session.execute(
        select(ListEntry)
        .where(col(ListEntry.removed_on).is_(None), col(ListEntry.until).is_(None) | (col(ListEntry.until) >= today))
        .order_by(col(ListEntry.on_list), col(ListEntry.id))
    ).scalars()
    told = []
    for one in entries:
        ground = policy.list_ground(one.on_list, one.ground) if policy else None
        told.append(
            {
                "list": InstitutionList(one.on_list).label,
                "name": one.name,
                "ground": f"{one.ground} {ground.text if ground else ''}".strip(),
                "document": one.document,
                "since": one.from_on.isoformat(),
                "until": one.until.isoformat() if one.until else "至移出为止",
                "by": f"{one.recorded_by}、{one.confirmed_by}",
            }
        )
    kept = [one.label for one in InstitutionList if policy and policy.keeps_list(one)]
    return {"round_id": rounds[-1] if rounds else 0, "kept": kept, "entries": told, "bars": _bars(session, today)}


def _bars(session: Session, today: date) -> list[Told]:
    """The bars of 六(三) that run today, or begin later, by the agreement that was dissolved."""
    rows = session.execute(
        select(col(Agreement.id), col(Agreement.number), col(Applicant.name), col(Bar.from_on), col(Bar.last_day))
        .select_from(Bar)
        .join(AgreementEnding, col(AgreementEnding.id) == col(Bar.ending_id))
        .join(Agreement, col(Agreement.id) == col(AgreementEnding.agreement_id))
        .join(Application, col(Application.id) == col(Agreement.application_id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .where(col(Bar.lifted_on).is_(None), col(Bar.last_day) >= today)
        .order_by(col(Bar.last_day), col(Bar.id))
    )
    return [
        {"id": row[0], "number": row[1], "name": row[2], "since": row[3].isoformat(), "last_day": row[4].isoformat()}
        for row in rows
    ]
