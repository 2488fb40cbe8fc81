"""发布公告 (三)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms import FileForm
from flows.forms.registers import RoundFile, as_at_the_desk
from flows.inbox import read_inbox
from flows.result import begin
from rules.errors import DingdianError
from tasks import steps


@act_flow("announce_round")
async def announce_round(form: Annotated[FileForm, titled("announce_round")]) -> State[Any]:
    """发布公告（三）。

    公告文件含名额、受理时间和地点、评分标准、专家库和申请人登记册；规则版本自发布之日起锁定。
    """
    try:
        checked = read_form(FileForm, form)
        head = as_at_the_desk(read_inbox(checked.file, RoundFile))
        since = begin()
        return await finish("announce_round", checked.by, steps.open_round(head, checked.by), since, form)
    except DingdianError as refused:
        return await not_done(refused, "announce_round", form)
