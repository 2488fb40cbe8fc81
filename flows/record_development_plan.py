"""登记年度发展计划 (三)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms.development import RecordDevelopmentPlan
from rules.errors import DingdianError
from tasks.documents import steps


@act_flow("record_development_plan")
async def record_development_plan(
    form: Annotated[RecordDevelopmentPlan, titled("record_development_plan")],
) -> State[Any]:
    """登记年度发展计划（三）。

    县医疗保障局制定，经办中心据此公告；公告的批准日期和名额须与登记的计划一致。
    """
    try:
        checked = read_form(RecordDevelopmentPlan, form)
    except DingdianError as refused:
        return await not_done(refused, "record_development_plan", form)
    done = steps.record_development_plan(checked.by, checked.fields(), checked.file)
    if isinstance(done, DingdianError):
        return await not_done(done, "record_development_plan", form)
    return Completed(message=done.summary)
