"""Forms of 初审 and of the requests for evaluation (五(一)、五(二))."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from flows import choices
from flows.forms.applicants import Penalty, Termination
from flows.forms.parts import (
    NONE_YET,
    ApplicantId,
    DayOrNothing,
    LongTextOrNothing,
    Part,
    RoundForm,
    TextOrNothing,
    YesNo,
)
from flows.forms.pasted import APART, BARE
from flows.instants import day_or_none
from policies import jsonfile
from policies.plainfile import FileTextError
from rules.facts import FactKind, names_of
from rules.vocabulary import EvaluationStage

FACTS = {
    "bool": names_of(FactKind.YES_NO),
    "int": names_of(FactKind.COUNT),
    "decimal": names_of(FactKind.AMOUNT),
}


READ_AS: Mapping[str, TypeAdapter[Any]] = {
    "penalties": TypeAdapter(list[Penalty]),
    "prior_termination": TypeAdapter(Termination | None),
}


EXAMPLES = {
    "penalties": '[{"authority": "县市场监督管理局", "date": "2025-03-01", "kind": "罚款"}]',
    "prior_termination": '{"date": "2024-05-01", "kind": "解除"}',
}


WORDS = {"是": True, "否": False, "true": True, "false": False, "True": True, "False": False}


class Finding(Part):
    """实地核查结果与申报不一致的一项。"""

    fact: Annotated[str, choices.FACTS, Field(title="事实项", description="与申报不一致的那一项")]
    value: Annotated[str, Field(title="核查结果", description="填“是”或“否”、数字或文字，如 179.5", max_length=2000)]

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Finding:
        if self.fact in FACTS["bool"] and self.value not in WORDS:
            raise ValueError(f"{self._label}应填“是”或“否”，现为“{self.value}”")
        if self.fact in FACTS["int"] and not self.value.isdigit():
            raise ValueError(f"{self._label}应填整数，现为“{self.value}”")
        if self.fact in FACTS["decimal"] and not re.fullmatch(r"\d+(\.\d+)?", self.value):
            raise ValueError(f"{self._label}应填数字，如 180.5，现为“{self.value}”")
        if self.fact in READ_AS:
            try:
                self._read()
            except (ValidationError, FileTextError):
                raise ValueError(f"{self._label}应为 JSON，如 {EXAMPLES[self.fact]}") from None
        return self

    def _read(self) -> Any:
        return READ_AS[self.fact].validate_python(jsonfile.parse(self.value))

    @property
    def _label(self) -> str:
        return f"“{choices.FACTS.labels[self.fact]}”"

    @property
    def typed(self) -> Any:
        """The value as the rules need it."""
        if self.fact in FACTS["bool"]:
            return WORDS[self.value]
        if self.fact in READ_AS:
            return READ_AS[self.fact].dump_python(self._read(), mode="json")
        return int(self.value) if self.fact in FACTS["int"] else self.value


def _as_text(found: Any) -> str:
    is_part = isinstance(found, (list, dict))
    return json.dumps(found, ensure_ascii=False, default=str) if is_part else str(found)


def _as_findings(value: Any) -> Any:
    """A scenario gives findings as a mapping of facts; lists and mappings are written as JSON."""
    if not isinstance(value, Mapping):
        return value
    return [
        {
            "fact": fact,
            "value": _as_text(found),
        }
        for fact, found in value.items()
    ]


Visitor = Annotated[str, BARE, Field(title="核查人员工号", description="如 1001", min_length=1, max_length=40)]


class VerifySite(RoundForm):
    """录入实地核查情况：与申报不一致的，以核查结果为准；核查日期、人员和笔录随案保存。"""

    applicant_id: ApplicantId
    findings: Annotated[list[Finding], BeforeValidator(_as_findings)] = Field(
        title="与申报不一致的事实", description="只填不一致的；没有则留空", max_length=30, json_schema_extra=NONE_YET
    )
    note: Annotated[TextOrNothing, Field(title="核查说明", description="如：现场丈量，附照片 3 张；没有可留空")] = ""
    visited_on: Annotated[
        DayOrNothing, Field(title="核查日期", description="到现场的日期，不早于申请日；与核查人员一并填写")
    ] = ""
    visitors: Annotated[list[Visitor], APART] = Field(
        default_factory=list,
        title="核查人员",
        description="到现场的工作人员工号，两人以上，每格一人",
        max_length=20,
    )
    minutes: Annotated[
        LongTextOrNothing, Field(title="核查笔录", description="看了什么、问了谁、结论如何；可分段，可留空")
    ] = ""

    @model_validator(mode="after")
    def _visit_is_whole(self) -> VerifySite:
        if (self.minutes or self.visitors) and not self.visited_on:
            raise ValueError("填了核查人员或核查笔录的，须填写核查日期")
        if self.visited_on and not self.visitors:
            raise ValueError("填了核查日期的，须填写核查人员")
        return self

    def fields(self) -> dict[str, Any]:
        """Findings as a mapping of facts to values; the visit, where it was told."""
        told = {"applicant_id": self.applicant_id, "findings": {one.fact: one.typed for one in self.findings}}
        told["note"] = self.note
        if not self.visited_on:
            return told
        visit = {"visitors": self.visitors, "minutes": self.minutes}
        return told | {"visited_on": day_or_none(self.visited_on)} | visit


class Judgement(Part):
    """须由人判断的一项。"""

    subject: Annotated[str, choices.JUDGEMENTS, Field(title="判断事项", description="系统提示须由人判断的事项")]
    accepted: Annotated[YesNo, Field(title="是否认可", description="认可的选“是”；理由必填")]
    reason: Annotated[
        str, Field(title="理由", description="如：委托有资质的机构检测，合同存卷宗第 8 页", max_length=500)
    ]


def _as_judgements(value: Any) -> Any:
    """A scenario gives judgements as a mapping of subjects."""
    if not isinstance(value, Mapping):
        return value
    return [{"subject": subject, **given} for subject, given in value.items()]


class SignPreliminaryOpinion(RoundForm):
    """签署初审意见：合格与否由申请条件、事实和判断得出，每家只能签署一次。"""

    applicant_id: ApplicantId
    judgements: Annotated[list[Judgement], BeforeValidator(_as_judgements)] = Field(
        title="须由人判断的事项",
        description="系统提示需要时才填，须写明理由；处罚种类两类清单都没有列明的也须判断：不是行政处罚的选“是”",
        max_length=5,
        json_schema_extra=NONE_YET,
    )

    def fields(self) -> dict[str, Any]:
        """Judgements by subject."""
        given = {one.subject: {"accepted": one.accepted, "reason": one.reason} for one in self.judgements}
        return {**super().fields(), "judgements": given}


class RequestEvaluation(RoundForm):
    """提出履约能力评估申请：先报县医疗保障局，再报市医疗保障局；逐家办理。"""

    to: Annotated[
        str,
        choices.of_terms(EvaluationStage),
        Field(title="向谁提出", description="先报县医疗保障局，再由县局报市医疗保障局"),
    ]
    applicant_ids: Annotated[list[ApplicantId], APART] = Field(
        title="申请人编号",
        description="初审合格的机构，每格一家，也可把一列编号粘贴到一格；从结果页的链接进入时已填好",
        min_length=1,
        max_length=500,
    )
