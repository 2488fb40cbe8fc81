"""What an act did, for the person who asked for it: one sentence, the cases it touched, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from rules.case import Case, Context, Event, Outcome
from tasks.advance import Change, advance
from tasks.casebook import the_case
from tasks.decisions import decided
from tasks.places import fill_places


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an act. `refused` names members of a batch that could not be done, each with its sentence;
    `undone` says of an act that stays on record why it did not come about."""

    summary: str
    round_id: int
    applicants: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    undone: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def refusal(self) -> str:
        """The sentence for what was not done, a batch's bad members by name; empty when all went well."""
        if not self.refused:
            return self.undone
        named = "；".join(f"{applicant_id}：{why}" for applicant_id, why in self.refused)
        return f"{len(self.refused)} 家未办理：{named}。其余：{self.summary}"


def one_case(session: Session, ctx: Context, event: Event) -> tuple[Case, Outcome]:
    """Decides an event for the applicant that it names, and writes the change."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    return case, write_one(session, ctx, case, event)


def write_one(session: Session, ctx: Context, case: Case, event: Event) -> Outcome:
    """Decides an event for a case and writes the change; a place that it frees is filled as announced (A7-18)."""
    change = Change(case, event, decided(case, event, ctx))
    advance(session, ctx, [change])
    fill_places(session, ctx, [change], event.at)
    return change.outcome


def told(case: Case, outcome: Outcome, what: str) -> str:
    """`P01 样例大药房一店：初审合格。` with the reasons where there are any."""
    reasons = "；".join(f"{reason.text}（{reason.clause}）" for reason in outcome.reasons)
    return f"{case.applicant_id} {case.name}：{what}，现为“{outcome.to.label}”。" + (
        f"理由：{reasons}。" if reasons else ""
    )
