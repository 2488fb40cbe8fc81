"""Builders for the tests of the rules: a round, a case, its clocks, facts that meet every condition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from policies import yamlfile
from policies.calendars import load_workdays
from policies.loader import load_policy
from rules.case import Case, Clock, Context, Event, RoundFacts
from rules.localtime import ZONE
from rules.vocabulary import ClockStatus, State

POLICY = load_policy()
WORKDAYS = load_workdays()
ANNOUNCEMENT = {"county": "样例县", "min_special_drug_varieties": 30, "accept_until_text": "2025-09-12 17:30"}

HOSPITAL = {
    "is_basic_designated": True,
    "county": "样例县",
    "cold_chain": True,
    "penalties": [],
    "major_liability_accident": False,
    "provincial_charity_aid_point": False,
    "prior_termination": None,
    "grade": "二级甲等",
    "special_drug_department": True,
    "physicians": 5,
    "pharmacists": 2,
    "uses_oncology_targeted": False,
    "oncology_qualification": False,
    "gene_testing": "none",
}
PHARMACY = {
    **{name: HOSPITAL[name] for name in list(HOSPITAL)[:7]},
    "group_or_chain_member": True,
    "nationwide_dtp_network": True,
    "tier1_distribution_agreement": True,
    "special_drug_varieties": 45,
    "area_m2": "260.5",
    "group_revenue_cny": "420000000.00",
    "licensed_pharmacists": 2,
    "physicians": 1,
    "manufacturer_award": False,
    "staff_total": 9,
    "staff_with_contract": 9,
    "staff_with_social_insurance": 9,
}
FACTS: Mapping[str, Mapping[str, Any]] = {"hospital": HOSPITAL, "pharmacy": PHARMACY}
MATERIALS = {kind: frozenset(one.code for one in POLICY.materials_of(kind)) for kind in FACTS}
FORMAL = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}


def table(name: str) -> list[dict[str, Any]]:
    """The cases of a YAML file beside the tests."""
    cases: list[dict[str, Any]] = yamlfile.read(Path(__file__).with_name(name)).data["cases"]
    return cases


def names(cases: list[dict[str, Any]]) -> list[str]:
    """What each case of a table is called."""
    return [case["name"] for case in cases]


def beijing(text: str) -> datetime:
    """`2025-09-12 17:30` (or with seconds) as an aware instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def context(**changes: Any) -> Context:
    """A round as announced, with the real policy and calendar."""
    facts: dict[str, Any] = {
        "id": 1,
        "name": "样例县2025年度特殊药品定点医药机构评估",
        "county": "样例县",
        "year": 2025,
        "batch": 1,
        "agency": "样例县医疗保险经办中心",
        "place": "2号窗口",
        "accept_from": beijing("2025-09-01 08:30"),
        "accept_until": beijing("2025-09-12 17:30"),
        "channels": ("县政府网站", "“医保”公众号"),
        "quota": {"hospital": 1, "pharmacy": 2},
        "tie_rule": "priority inclusion first, then public draw",
        "substitution": "none",
        "announcement": ANNOUNCEMENT,
        "rubric": {},
    }
    return Context(RoundFacts(**facts | changes), POLICY, WORKDAYS)


def clock(kind: str, start_on: date, due_on: date | None, **changes: Any) -> Clock:
    """A running clock; without a due day, a provisional one."""
    status = ClockStatus.RUNNING if due_on else ClockStatus.PROVISIONAL
    bounds = (changes.pop("earliest_on", due_on or start_on), changes.pop("latest_on", due_on or start_on))
    return Clock(1, kind, start_on, due_on, *bounds, changes.pop("status", status), changes.pop("closed_on", None))


def case(state: State, kind: str = "pharmacy", *clocks: Clock, **changes: Any) -> Case:
    """A dossier in a state, with every material and facts that meet every condition."""
    about: dict[str, Any] = {
        "id": 7,
        "applicant_pk": 3,
        "number": "P01",
        "type": kind,
        "name": "样例大药房",
        "state": state,
        "version": 4,
        "holds": 0,
        "submitted_at": beijing("2025-09-01 10:00"),
        "accepted_on": date(2025, 9, 1),
        "released_on": None,
        "signed_on": None,
        "site_checked_on": None,
        "rank": 1,
        "audit_seq": 4,
        "audit_head": "",
        "facts": FACTS[kind],
        "materials": MATERIALS[kind],
        "clocks": {one.kind: one for one in clocks},
    }
    return Case(**about | changes)


def event(name: str, at: datetime | str = "2025-11-20 10:00", **fields: Any) -> Event:
    """An act of somebody."""
    return Event(name, beijing(at) if isinstance(at, str) else at, "经办员甲", fields)
