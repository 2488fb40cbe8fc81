"""登记发布凭证 (五(二)、五(三)、五(四))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms.documents import RecordPosting
from flows.result import begin
from rules.errors import DingdianError
from tasks.documents import steps


@act_flow("record_posting")
async def record_posting(form: Annotated[RecordPosting, titled("record_posting")]) -> State[Any]:
    """登记发布凭证（五(二)、五(三)、五(四)）。

    名单冻结并发布后，每个渠道登记一次：时间、网址、截图。截图放进收件夹，哈希由系统计算并留存。
    """
    try:
        checked = read_form(RecordPosting, form)
        since = begin()
        done = steps.record_posting(checked.by, checked.kind, checked.posting(), checked.file, checked.round_id)
        return await finish("record_posting", done, since, form)
    except DingdianError as refused:
        return await not_done(refused, "record_posting", form)
