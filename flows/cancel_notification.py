"""取消通知."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import CancelNotification
from flows.message_acts import do_message


@act_flow("cancel_notification")
async def cancel_notification(form: Annotated[CancelNotification, titled("cancel_notification")]) -> State[Any]:
    """取消通知。

    取消一条尚未送出的通知；须写明理由。
    """
    return await do_message("cancel_notification", form)
