"""重发通知."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, titled
from flows.message_desk import do_message
from flows.message_forms import ResendNotification


@act_flow("resend_notification")
async def resend_notification(form: Annotated[ResendNotification, titled("resend_notification")]) -> State[Any]:
    """重发通知。

    有意再发一次：另立一条新的通知，须写明理由；原记录保留。
    """
    return await do_message("resend_notification", form)
