"""登记补正材料 (四、五(一))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import SupplementMaterials


@act_flow("登记补正材料")
async def supplement_materials(form: Annotated[SupplementMaterials, titled("登记补正材料")]) -> State[Any]:
    """登记补正材料（四、五(一)）。

    补齐的当日受理；受理截止后不能再补。
    """
    return await do("supplement_materials", form)
