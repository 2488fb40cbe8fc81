"""登记电子送达确认书."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, titled
from flows.message_desk import do_message
from flows.message_forms import RecordConsent


@act_flow("record_consent")
async def record_consent(form: Annotated[RecordConsent, titled("record_consent")]) -> State[Any]:
    """登记电子送达确认书。

    登记后电子送达有效；此前的电子通知仅为提示。
    """
    return await do_message("record_consent", form)
