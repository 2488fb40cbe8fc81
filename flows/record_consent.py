"""登记电子送达确认书."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import RecordConsent
from flows.message_acts import do_message


@act_flow("record_consent")
async def record_consent(form: Annotated[RecordConsent, titled("record_consent")]) -> State[Any]:
    """登记电子送达确认书。

    登记后电子送达有效；此前的电子通知仅为提示。
    """
    return await do_message("record_consent", form)
