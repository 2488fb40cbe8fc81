"""登记申请 (四、五(一))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import SubmitApplication


@act_flow("登记申请")
async def submit_application(form: Annotated[SubmitApplication, titled("登记申请")]) -> State[Any]:
    """登记申请（四、五(一)）。

    材料齐全的当日受理，初审和全程期限自次日起算；不齐的转入待补正；不在受理时间内的不予受理。
    """
    return await do("submit_application", form)
