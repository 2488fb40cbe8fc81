"""Lays a plan out: forward for the days, backward for the last days that keep the limits.

The days come from the same walk as the limits themselves. What must be kept is judged on the worse bound of each side,
so that a plan that holds here holds whatever the notice of an unpublished year will say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache

from rules.clocks import ONE_DAY, working_days_left
from rules.counting import Clock, Unit, walk
from rules.holidays import Touch, long_holidays_in
from rules.periods import Period, due_day
from rules.plan import Frame, Limit, Plan, PlannedStep, PlanRules, Span, StepRule
from rules.vocabulary import ClockKind
from rules.workdays import IsWorking, Workdays


def lay(announced_on: date, frame: Frame) -> Plan:
    """The plan of a round announced on a day. Raises InputError for a duration of an unknown step."""
    days = _forward(announced_on, frame, {})
    whole = _whole(days, frame)
    steps = _steps(days, whole, frame)
    late = _late(steps, whole, frame.rules)
    full = _steps(_forward(announced_on, frame, _full_use(frame)), whole, frame)
    return Plan(
        announced_on=announced_on,
        is_working_day=_is_working(announced_on, frame.workdays),
        ends_with=frame.rules.whole_until,
        steps=steps,
        whole=whole,
        breaks_at=late[0] if late else None,
        is_sure_to_break=any(one.on.earliest > whole.on.latest for one in late),
        breaks_at_full_use=next(iter(_late(full, whole, frame.rules)), None),
    )


def count(period: Period, start: Span, workdays: Workdays, *, roll: bool) -> Span:
    """The last day of a period whose start day may itself be a span."""
    first = due_day(period, start.earliest, workdays, roll=roll)
    last = first if start.earliest == start.latest else due_day(period, start.latest, workdays, roll=roll)
    return Span(first.earliest, last.latest, start.is_firm and first.status == "firm")


def latest_start(period: Period, due_on: date, works: IsWorking, *, roll: bool) -> date:
    """The last start day from which a period in days or working days ends by `due_on`: `rules.counting` backwards."""
    ordinal = due_on.toordinal()
    if period.unit is Unit.WORKING_DAYS:
        left = period.amount
        while left:
            left -= works(ordinal)
            ordinal -= 1
        return date.fromordinal(ordinal)
    while roll and not works(ordinal):
        ordinal -= 1
    return date.fromordinal(ordinal - period.amount)


def _forward(announced_on: date, frame: Frame, instead: Mapping[str, Period]) -> list[Span]:
    """Each step counted from the one before it.

    From the first day that is not firm on, one reader for each bound goes through all the steps, so that a holiday of
    an unpublished year is reckoned with once and not once a step.
    """
    days = [Span(announced_on, announced_on)]
    best, worst = cache(frame.workdays.at_best()), cache(frame.workdays.at_worst())
    for rule in frame.rules.steps[1:]:
        period = instead.get(rule.step) or frame.period(rule)
        assert period is not None, rule.step
        roll, before = frame.rolls(rule), days[-1]
        firm = count(period, before, frame.workdays, roll=roll) if before.is_firm else before
        first, last = _end(period, before.earliest, best, roll), _end(period, before.latest, worst, roll)
        days.append(firm if firm.is_firm else Span(first, last, False))
    return days


def _end(period: Period, start: date, works: IsWorking, roll: bool) -> date:
    return date.fromordinal(deque(walk(Clock(period, start.toordinal(), roll, ()), works), maxlen=1)[0][0])


def _full_use(frame: Frame) -> dict[str, Period]:
    """Every limited step as long as its limit."""
    clocks = ((rule.step, frame.policy.clocks[rule.limit].period) for rule in frame.rules.steps if rule.limit)
    return {step: period for step, period in clocks if period}


def _whole(days: Sequence[Span], frame: Frame) -> Limit:
    return _limit(frame.rules.whole_clock, frame.rules.whole_from, days, frame)


def _limit(clock: str, since: str, days: Sequence[Span], frame: Frame) -> Limit:
    rule, place = frame.policy.clocks[clock], _place(frame.rules, since)
    assert rule.period is not None, clock
    on = count(rule.period, days[place], frame.workdays, roll=rule.roll)
    return Limit(rule.label, rule.clause, frame.rules.steps[place].label, rule.period, days[place], on)


def _place(rules: PlanRules, step: str) -> int:
    return next(place for place, rule in enumerate(rules.steps) if rule.step == step)


def _steps(days: Sequence[Span], whole: Limit, frame: Frame) -> tuple[PlannedStep, ...]:
    limits = [tuple(_limit(rule.limit, since, days, frame) for since in rule.since) for rule in frame.rules.steps]
    allowed = _backward(limits, whole, frame)
    return tuple(
        _step(rule, days[max(place - 1, 0)], days[place], limits[place], allowed.get(place), frame)
        for place, rule in enumerate(frame.rules.steps)
    )


def _backward(limits: Sequence[tuple[Limit, ...]], whole: Limit, frame: Frame) -> dict[int, date]:
    """The last day of each step: its own limit, the whole-procedure limit, and what the next step leaves."""
    first, last = _place(frame.rules, frame.rules.whole_from), _place(frame.rules, frame.rules.whole_until)
    allowed = {place: own[-1].on.earliest for place, own in enumerate(limits) if own}
    left, worst = whole.on.earliest, cache(frame.workdays.at_worst())
    for place in range(last, first, -1):
        rule = frame.rules.steps[place]
        period = frame.period(rule)
        assert period is not None, rule.step
        left = left if rule.clock else _working_day_by(left, worst)
        allowed[place] = min(left, allowed.get(place, left))
        left = latest_start(period, left, worst, roll=frame.rolls(rule))
    return allowed


def _working_day_by(day: date, works: IsWorking) -> date:
    """The last working day up to a day: the office acts on no other."""
    while not works(day.toordinal()):
        day -= ONE_DAY
    return day


def _step(
    rule: StepRule, start: Span, on: Span, limits: tuple[Limit, ...], allowed_on: date | None, frame: Frame
) -> PlannedStep:
    holidays: tuple[Touch, ...] = ()
    if rule.clock and frame.policy.clocks[rule.clock].holder is ClockKind.PERIOD:
        first, rules = start.earliest + ONE_DAY, frame.rules
        known = (rules.long_holiday_days, rules.long_holiday_windows)
        holidays = long_holidays_in(first, on.latest, frame.workdays, *known)
    return PlannedStep(
        rule=rule,
        period=frame.period(rule),
        rolls=frame.rolls(rule),
        start=start,
        on=on,
        limits=limits,
        allowed_on=allowed_on,
        slack_days=(allowed_on - on.latest).days if allowed_on and on.is_firm else None,
        slack_working_days=_working_days(on.latest, allowed_on, frame.workdays) if allowed_on and on.is_firm else None,
        holidays=holidays,
    )


def _working_days(first: date, last: date, workdays: Workdays) -> int | None:
    if not (workdays.is_published(first) and workdays.is_published(last)):
        return None
    return working_days_left(first, last, workdays)


def _late(steps: Sequence[PlannedStep], whole: Limit, rules: PlanRules) -> list[PlannedStep]:
    """Steps of the whole procedure that are not sure to come before its limit."""
    until = _place(rules, rules.whole_until)
    return [one for one in steps[: until + 1] if one.on.latest > whole.on.earliest]


def _is_working(day: date, workdays: Workdays) -> bool | None:
    return workdays.is_working(day) if workdays.is_published(day) else None


def candidates(first: date, last: date, frame: Frame) -> Iterator[Plan]:
    """A plan for each day of a range (inclusive) that is, or for an unpublished year may be, a working day."""
    may_work = frame.workdays.at_best()
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        if may_work(ordinal):
            yield lay(date.fromordinal(ordinal), frame)


def ranked(plans: Iterator[Plan]) -> list[Plan]:
    """The best announcement days first: inside the limit, notices clear of long holidays, firm, most slack, soonest."""
    return sorted(plans, key=_merit)


def _merit(plan: Plan) -> tuple[int, int, int, bool, int, date]:
    touches = [touch for notice in plan.notices for touch in notice.holidays]
    return (
        plan.is_sure_to_break + (plan.breaks_at is not None),
        sum(touch.days for touch in touches if touch.is_sure),
        sum(not touch.is_sure for touch in touches),
        not plan.is_firm,
        -plan.slack_days,
        plan.announced_on,
    )
