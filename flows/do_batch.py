"""批量办理: one act for many dossiers (四、五(一))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, refused, titled
from flows.forms.batch import CONFIRM, BatchForm
from flows.progress import progress
from flows.result import show_rounds
from rules.errors import DingdianError
from tasks import batch, steps, surroundings
from views import pages


@act_flow("do_batch")
async def do_batch(form: Annotated[BatchForm, titled("do_batch")]) -> State[Any]:
    """批量办理（四、五(一)）。

    受理、初审、告知补正：逐家按同样的规则办理，不能办的逐家说明，其余照办；中断后重新提交，已办的不重复。
    """
    try:
        checked = read_form(BatchForm, form)
        batch.expect_confirmed(checked.kind, checked.complete, CONFIRM)
        ids = tuple(batch.ids_in(checked.ids))
        wish = batch.Portion(checked.kind, checked.round_id, ids, checked.by, surroundings.now())
        whole = batch.to_do(surroundings.database_url(), wish)
        report = batch.BatchReport(whole.batch.label)
        async with progress(report.label, len(whole.ids)) as advanced:
            for part in batch.chunks(whole):
                report.add(steps.do_chunk(part.kind, list(part.ids), part.by, part.round_id))
                await advanced(len(part.ids))
        await pages.show_batch(report)
        await show_rounds(checked.by)
    except DingdianError as why:
        return await not_done(why, "do_batch", form)
    if report.refused:
        return refused(report.summary, is_partly=bool(report.done or report.already))
    return Completed(message=report.summary)
