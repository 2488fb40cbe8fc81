"""异议核查结论 (五(二)、五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import ResolveObjection


@act_flow("异议核查结论")
async def resolve_objection(form: Annotated[ResolveObjection, titled("异议核查结论")]) -> State[Any]:
    """异议核查结论（五(二)、五(三)）。

    属实的取消资格；不属实的继续程序。
    """
    return await do("resolve_objection", form)
