"""登记专家利益申报 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms import RoundFileForm
from flows.forms.experts import DeclarationsFile
from flows.inbox import read_inbox
from flows.result import begin
from rules.errors import DingdianError
from tasks import steps


@act_flow("register_declarations")
async def register_declarations(form: Annotated[RoundFileForm, titled("register_declarations")]) -> State[Any]:
    """登记专家利益申报（五(二)）。

    公布抽取方案之前登记；没有利益关系的也要登记（清单为空），未登记的按“未申报”处理。
    """
    try:
        checked = read_form(RoundFileForm, form)
        since = begin()
        done = steps.carry_out(
            "register_declarations", checked.by, read_inbox(checked.file, DeclarationsFile), checked.round_id
        )
        return await finish("register_declarations", done, since, form)
    except DingdianError as refused:
        return await not_done(refused, "register_declarations", form)
