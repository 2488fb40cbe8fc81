"""A plan of a round: its steps with what they need, the frame it is laid on, and what comes out.

How long the office needs for a step without a limit is an assumption of the caller. `rules.schedule` lays plans out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.counting import Unit
from rules.errors import InputError
from rules.holidays import Touch
from rules.periods import Period
from rules.policy import Policy
from rules.workdays import Workdays


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step of a plan. `assumed`: what the office needs; else `clock`: the public notice whose end the step is.
    `limit` names the statutory limit that the step must keep, from each of the steps in `since`."""

    step: str
    label: str
    clause: str
    assumed: Period | None = None
    reason: str = ""
    clock: str = ""
    limit: str = ""
    since: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRules:
    """The steps in order, what the whole-procedure limit spans, and which holidays a notice should keep clear of."""

    steps: tuple[StepRule, ...]
    whole_clock: str
    whole_from: str
    whole_until: str
    long_holiday_days: int
    long_holiday_windows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a plan is laid on: the steps, the law, the calendar, and the office's own durations by step."""

    rules: PlanRules
    policy: Policy
    workdays: Workdays
    assumed: Mapping[str, Period] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = [rule.step for rule in self.rules.steps if rule.assumed]
        if unknown := sorted(set(self.assumed) - set(own)):
            raise InputError(f"没有可以假定办理时间的步骤“{unknown[0]}”；可用：{'、'.join(own)}")
        for rule in self.rules.steps[1:]:
            period = self.period(rule)
            if period is None or period.unit not in (Unit.WORKING_DAYS, Unit.DAYS):
                raise InputError(f"“{rule.label}”的时长 {period} 须以日（d）或工作日（wd）计，如 5wd")

    def period(self, rule: StepRule) -> Period | None:
        """How long after the step before it: the notice's own period, or what the office needs; None for the first."""
        if rule.clock:
            return self.policy.clocks[rule.clock].period
        return self.assumed.get(rule.step, rule.assumed)

    def rolls(self, rule: StepRule) -> bool:
        """Does a last day off roll? What the office needs always ends on a working day."""
        return self.policy.clocks[rule.clock].roll if rule.clock else True


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or the bounds of one that needs an unpublished year (`is_firm` false)."""

    earliest: date
    latest: date
    is_firm: bool = True


@dataclass(frozen=True, slots=True)
class Limit:
    """A statutory limit on a step, counted from another step (that day not counted)."""

    label: str
    clause: str
    since: str
    period: Period
    start: Span
    on: Span


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its planned day. `start` is the day that `period` counts from, itself not counted.

    `allowed_on`: the last day that keeps every limit, the steps to come taking as long as planned; None: no limit.
    `slack_days`: calendar days from a firm planned day to it, negative where it is missed; `slack_working_days` is
    None where an unpublished year would be needed. `holidays`: long holidays inside a public notice.
    """

    rule: StepRule
    period: Period | None
    rolls: bool
    start: Span
    on: Span
    limits: tuple[Limit, ...] = ()
    allowed_on: date | None = None
    slack_days: int | None = None
    slack_working_days: int | None = None
    holidays: tuple[Touch, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A round's days. `ends_with`: the step with which the whole procedure is done. `breaks_at`: the first step planned
    later than the whole-procedure limit allows, if any; `breaks_at_full_use`: the same if every limited step used its
    whole limit."""

    announced_on: date
    is_working_day: bool | None
    ends_with: str
    steps: tuple[PlannedStep, ...]
    whole: Limit
    breaks_at: PlannedStep | None
    is_sure_to_break: bool
    breaks_at_full_use: PlannedStep | None

    def step(self, name: str) -> PlannedStep:
        """A step by its name."""
        return next(one for one in self.steps if one.rule.step == name)

    @property
    def notices(self) -> tuple[PlannedStep, ...]:
        """The ends of the public notices."""
        return tuple(one for one in self.steps if one.rule.clock)

    @property
    def slack_days(self) -> int:
        """What is left of the whole-procedure limit in the worst case, in calendar days, or of a firm step's own
        limit where that is less; negative: a limit is missed."""
        firm = [one.slack_days for one in self.steps if one.slack_days is not None]
        return min([(self.whole.on.earliest - self.step(self.ends_with).on.latest).days, *firm])

    @property
    def is_firm(self) -> bool:
        """Does no day need an unpublished year?"""
        return all(one.on.is_firm for one in self.steps)
