"""恢复演练: the newest backup comes back in a scratch place, and is proved there."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from upkeep import steps as upkeep_steps
from views import pages


@act_flow("rehearse_restore")
async def rehearse_restore() -> State[Any]:
    """恢复演练：最近的备份恢复到临时位置，逐条核对审计记录、逐项比对表结构，用后删去；正在使用的数据库和文件不动。"""
    try:
        done = upkeep_steps.rehearse_restore()
        await pages.show_text("restore-rehearsal", "恢复演练", done.said)
    except DingdianError as refused:
        return await not_done(refused)
    return await not_done(done.said) if done.fault else Completed(message=f"{done.said}。")
