"""重试通知."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import RetryNotification
from flows.message_acts import do_message


@act_flow("retry_notification")
async def retry_notification(form: Annotated[RetryNotification, titled("retry_notification")]) -> State[Any]:
    """重试通知。

    等候中的立即发送；被拒收或已放弃的，在更正联系方式后重试。结果不明的不能直接重试。
    """
    return await do_message("retry_notification", form)
