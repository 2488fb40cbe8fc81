"""制作文书."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows.act_flow import act_flow, not_done, read_form, titled, update_site
from flows.document_acts import show_filed
from flows.forms.documents import MakeDocument
from publication.official_pdfs import PUBLIC
from rules.errors import DingdianError
from tasks.documents import steps


@act_flow("make_document")
async def make_document(form: Annotated[MakeDocument, titled("make_document")]) -> State[Any]:
    """制作文书。

    公告、初审意见书、初审汇总、评估申请、实地评估记录、评估结果告知书、公示、抽取记录、定点名单通告、服务协议、备案表；
    签约以后的拟认定告知书、责令限期整改通知书、暂停、恢复和解除通知书、送达回证；
    定点工作台账、案卷封面、卷内目录；PDF/A 归档和发布，Word 供修改。
    """
    try:
        checked = read_form(MakeDocument, form)
        result = steps.make_document(checked.by, checked.fields(), checked.round_id)
        stale = update_site() if checked.kind in PUBLIC else ""
    except DingdianError as refused:
        return await not_done(refused, "make_document", form)
    if stale:
        return Failed(message=f"文书已制作，{stale}")
    return await show_filed(f"document-{checked.kind.replace('_', '-')}", result)
