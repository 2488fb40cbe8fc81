"""For every row of the transition table a case and an event that take it: what `decide` must then answer is the row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules.case import Case, Clock, Event
from rules.evaluation.states import ENDS
from rules.procedure import Transition
from rules.vocabulary import ClockStatus, State
from tests.rules.cases import FACTS, FORMAL, MATERIALS, case, clock, event

SIGNING = clock("signing", date(2025, 11, 12), date(2026, 2, 5))
OVER = {
    "result_notice": clock("result_notice", date(2025, 10, 22), date(2025, 10, 29)),
    "proposed_notice": clock("proposed_notice", date(2025, 11, 5), date(2025, 11, 12)),
}
ALL_TOPICS = ["服务人群", "服务范围", "服务内容", "结算方式"]
OBJECTION = {
    "ref": "Y-1",
    "is_in_time": True,
    "holds": True,
    "next_inquiry_from": None,
    "substantiated": False,
    "finding": "经核查不属实",
}
RECORDED = {"notice_kind": "evaluation_result", "recorded_at": event("x", "2025-11-18 10:00").at}
PLACED = {"mean_score": "80.00", "exact": "80", "rank": 1, "standing": "within"}

TERMS = [
    {"field": "stock_rate", "value": "80"},
    *(
        {"field": code, "waived_why": "县里尚未核定"}
        for code in ("settlement_method", "settlement_standard", "pay_day", "annual_cap", "consumables")
    ),
]

FIELDS: Mapping[str, dict[str, Any]] = {
    "submit_application": {"materials": sorted(MATERIALS["pharmacy"]), **FORMAL},
    "request_supplement": {"missing": ["P4"]},
    "supplement_materials": {"materials": ["P4"]},
    "withdraw_application": {"reason": "自愿"},
    "verify_site": {"findings": {}, "note": ""},
    "sign_preliminary_opinion": {"judgements": {}},
    "draw_experts": {"panel_size": 3},
    "conclude_evaluation": PLACED,
    "move_up": PLACED,
    "yield_place": {"because": "名额归还原机构", "mean_score": "80.00"},
    "change_rank": {"mean_score": "80.00", "rank": 2},
    "start_notice": {"kind": "evaluation_result", "starts_on": date(2025, 11, 19), "last_day": date(2025, 11, 26)},
    "period_over": {},
    "record_objection": {**OBJECTION, "received_at": event("x", "2025-11-19 09:00").at},
    "resolve_objection": {**OBJECTION, **RECORDED},
    "withdraw_objection": {**OBJECTION, **RECORDED, "ends_inquiry": True},
    "record_negotiation": {"topics": ALL_TOPICS, "consensus": True, "open_point": None},
    "report_to_city": {"reported_on": date(2025, 11, 19), "report_no": "报3号", "minutes": "纪要5号"},
    "record_city_decision": {
        **{"decision": "confirmed", "decided_on": date(2025, 11, 20), "decision_no": "函8号", "reason": "见批复"}
    },
    "city_silent": {},
    "record_agency_delay": {"delay_from": date(2025, 11, 17), "delay_to": date(2025, 11, 18), "cause": "系统联调"},
    "prepare_agreement": {"terms": TERMS},
    "record_system_test": {"passed_on": date(2025, 11, 19), "record": "测试单第 8 号"},
    "sign_agreement": {"signed_on": date(2025, 11, 20)},
    "file_agreement": {"filed_on": date(2025, 11, 20)},
    "breach": {"kind": "preliminary_review", "due_on": date(2025, 11, 19), "check_on": None},
    "correct_record": {"what": "期限内已签约", "reason": "录入迟延", "evidence": "协议原件"},
}
AT = {
    "before_window": "2025-09-01 08:29",
    "after_window": "2025-09-12 17:31",
    "still_has_gaps": "2025-09-10 10:00",
    "is_barred": "2025-09-10 10:00",
    "has_gaps": "2025-09-10 10:00",
    "is_complete": "2025-09-10 10:00",
    "names_every_gap": "2025-09-10 10:00",
}
GIVEN: Mapping[str, dict[str, Any]] = {
    "has_gaps": {"materials": ["P1"]},
    "still_has_gaps": {"materials": ["P1"]},
    "to_county": {"to": "county_bureau"},
    "to_city": {"to": "city_bureau"},
    "to_city_at_once": {"to": "city_bureau"},
    "below_pass_mark": {"standing": "below", "rank": None},
    "of_results": {"kind": "evaluation_result", "number": 1},
    "of_proposals": {"kind": "proposed_agreements", "number": 1},
    "of_final_result": {"kind": "final_result", "number": 1, "starts_on": date(2025, 11, 19)},
    "city_refuses": {"decision": "refused"},
    "city_returns": {"decision": "returned"},
    "upholds_objection": {"substantiated": True},
    "upholds_complaint": {"substantiated": True, "notice_kind": "proposed_agreements"},
}
BY_OUTCOME: Mapping[State, dict[str, Any]] = {
    State.OUT_OF_QUOTA: {"standing": "beyond", "rank": 3},
    State.NEGOTIATION_FAILED: {"consensus": False, "open_point": "结算方式"},
}
CLOCKS: Mapping[State, tuple[Clock, ...]] = {
    State.NOTICE_RESULT: (OVER["result_notice"],),
    State.NOTICE_PROPOSED: (OVER["proposed_notice"],),
    State.AWAITING_CITY: (clock("city_reply", date(2025, 11, 5), date(2025, 11, 19)),),
    State.SIGNING: (SIGNING,),
    State.DEEMED_ABANDONED: (clock("signing", date(2025, 9, 1), date(2025, 11, 18), status=ClockStatus.LAPSED),),
}


def witness(row: Transition) -> tuple[Case, Event]:
    """A case and an event for which the row, and no row before it, holds."""
    fields = {**FIELDS.get(row.event, {}), **GIVEN.get(_asked(row), {}), **BY_OUTCOME.get(row.to, {})}
    fields |= _taken_back(row) if row.goes_back else {}
    clocks = () if row.event == "start_notice" else CLOCKS.get(row.frm, ())
    dossier = case(row.frm, "pharmacy", *clocks, **_about(row))
    return dossier, event(row.event, AT.get(_asked(row), "2025-11-20 10:00"), **fields)


def _asked(row: Transition) -> str:
    """The condition; of who applies again the same as of who applies."""
    return row.condition.removeprefix("again_")


def _taken_back(row: Transition) -> dict[str, Any]:
    """What is known of the act that the row takes back."""
    beyond = {"code": "RANK_BEYOND_QUOTA", "clause": "五(二)", "text": "排名在公告名额之外"}
    known = {
        "from_state": row.to,
        "columns": {},
        "clocks": {},
        "held_by": None,
        "was_told": True,
        "told_as": "录入",
        "clause": "四",
    }
    return known | {"reasons": [beyond] if row.to in ENDS else []}


def _about(row: Transition) -> dict[str, Any]:
    about: dict[str, Any] = {"signed_on": date(2025, 11, 20) if row.frm in (State.SIGNED, State.FILED) else None}
    if row.event == "submit_application" and row.frm is not State.INCOMPLETE:
        about["materials"] = frozenset[str]()
    if row.frm is State.INCOMPLETE:
        gaps = {"P4", "P5"} if row.condition == "still_has_gaps" else {"P4"}
        about["materials"] = MATERIALS["pharmacy"] - gaps
    if _asked(row) == "is_barred":
        barred = {"prior_termination": {"date": "2024-01-01", "kind": "解除"}}
        about["facts"] = {**FACTS["pharmacy"], **barred}
    if row.to is State.PRELIM_FAILED:
        about["facts"] = {**FACTS["pharmacy"], "cold_chain": False}
    if row.event in ("resolve_objection", "withdraw_objection"):
        about["holds"] = 1
    return about
