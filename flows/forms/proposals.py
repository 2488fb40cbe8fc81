"""The forms of the second person (复核) and of a change of staff."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from flows.choices import Choice, of_terms
from flows.forms.parts import ActForm, TextOrNothing, YesNo
from flows.forms.pasted import BARE
from rules.vocabulary import SecondWord
from tasks.labels import ROLES


class ChangeStaff(ActForm):
    """登记人员变更：新到、变更岗位或停用；提请以后由另一岗位的人复核。"""

    staff_no: Annotated[
        str, BARE, Field(title="工号", description="新到人员的填新工号，如 1006", min_length=1, max_length=40)
    ]
    name: Annotated[str, Field(title="姓名", description="在岗人员的照原样填写", min_length=1, max_length=40)]
    roles: list[Annotated[str, Choice(ROLES)]] = Field(
        title="岗位", description="变更以后的全部岗位，每格一个；停用的照原样填写", min_length=1, max_length=9
    )
    is_active: Annotated[YesNo, Field(title="是否在岗", description="停用的选“否”；停用以后不能再办理任何事项")]


class ConfirmProposal(ActForm):
    """复核另一人提请办理的事项：确认的立即办理，两人的工号一并记入；退回的写明理由。"""

    number: Annotated[
        int, Field(title="提请编号", description="见看板“复核”，从那里打开时已填好", ge=1, le=999_999_999)
    ]
    word: Annotated[str, of_terms(SecondWord), Field(title="复核意见", description="确认以前请与原始材料核对")]
    reason: Annotated[TextOrNothing, Field(title="退回理由", description="退回的填写，提请人会看到；确认的留空")] = ""

    @model_validator(mode="after")
    def _return_has_a_reason(self) -> ConfirmProposal:
        if (self.word == SecondWord.RETURN) != bool(self.reason.strip()):
            raise ValueError("退回的须填写理由，确认的不填")
        return self
