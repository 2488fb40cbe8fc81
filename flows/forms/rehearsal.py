"""The forms that exist in a rehearsal only."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from flows import choices
from flows.forms.parts import Part
from tasks.rehearsal import Order

ORDERS = choices.Choice(
    {
        Order.PAUSE.value: "暂停，由我接手",
        Order.PLAY.value: "继续播放",
        Order.ONE.value: "只办下一步",
        Order.SKIP.value: "跳过下一步",
        Order.UNTIL.value: "快进到第几步",
    }
)


class OrderForm(Part):
    """演练控制：暂停后可以自己按提示办理下一步，系统认得您已办理；随时可以继续播放。"""

    order: Annotated[str, ORDERS, Field(title="怎么做")]
    step: Annotated[int, Field(title="第几步", description="只在“快进到第几步”时填写", ge=0, le=999)] = 0


class MoveForm(Part):
    """演练时间前移：途中到期的事项按期办理。"""

    day: Annotated[date, Field(title="到哪一天", description="虚拟日期只能向后，不能往回")]
