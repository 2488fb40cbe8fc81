"""扩充专家库 (五(二))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms import RoundFileForm
from flows.forms.experts import ExpertsFile
from flows.inbox import read_inbox
from flows.result import begin
from rules.errors import DingdianError
from tasks import steps


@act_flow("register_experts")
async def register_experts(form: Annotated[RoundFileForm, titled("register_experts")]) -> State[Any]:
    """扩充专家库（五(二)）。

    市医疗保障局补充专家后登记，在公布抽取方案之前；抽取后可评分的专家不足的，也先在此补充再重新公布方案。
    """
    try:
        checked = read_form(RoundFileForm, form)
        since = begin()
        done = steps.carry_out("register_experts", checked.by, read_inbox(checked.file, ExpertsFile), checked.round_id)
        return await finish("register_experts", done, since, form)
    except DingdianError as refused:
        return await not_done(refused, "register_experts", form)
