"""协议备案 (五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import FileAgreement


@act_flow("协议备案")
async def file_agreement(form: Annotated[FileAgreement, titled("协议备案")]) -> State[Any]:
    """协议备案（五(三)）。

    卷宗和协议报县医疗保障局医药管理科备案。
    """
    return await do("file_agreement", form)
