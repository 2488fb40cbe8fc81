"""The form of 推演日程: an announcement day, and what the office assumes it needs for each step without a limit."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field
from pydantic.fields import FieldInfo

from flows.forms.parts import Part
from policies.planning import load_plan_rules
from rules.periods import Period

RULES = {rule.step: rule for rule in load_plan_rules().steps}
MOST = 250


def _asked(step: str) -> FieldInfo:
    """`实地评分完毕需要（个工作日）`, with the reason for its default."""
    rule = RULES[step]
    assert rule.assumed is not None, step
    unit = rule.assumed.label.removeprefix(str(rule.assumed.amount))
    info: FieldInfo = Field(
        title=f"{rule.label}：前一步之后几{unit}", description=f"估计，不是法定期限：{rule.reason}", ge=1, le=MOST
    )
    return info


def _default(step: str) -> int:
    assumed = RULES[step].assumed
    assert assumed is not None, step
    return assumed.amount


class PlanForm(Part):
    """推演一轮评估的日程：法定期限按办法和放假安排推算，其余按下列估计的办理时间。"""

    announced_on: Annotated[date, Field(title="公告日", description="拟发布公告的日期")]
    scan_weeks: Annotated[int, Field(title="另比较此后几周内的公告日", description="0 表示不比较", ge=0, le=52)] = 12
    window_opens: Annotated[int, _asked("window_opens")] = _default("window_opens")
    window_closes: Annotated[int, _asked("window_closes")] = _default("window_closes")
    preliminary_review: Annotated[int, _asked("preliminary_review")] = _default("preliminary_review")
    county_request: Annotated[int, _asked("county_request")] = _default("county_request")
    city_request: Annotated[int, _asked("city_request")] = _default("city_request")
    draw_plan: Annotated[int, _asked("draw_plan")] = _default("draw_plan")
    draw: Annotated[int, _asked("draw")] = _default("draw")
    scoring: Annotated[int, _asked("scoring")] = _default("scoring")
    conclusion: Annotated[int, _asked("conclusion")] = _default("conclusion")
    result_notice: Annotated[int, _asked("result_notice")] = _default("result_notice")
    negotiation: Annotated[int, _asked("negotiation")] = _default("negotiation")
    proposed_notice: Annotated[int, _asked("proposed_notice")] = _default("proposed_notice")
    signing: Annotated[int, _asked("signing")] = _default("signing")
    filing: Annotated[int, _asked("filing")] = _default("filing")
    final_list: Annotated[int, _asked("final_list")] = _default("final_list")

    @property
    def assumed(self) -> dict[str, Period]:
        """The durations by step, in the units of the plan's file."""
        return {step: Period(getattr(self, step), rule.assumed.unit) for step, rule in RULES.items() if rule.assumed}
