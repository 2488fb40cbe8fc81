"""导入表格: a filled workbook from the inbox folder, checked first, then written whole or by its good rows."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, refused, titled
from flows.forms.workbooks import ImportWorkbook
from flows.inbox import inbox_file
from flows.result import show_rounds
from rules.errors import DingdianError
from views import pages
from workbooks import steps


@act_flow("import_workbook")
async def import_workbook(form: Annotated[ImportWorkbook, titled("import_workbook")]) -> State[Any]:
    """导入表格：逐格检查，按同样的规则和记录办理；有错误的格子在结果页和标注副本里逐一指出。"""
    try:
        checked = read_form(ImportWorkbook, form)
        path = inbox_file(checked.file)
        report = steps.read_sheets(path, checked.by, checked.dry_run, checked.on_faults == "good_rows")
        if isinstance(report, DingdianError):
            return await not_done(report, "import_workbook", form)
    except DingdianError as why:
        return await not_done(why, "import_workbook", form)
    await pages.show_import(report)
    if report.is_written:
        await show_rounds()
    if report.is_refused:
        return refused(report.summary, is_partly=report.is_written)
    return Completed(message=report.summary)
