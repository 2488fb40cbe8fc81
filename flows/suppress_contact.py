"""停发或恢复联系方式."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, titled
from flows.forms.messages import SuppressContact
from flows.message_acts import do_message


@act_flow("suppress_contact")
async def suppress_contact(form: Annotated[SuppressContact, titled("suppress_contact")]) -> State[Any]:
    """停发或恢复联系方式。

    号码换人、信箱停用等情形；必须送达的文书转为人工送达。
    """
    return await do_message("suppress_contact", form)
