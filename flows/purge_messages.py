"""清除通知内容: parameters that are no longer needed are cleared, the evidence stays."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from tasks.messages import steps


@act_flow("purge_messages")
async def purge_messages() -> State[Any]:
    """清除通知内容：办结满期的通知清除内容，脱敏地址、摘要、结果和时间留存。"""
    try:
        count = steps.purge_messages()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=f"已清除 {count} 条通知的内容，送达证据留存。")
