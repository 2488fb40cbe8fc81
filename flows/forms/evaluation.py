"""Forms of the on-site scores (五(二))."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from flows.forms.parts import (
    ApplicantId,
    DecimalText,
    ExpertId,
    LongTextOrNothing,
    Part,
    RoundForm,
    TextOrNothing,
)
from flows.forms.pasted import APART, BARE

REMARKS = {"notes": "note", "evidence": "evidence"}  # of a file by item, of a row of the form


class ItemScore(Part):
    """一个评分项目。"""

    code: Annotated[str, Field(title="项目代码", description="评分标准中的代码，如 H-a、P-b", max_length=20), BARE]
    score: Annotated[DecimalText, Field(title="得分", description="从 0 到该项满分，可有小数，如 18.5")]
    note: Annotated[TextOrNothing, Field(title="评估记录", description="这一项看到了什么、为什么这样给分；可留空")] = ""
    evidence: Annotated[
        str,
        Field(
            title="佐证",
            description="收件夹里的文件名（照片、PDF），哈希由系统计算；已存的填 64 位 SHA-256；没有可留空",
            max_length=120,
        ),
    ] = ""


def _as_scores(value: Any) -> Any:
    """A scenario gives scores as a mapping of item codes."""
    if not isinstance(value, Mapping):
        return value
    return [{"code": code, "score": score} for code, score in value.items()]


class RecordScoreSheet(RoundForm):
    """录入一名专家对一家机构的评分表，逐项评分。"""

    applicant_id: ApplicantId
    expert_id: ExpertId
    items: Annotated[list[ItemScore], BeforeValidator(_as_scores)] = Field(
        title="各项得分",
        description="评分标准的每一项各一行，代码如 H-a；从结果页的链接进入时代码已填好",
        min_length=1,
        max_length=60,
    )

    @model_validator(mode="before")
    @classmethod
    def _remarks_of_a_file(cls, value: Any) -> Any:
        """A file gives notes and evidence (hashes) as mappings of item codes, beside the scores."""
        if not isinstance(value, Mapping) or not set(REMARKS) & set(value):
            return value
        if not isinstance(value.get("items"), Mapping):
            return value
        rows = {code: {"code": code, "score": score} for code, score in value["items"].items()}
        for name, column in REMARKS.items():
            given = value.get(name) or {}
            if not isinstance(given, Mapping) or (strange := sorted(set(given) - set(rows))):
                named = "" if not isinstance(given, Mapping) else f"：{'、'.join(strange)} 没有得分"
                raise ValueError(f"{name} 应为评分项目代码到内容的键值表{named}")
            for code, told in given.items():
                rows[code][column] = told
        return {key: given for key, given in value.items() if key not in REMARKS} | {"items": list(rows.values())}

    @model_validator(mode="after")
    def _each_item_once(self) -> RecordScoreSheet:
        if len({one.code for one in self.items}) != len(self.items):
            raise ValueError("同一评分项目只能填一次")
        return self

    def fields(self) -> dict[str, Any]:
        """Scores as exact decimals by item; notes and evidence by item, where there are any."""
        told = {**super().fields(), "items": {one.code: Decimal(one.score) for one in self.items}}
        for name, column in REMARKS.items():
            if given := {one.code: getattr(one, column) for one in self.items if getattr(one, column)}:
                told[name] = given
        return told


class ConcludeEvaluation(RoundForm):
    """汇总评估结果：评分表全部录入后，按平均分排名，按公告名额择优。"""

    summary: Annotated[
        LongTextOrNothing,
        Field(title="专家组汇总意见", description="专家组集体汇总后写下的意见，可分段；没有另行成文的留空"),
    ] = ""
    signed_by: Annotated[list[ExpertId], APART] = Field(
        default_factory=list,
        title="签名专家",
        description="在汇总意见上签了名的专家编号，每格一名；没有汇总意见的留空",
        max_length=20,
    )
    tie_source: Annotated[
        TextOrNothing,
        Field(
            title="同分抽签的随机源",
            description="提示同分须抽签时才填：评分录入后首次公布的那一期",
        ),
    ] = ""
    tie_values: list[Annotated[int, Field(ge=0)]] = Field(
        default_factory=list,
        title="同分抽签的号码",
        description="该期公布的号码，每格一个；没有同分的留空",
        max_length=40,
    )

    @model_validator(mode="after")
    def _tie_is_whole(self) -> ConcludeEvaluation:
        if bool(self.tie_source.strip()) != bool(self.tie_values):
            raise ValueError("同分抽签须同时填写随机源和号码")
        return self

    @model_validator(mode="after")
    def _what_is_signed_is_there(self) -> ConcludeEvaluation:
        if self.signed_by and not self.summary.strip():
            raise ValueError("填了签名专家的，须填写专家组汇总意见")
        return self

    def fields(self) -> dict[str, Any]:
        """The summary and who signed it, where there is one."""
        tie = {"tie_source": self.tie_source, "tie_values": self.tie_values} if self.tie_values else {}
        return tie | ({"summary": self.summary, "signed_by": self.signed_by} if self.summary.strip() else {})
