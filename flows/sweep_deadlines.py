"""期限巡查 (五; A7-3, A7-11, A7-15)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import trace
from flows.act_flow import act_flow, bind_days, not_done, read_form, titled, update_site
from flows.forms import SweepForm
from flows.result import show_swept
from rules.errors import DingdianError
from tasks import steps
from views.report_pages import sweep_page


@act_flow("sweep_deadlines")
async def sweep_deadlines(form: Annotated[SweepForm, titled("sweep_deadlines")] = SweepForm()) -> State[Any]:  # noqa: B008
    """期限巡查：办理已届满的期限、发出提醒、记录机关逾期。

    按数据库里到期的一切办理，不按“这一次”；漏跑、重跑、同时跑都不会多做或少做。
    已过去的每一天，为其审计记录生成检查点，在公示网站公布。
    """
    try:
        checked = read_form(SweepForm, form)
        report = steps.sweep_deadlines(checked.instant, checked.dry_run)
        swept = await trace.swept(report)
        await show_swept(sweep_page(report.as_json()), report.summary)
    except DingdianError as refused:
        return await not_done(refused)
    stale = "" if report.dry_run else bind_days() + update_site(swept)
    if report.failed:
        return await not_done(f"{report.summary}{stale}")
    return Failed(message=f"{report.summary}{stale}") if stale else Completed(message=report.summary)
