"""Forms of 申报受理 (四、五(一))."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flows.forms.parts import ActForm, ApplicantId, MaterialCode, Text


class SubmitApplication(ActForm):
    """登记一家机构的申请。材料齐全的当日受理，不齐的转入待补正，不在受理时间内的不予受理。"""

    applicant_id: ApplicantId
    materials: list[MaterialCode] = Field(
        title="已提交材料", description="医疗机构选 H 开头的，零售药店选 P 开头的；可多选", max_length=30
    )
    copies: Annotated[int, Field(title="卷宗份数", description="申请人、经办中心、医保局各一份", ge=0, le=99)]
    official_seal: Annotated[bool, Field(title="已加盖公章")]
    legal_rep_seal: Annotated[bool, Field(title="已加盖法人章")]
    originals_shown: Annotated[bool, Field(title="已提交资质证件原件")]


class RequestSupplement(ActForm):
    """一次性告知补正：所缺材料须一次写全，申请人会收到告知。"""

    applicant_id: ApplicantId
    missing: list[MaterialCode] = Field(title="所缺材料", description="一次写全；漏写的会被退回并提示", max_length=30)


class SupplementMaterials(ActForm):
    """登记补来的材料：补齐的当日受理，受理截止后不能再补。"""

    applicant_id: ApplicantId
    materials: list[MaterialCode] = Field(title="补来的材料", min_length=1, max_length=30)


class WithdrawApplication(ActForm):
    """登记撤回申请：签约前申请人可以撤回。"""

    applicant_id: ApplicantId
    reason: Annotated[Text, Field(title="撤回理由")]
