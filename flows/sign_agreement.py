"""签订协议 (五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import SignAgreement


@act_flow("签订协议")
async def sign_agreement(form: Annotated[SignAgreement, titled("签订协议")]) -> State[Any]:
    """签订协议（五(三)）。

    拟签约公示届满后在签约期限内签订；以签订日为准。
    """
    return await do("sign_agreement", form)
