"""What an act did, for the person who asked for it: one sentence, the cases it touched, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rules.case import Change


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an act; `agreement` is the one that it was about. `refused` names members of a batch that could not
    be done, each with its sentence; `undone` says of an act that stays on record why it did not come about."""

    summary: str
    round_id: int
    applicants: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    undone: str = ""
    agreement: int = 0
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def refusal(self) -> str:
        """The sentence for what was not done, a batch's bad members by name; empty when all went well."""
        if not self.refused:
            return self.undone
        named = "；".join(f"{applicant_id}：{why}" for applicant_id, why in self.refused)
        return f"{len(self.refused)} 家未办理：{named}。其余：{self.summary}"


@dataclass(frozen=True, slots=True)
class Submitted:
    """An act that waits for its second person: nothing was done yet. `summary` says who may confirm it until when."""

    number: int
    summary: str
    round_id: int


def told(change: Change[Any], what: str) -> str:
    """`P01 样例大药房一店：初审合格。` with the reasons where there are any."""
    case, outcome = change.case, change.outcome
    reasons = "；".join(f"{reason.text}（{reason.clause}）" for reason in outcome.reasons)
    return f"{case.applicant_id} {case.name}：{what}，现为“{outcome.to.label}”。" + (
        f"理由：{reasons}。" if reasons else ""
    )
