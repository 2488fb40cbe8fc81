"""值守: what a dead worker left open is closed by whoever lives; the office is told of what does not run."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from upkeep import peers, watch


@act_flow("keep_watch")
async def keep_watch() -> State[Any]:
    """值守：了结已不在的执行进程留下的运行；自动运行的流程失败、迟迟不运行、被暂停或删除的，告知经办机构。"""
    try:
        count = await peers.close_runs_of_the_dead()
        found = await watch.look_after()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message="；".join([f"了结中断的运行 {count} 个", *(found or ["定时和执行进程正常"])]) + "。")
