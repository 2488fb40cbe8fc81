"""What the rules answer to an act: the outcome, or the refusal as a sentence; of a batch, every member is tried."""

from __future__ import annotations

from rules.case import Case, Context, Event, Outcome, Refused
from rules.errors import RefusedError
from rules.evaluation import EVALUATION
from tasks.advance import Change


def sentence(refused: Refused) -> str:
    """A refusal as people read it: why, and the clause."""
    return f"{refused.why}（依据：{refused.clause}）"


def decided(case: Case, event: Event, ctx: Context) -> Outcome:
    """The outcome of an event. Raises RefusedError with the sentence when the rules refuse it."""
    outcome = EVALUATION.decide(case, event, ctx)
    if isinstance(outcome, Refused):
        raise RefusedError(sentence(outcome))
    return outcome


def sort_out(cases: list[Case], event: Event, ctx: Context) -> tuple[list[Change], list[tuple[str, str]]]:
    """The decided changes of a batch, and its refused members with their sentences: every member is tried."""
    changes, refused = [], []
    for case in cases:
        outcome = EVALUATION.decide(case, event, ctx)
        if isinstance(outcome, Refused):
            refused.append((case.applicant_id, sentence(outcome)))
        else:
            changes.append(Change(case, event, outcome))
    return changes, refused
