"""更正自动结论 (更正规则)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import CorrectRecord


@act_flow("更正自动结论")
async def correct_record(form: Annotated[CorrectRecord, titled("更正自动结论")]) -> State[Any]:
    """更正自动结论（更正规则）。

    系统按期限自动作出的结论有误的（如期限内已签约而录入迟延），凭理由和证据撤销；原记录保留。
    """
    return await do("correct_record", form)
