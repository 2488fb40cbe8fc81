"""登记撤回异议 (五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import WithdrawObjection


@act_flow("登记撤回异议")
async def withdraw_objection(form: Annotated[WithdrawObjection, titled("登记撤回异议")]) -> State[Any]:
    """登记撤回异议（五(三)）。

    撤回是否终止核查按本轮规则；缺省继续核查，暂停不解除。
    """
    return await do("withdraw_objection", form)
