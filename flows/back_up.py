"""每日备份: one file that brings everything back."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done
from rules.errors import DingdianError
from upkeep import steps as upkeep_steps


@act_flow("back_up")
async def back_up() -> State[Any]:
    """每日备份：数据库、文书和证据写成一个文件，留最近若干份；密钥不在其中，须另存。"""
    try:
        made = upkeep_steps.back_up()
    except DingdianError as refused:
        return await not_done(refused)
    if made.warning:
        return await not_done(made.warning)
    removed = f"，清理旧备份 {len(made.removed)} 份" if made.removed else ""
    return Completed(
        message=f"已备份到 {made.path.name}（{made.size / 1e6:.1f} MB，审计记录 {made.manifest.records} 条）{removed}。"
        "密钥 secret.key 和 audit.key 不在备份中，请另行保存。"
    )
