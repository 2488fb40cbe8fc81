"""录入谈判结果 (五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RecordNegotiation


@act_flow("录入谈判结果")
async def record_negotiation(form: Annotated[RecordNegotiation, titled("录入谈判结果")]) -> State[Any]:
    """录入谈判结果（五(三)）。

    四项全部协商并达成共识的列入拟签约名单。
    """
    return await do("record_negotiation", form)
