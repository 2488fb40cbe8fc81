"""公布抽取方案 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import PublishDrawPlan


@act_flow("公布抽取方案")
async def publish_draw_plan(form: Annotated[PublishDrawPlan, titled("公布抽取方案")]) -> State[Any]:
    """公布抽取方案（五(二)）。

    冻结并公布带编号的名册、抽取人数和将来才产生的公开随机源；之后名册不再变动。
    """
    return await do("publish_draw_plan", form)
