"""看板: the round at a glance."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.desk import act_flow, not_done
from rules.errors import DingdianError
from tasks import pages


@act_flow("看板")
async def show_board() -> State[Any]:
    """看板：各环节家数、在办案件的最近期限。"""
    try:
        key = await pages.show_board()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=f"看板已更新，见结果页 {key}。")
