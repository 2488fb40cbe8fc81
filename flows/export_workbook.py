"""下载表格: templates to fill in and workbooks to look at, into the outbox folder."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms.workbooks import ExportWorkbook
from rules.errors import DingdianError
from views import pages
from workbooks import steps


@act_flow("export_workbook")
async def export_workbook(form: Annotated[ExportWorkbook, titled("export_workbook")]) -> State[Any]:
    """下载表格：把填写用的模板，或排名、评估汇总、台账、定点名册、结算联系单，放进发件夹。"""
    try:
        checked = read_form(ExportWorkbook, form)
        names = steps.write_sheets(checked.kind, checked.by, checked.expert_id or checked.period, checked.round_id)
        if isinstance(names, DingdianError):
            return await not_done(names, "export_workbook", form)
    except DingdianError as refused:
        return await not_done(refused, "export_workbook", form)
    await pages.show_workbooks(names)
    return Completed(message=f"已放进发件夹 {len(names)} 个文件：{'、'.join(names)}")
