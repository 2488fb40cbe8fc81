"""核对已发布页面 (五(二)、五(三))."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from tasks.documents import steps
from views import pages
from views.report_pages import check_page


@act_flow("check_postings")
async def check_postings() -> State[Any]:
    """核对已发布页面（五(二)、五(三)）：再次打开公示期内登记的网址，核对名单是否仍在、是否被改动。

    结果记录在案，有变化的告知经办机构一次；公示期不因此自动变化。
    """
    try:
        report = steps.check_postings()
        await pages.show_text("posting-checks", "已发布页面核对", check_page(report))
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=report.summary)
