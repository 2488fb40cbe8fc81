"""Choices that read Chinese in a form and are codes in the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, core_schema

from policies.corrections import load_corrections
from policies.loader import load_policy
from rules import facts
from rules.acts import CATALOGUE
from rules.corrections import TAKE_BACK, TAKE_BACK_POSTING
from rules.materials import WHOLE_SET
from rules.vocabulary import ApplicantType, InstitutionList, Term


@dataclass(frozen=True)
class Choice:
    """Annotates a text field: forms offer the labels, scenario files may give the codes, the model holds the code.

    `beyond`: a pattern of codes that may stand in the rules of a round though the newest file, which is offered, does
    not know them; whether they do, the act decides.
    """

    labels: Mapping[str, str]
    beyond: str = ""
    codes: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", {label: code for code, label in self.labels.items()})

    def read(self, value: Any) -> str:
        """The code of a label or of a code. Raises ValueError that names what can be chosen."""
        given = value.value if isinstance(value, StrEnum) else value
        code = self.codes.get(given, given.partition(" ")[0]) if isinstance(given, str) else None
        if code not in self.labels and not (code and self.beyond and re.fullmatch(self.beyond, code)):
            raise ValueError(f"“{value}”不在可选之列；只能是 {'、'.join(self.codes)}")
        return str(code)

    def shown(self, code: str, info: SerializationInfo) -> str:
        """As JSON: the code, or the label for whoever asks with `context={"labels": True}` to fill in a form."""
        return self.labels.get(code, code) if info.context and info.context.get("labels") else code

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(self.shown, info_arg=True, when_used="json")
        return core_schema.no_info_plain_validator_function(self.read, serialization=shown)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.codes)}


@dataclass(frozen=True)
class Offer:
    """Annotates a text field: forms offer these texts, a file may give others of at most `longest` characters."""

    texts: tuple[str, ...]
    longest: int

    def read(self, value: Any) -> str:
        """The text, without spaces around it. Raises ValueError for what is none, or too long."""
        text = value.strip() if isinstance(value, str) else ""
        if not text or len(text) > self.longest:
            raise ValueError(f"“{value}”应为 1 至 {self.longest} 个字的文字，如 {'、'.join(self.texts)}")
        return text

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.texts)}


@dataclass(frozen=True)
class Decision:
    """Annotates a yes-or-no that must be chosen: forms offer 是 and 否, scenario files give true and false."""

    words: Mapping[str, bool] = field(default_factory=lambda: {"是": True, "否": False})

    def read(self, value: Any) -> bool:
        """The decision. Raises ValueError that names what can be chosen."""
        if isinstance(value, bool):
            return value
        if value not in self.words:
            raise ValueError(f"“{value}”不在可选之列；只能是 {'、'.join(self.words)}")
        return self.words[value]

    def shown(self, decided: bool, info: SerializationInfo) -> bool | str:
        """As JSON: true or false, or the word for whoever asks with `context={"labels": True}` to fill in a form."""
        if not (info.context and info.context.get("labels")):
            return decided
        return next(word for word, meant in self.words.items() if meant is decided)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(self.shown, info_arg=True, when_used="json")
        return core_schema.no_info_plain_validator_function(self.read, serialization=shown)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}


def of_terms(terms: type[Term]) -> Choice:
    """The members of a vocabulary."""
    return Choice({term.value: term.label for term in terms})


def _materials() -> Choice:
    policy = load_policy()
    papers = [material for of_type in policy.materials.values() for material in of_type]
    formalities = {material.code: f"形式要件：{material.name}" for material in policy.formalities}
    return Choice(
        {**{material.code: f"{material.code} {material.name}" for material in papers}, **formalities}, MATERIAL
    )


def _violations() -> Choice:
    """What a person may find against an institution; where the clauses word it by type, both."""
    texts: dict[str, list[str]] = {}
    for one in load_policy().violations:
        if not one.by_system and one.text not in texts.setdefault(one.code, []):
            texts[one.code].append(one.text)
    return Choice({code: f"{code} {'／'.join(told)}" for code, told in texts.items()}, r"[A-Z][0-9]{1,3}")


def _list_grounds() -> Choice:
    """For what an institution may be put on a list, each under its list."""
    return Choice(
        {
            one.code: f"{one.code} {InstitutionList(one.on_list).label}：{one.text}"
            for one in load_policy().list_grounds
        },
        r"[A-Z][0-9]{1,3}",
    )


def _terms() -> Choice:
    """What an agreement may fix; a code has one label, whatever the level."""
    return Choice({one.code: one.label for one in load_policy().terms}, r"[a-z][a-z0-9_]{0,39}")


def _indicators() -> Choice:
    """What the values of a month are reported for."""
    compared = {one.code: one.label for one in load_policy().terms if one.is_compared}
    return Choice(compared, r"[a-z][a-z0-9_]{0,39}")


def _submitted() -> Choice:
    """What a submission may name: single materials, or all of one type at once."""
    whole = {WHOLE_SET[type_]: f"{type_.label}全套材料（{_span(type_)}）" for type_ in ApplicantType}
    return Choice({**whole, **MATERIALS.labels}, MATERIAL)


def _span(type_: ApplicantType) -> str:
    codes = [material.code for material in load_policy().materials[type_]]
    return f"{codes[0]} 至 {codes[-1]}"


MATERIAL, SOURCE = r"[A-Z][A-Z0-9_]{0,19}", r"[a-z][a-z0-9_]{0,39}"
YES_OR_NO = Decision()
MATERIALS = _materials()
DRAW_SOURCES = Choice(
    {"": "未声明"} | {one.code: one.label for one in load_policy().draw_sources}, r"[a-z][a-z0-9_]{0,39}"
)
SUBMITTED = _submitted()
CONDITIONS = Choice({one.code: f"{one.code} {one.text}" for one in load_policy().conditions}, beyond=r"[A-Z0-9_]+")
VIOLATIONS = _violations()
FOUND_OR_NOT = Choice({"": "不属实", **VIOLATIONS.labels}, VIOLATIONS.beyond)
LIST_GROUNDS = _list_grounds()
TERMS = _terms()
INDICATORS = _indicators()
JUDGEMENTS = Choice(
    {
        "gene_testing": "基因检测能力（原则上具备，二(一)5）",
        "penalties": "处罚种类（认可即不是行政处罚，二(一)6、二(二)7）",
    }
)
TAKEN_BACK_WITH = {one.act: one.with_ for one in load_corrections().values() if one.is_possible}
RETRACTABLE = Choice({act: CATALOGUE[act].title for act, with_ in TAKEN_BACK_WITH.items() if with_ == TAKE_BACK})
MISTAKES = Choice(
    dict(RETRACTABLE.labels)
    | {act: CATALOGUE[act].title for act, with_ in TAKEN_BACK_WITH.items() if with_ == TAKE_BACK_POSTING}
)
TOPICS = Offer(load_policy().topics, longest=40)
WRITTEN_AS = {"penalties": "（JSON）", "prior_termination": "（JSON）", "gene_testing": "（own、contracted、none）"}
FACTS = Choice({one.name: one.label + WRITTEN_AS.get(one.name, "") for one in facts.FACTS.values()})
