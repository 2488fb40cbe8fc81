"""清理运行记录: Prefect's own history stays small."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow
from upkeep import tidy


@act_flow("tidy_runs")
async def tidy_runs() -> State[Any]:
    """清理运行记录：删除早于保留天数的、自动运行且正常结束的记录；失败的和人工办理的不动，案件记录不在此列。"""
    count = await tidy.delete_old_runs()
    return Completed(message=f"已删除 {count} 条自动运行的旧记录；失败的和人工办理的运行记录保留。")
