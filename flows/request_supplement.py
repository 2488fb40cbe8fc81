"""一次性告知补正 (令2、令3（A7-37）)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RequestSupplement


@act_flow("一次性告知补正")
async def request_supplement(form: Annotated[RequestSupplement, titled("一次性告知补正")]) -> State[Any]:
    """一次性告知补正（令2、令3（A7-37））。

    所缺材料须一次写全，申请人会收到补正告知。
    """
    return await do("request_supplement", form)
