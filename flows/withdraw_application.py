"""登记撤回申请 (自愿原则)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import WithdrawApplication


@act_flow("登记撤回申请")
async def withdraw_application(form: Annotated[WithdrawApplication, titled("登记撤回申请")]) -> State[Any]:
    """登记撤回申请（自愿原则）。

    签约前申请人可以撤回。
    """
    return await do("withdraw_application", form)
