"""The pipeline as a picture: how many dossiers of each type stand in each step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from publication.charts import svg
from rules.evaluation.states import ENDS, OF_THE_CITY, UNFINISHED
from rules.vocabulary import ApplicantType

COLOURS = ("#2f5f8f", "#c98a2b")
TYPES = tuple(ApplicantType)
ROW_HEIGHT = 18
WIDTH = 330
Bars = tuple[tuple[str, str, int], ...]


def bars_of(pipeline: Sequence[dict[str, Any]]) -> Bars:
    """Every step under way, with nothing in it or not, in the order of the procedure (those of the city only where
    there is something in them: most rounds do not know them); what has ended is one step."""
    counted = {(step["state"], one.value): step[one.value] for step in pipeline for one in ApplicantType}
    ended = [step for step in pipeline if step["state"] in ENDS]
    seen = {step["state"] for step in pipeline}
    steps = [state for state in UNFINISHED if state not in OF_THE_CITY or state.value in seen]
    rows = [(state.label, one.label, counted.get((state.value, one.value), 0)) for state in steps for one in TYPES]
    return (*rows, *(("已办结", one.label, sum(step[one.value] for step in ended)) for one in TYPES))


@lru_cache(maxsize=16)
def pipeline_picture(bars: Bars) -> str:
    """The picture as SVG; equal figures give the picture that was drawn before."""
    rows = [{"step": step, "type": type_, "count": count} for step, type_, count in bars]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=170, ticks=False, domain=False))
    )
    drawn = base.mark_bar(size=12).encode(
        x=alt.X("sum(count):Q", title=None, axis=None),
        color=alt.Color(
            "type:N",
            scale=alt.Scale(domain=[one.label for one in TYPES], range=list(COLOURS)),
            legend=alt.Legend(title=None, orient="top"),
        ),
    )
    totals = base.mark_text(align="left", dx=4).encode(x="sum(count):Q", text="sum(count):Q")
    return svg((drawn + totals).properties(width=WIDTH, height=alt.Step(ROW_HEIGHT)))


def words_of(bars: Bars) -> str:
    """What the picture shows, for whoever does not see it."""
    steps = {step: sum(n for name, _, n in bars if name == step) for step, _, _ in bars}
    return "各环节家数：" + "，".join(f"{step} {count} 家" for step, count in steps.items() if count)


def months_picture(year: Sequence[dict[str, Any]]) -> str:
    """How many institutions reported and how many were beyond a limit, month by month, as SVG."""
    names = (("reported", "报送家数"), ("beyond", "超出约定家数"))
    rows = [{"month": one["month"], "what": name, "count": one[key]} for one in year for key, name in names]
    chart = alt.Chart(alt.InlineData(values=rows), title="近十二个月")
    drawn = chart.mark_line(point=True).encode(
        x=alt.X("month:N", title=None),
        y=alt.Y("count:Q", title="家数", axis=alt.Axis(tickMinStep=1)),
        color=_two_colours([name for _, name in names]),
        strokeDash=alt.StrokeDash("what:N", legend=None),
    )
    return svg(drawn.properties(width=420, height=160, description=words_of_months(year)))


def field_picture(field: dict[str, Any]) -> str:
    """One indicator of one agreement: the values and the limit that held, month by month, as SVG."""
    names = (("value", "数值"), ("limit", "约定"))
    rows = [
        {"month": one["month"], "what": name, "number": float(one[key])}
        for one in field["points"]
        for key, name in names
    ]
    drawn = alt.Chart(alt.InlineData(values=rows), title=field["label"])
    drawn = drawn.mark_line(point=True).encode(
        x=alt.X("month:N", title=None),
        y=alt.Y("number:Q", title=None, scale=alt.Scale(zero=False)),
        color=_two_colours([name for _, name in names]),
        strokeDash=alt.StrokeDash("what:N", legend=None),
    )
    return svg(drawn.properties(width=420, height=150, description=words_of_field(field)))


def _two_colours(names: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=list(COLOURS))
    return alt.Color("what:N", scale=scale, legend=alt.Legend(title=None, orient="top"))


def words_of_months(year: Sequence[dict[str, Any]]) -> str:
    """What the picture of the months shows, for whoever does not see it."""
    told = (f"{one['month']} 报送 {one['reported']} 家、超出 {one['beyond']} 家" for one in year if one["reported"])
    return "近十二个月：" + "；".join(told)


def words_of_field(field: dict[str, Any]) -> str:
    """What the picture of an indicator shows, for whoever does not see it."""
    told = (
        f"{one['month']} {one['value']}，约定 {one['limit']}" + (f"，{one['over']}" if one["over"] else "")
        for one in field["points"]
    )
    return f"{field['label']}：" + "；".join(told)
