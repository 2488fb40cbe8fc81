"""抽取质疑结论 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import ResolveDrawChallenge


@act_flow("抽取质疑结论")
async def resolve_draw_challenge(form: Annotated[ResolveDrawChallenge, titled("抽取质疑结论")]) -> State[Any]:
    """抽取质疑结论（五(二)）。

    成立的撤销本次抽取，重新公布方案；不成立的继续。
    """
    return await do("resolve_draw_challenge", form)
