"""登记异议 (五(二)、五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RecordObjection


@act_flow("登记异议")
async def record_objection(form: Annotated[RecordObjection, titled("登记异议")]) -> State[Any]:
    """登记异议（五(二)、五(三)）。

    期内的异议只暂停被异议的那一家；逾期的按一般投诉核查。
    """
    return await do("record_objection", form)
