"""提出评估申请 (五(一)、五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RequestEvaluation


@act_flow("提出评估申请")
async def request_evaluation(form: Annotated[RequestEvaluation, titled("提出评估申请")]) -> State[Any]:
    """提出评估申请（五(一)、五(二)）。

    先由经办中心报县医疗保障局，再由县局报市医疗保障局；逐家办理，不能办理的逐家说明。
    """
    return await do("request_evaluation", form)
