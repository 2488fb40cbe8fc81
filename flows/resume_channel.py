"""恢复消息通道."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import ResumeChannel
from flows.message_acts import do_message


@act_flow("resume_channel")
async def resume_channel(form: Annotated[ResumeChannel, titled("resume_channel")]) -> State[Any]:
    """恢复消息通道。

    通道修复后立即恢复，积压的通知按缓急补发。
    """
    return await do_message("resume_channel", form)
