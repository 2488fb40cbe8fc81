"""更新公示网站: the public pages, from the database."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from tasks import steps


@act_flow("rebuild_site")
async def rebuild_site() -> State[Any]:
    """更新公示网站：按数据库更新公示页，只读取、重写有变化的部分，撤下不再公布的文件。"""
    try:
        report = steps.rebuild_site()
    except DingdianError as refused:
        return await not_done(refused)
    counts = f"改写 {len(report.written)} 个文件，撤下 {len(report.removed)} 个，{len(report.unchanged)} 个没有变化"
    return Completed(message=f"公示网站已更新：{counts}。")
