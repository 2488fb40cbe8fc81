"""发布公示 (五(二)、五(三)、五(四))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import PublishNotice


@act_flow("发布公示")
async def publish_notice(form: Annotated[PublishNotice, titled("发布公示")]) -> State[Any]:
    """发布公示（五(二)、五(三)、五(四)）。

    冻结名单并登记两个渠道的发布凭证；公示期自较晚的渠道起算，当日不计。缺一个渠道时先登记已有的，之后再补登。
    """
    return await do("publish_notice", form)
