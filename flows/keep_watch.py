"""值守: what a dead worker left open is closed by whoever lives."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.desk import act_flow
from tasks.keeping import peers


@act_flow("keep_watch")
async def keep_watch() -> State[Any]:
    """值守：了结已不在的执行进程留下的运行。"""
    count = await peers.close_runs_of_the_dead()
    return Completed(message=f"了结中断的运行 {count} 个。")
