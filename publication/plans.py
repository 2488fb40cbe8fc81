"""A plan for people: a Gantt picture (SVG or PNG through `publication.charts`) and entries for their calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import altair as alt

from publication.calendar import CalendarEntry
from rules.clocks import ONE_DAY
from rules.plan import Plan, PlannedStep
from rules.workdays import Workdays

WIDTH, ROW = 900, 26
OFFICE, NOTICE, OPEN = "办理", "公示期", "暂定的范围"
COLOURS = {OFFICE: "#4c78a8", NOTICE: "#f2a541", OPEN: "#d9d9d9"}
DAYS_OFF_SHOWN = 3


def gantt(plan: Plan, workdays: Workdays) -> Any:
    """The chart: a bar a step, a red tick on the last day allowed, a red line on the whole-procedure limit."""
    title = alt.TitleParams(
        f"一轮评估日程：{plan.announced_on} 公告",
        subtitle=f"红线：{plan.whole.label} {spelled(plan.whole.on.earliest, plan.whole.on.latest)}；"
        "红色短线：各环节最迟日；灰色竖带：连休三日以上",
    )
    layers = [_days_off(plan, workdays), _bars(plan), _ticks(plan), _whole(plan)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=ROW * len(plan.steps), title=title)
    return chart.configure_axis(labelLimit=260).resolve_scale(color="shared")


def spelled(earliest: date, latest: date) -> str:
    """`2026-05-12`, or `暂定 2027-05-11 至 2027-05-14`."""
    return f"{earliest}" if earliest == latest else f"暂定 {earliest} 至 {latest}"


def _data(rows: list[dict[str, str]]) -> Any:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _rows(plan: Plan) -> alt.Y:
    order = [f"{one.rule.label}" for one in plan.steps]
    return alt.Y("step:N", sort=order, title=None, axis=alt.Axis(grid=True, domain=False))


def _time(name: str) -> alt.X:
    return alt.X(f"{name}:T", scale=alt.Scale(type="utc"), title=None, axis=alt.Axis(format="%-m月%-d日", tickCount=14))


def _bars(plan: Plan) -> Any:
    rows = [row for one in plan.steps for row in _bar(one)]
    legend = alt.Legend(orient="bottom", title=None)
    kinds = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    return (
        alt.Chart(_data(rows))
        .mark_bar(height=ROW * 0.55, cornerRadius=2)
        .encode(x=_time("first"), x2="after:T", y=_rows(plan), color=alt.Color("kind:N", scale=kinds, legend=legend))
    )


def _bar(one: PlannedStep) -> Iterator[dict[str, str]]:
    """The days of a step; the bounds of its end, where an unpublished year leaves it open."""
    kind = NOTICE if one.rule.clock else OFFICE
    yield _days(one, min(one.start.earliest + ONE_DAY, one.on.earliest), one.on.earliest, kind)
    if one.on.latest > one.on.earliest:
        yield _days(one, one.on.earliest + ONE_DAY, one.on.latest, OPEN)


def _days(one: PlannedStep, first: date, last: date, kind: str) -> dict[str, str]:
    return {"step": one.rule.label, "first": first.isoformat(), "after": (last + ONE_DAY).isoformat(), "kind": kind}


def _ticks(plan: Plan) -> Any:
    rows = [
        {"step": one.rule.label, "day": (one.allowed_on + ONE_DAY).isoformat()} for one in plan.steps if one.allowed_on
    ]
    data = _data(rows)
    tick = alt.Chart(data).mark_tick(color="#c0392b", thickness=3, height=ROW * 0.7)
    return tick.encode(x=_time("day"), y=_rows(plan))


def _whole(plan: Plan) -> Any:
    data = _data([{"day": (plan.whole.on.earliest + ONE_DAY).isoformat()}])
    return alt.Chart(data).mark_rule(color="#c0392b", strokeDash=[6, 3], strokeWidth=1.5).encode(x=_time("day"))


def _days_off(plan: Plan, workdays: Workdays) -> Any:
    """Days off in a row behind the bars, as far as they are published."""
    data = _data(list(_runs(plan.announced_on, plan.steps[-1].on.latest, workdays)))
    return alt.Chart(data).mark_rect(color="#9e9e9e", opacity=0.25).encode(x=_time("first"), x2="after:T")


def _runs(first: date, last: date, workdays: Workdays) -> Iterator[dict[str, str]]:
    day = first
    while day <= last:
        end = day
        while workdays.is_published(end) and not workdays.is_working(end):
            end += ONE_DAY
        if (end - day).days >= DAYS_OFF_SHOWN:
            yield {"first": day.isoformat(), "after": end.isoformat()}
        day = max(end, day + ONE_DAY)


def calendar_entries(plan: Plan) -> list[CalendarEntry]:
    """An entry a step: a public notice with all its days, everything else on its day; and the whole-procedure limit."""
    entries = [_entry(plan, one) for one in plan.steps]
    whole = plan.whole
    note = f"自{whole.since}（{whole.start.earliest}，当日不计）起 {whole.period.label}（{whole.clause}）"
    uid = f"plan-{plan.announced_on}-whole"
    return [*entries, CalendarEntry(uid, f"{whole.label}届满", whole.on.earliest, whole.on.latest, note)]


def _entry(plan: Plan, one: PlannedStep) -> CalendarEntry:
    first = one.start.earliest + ONE_DAY if one.rule.clock else one.on.earliest
    firm = "" if one.on.is_firm else f"（暂定，{one.on.earliest} 至 {one.on.latest}）"
    title = f"{one.rule.label.removesuffix('满') if one.rule.clock else one.rule.label}{firm}"
    latest = f"最迟 {one.allowed_on}。" if one.allowed_on else ""
    note = f"计划，非法定日期。{latest}依据：{one.rule.clause}"
    return CalendarEntry(f"plan-{plan.announced_on}-{one.rule.step}", title, first, one.on.latest, note)
