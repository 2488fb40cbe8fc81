"""登记机构 (三、四)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms import RoundFileForm
from flows.forms.applicants import ApplicantsFile
from flows.inbox import read_inbox
from flows.result import begin
from rules.errors import DingdianError
from tasks import steps


@act_flow("register_applicants")
async def register_applicants(form: Annotated[RoundFileForm, titled("register_applicants")]) -> State[Any]:
    """登记机构（三、四）。

    公告之后才来的申请人，用登记册文件补登；含联系方式，不经表单。
    """
    try:
        checked = read_form(RoundFileForm, form)
        register = read_inbox(checked.file, ApplicantsFile)
        since = begin()
        done = steps.add_applicants(register["applicants"], checked.by, checked.round_id)
        return await finish("register_applicants", done, since, form)
    except DingdianError as refused:
        return await not_done(refused, "register_applicants", form)
