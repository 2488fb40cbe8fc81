"""登记经办机构占用日期 (五(三)（A7-14）)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import RecordAgencyDelay


@act_flow("登记经办机构占用日期")
async def record_agency_delay(form: Annotated[RecordAgencyDelay, titled("登记经办机构占用日期")]) -> State[Any]:
    """登记经办机构占用日期（五(三)（A7-14））。

    因经办机构原因占用的日期不计入签约期限。
    """
    return await do("record_agency_delay", form)
