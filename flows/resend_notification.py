"""重发通知."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import ResendNotification
from flows.message_acts import do_message


@act_flow("resend_notification")
async def resend_notification(form: Annotated[ResendNotification, titled("resend_notification")]) -> State[Any]:
    """重发通知。

    有意再发一次：另立一条新的通知，须写明理由；原记录保留。
    """
    return await do_message("resend_notification", form)
