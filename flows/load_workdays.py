"""录入放假安排 (民法典201至203)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import LoadWorkdays


@act_flow("录入放假安排")
async def load_workdays(form: Annotated[LoadWorkdays, titled("录入放假安排")]) -> State[Any]:
    """录入放假安排（民法典201至203）。

    国务院办公厅公布放假安排后录入全年各段；其后的调整通知和地方自定的节日，各按其文号录入所列日期，其余日期不变。
    缺少法定节日的全年安排不予录入。在办案件的期限随即重新推算并留下记录。
    """
    return await do("load_workdays", form)
