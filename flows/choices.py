"""Choices that read Chinese in a form and are codes in the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from policies.loader import load_policy
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

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

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
FACTS = Choice(
    {
        "is_basic_designated": "是否基本医疗保险定点",
        "county": "所在县",
        "penalties": "行政处罚记录（JSON）",
        "prior_termination": "以往协议终止情况（JSON）",
        "cold_chain": "是否具备冷链系统",
        "major_liability_accident": "是否发生重大医疗责任事故",
        "provincial_charity_aid_point": "是否省级慈善援助点",
        "grade": "医院等级",
        "special_drug_department": "是否有特药专业科室",
        "physicians": "医师人数",
        "pharmacists": "药师人数",
        "uses_oncology_targeted": "是否使用肿瘤分子靶向药",
        "oncology_qualification": "是否具备肿瘤治疗资质",
        "gene_testing": "基因检测能力（own、contracted、none）",
        "group_or_chain_member": "是否集团或连锁下属",
        "nationwide_dtp_network": "是否有全国 DTP 网络",
        "tier1_distribution_agreement": "是否有一级经销商协议",
        "special_drug_varieties": "特药品种数",
        "area_m2": "营业用房使用面积（平方米）",
        "group_revenue_cny": "集团或连锁营业额（元）",
        "licensed_pharmacists": "执业药师人数",
        "manufacturer_award": "是否获厂家荣誉奖项",
        "staff_total": "从业人员总数",
        "staff_with_contract": "签订劳动合同人数",
        "staff_with_social_insurance": "参加社会保险人数",
    }
)
