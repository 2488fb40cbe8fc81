"""抽取专家 (五(二)、RFC 3797)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import DrawExperts


@act_flow("抽取专家")
async def draw_experts(form: Annotated[DrawExperts, titled("抽取专家")]) -> State[Any]:
    """抽取专家（五(二)、RFC 3797）。

    按公布的随机源结果抽取全部顺序，前几名入席，其余候补；只能抽取一次。
    """
    return await do("draw_experts", form)
