"""登记答复异议人 (五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import ReplyObjection


@act_flow("登记答复异议人")
async def reply_objection(form: Annotated[ReplyObjection, titled("登记答复异议人")]) -> State[Any]:
    """登记答复异议人（五(三)）。

    作出结论以后逐件登记；答复书用 dingdian objection-reply 生成，异议人的联系方式不在界面出现。
    """
    return await do("reply_objection", form)
