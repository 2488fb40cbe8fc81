"""What the rules answer to an act: the change, or the refusal as a sentence; of a batch, every member is tried."""

from __future__ import annotations

from collections.abc import Sequence

from rules.case import C, Change, Event, Refused, Setting
from rules.errors import RefusedError
from tasks.procedures import kind_of


def sentence(refused: Refused) -> str:
    """A refusal as people read it: why, and the clause."""
    return f"{refused.why}（依据：{refused.clause}）"


def asked(case: C, event: Event, ctx: Setting) -> Change[C] | Refused:
    """What the procedure of a subject answers to an event."""
    outcome = kind_of(case).procedure.decide(case, event, ctx)
    return outcome if isinstance(outcome, Refused) else Change(case, event, outcome)


def decided(case: C, event: Event, ctx: Setting) -> Change[C]:
    """The change that an event makes. Raises RefusedError with the sentence when the rules refuse it."""
    answer = asked(case, event, ctx)
    if isinstance(answer, Refused):
        raise RefusedError(sentence(answer))
    return answer


def sort_out(cases: Sequence[C], event: Event, ctx: Setting) -> tuple[list[Change[C]], list[tuple[str, str]]]:
    """The decided changes of a batch, and its refused members with their sentences: every member is tried."""
    changes: list[Change[C]] = []
    refused = []
    for case in cases:
        answer = asked(case, event, ctx)
        if isinstance(answer, Refused):
            refused.append((case.number, sentence(answer)))
        else:
            changes.append(answer)
    return changes, refused
