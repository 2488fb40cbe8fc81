"""登记随机源延期或缺失 (五(二)；RFC 3797)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import SourceEventForm


@act_flow("登记随机源延期或缺失")
async def record_source_event(form: Annotated[SourceEventForm, titled("登记随机源延期或缺失")]) -> State[Any]:
    """登记随机源延期或缺失（五(二)；RFC 3797）。

    公布日过后才能登记不公布；怎样处理以方案公布的为准，不能临时改定。
    """
    return await do("record_source_event", form)
