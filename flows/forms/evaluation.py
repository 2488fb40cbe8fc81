"""Forms of the on-site scores (五(二))."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from flows.forms.parts import ActForm, ApplicantId, DecimalText, ExpertId, Part
from flows.forms.pasted import BARE


class ItemScore(Part):
    """一个评分项目。"""

    code: Annotated[str, Field(title="项目代码", description="评分标准中的代码，如 H-a、P-b", max_length=20), BARE]
    score: Annotated[DecimalText, Field(title="得分", description="从 0 到该项满分，可有小数，如 18.5")]


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
        title="各项得分",
        description="评分标准的每一项各一行，代码如 H-a；从结果页的链接进入时代码已填好",
        min_length=1,
        max_length=60,
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
