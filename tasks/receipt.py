"""What an act did, for the person who asked for it: one sentence, the cases it touched, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from rules.case import Case, Context, Event, Outcome, Refused
from rules.decide import decide
from rules.errors import RefusedError
from tasks.advance import Change, advance
from tasks.casebook import the_case
from tasks.moving_up import fill_places


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an act. `refused` names members of a batch that could not be done, each with its sentence."""

    summary: str
    round_id: int
    applicants: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def refusal(self) -> str:
        """The sentence for a batch whose bad members are named; empty when all went well."""
        if not self.refused:
            return ""
        named = "；".join(f"{applicant_id}：{why}" for applicant_id, why in self.refused)
        return f"{len(self.refused)} 家未办理：{named}。其余：{self.summary}"


def sentence(refused: Refused) -> str:
    """A refusal as people read it: why, and the clause."""
    return f"{refused.why}（依据：{refused.clause}）"


def decided(case: Case, event: Event, ctx: Context) -> Outcome:
    """The outcome of an event. Raises RefusedError with the sentence when the rules refuse it."""
    outcome = decide(case, event, ctx)
    if isinstance(outcome, Refused):
        raise RefusedError(sentence(outcome))
    return outcome


def sort_out(cases: list[Case], event: Event, ctx: Context) -> tuple[list[Change], list[tuple[str, str]]]:
    """The decided changes of a batch, and its refused members with their sentences: every member is tried."""
    changes, refused = [], []
    for case in cases:
        outcome = decide(case, event, ctx)
        if isinstance(outcome, Refused):
            refused.append((case.applicant_id, sentence(outcome)))
        else:
            changes.append(Change(case, event, outcome))
    return changes, refused


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
