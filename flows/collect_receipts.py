"""查询短信回执: what the network reports of short messages."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from tasks.messages import steps


@act_flow("collect_receipts")
async def collect_receipts() -> State[Any]:
    """查询短信回执：向短信平台查询已送出短信的回执，逐条登记；查询不会发送任何消息。"""
    try:
        report = steps.collect_receipts()
    except DingdianError as refused:
        return await not_done(refused)
    return Completed(message=f"查询 {report.asked} 条：已送达 {report.delivered}，未送达 {report.undelivered}。")
