"""What must have come first before an act of the whole round: the order of the law in one table (五(二)).

The acts of one dossier stand in `rules.evaluation.table`; these are about the round: its draw and its conclusion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rules.case import Refused


@dataclass(frozen=True, slots=True)
class RoundStanding:
    """Where a round stands: how many dossiers the city bureau was asked to evaluate, whether a plan of the draw stands
    and was drawn, the smallest panel that a dossier under evaluation has, and the least it needs."""

    evaluating: int
    is_planned: bool
    is_drawn: bool
    is_concluded: bool
    smallest_panel: int
    panel_min: int

    @property
    def lacks_experts(self) -> bool:
        """The draw was done, and after recusals some dossier has fewer experts than the floor (A7-26)."""
        return self.is_drawn and self.evaluating > 0 and self.smallest_panel < self.panel_min


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must hold, and the sentence for an act that comes before it."""

    holds: Callable[[RoundStanding], bool]
    sentence: str
    clause: str = "五(二)"


ASKED_CITY = Precondition(
    lambda now: now.evaluating > 0,
    "没有经市医疗保障局受理评估申请的机构，不能公布抽取方案：请先为初审合格的机构提出评估申请（先报县局，再报市局）",
)
NO_DRAW_STANDS = Precondition(
    lambda now: not now.is_planned or now.lacks_experts,
    "本轮抽取方案已公布，名册已冻结，不能再次公布",
)
PLAN_STANDS = Precondition(lambda now: now.is_planned, "尚未公布抽取方案：请先公布名册、人数和随机源")
NOT_DRAWN = Precondition(lambda now: not now.is_drawn, "本轮已经抽取过专家，抽取只能进行一次")
TO_CONCLUDE = Precondition(
    lambda now: now.evaluating > 0 or not now.is_concluded,
    "本轮评估结果已经汇总，没有尚待汇总的机构，不能重复汇总",
)
UNDER_EVALUATION = Precondition(
    lambda now: now.evaluating > 0,
    "没有处于实地评估环节的机构，无法汇总：请先提出评估申请并录入评分",
)
DRAWN = Precondition(lambda now: now.is_drawn, "尚未抽取专家，不能汇总：请先公布抽取方案、抽取专家并录入评分")

ROUND_STEPS: Mapping[str, tuple[Precondition, ...]] = {
    "publish_draw_plan": (NO_DRAW_STANDS, ASKED_CITY),
    "draw_experts": (PLAN_STANDS, NOT_DRAWN),
    "conclude_evaluation": (TO_CONCLUDE, UNDER_EVALUATION, DRAWN),
}


def too_early(act: str, now: RoundStanding) -> Refused | None:
    """The refusal of an act of the round whose precondition does not hold; None where it may be done."""
    for one in ROUND_STEPS[act]:
        if not one.holds(now):
            return Refused(one.sentence, one.clause)
    return None
