"""登记异议人 (五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms import RoundFileForm
from flows.forms.complainants import ComplainantsFile
from flows.inbox import read_inbox
from flows.result import begin
from rules.errors import DingdianError
from tasks import steps


@act_flow("register_complainants")
async def register_complainants(form: Annotated[RoundFileForm, titled("register_complainants")]) -> State[Any]:
    """登记异议人（五(三)）。

    异议人的姓名和联系方式只经收件夹文件进入，加密保存；同一人的同一异议自动并案。登记后请删除文件。
    """
    try:
        checked = read_form(RoundFileForm, form)
        since = begin()
        done = steps.carry_out(
            "register_complainants", checked.by, read_inbox(checked.file, ComplainantsFile), checked.round_id
        )
        return await finish("register_complainants", done, since, form)
    except DingdianError as refused:
        return await not_done(refused, "register_complainants", form)
