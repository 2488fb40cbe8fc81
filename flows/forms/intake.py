"""Forms of 申报受理 (四、五(一))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from flows import choices
from flows.forms.parts import (
    ApplicantId,
    DayOrNothing,
    MaterialCode,
    RoundForm,
    Text,
    TextOrNothing,
    TimeOrNothing,
    in_order,
)
from flows.instants import beijing, split_instant
from policies.loader import load_policy

OFF: dict[str, Any] = {"default": False}  # of the form: a switch that nobody touched says no; a file must say it

RECEIVED = ("received_on", "received_time", "receipt_number")


class HandedIn(RoundForm):
    """What an applicant handed in, and when it was received, where that was not just now."""

    received_on: Annotated[
        DayOrNothing,
        Field(title="收到日期", description="不是当场收到的才填：材料实际收到的日期，期限自该日起算；当场收到留空"),
    ] = ""
    received_time: Annotated[
        TimeOrNothing, Field(title="收到时间", description="填了收到日期的必填，北京时间，如 16:30；当场收到留空")
    ] = ""
    receipt_number: Annotated[
        TextOrNothing, Field(title="收件凭据", description="填了收到日期的必填：收件回执、收件章或邮件签收的编号")
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        given = split_instant(value, "received_at", "received_on", "received_time")
        on = given.get("received_on") if isinstance(given, Mapping) else None
        return {**given, "received_on": on.isoformat()} if isinstance(on, date) else given

    @model_validator(mode="after")
    def _receipt_is_whole(self) -> Self:
        given = [getattr(self, name) for name in RECEIVED]
        if any(given) and not all(given):
            raise ValueError("收到日期、收到时间和收件凭据要么都填，要么都留空（当场收到）")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core, handler)
        last = {name: schema["properties"].pop(name) for name in (*RECEIVED, "round")}
        schema["properties"] |= last
        return in_order(schema)

    def fields(self) -> dict[str, Any]:
        """With `received_at` and its proof where they are told; without a word of them otherwise."""
        given = super().fields()
        for name in RECEIVED:
            del given[name]
        if not self.received_on:
            return given
        received_at = beijing(date.fromisoformat(self.received_on), self.received_time)
        return {**given, "received_at": received_at, "receipt_number": self.receipt_number}


class SubmitApplication(HandedIn):
    """登记一家机构的申请。材料齐全的自收到之日受理，不齐的转入待补正，不在受理时间内收到的不予受理。"""

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
    official_seal: Annotated[bool, Field(title="已加盖公章", description="看过盖章后打开", json_schema_extra=OFF)]
    legal_rep_seal: Annotated[bool, Field(title="已加盖法人章", description="看过盖章后打开", json_schema_extra=OFF)]
    originals_shown: Annotated[
        bool, Field(title="已提交资质证件原件", description="核对过原件后打开", json_schema_extra=OFF)
    ]


class RequestSupplement(RoundForm):
    """一次性告知补正：所缺材料须一次写全，申请人会收到告知。"""

    applicant_id: ApplicantId
    missing: list[MaterialCode] = Field(
        title="所缺材料", description="一次写全，如 P10；漏写、多写的会被退回，并说明应是哪些", max_length=30
    )


class SupplementMaterials(HandedIn):
    """登记补来的材料：补齐的自收到之日受理，受理截止后收到的不能再补。"""

    applicant_id: ApplicantId
    materials: list[MaterialCode] = Field(
        title="补来的材料", description="选这次补来的，如 P10", min_length=1, max_length=30
    )


class WithdrawApplication(RoundForm):
    """登记撤回申请：签约前申请人可以撤回。"""

    applicant_id: ApplicantId
    reason: Annotated[Text, Field(title="撤回理由", description="如：申请人自愿撤回，书面申请存卷宗第 3 页")]
