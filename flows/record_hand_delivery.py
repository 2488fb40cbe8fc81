"""登记人工送达."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import RecordHandDelivery
from flows.message_acts import do_message


@act_flow("record_hand_delivery")
async def record_hand_delivery(form: Annotated[RecordHandDelivery, titled("record_hand_delivery")]) -> State[Any]:
    """登记人工送达。

    电子方式未能送达、或未签确认书的文书，由人电话告知或书面送达后登记。
    """
    return await do_message("record_hand_delivery", form)
