"""采用新规则 (R20)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import AdoptPolicy


@act_flow("采用新规则")
async def adopt_policy(form: Annotated[AdoptPolicy, titled("采用新规则")]) -> State[Any]:
    """采用新规则（R20）。

    本轮按发布公告时固定的规则办理；规则文件其后有修改的，凭理由改用今日文本，不同之处记录并公布。已起算的期限不变。
    """
    return await do("adopt_policy", form)
