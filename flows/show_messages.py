"""通知一览: what waits, failed, is unknown or paused, and why."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from views import pages


@act_flow("show_messages")
async def show_messages() -> State[Any]:
    """通知一览：待发、未送出、结果不明、待人工送达的通知，通道状况和原因。"""
    try:
        await pages.show_messages()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message="通知一览已更新。")
