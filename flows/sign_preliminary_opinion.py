"""签署初审意见 (二、五(一))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import SignPreliminaryOpinion


@act_flow("签署初审意见")
async def sign_preliminary_opinion(form: Annotated[SignPreliminaryOpinion, titled("签署初审意见")]) -> State[Any]:
    """签署初审意见（二、五(一)）。

    合格与否由申请条件、事实和判断得出，不合格的逐条列明理由；每家只能签署一次。
    """
    return await do("sign_preliminary_opinion", form)
