"""录入评分表 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RecordScoreSheet
from rules.errors import DingdianError
from tasks.documents import steps


@act_flow("录入评分表")
async def record_score_sheet(form: Annotated[RecordScoreSheet, titled("录入评分表")]) -> State[Any]:
    """录入评分表（五(二)）。

    每名评分专家对每家机构一张，逐项评分，不超过该项满分；各项可附评估记录和佐证文件。
    """
    return await do("record_score_sheet", form, _with_hashes)


def _with_hashes(fields: dict[str, Any]) -> dict[str, Any]:
    """Files of the inbox are kept, and stand in the record as their hashes. Raises InputError."""
    if "evidence" not in fields:
        return fields
    kept = steps.keep_evidence_of_items(fields["evidence"])
    if isinstance(kept, DingdianError):
        raise kept
    return fields | {"evidence": kept}
