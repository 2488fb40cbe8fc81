"""Every act that changes a public page brings the site up to date, and no other does.

Each act is done where most of it could be seen; the site of before and the site of after are compared byte by byte,
as of one instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dingdian.scenario import check
from policies import loader
from policies.loader import load_policy, newest_text
from publication.site import build_site
from rules.acts import CATALOGUE
from rules.case import Event
from rules.corrections import TAKE_BACK, TAKE_BACK_POSTING
from tasks.act_result import Receipt
from tasks.acts import ACTS
from tasks.announce import announce_round, register_applicants
from tasks.development import record_plan
from tasks.documents import steps
from tasks.perform import perform
from tasks.preview import take_back_effect
from tasks.surroundings import surrounded
from tests.support.rounds import small_round
from tests.support.stages import Stage
from tests.tasks.drawing import DRAWN, FRONT, RED
from tests.tasks.rehearsal import BOSS, CHANNELS, KEYS, OFFICE, TOPICS, Rehearsal, beijing, items
from tests.tasks.test_city import ANSWER, REPORT
from tests.tasks.test_development import PLAN as APPROVED
from tests.tasks.test_drafted_terms import TERMS
from tests.tasks.test_inspections import PLAN as PLAN_OF_INSPECTIONS
from tests.tasks.test_inspections import RESULTS as RESULTS_OF_INSPECTIONS
from tests.tasks.test_lists import ADD, OFF
from tests.tasks.test_migration import OLD, entry
from tests.tasks.test_too_few_experts import NEW

Act = tuple[str, str, Mapping[str, Any]]  # when, what, and how its form was filled in
Where = tuple[str, Sequence[Act], Act]  # the stage, what was done before, and the act that is looked at
FOR_SOMEBODY = {act for acts in load_policy().roles.values() for act in acts}  # acts of a round, and of the office

RESULTS = {"kind": "evaluation_result"}
AGREED = {"applicant_id": "P01", "topics": TOPICS, "consensus": True, "open_point": ""}
COMPLETE = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
WITHOUT_P4 = {"applicant_id": "P01", "materials": [f"P{n}" for n in range(1, 13) if n != 4], **COMPLETE}
WHOLE = {**WITHOUT_P4, "materials": [f"P{n}" for n in range(1, 13)]}
WITHOUT = ("2025-09-01 10:00", "submit_application", WITHOUT_P4)
ASKED = ("2025-09-02 10:00", "request_supplement", {"applicant_id": "P01", "missing": ["P4"]})
COMPLAINT = {"applicant_id": "P01", "ref": "Y-1", "via": "online", "allegation": "营业面积不足"}
OBJECTED = ("2025-09-24 10:00", "record_objection", {**COMPLAINT, "received_at": "2025-09-24T09:30:00+08:00"})
PERSON = {"name": "赵某某", "phone": "13900001111", "email": "", "address": "样例县人民路1号"}
KNOWN = ("2025-09-24 11:00", "register_complainants", {"complainants": [{"ref": "Y-1", **PERSON}]})
FOUND = ("2025-09-25 10:00", "resolve_objection", {"ref": "Y-1", "substantiated": True, "finding": "经核查属实"})
REPLY = {"ref": "Y-1", "replied_on": "2025-09-26", "how": "paper", "proof": "EMS1"}
UNDONE = {"ref": "Y-1", "withdrawn_on": "2025-09-25", "reason": "误会"}
PLAN = ("2025-09-17 10:00", "publish_draw_plan", {"wanted": 3, "sources": [RED, {**FRONT, "fallback": "zero"}]})
GONE = {"number": 2, "happened": "missing", "evidence": "当期停售公告"}
DOUBT = {"ref": "Z-1", "via": "online", "content": "名册有误", "received_on": "2025-09-19", "received_time": "13:00"}
DOUBTED = ("2025-09-19 14:00", "challenge_draw", DOUBT)
CLEARED = {"ref": "Z-1", "upheld": False, "finding": "名册无误"}
ANNULLED = ("2025-09-20 10:00", "resolve_draw_challenge", {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"})
ASIDE = {"expert_id": "Z01", "reason": "亲属任职", "applicant_id": ""}
DRAW = {"source_values": [DRAWN, 11], "unavailable": []}
NO_TIES = [{"expert_id": "Z01", "interests": [], "signed_on": "2025-09-10"}]
MORE_DAYS_OFF = {
    **{"year": 2025, "notice": "国办发明电〔2025〕99号", "working": []},
    "off": [{"first": "2025-09-27", "last": "2025-10-12"}],
}
DELAY = {"applicant_id": "P01", "delay_from": "2025-10-27", "delay_to": "2025-10-28", "cause": "系统联调"}
CORRECTION = {"applicant_id": "P01", "what": "期限内已签约", "reason": "录入迟延", "evidence": "协议原件"}
ABANDONED = ("2026-01-17 00:05", "sweep", {})
CONTACT = {"name": "联系人", "phone": "19900000077", "email": "p77@example.invalid"}
LATE = [{"applicant_id": "P77", "type": "pharmacy", "name": "后来药房", "contact": CONTACT, "facts": {}}]

KEPT = "published/kept"  # a round whose agreements live on
SHOP = {"applicant_id": "P01"}
VISIT = {"kind": "routine", "held_on": "2025-11-10", "inspectors": [BOSS, OFFICE], "minutes": "查看", "refused": False}
PROPOSED = (
    *("2025-11-10 09:00", "record_finding"),
    {**SHOP, "by": OFFICE, "code": "V7", "facts": "重复收费", "evidence": "检查记录"},
)
ESTABLISHED = ("2025-11-10 10:00", "confirm_finding", {**SHOP, "finding": "1", "statement_on": "2025-11-10"})
ORDERED = (
    *("2025-11-10 11:00", "order_rectification"),
    {**SHOP, "findings": ["1"], "items": ["退还"], "served_on": "2025-11-10"},
)
SUSPENDED = (
    *("2025-11-10 10:30", "suspend_agreement"),
    {**SHOP, "decision_no": "暂停1号", "findings": ["1"], "from_on": "2025-11-10", "confirmed_by": OFFICE},
)
HANDED_IN = (
    *("2025-11-10 16:00", "hand_in_rectification"),
    {**SHOP, "order": "1", "handed_in_at": "2025-11-10T15:00:00+08:00", "via": "counter"},
)
MENDED = ("2025-11-10 16:10", "re_inspect", {**SHOP, "order": "1", "inspected_on": "2025-11-10", "result": "done"})
RESUMED = ("2025-11-10 16:20", "resume_agreement", {**SHOP, "reason": "整改到位"})
GROUND = (PROPOSED[0], PROPOSED[1], {**PROPOSED[2], "code": "D1"})
DECIDED = ("2025-11-11 09:00", "dissolve_agreement", {**SHOP, "decision_no": "解除1号", "confirmed_by": OFFICE})
SERVED = (
    *("2025-11-12 09:00", "record_service"),
    {**SHOP, "served_on": "2025-11-12", "how": "直接送达", "proof": "回证1号"},
)
UNDO = {**SHOP, "reason": "复核不成立", "evidence": "复核决定1号", "confirmed_by": OFFICE}
RENEWAL = ("2026-07-01 09:00", "apply_renewal", {**SHOP, "applied_on": "2026-07-01"})
RENEWED = ("2026-08-01 09:00", "sign_renewal", {**SHOP, "signed_on": "2026-08-01"})
MOVED = {**SHOP, "change": "address", "described": "迁址", "changed_on": "2025-11-10", "reported_on": "2025-11-11"}
SUPPLEMENTED = (
    *("2025-11-12 09:00", "sign_supplement"),
    {**SHOP, "signed_on": "2025-11-12", "effective_on": "2025-11-12", "terms": {"stock_rate": "85"}, "reason": "核定"},
)
STOCKED = {
    **SHOP,
    "valid_from": "2025-11-11",
    "entries": [{"generic": "某药", "dosage_form": "片剂", "specification": "1片", "maker": "某厂"}],
}
LEAVING = {**SHOP, "notice_on": "2025-11-10", "leaves_on": "2026-02-10", "is_public_hospital": False}
FOUND_OUT = [PROPOSED, ESTABLISHED]

RULED = (
    *("2025-12-01 09:00", "set_assessment_table"),
    {
        **{"first_year": 2026, "title": "考核办法", "published_on": "2025-12-01", "published_where": "县政府网站"},
        "criteria": [{"type": type_, "code": "K1", "item": "服务", "max": "100"} for type_ in ("hospital", "pharmacy")],
    },
)
SURVEYED = {
    "from_on": "2025-11-10",
    "to_on": "2025-11-11",
    "method": "问卷",
    "sample": 50,
    "answers": 40,
    "score": "95",
}
REPORTED = {"evaluated_on": "2025-11-10", "evaluator": "评价公司", "contract": "1号", "report": "0" * 64, "score": "95"}
COSTS = {"kind": "refused", "month": "2025-11", "amount": "1", "ground": "重复收费", "not_charged_to_patients": True}
HELD = ("2025-11-12 09:00", "hold_settlement", {**SHOP, "from_on": "2025-11-12", "reason": "核查"})


def assessed(applicant_id: str) -> Act:
    given = {"applicant_id": applicant_id, "year": 2026, "scores": {"K1": "90"}}
    return ("2027-01-04 09:00", "record_assessment", given)


REGRADED = {
    **{**SHOP, "year": 2026, "scores": {"K1": "80"}},
    **{"reason": "漏记", "evidence": "评分表", "confirmed_by": OFFICE},
}
ASSESSED = [assessed(number) for number in ("H01", "P01", "P02")]

# Terms drafted, signed, in force; a month reported, warned of, answered.
AGREED_TERMS = ("2025-11-03 09:00", "prepare_agreement", {**SHOP, "terms": TERMS})
TESTED = ("2025-11-03 09:20", "record_system_test", {**SHOP, "passed_on": "2025-11-03", "record": "测试单1号"})
IN_FORCE = [
    *(AGREED_TERMS, TESTED),
    ("2025-11-03 10:00", "sign_agreement", {**SHOP, "signed_on": "2025-11-03"}),
    ("2025-12-05 08:00", "sweep", {}),
]
YEARLY = [
    AGREED_TERMS,
    ("2025-11-03 10:00", "sign_agreement", {**SHOP, "signed_on": "2025-11-03"}),
    ("2025-12-05 08:00", "sweep", {}),
]
SIGNED_FOR_A_YEAR = (
    *("2025-12-05 09:00", "sign_annual"),
    {**SHOP, "year": 2026, "signed_on": "2025-12-05", "terms": TERMS},
)
MONTH = {**SHOP, "month": "2025-11"}
VALUES = (
    *("2025-12-05 09:00", "record_indicators"),
    {**MONTH, "values": {"stock_rate": "75.5"}, "source": "institution", "received_on": "2025-12-05"},
)
WARNED = ("2025-12-08 09:00", "issue_warning", {**MONTH, "served_on": "2025-12-08"})
MEASURES = {**SHOP, "warning": "1", "answered_on": "2025-12-09", "measures": "补足备药"}
OCCURRED = {
    **{**SHOP, "kind": "外伤", "described": "外伤住院一例", "occurred_on": "2025-12-05", "occurred_time": "08:00"},
    **{"reported_on": "2025-12-05", "reported_time": "09:00"},
}
# What the city is asked; what was there before; complaints, lists, inspections drawn.
REPORTED_TO_CITY = ("2025-10-16 10:00", "report_to_city", REPORT)
CONFIRMED = ("2025-10-20 10:00", "record_city_decision", {**ANSWER, "decision": "confirmed"})
TAKEN_IN = ("2025-08-21 09:00", "import_agreements", {"entries": [entry()]})
UNFIT = {
    **{"agreement_number": OLD, "result": "unfit", "assessed_on": "2025-08-21", "criteria": ["AREA_TOO_SMALL"]},
    **{"decision_no": "取消1号", "served_on": "2025-08-21", "confirmed_by": OFFICE},
}
COMPLAINED = (
    *("2025-11-10 09:00", "record_complaint"),
    {**SHOP, "received_at": "2025-11-10T08:30:00+08:00", "via": "counter", "matter": "重复收费", "is_anonymous": False},
)
UNFOUNDED = (
    *("2025-11-11 09:00", "resolve_complaint"),
    {**SHOP, "complaint": "1", "substantiated": False, "reason": "票据齐全"},
)
LISTED = ("2025-08-25 09:00", "list_add", {**SHOP, **ADD})
PLANNED = ("2025-11-10 09:00", "plan_inspections", PLAN_OF_INSPECTIONS)
DRAWN_LOTS = ("2025-11-14 09:00", "draw_inspections", RESULTS_OF_INSPECTIONS)

WITHDRAWN = ("2025-09-24 10:00", "withdraw_application", {"applicant_id": "P01", "reason": "自愿"})
NOTICE_OF_RESULTS = {"kind": "evaluation_result", "channel": CHANNELS[0]}

WHERE: Mapping[str, Where] = {
    "prepare_agreement": ("signing/terms asked", [], AGREED_TERMS),
    "record_system_test": ("signing/terms asked", [AGREED_TERMS], TESTED),
    "record_indicators": ("signing/terms asked", IN_FORCE, VALUES),
    "issue_warning": ("signing/terms asked", [*IN_FORCE, VALUES], WARNED),
    "record_measures": (
        *("signing/terms asked", [*IN_FORCE, VALUES, WARNED]),
        ("2025-12-09 09:00", "record_measures", MEASURES),
    ),
    "report_event": ("signing/terms asked", IN_FORCE, ("2025-12-05 10:00", "report_event", OCCURRED)),
    "report_to_city": ("consensus/city", [], REPORTED_TO_CITY),
    "record_city_decision": ("consensus/city", [REPORTED_TO_CITY], CONFIRMED),
    "import_agreements": ("announced", [], TAKEN_IN),
    "assess_migrated": ("announced", [TAKEN_IN], ("2025-08-21 10:00", "assess_migrated", UNFIT)),
    "record_complaint": (KEPT, [], COMPLAINED),
    "resolve_complaint": (KEPT, [COMPLAINED], UNFOUNDED),
    "reply_complaint": (
        *(KEPT, [COMPLAINED, UNFOUNDED]),
        (
            *("2025-11-12 09:00", "reply_complaint"),
            {**SHOP, "complaint": "1", "replied_on": "2025-11-12", "how": "paper", "proof": "回执3号"},
        ),
    ),
    "list_add": ("announced/listed", [], LISTED),
    "list_remove": ("announced/listed", [LISTED], ("2025-08-26 09:00", "list_remove", {**SHOP, **OFF})),
    "plan_inspections": (KEPT, [], PLANNED),
    "draw_inspections": (KEPT, [PLANNED], DRAWN_LOTS),
    "reveal_inspections": (
        *(KEPT, [PLANNED, DRAWN_LOTS]),
        ("2025-12-15 09:00", "reveal_inspections", {"plan": "1"}),
    ),
    "set_assessment_table": (KEPT, [], RULED),
    "record_survey": (KEPT, [], ("2025-11-12 09:00", "record_survey", {**SHOP, **SURVEYED})),
    "record_third_party": (KEPT, [], ("2025-11-12 09:00", "record_third_party", {**SHOP, **REPORTED})),
    "record_assessment": (KEPT, [RULED], ASSESSED[0]),
    "conclude_assessment": (KEPT, [RULED, *ASSESSED], ("2027-01-04 10:00", "conclude_assessment", {"year": 2026})),
    "record_cost_decision": (KEPT, [], ("2025-11-12 09:00", "record_cost_decision", {**SHOP, **COSTS})),
    "correct_assessment": (
        *(KEPT, [RULED, *ASSESSED, ("2027-01-04 10:00", "conclude_assessment", {"year": 2026})]),
        ("2027-01-05 09:00", "correct_assessment", REGRADED),
    ),
    "hold_settlement": (KEPT, [], HELD),
    "release_settlement": (
        *(KEPT, [HELD]),
        ("2025-11-13 09:00", "release_settlement", {**SHOP, "released_on": "2025-11-13", "reason": "完结"}),
    ),
    "record_inspection": (KEPT, [], ("2025-11-10 17:00", "record_inspection", {**SHOP, **VISIT})),
    "record_finding": (KEPT, [], PROPOSED),
    "confirm_finding": (KEPT, [PROPOSED], ESTABLISHED),
    "order_rectification": (KEPT, FOUND_OUT, ORDERED),
    "hand_in_rectification": (KEPT, [*FOUND_OUT, ORDERED], HANDED_IN),
    "re_inspect": (KEPT, [*FOUND_OUT, ORDERED, HANDED_IN], MENDED),
    "suspend_agreement": (KEPT, FOUND_OUT, SUSPENDED),
    "resume_agreement": (KEPT, [*FOUND_OUT, SUSPENDED, ORDERED, HANDED_IN, MENDED], RESUMED),
    "dissolve_agreement": (KEPT, [GROUND, ESTABLISHED], DECIDED),
    "record_service": (KEPT, [GROUND, ESTABLISHED, DECIDED], SERVED),
    "overturn_finding": (
        *(KEPT, [*FOUND_OUT, SUSPENDED]),
        ("2025-11-11 09:00", "overturn_finding", {**UNDO, "finding": "1"}),
    ),
    "overturn_ending": (KEPT, [GROUND, ESTABLISHED, DECIDED, SERVED], ("2025-11-13 09:00", "overturn_ending", UNDO)),
    "apply_renewal": (KEPT, [], RENEWAL),
    "sign_renewal": (KEPT, [RENEWAL], RENEWED),
    "sign_supplement": (KEPT, [], SUPPLEMENTED),
    "file_supplement": (
        *(KEPT, [RENEWAL, RENEWED]),
        ("2026-11-10 10:00", "file_supplement", {**SHOP, "filed_on": "2026-11-10"}),
    ),
    "record_stock_list": (KEPT, [], ("2025-11-11 09:00", "record_stock_list", STOCKED)),
    "sign_annual": ("signing/yearly", YEARLY, SIGNED_FOR_A_YEAR),
    "report_change": (KEPT, [], ("2025-11-11 09:00", "report_change", MOVED)),
    "leave_agreement": (KEPT, [], ("2025-11-10 09:00", "leave_agreement", LEAVING)),
    "submit_application": ("announced", [], ("2025-09-01 10:00", "submit_application", WHOLE)),
    "request_supplement": ("announced", [WITHOUT], ASKED),
    "supplement_materials": (
        *("announced", [WITHOUT, ASKED]),
        ("2025-09-03 10:00", "supplement_materials", {"applicant_id": "P01", "materials": ["P4"]}),
    ),
    "withdraw_application": ("result_notice", [], WITHDRAWN),
    "take_back_act": (
        *("result_notice", [WITHDRAWN]),
        ("2025-09-24 10:30", "take_back_act", {"applicant_id": "P01", "act": "withdraw_application", "reason": "录错"}),
    ),
    "withdraw_draw_plan": (
        *("planned", []),
        ("2025-09-17 20:00", "withdraw_draw_plan", {"told": "名册有误", "reason": "漏列专家"}),
    ),
    "take_back_draw": (
        *("drawn", []),
        ("2025-09-19 14:00", "take_back_draw", {"told": "第三个红球误录", "evidence": "官网公布页"}),
    ),
    "take_back_posting": (
        *("result_notice", []),
        ("2025-09-24 10:00", "take_back_posting", {**NOTICE_OF_RESULTS, "reason": "录错"}),
    ),
    "verify_site": (
        *("accepted", []),
        ("2025-09-03 10:00", "verify_site", {"applicant_id": "P01", "findings": {"area_m2": "179.9"}, "note": "实测"}),
    ),
    "sign_preliminary_opinion": (
        *("accepted", []),
        ("2025-09-03 10:00", "sign_preliminary_opinion", {"applicant_id": "P01", "judgements": {}}),
    ),
    "request_evaluation": (
        *("passed", []),
        ("2025-09-12 10:00", "request_evaluation", {"to": "county_bureau", "applicant_ids": ["P01"]}),
    ),
    "register_declarations": (
        *("drawn", [DOUBTED, ANNULLED]),
        ("2025-09-20 11:00", "register_declarations", {"declarations": NO_TIES}),
    ),
    "register_experts": ("drawn", [DOUBTED, ANNULLED], ("2025-09-20 11:00", "register_experts", {"experts": NEW})),
    "publish_draw_plan": ("evaluating", [], PLAN),
    "record_source_event": ("evaluating", [PLAN], ("2025-09-19 09:00", "record_source_event", GONE)),
    "recuse_expert": ("drawn", [], ("2025-09-19 13:00", "recuse_expert", ASIDE)),
    "draw_experts": ("planned", [], ("2025-09-19 09:30", "draw_experts", DRAW)),
    "challenge_draw": ("drawn", [], DOUBTED),
    "resolve_draw_challenge": ("drawn", [DOUBTED], ("2025-09-20 10:00", "resolve_draw_challenge", CLEARED)),
    "record_score_sheet": ("drawn", [], ("2025-09-22 10:00", "record_score_sheet", {"applicant_id": "P01"})),
    "conclude_evaluation": ("scored", [], ("2025-09-22 17:30", "conclude_evaluation", {})),
    "publish_notice": ("concluded", [], ("2025-09-23 10:00", "publish_notice", {**RESULTS, "postings": []})),
    "record_posting": (
        *("concluded", [("2025-09-23 10:00", "publish_notice", {**RESULTS, "postings": []})]),
        ("2025-09-23 11:00", "record_posting", {}),
    ),
    "record_objection": ("result_notice", [], OBJECTED),
    "register_complainants": ("result_notice", [OBJECTED], KNOWN),
    "withdraw_objection": ("result_notice", [OBJECTED], ("2025-09-25 10:00", "withdraw_objection", UNDONE)),
    "resolve_objection": ("result_notice", [OBJECTED], FOUND),
    "reply_objection": ("result_notice", [OBJECTED, KNOWN, FOUND], ("2025-09-26 10:00", "reply_objection", REPLY)),
    "load_workdays": ("result_notice", [], ("2025-09-24 10:00", "load_workdays", MORE_DAYS_OFF)),
    "record_negotiation": ("negotiating", [], ("2025-10-15 10:00", "record_negotiation", AGREED)),
    "record_agency_delay": ("signing", [], ("2025-10-29 10:00", "record_agency_delay", DELAY)),
    "sign_agreement": (
        *("signing", []),
        ("2025-10-28 10:00", "sign_agreement", {"applicant_id": "P01", "signed_on": "2025-10-28"}),
    ),
    "file_agreement": (
        *("signed", []),
        ("2025-11-04 10:00", "file_agreement", {"applicant_id": "P01", "filed_on": "2025-11-04"}),
    ),
    "correct_record": ("signing", [ABANDONED], ("2026-01-20 10:00", "correct_record", CORRECTION)),
    "announce_round": ("published", [], ("2026-08-18 09:00", "announce_round", {})),
    "record_development_plan": (
        *("published", []),
        ("2025-11-07 09:00", "record_development_plan", APPROVED),
    ),
    "adopt_policy": ("result_notice", [], ("2025-09-24 10:00", "adopt_policy", {"reason": "某号通知"})),
    "register_applicants": ("announced", [], ("2025-08-21 09:00", "register_applicants", {"entries": LATE})),
}


@pytest.fixture
def database_kind() -> str:
    """Whether a page changes does not depend on the database: the quicker one."""
    return "sqlite"


def announce(rehearsal: Rehearsal, event: Event) -> None:
    """A round of the neighbours, in the same office."""
    scenario = small_round()
    scenario["announcement"]["county"] = "邻县"
    announce_round(rehearsal.url, check(scenario).head, event, KEYS)


def post(rehearsal: Rehearsal, event: Event) -> None:
    with surrounded(now=event.at, database_url=rehearsal.url):
        proof = {"channel": CHANNELS[0], "posted_at": beijing("2025-09-23 10:30"), "url": ""}
        told = steps.record_posting.fn(event.by, "evaluation_result", proof, "", 0)
    assert isinstance(told, Receipt), told


def adopt(rehearsal: Rehearsal, event: Event) -> None:
    """Somebody has edited the policy file."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        changed = newest_text().replace("label: 签约期限", "label: 签订期限")
        (Path(folder) / "special_drug.yaml").write_text(changed, encoding="utf-8")
        patched.setattr(loader, "FOLDER", Path(folder))
        perform(rehearsal.url, event)


BESIDE: Mapping[str, Callable[[Rehearsal, Event], Any]] = {
    "sweep": lambda rehearsal, event: rehearsal.sweep(f"{event.at:%Y-%m-%d %H:%M}"),
    "announce_round": announce,
    "record_posting": post,
    "register_applicants": lambda rehearsal, event: register_applicants(
        rehearsal.url, event.fields["entries"], event, KEYS
    ),
    "register_complainants": lambda rehearsal, event: perform(rehearsal.url, event),
    "register_declarations": lambda rehearsal, event: perform(rehearsal.url, event),
    "register_experts": lambda rehearsal, event: perform(rehearsal.url, event),
    "adopt_policy": adopt,
    "record_development_plan": lambda rehearsal, event: record_plan(rehearsal.url, event),
}


def carry_out(rehearsal: Rehearsal, act: Act) -> None:
    at, do, fields = act
    if do == "record_score_sheet":
        fields = {**fields, "expert_id": rehearsal.panel()[0], "items": items("P01")}
    if do in (TAKE_BACK, TAKE_BACK_POSTING):
        asked = {name: value for name, value in fields.items() if name != "reason"}
        asked |= {"record_no": 0} if do == TAKE_BACK else {}
        fields = {**fields, "preview_code": take_back_effect(rehearsal.url, asked, beijing(at))["code"]}
    with surrounded(keys=KEYS):
        if do in BESIDE:
            BESIDE[do](rehearsal, Event(do, beijing(at), BOSS, dict(fields)))
        else:
            rehearsal.act(at, do, **fields)


def sweep_if_kept(rehearsal: Rehearsal, stage: str, at: str) -> None:
    """What the clock does is no part of an act on an agreement."""
    if stage == KEPT:
        rehearsal.sweep(at)


def test_every_act_is_looked_at() -> None:
    assert set(WHERE) == set(ACTS) | FOR_SOMEBODY | {"record_posting"}


@pytest.mark.parametrize("name", sorted(WHERE))
def test_an_act_brings_the_site_up_to_date_exactly_when_it_changes_a_page(
    at_stage: Stage, tmp_path: Path, name: str
) -> None:
    stage, before, act = WHERE[name]
    rehearsal = at_stage(*stage.split("/"))
    for one in before:
        sweep_if_kept(rehearsal, stage, one[0])
        carry_out(rehearsal, one)
    sweep_if_kept(rehearsal, stage, act[0])
    as_of = beijing(act[0])
    build_site(rehearsal.url, tmp_path / "site", as_of)
    carry_out(rehearsal, act)
    report = build_site(rehearsal.url, tmp_path / "site", as_of)
    changed = sorted([*report.written, *report.removed])
    if CATALOGUE[name].is_public:
        assert changed, f"{name} changed no public page: why does rules.acts call it public?"
    else:
        assert changed == [], f"{name} changes {changed}: rules.acts must call it public"
