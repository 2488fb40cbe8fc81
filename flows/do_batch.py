"""批量办理: one act for many dossiers (四、五(一))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, refused, titled
from flows.forms.batch import CONFIRM, BatchForm
from flows.instants import day_or_none
from flows.progress import progress
from flows.result import show_rounds
from rules.errors import DingdianError
from rules.localtime import local_day
from tasks import batch, steps, surroundings
from tasks.agreement_batches import AGREEMENT_BATCHES, numbers_in
from views import pages


def _agreements(form: BatchForm) -> batch.BatchReport:
    on = day_or_none(form.on) or local_day(surroundings.now())
    return steps.do_agreements(form.kind, numbers_in(form.ids), on, form.by, form.confirmed_by)


async def _dossiers(form: BatchForm) -> batch.BatchReport:
    batch.expect_confirmed(form.kind, form.complete, CONFIRM)
    ids = tuple(batch.ids_in(form.ids))
    wish = batch.Portion(form.kind, form.round_id, ids, form.by, surroundings.now())
    whole = batch.to_do(surroundings.database_url(), wish)
    report = batch.BatchReport(whole.batch.label)
    async with progress(report.label, len(whole.ids)) as advanced:
        for part in batch.chunks(whole):
            report.add(steps.do_chunk(part.kind, list(part.ids), part.by, part.round_id))
            await advanced(len(part.ids))
    return report


@act_flow("do_batch")
async def do_batch(form: Annotated[BatchForm, titled("do_batch")]) -> State[Any]:
    """批量办理（四、五(一)）。

    受理、初审、告知补正；续签申请、续签、审核在册协议：逐家按同样的规则办理，不能办的逐家说明，其余照办；中断后重新提交，已办的不重复。
    """
    try:
        checked = read_form(BatchForm, form)
        report = _agreements(checked) if checked.kind in AGREEMENT_BATCHES else await _dossiers(checked)
        await pages.show_batch(report)
        await show_rounds()
    except DingdianError as why:
        return await not_done(why, "do_batch", form)
    if report.refused:
        return refused(report.summary, is_partly=bool(report.done or report.already))
    return Completed(message=report.summary)
