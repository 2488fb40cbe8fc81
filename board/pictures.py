"""The pipeline as a picture: how many dossiers of each type stand in each step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from publication.charts import svg
from rules.evaluation.states import ENDS, UNFINISHED
from rules.vocabulary import ApplicantType

COLOURS = ("#2f5f8f", "#c98a2b")
TYPES = tuple(ApplicantType)
ROW_HEIGHT = 18
WIDTH = 330
Bars = tuple[tuple[str, str, int], ...]


def bars_of(pipeline: Sequence[dict[str, Any]]) -> Bars:
    """Every step under way, with nothing in it or not, in the order of the procedure; what has ended is one step."""
    counted = {(step["state"], one.value): step[one.value] for step in pipeline for one in ApplicantType}
    ended = [step for step in pipeline if step["state"] in ENDS]
    rows = [(state.label, one.label, counted.get((state.value, one.value), 0)) for state in UNFINISHED for one in TYPES]
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
