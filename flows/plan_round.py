"""推演日程: the dates of a round from an announcement day; nothing is written to the records."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms.plan import PlanForm
from rules.errors import DingdianError
from views import pages


@act_flow("plan_round")
async def plan_round(form: Annotated[PlanForm, titled("plan_round")]) -> State[Any]:
    """推演日程（三、五）。

    由公告日推算各环节的计划日和最迟日、三个月全程期限在何处突破，并比较此后各周的公告日；不写入任何记录。
    """
    try:
        checked = read_form(PlanForm, form)
        said = await pages.show_plan(checked.announced_on, checked.scan_weeks, checked.assumed)
    except DingdianError as refused:
        return await not_done(refused, "plan_round", form)
    return Completed(message=said)
