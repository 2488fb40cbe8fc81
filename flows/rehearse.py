"""演练: the player's controls and the virtual clock. Registered in a rehearsal only (`dingdian/demo/prefect.yaml`)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms.rehearsal import ORDERS, MoveForm, OrderForm
from flows.instants import beijing
from flows.result import show_rounds
from rules.errors import DingdianError, RefusedError
from tasks import rehearsal, steps, surroundings


@act_flow("control_rehearsal")
async def control_rehearsal(form: Annotated[OrderForm, titled("control_rehearsal")]) -> State[Any]:
    """演练控制：暂停接手、继续播放、只办下一步、跳过、快进。"""
    try:
        checked = read_form(OrderForm, form)
        rehearsal.give(rehearsal.Order(checked.order), checked.step)
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=f"已收到：{ORDERS.labels[checked.order]}。")


@act_flow("move_rehearsal_on")
async def move_rehearsal_on(form: Annotated[MoveForm, titled("move_rehearsal_on")]) -> State[Any]:
    """演练时间前移：虚拟日期移到所填日期上班时，途中到期的事项按期办理。"""
    try:
        day = read_form(MoveForm, form).day
        until = beijing(day, "09:00")
        if until <= rehearsal.now():
            raise RefusedError(f"虚拟日期已是 {rehearsal.now():%Y-%m-%d}，不能往回")
        done = 0
        for at in rehearsal.days_to_sweep(surroundings.database_url(), until):
            done += steps.sweep_deadlines(at, False).done.total()
        await show_rounds()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=f"虚拟日期已到 {day} 09:00，途中办理到期事项 {done} 项。")
