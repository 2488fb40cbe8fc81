"""Forms of the draw and of the on-site scores (五(二))."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from flows.forms.parts import ActForm, ApplicantId, DecimalText, ExpertId, Part, Text


class RecuseExpert(ActForm):
    """登记专家回避：方案公布前的不入名册，公布后的跳过、编号不变。"""

    expert_id: ExpertId
    reason: Annotated[Text, Field(title="回避事由")]
    applicant_id: Annotated[
        str,
        Field(title="只对哪一家回避", description="留空表示整轮回避", pattern=r"^[A-Za-z0-9-]{0,20}$"),
        BeforeValidator(lambda value: value or ""),
    ] = ""


class PublishDrawPlan(ActForm):
    """公布抽取方案：冻结名册、人数和将来才产生的公开随机源。"""

    wanted: Annotated[int, Field(title="抽取人数", description="不少于、不多于办法规定的人数", ge=1, le=99)]
    sources: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        title="随机源",
        description="将来才产生的公开结果，写明期号，如“双色球第2026134期红球”",
        min_length=1,
        max_length=9,
    )


class Numbers(Part):
    """一个随机源的开奖结果。"""

    numbers: list[Annotated[int, Field(ge=0)]] = Field(
        title="数字", description="逐个填写，顺序不限", min_length=1, max_length=40
    )


def _as_numbers(value: Any) -> Any:
    """A scenario gives a source as one number or a list of numbers."""
    if not isinstance(value, list):
        return value
    return [one if isinstance(one, dict) else {"numbers": one if isinstance(one, list) else [one]} for one in value]


class DrawExperts(ActForm):
    """按公布的随机源结果抽取专家；只能抽取一次，最早在方案公布的次日。"""

    source_values: Annotated[list[Numbers], BeforeValidator(_as_numbers)] = Field(
        title="随机源结果", description="按方案公布的顺序逐个填写", min_length=1, max_length=9
    )
    unavailable: list[int] = Field(
        title="当天不能到场的名册编号", description="没有则留空；编号不变，依次递补", max_length=500
    )

    def fields(self) -> dict[str, Any]:
        """Each source as a list of numbers."""
        return {"source_values": [one.numbers for one in self.source_values], "unavailable": self.unavailable}


class ItemScore(Part):
    """一个评分项目。"""

    code: Annotated[str, Field(title="项目代码", max_length=20)]
    score: Annotated[DecimalText, Field(title="得分", description="如 18.5")]


def _as_scores(value: Any) -> Any:
    """A scenario gives scores as a mapping of item codes."""
    if not isinstance(value, Mapping):
        return value
    return [{"code": code, "score": score} for code, score in value.items()]


class RecordScoreSheet(ActForm):
    """录入一名专家对一家机构的评分表，逐项评分。"""

    applicant_id: ApplicantId
    expert_id: ExpertId
    items: Annotated[list[ItemScore], BeforeValidator(_as_scores)] = Field(
        title="各项得分", description="评分标准的每一项各填一行", min_length=1, max_length=60
    )

    @model_validator(mode="after")
    def _each_item_once(self) -> RecordScoreSheet:
        if len({one.code for one in self.items}) != len(self.items):
            raise ValueError("同一评分项目只能填一次")
        return self

    def fields(self) -> dict[str, Any]:
        """Scores as exact decimals by item."""
        return {**super().fields(), "items": {one.code: Decimal(one.score) for one in self.items}}


class ConcludeEvaluation(ActForm):
    """汇总评估结果：评分表全部录入后，按平均分排名，按公告名额择优。"""
