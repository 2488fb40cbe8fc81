"""Choices that read Chinese in a form and are codes in the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, core_schema

from policies.loader import load_policy
from rules import facts
from rules.vocabulary import Term


@dataclass(frozen=True)
class Choice:
    """Annotates a text field: forms offer the labels, scenario files may give the codes, the model holds the code."""

    labels: Mapping[str, str]
    codes: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", {label: code for code, label in self.labels.items()})

    def read(self, value: Any) -> str:
        """The code of a label or of a code. Raises ValueError that names what can be chosen."""
        given = value.value if isinstance(value, StrEnum) else value
        code = self.codes.get(given, given) if isinstance(given, str) else None
        if code not in self.labels:
            raise ValueError(f"“{value}”不在可选之列；只能是 {'、'.join(self.codes)}")
        return str(code)

    def shown(self, code: str, info: SerializationInfo) -> str:
        """As JSON: the code, or the label for whoever asks with `context={"labels": True}` to fill in a form."""
        return self.labels[code] if info.context and info.context.get("labels") else code

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(self.shown, info_arg=True, when_used="json")
        return core_schema.no_info_plain_validator_function(self.read, serialization=shown)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.codes)}


def of_terms(terms: type[Term]) -> Choice:
    """The members of a vocabulary."""
    return Choice({term.value: term.label for term in terms})


def _materials() -> Choice:
    policy = load_policy()
    listed = [material for of_type in policy.materials.values() for material in of_type] + list(policy.formalities)
    return Choice({material.code: f"{material.code} {material.name}" for material in listed})


MATERIALS = _materials()
DRAW_SOURCES = Choice({"": "未声明"} | {one.code: one.label for one in load_policy().draw_sources})
JUDGEMENTS = Choice({"gene_testing": "基因检测能力（原则上具备，二(一)5）"})
WRITTEN_AS = {"penalties": "（JSON）", "prior_termination": "（JSON）", "gene_testing": "（own、contracted、none）"}
FACTS = Choice({one.name: one.label + WRITTEN_AS.get(one.name, "") for one in facts.FACTS.values()})
