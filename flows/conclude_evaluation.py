"""汇总评估结果 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import ConcludeEvaluation


@act_flow("汇总评估结果")
async def conclude_evaluation(form: Annotated[ConcludeEvaluation, titled("汇总评估结果")]) -> State[Any]:
    """汇总评估结果（五(二)）。

    按专家总分的算术平均从高到低排名，达到分数线的按公告名额择优；评分表不齐时不能汇总。
    """
    return await do("conclude_evaluation", form)
