"""重试通知."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, titled
from flows.message_desk import do_message
from flows.message_forms import RetryNotification


@act_flow("retry_notification")
async def retry_notification(form: Annotated[RetryNotification, titled("retry_notification")]) -> State[Any]:
    """重试通知。

    等候中的立即发送；被拒收或已放弃的，在更正联系方式后重试。结果不明的不能直接重试。
    """
    return await do_message("retry_notification", form)
