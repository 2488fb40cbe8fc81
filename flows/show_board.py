"""看板: the round at a glance."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from flows.result import show_rounds
from rules.errors import DingdianError


@act_flow("show_board")
async def show_board() -> State[Any]:
    """看板：各环节家数、在办案件的最近期限。"""
    try:
        await show_rounds()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message="看板已更新。")
