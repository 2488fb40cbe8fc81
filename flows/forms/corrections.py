"""Forms of 撤回: an act that was recorded by mistake (更正规则)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from flows import choices
from flows.forms.parts import ApplicantId, OfRound, RoundForm, Text, TextOrNothing
from flows.forms.pasted import BARE, IS_CODE_OR_NOTHING, OR_NOTHING
from rules.vocabulary import NoticeKind

POSTED = "record_posting"
KINDS = choices.Choice({"": "（不是发布凭证）"} | {one.value: one.label for one in NoticeKind})

RETRACTED = Annotated[
    str,
    choices.RETRACTABLE,
    Field(title="撤回哪一项办理", description="能撤回的都在这里；其他事项不能撤回，各自的表单上写明原因和办法"),
]
RECORD_NO = Annotated[
    int,
    Field(
        title="记录号",
        description="同一事项办过几次的（如几张评分表），填案件经过中的记录号；填 0 为最近的一次",
        ge=0,
        le=999_999,
    ),
]


KIND = Annotated[str, choices.of_terms(NoticeKind), Field(title="公示种类", description="凭证属于哪一种公示")]
CHANNEL = Annotated[
    str, Field(title="渠道", description="须与公告所列渠道一致，如“县政府网站”", min_length=1, max_length=40)
]
PREVIEW_CODE = Annotated[
    str,
    Field(title="试算码", description="“试算撤回”给出的八位码；后果有变的不予办理", pattern=r"^[0-9a-f]{8}$"),
    BARE,
]
REASON = Annotated[Text, Field(title="理由", description="只入卷，不告知申请人；如：应为 P03 的意见，误录在 P02")]


class TryTakeBack(OfRound):
    """试算撤回：撤回以后会怎样，只看不做。"""

    act: Annotated[str, choices.MISTAKES, Field(title="撤回哪一项办理", description="其他事项不能撤回，见其表单")]
    applicant_id: Annotated[
        str,
        OR_NOTHING,
        BARE,
        IS_CODE_OR_NOTHING,
        Field(title="申请人编号", description="如 H01、P03；只在撤回发布凭证时留空"),
    ] = ""
    record_no: RECORD_NO = 0
    kind: Annotated[str, KINDS, Field(title="公示种类", description="只在撤回发布凭证时填")] = ""
    channel: Annotated[
        TextOrNothing, Field(title="渠道", description="只在撤回发布凭证时填，如“县政府网站”；其他事项留空")
    ] = ""

    @model_validator(mode="after")
    def _is_whole(self) -> TryTakeBack:
        if self.is_posting and not (self.kind and self.channel):
            raise ValueError("撤回发布凭证须填公示种类和渠道")
        if not self.is_posting and not self.applicant_id:
            raise ValueError("请填申请人编号")
        return self

    @property
    def is_posting(self) -> bool:
        """Is it about the proof of a posting, which belongs to a notice and not to one dossier?"""
        return self.act == POSTED

    def fields(self) -> dict[str, Any]:
        """What is asked, as the act has it."""
        names = {"kind", "channel"} if self.is_posting else {"applicant_id", "act", "record_no"}
        return self.model_dump(include=names)


class TakeBackAct(RoundForm):
    """撤回录错的一项办理：原记录和撤回都保留，期限恢复，告知申请人；先试算，再由另一人复核。"""

    applicant_id: ApplicantId
    act: RETRACTED
    record_no: RECORD_NO = 0
    reason: REASON
    preview_code: PREVIEW_CODE
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"preview_code"}


class TakeBackPosting(RoundForm):
    """撤回录错的一条发布凭证：公示期停止计算并告知名单上的机构，登记正确的凭证后重新起算。"""

    kind: KIND
    channel: CHANNEL
    reason: Annotated[Text, Field(title="理由", description="只入卷，不告知申请人；如：发布时间早录一日")]
    preview_code: PREVIEW_CODE
    office_only: ClassVar[frozenset[str]] = RoundForm.office_only | {"preview_code"}
