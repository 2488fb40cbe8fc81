"""The facts that the conditions of application are tested on (二): what people call them, their kind, whose.

One table for the forms, the spreadsheets and the register; a test holds the register's models to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rules.vocabulary import ApplicantType


class FactKind(StrEnum):
    """How a fact is written down."""

    YES_NO = "yes_no"
    COUNT = "count"
    AMOUNT = "amount"
    TEXT = "text"
    GRADE = "grade"
    GENE_TESTING = "gene_testing"
    PENALTIES = "penalties"
    TERMINATION = "termination"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `types` are the applicants who declare it."""

    name: str
    label: str
    kind: FactKind
    types: tuple[ApplicantType, ...]


BOTH = (ApplicantType.HOSPITAL, ApplicantType.PHARMACY)
HOSPITAL, PHARMACY = BOTH[:1], BOTH[1:]
K = FactKind

FACTS: Mapping[str, Fact] = {
    one.name: one
    for one in (
        Fact("is_basic_designated", "是否基本医疗保险定点", K.YES_NO, BOTH),
        Fact("county", "所在县", K.TEXT, BOTH),
        Fact("penalties", "行政处罚记录", K.PENALTIES, BOTH),
        Fact("prior_termination", "以往协议终止情况", K.TERMINATION, BOTH),
        Fact("cold_chain", "是否具备冷链系统", K.YES_NO, BOTH),
        Fact("major_liability_accident", "是否发生重大医疗责任事故", K.YES_NO, BOTH),
        Fact("provincial_charity_aid_point", "是否省级慈善援助点", K.YES_NO, BOTH),
        Fact("grade", "医院等级", K.GRADE, HOSPITAL),
        Fact("special_drug_department", "是否有特药专业科室", K.YES_NO, HOSPITAL),
        Fact("physicians", "医师人数", K.COUNT, BOTH),
        Fact("pharmacists", "药师人数", K.COUNT, HOSPITAL),
        Fact("uses_oncology_targeted", "是否使用肿瘤分子靶向药", K.YES_NO, HOSPITAL),
        Fact("oncology_qualification", "是否具备肿瘤治疗资质", K.YES_NO, HOSPITAL),
        Fact("gene_testing", "基因检测能力", K.GENE_TESTING, HOSPITAL),
        Fact("group_or_chain_member", "是否集团或连锁下属", K.YES_NO, PHARMACY),
        Fact("nationwide_dtp_network", "是否有全国 DTP 网络", K.YES_NO, PHARMACY),
        Fact("tier1_distribution_agreement", "是否有一级经销商协议", K.YES_NO, PHARMACY),
        Fact("special_drug_varieties", "特药品种数", K.COUNT, PHARMACY),
        Fact("area_m2", "营业用房使用面积（平方米）", K.AMOUNT, PHARMACY),
        Fact("group_revenue_cny", "集团或连锁营业额（元）", K.AMOUNT, PHARMACY),
        Fact("licensed_pharmacists", "执业药师人数", K.COUNT, PHARMACY),
        Fact("manufacturer_award", "是否获厂家荣誉奖项", K.YES_NO, PHARMACY),
        Fact("staff_total", "从业人员总数", K.COUNT, PHARMACY),
        Fact("staff_with_contract", "签订劳动合同人数", K.COUNT, PHARMACY),
        Fact("staff_with_social_insurance", "参加社会保险人数", K.COUNT, PHARMACY),
    )
}


def names_of(kind: FactKind) -> tuple[str, ...]:
    """The facts of a kind."""
    return tuple(one.name for one in FACTS.values() if one.kind is kind)


def facts_of(applicant_type: str) -> tuple[Fact, ...]:
    """The facts that a type declares."""
    return tuple(one for one in FACTS.values() if applicant_type in one.types)
