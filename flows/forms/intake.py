"""Forms of 申报受理 (四、五(一))."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flows import choices
from flows.forms.parts import ApplicantId, MaterialCode, RoundForm, Text
from policies.loader import load_policy


class SubmitApplication(RoundForm):
    """登记一家机构的申请。材料齐全的当日受理，不齐的转入待补正，不在受理时间内的不予受理。"""

    applicant_id: ApplicantId
    materials: list[Annotated[str, choices.SUBMITTED]] = Field(
        title="已提交材料",
        description="交齐的选“全套”一项即可；不齐的逐项选：医疗机构选 H 开头的，零售药店选 P 开头的",
        max_length=30,
    )
    copies: Annotated[
        int,
        Field(
            title="卷宗份数",
            description="实际收到几份；申请人、经办中心、医保局各一份",
            ge=0,
            le=99,
            json_schema_extra={"default": load_policy().count("dossier_copies")},
        ),
    ]
    official_seal: Annotated[bool, Field(title="已加盖公章", description="看过盖章后打开")]
    legal_rep_seal: Annotated[bool, Field(title="已加盖法人章", description="看过盖章后打开")]
    originals_shown: Annotated[
        bool,
        Field(title="已提交资质证件原件", description="核对过原件后打开"),
    ]


class RequestSupplement(RoundForm):
    """一次性告知补正：所缺材料须一次写全，申请人会收到告知。"""

    applicant_id: ApplicantId
    missing: list[MaterialCode] = Field(
        title="所缺材料", description="一次写全，如 P10；漏写、多写的会被退回，并说明应是哪些", max_length=30
    )


class SupplementMaterials(RoundForm):
    """登记补来的材料：补齐的当日受理，受理截止后不能再补。"""

    applicant_id: ApplicantId
    materials: list[MaterialCode] = Field(
        title="补来的材料", description="选这次补来的，如 P10", min_length=1, max_length=30
    )


class WithdrawApplication(RoundForm):
    """登记撤回申请：签约前申请人可以撤回。"""

    applicant_id: ApplicantId
    reason: Annotated[Text, Field(title="撤回理由", description="如：申请人自愿撤回，书面申请存卷宗第 3 页")]
