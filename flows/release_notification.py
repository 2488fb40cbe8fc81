"""放行通知."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import ReleaseNotification
from flows.message_acts import do_message


@act_flow("release_notification")
async def release_notification(form: Annotated[ReleaseNotification, titled("release_notification")]) -> State[Any]:
    """放行通知。

    待复看的通知由办理人以外的另一人看过全文后放行；有误的不放行，用“61 取消通知”取消并更正。
    """
    return await do_message("release_notification", form)
