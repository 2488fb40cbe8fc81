"""发送通知: what is owed goes out."""

from __future__ import annotations

from typing import Any

from prefect import runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from tasks import steps
from views import pages


@act_flow("deliver_notifications")
async def deliver_notifications() -> State[Any]:
    """发送通知：从待发箱取出到期的通知，逐件发送、逐件结清。"""
    try:
        report = steps.deliver_notifications(f"run-{runtime.flow_run.id or 'direct'}")
    except DingdianError as refused:
        return await not_done(refused)
    said = (
        f"已发 {report.sent}，未外发 {report.suppressed}，待重试 {report.retried}，被拒收 {report.rejected}，"
        f"结果不明 {report.unknown}，仍待发 {report.waiting}。"
    )
    said += f"过期 {report.expired}，并入汇总 {report.digested}。" + "；".join(report.paused)
    if not report.failures:
        return Completed(message=said)
    await pages.show_messages()
    return await not_done(said + "；".join(report.failures))
