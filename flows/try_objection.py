"""试算异议后果 (五(二)、五(三))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms import TryObjection
from rules.errors import DingdianError
from tasks import steps
from views import pages


@act_flow("try_objection")
async def try_objection(form: Annotated[TryObjection, titled("try_objection")]) -> State[Any]:
    """试算异议后果（五(二)、五(三)）。

    属实、不属实各会怎样：谁被取消资格、谁递补、名额、须补发的公示；只看不做，不写入、不通知。
    """
    try:
        asked = read_form(TryObjection, form)
        result = steps.try_objection(asked.ref, asked.round_id)
        if isinstance(result, DingdianError):
            return await not_done(result, "try_objection", form)
        await pages.show_objection_effect(result)
    except DingdianError as refused:
        return await not_done(refused, "try_objection", form)
    return Completed(message=f"已试算异议 {asked.ref} 的后果；没有写入任何内容。")
