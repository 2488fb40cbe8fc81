"""The form of 批量办理."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flows import choices
from flows.forms.parts import DayOrNothing, RoundForm
from flows.forms.pasted import BARE, OR_NOTHING

CONFIRM = "受理时确认：所列各家材料齐全"
KINDS = choices.Choice(
    {
        "review": "批量初审：对已受理的签署初审意见",
        "supplement": "批量告知补正：对待补正的一次性告知所缺材料",
        "accept": "批量受理：所列机构材料齐全，予以受理",
        "apply_renewals": "批量登记续签申请：所列协议已书面提出",
        "sign_renewals": "批量续签：续签申请已通过的",
        "assess_fit": "批量审核合格：所列在册协议符合申请条件",
    }
)


class BatchForm(RoundForm):
    """一次办理多家：逐家按同样的规则办理，办过的不重复，不能办的逐家说明；中断后重新提交即可接着办。"""

    kind: Annotated[str, KINDS, Field(title="办理什么")]
    ids: Annotated[
        str,
        Field(
            title="申请人编号或协议编号",
            description="可从表格或看板整列粘贴，一行一个；办理协议的填协议编号；留空表示全部等候的（受理、续签申请、审核不能留空）",
            max_length=200_000,
        ),
    ] = ""
    complete: Annotated[
        bool,
        Field(title=CONFIRM, description="批量受理必须勾选：材料、一式三份、公章和法人章、证件原件均已逐家核对"),
    ] = False
    on: Annotated[
        DayOrNothing,
        Field(title="日期", description="只用于协议：续签申请、续签或审核的日期；不填则为今日"),
    ] = ""
    confirmed_by: Annotated[
        str,
        OR_NOTHING,
        BARE,
        Field(title="复核人工号", description="只用于批量审核：请谁复核，逐家在“44 复核”确认以后才办理", max_length=40),
    ] = ""
