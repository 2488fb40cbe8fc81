"""登记抽取质疑 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import ChallengeDraw


@act_flow("登记抽取质疑")
async def challenge_draw(form: Annotated[ChallengeDraw, titled("登记抽取质疑")]) -> State[Any]:
    """登记抽取质疑（五(二)）。

    质疑期内的质疑核查完结以前，不能录入评分。
    """
    return await do("challenge_draw", form)
