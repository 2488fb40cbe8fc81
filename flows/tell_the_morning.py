"""早间提要: each member of the office who is told by himself reads in the morning how much waits for him."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from views import morning


@act_flow("tell_the_morning")
async def tell_the_morning() -> State[Any]:
    """早间提要：工作日早上告知每个写了地址的人员，等他办理、逾期、待他复核的各几件；没有的不发。"""
    try:
        count = morning.tell_the_morning()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=f"早间提要新排入待发箱 {count} 条。")
