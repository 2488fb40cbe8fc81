"""发布公告 (三)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, finish, not_done, read_form, titled
from flows.forms import FileForm
from flows.inbox import read_inbox
from flows.registers import RoundFile
from rules.errors import DingdianError
from tasks import steps


@act_flow("发布公告")
async def announce_round(form: Annotated[FileForm, titled("发布公告")]) -> State[Any]:
    """发布公告（三）。

    公告文件含名额、受理时间和地点、评分标准、专家库和申请人登记册；规则版本自发布之日起锁定。
    """
    try:
        checked = read_form(FileForm, form)
        head = read_inbox(checked.file, RoundFile)
        return await finish(steps.open_round(head, checked.by), is_public=True)
    except DingdianError as refused:
        return await not_done(refused)
