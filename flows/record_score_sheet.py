"""录入评分表 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RecordScoreSheet


@act_flow("录入评分表")
async def record_score_sheet(form: Annotated[RecordScoreSheet, titled("录入评分表")]) -> State[Any]:
    """录入评分表（五(二)）。

    每名评分专家对每家机构一张，逐项评分，不超过该项满分。
    """
    return await do("record_score_sheet", form)
