"""查看案件: one case with its whole story."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms import CaseForm
from rules.errors import DingdianError
from views import pages


@act_flow("show_case")
async def show_case(form: Annotated[CaseForm, titled("show_case")]) -> State[Any]:
    """查看案件：一家机构的全部经过、期限及每个日期的推算过程。"""
    try:
        asked = read_form(CaseForm, form)
        applicant_id = await pages.show_case(asked.applicant_id, "查询", asked.round_id)
    except DingdianError as refused:
        return await not_done(refused, "show_case", form)
    return Completed(message=f"{applicant_id} 的案件页已更新。")
