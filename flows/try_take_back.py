"""试算撤回 (更正规则)."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms import FORMS, PostingForm, TryTakeBack
from flows.forms.shown import titled_values
from rules.errors import DingdianError
from tasks import steps
from views import pages


@act_flow("try_take_back")
async def try_take_back(form: Annotated[TryTakeBack, titled("try_take_back")]) -> State[Any]:
    """试算撤回（更正规则）。

    撤回之前先看后果：撤回哪一条记录、谁的状态和期限改变、名额、将告知谁；只看不做，不写入、不通知。
    """
    try:
        asked = read_form(TryTakeBack, form)
        result = steps.try_take_back(asked.fields(), asked.round_id)
        if isinstance(result, DingdianError):
            return await not_done(result, "try_take_back", form)
        form_of = PostingForm if asked.is_posting else FORMS[asked.act]
        shown = titled_values(form_of, result["recorded"])
        await pages.show_take_back_effect(result | {"recorded": shown})
    except DingdianError as refused:
        return await not_done(refused, "try_take_back", form)
    return Completed(message=f"已{result['title']}，试算码 {result['code']}；没有写入任何内容。")
