"""登记专家回避 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RecuseExpert


@act_flow("登记专家回避")
async def recuse_expert(form: Annotated[RecuseExpert, titled("登记专家回避")]) -> State[Any]:
    """登记专家回避（五(二)）。

    方案公布前回避的不入名册；公布后回避的跳过，编号不变，依次递补。
    """
    return await do("recuse_expert", form)
