"""登记人员变更: who comes, who gets other roles, who leaves."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms.proposals import ChangeStaff
from flows.forms.shown import shown_in
from flows.result import begin
from rules.errors import DingdianError
from tasks import steps


@act_flow("change_staff")
async def change_staff(form: Annotated[ChangeStaff, titled("change_staff")]) -> State[Any]:
    """登记人员变更（保障措施）。

    提请以后由另一岗位的人在“44 复核”确认才生效；本人不能变更本人；人员只停用，不删除。
    """
    try:
        checked = read_form(ChangeStaff, form)
        since, done = begin(), steps.change_staff(checked.by, checked.fields(), shown_in(checked))
        return await finish("change_staff", done, since, form)
    except DingdianError as refused:
        return await not_done(refused, "change_staff", form)
