"""Four years of a county as two scenario files, played side by side: what happens to whom, as data.

The round of 2021 signs fourteen agreements on Monday 8 November 2021; the round of 2025 meets some of the institutions
again. In between agreements of before are taken in. What must come of it stands in `test_four_years`, worked out by
hand from the law and the calendar.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from tests.support.offices import credit_code
from tests.support.rounds import small_round

Event = dict[str, Any]

CLERK, REVIEWER, DIRECTOR = "经办员甲", "复核员乙", "中心主任"
EARLIER = timedelta(weeks=208)  # the small round of 2025 moved to 2021: the same days of the week
LISTED, BARRED = "H01", "P01"  # of the second round
# Who of the second round was who in the first.
SAME = {"H01": "H04", "P01": "P05", "P02": "P06", "P03": "P07"}
CODES = {f"H{n:02}": credit_code(n) for n in range(1, 5)} | {f"P{n:02}": credit_code(20 + n) for n in range(1, 11)}
NEW_CODES = {"H02": credit_code(41), "P04": credit_code(42)}
FIT, UNFIT, THIRD, FORGOTTEN = "旧协〔2022〕1号", "旧协〔2022〕2号", "旧协〔2022〕3号", "旧协〔2022〕4号"
TWICE_SUSPENDED = "样例县特药协议〔2025〕4号"  # the fourth that was signed in the second round


# --- what an operator does, one line each -----------------------------------------------------------------------


def act(at: str, do: str, whose: str = "", by: str = CLERK, **fields: Any) -> Event:
    """One event at a Beijing time; `whose`: the applicant's number, or the number of an agreement."""
    if whose:
        fields["agreement_number" if "〔" in whose else "applicant_id"] = whose
    return {"at": f"{at}:00+08:00", "do": do, "by": by, **fields}


def found(whose: str, day: str, code: str, ref: str = "1") -> list[Event]:
    """Proposed at 09:00, the statement came in the same day, established at 10:00 by somebody else."""
    return [
        act(f"{day}T09:00", "record_finding", whose, REVIEWER, code=code, facts="票据不符", evidence="检查记录"),
        act(f"{day}T10:00", "confirm_finding", whose, DIRECTOR, finding=ref, statement_on=day),
    ]


def suspend(whose: str, day: str, finding: str, to_on: str = "", time: str = "11:00") -> Event:
    """Decided on a day, from that day on."""
    decision = {"decision_no": f"暂停 {whose} {day}", "from_on": day, "to_on": to_on, "confirmed_by": REVIEWER}
    return act(f"{day}T{time}", "suspend_agreement", whose, DIRECTOR, findings=[finding], **decision)


def resume(whose: str, day: str) -> Event:
    return act(f"{day}T09:00", "resume_agreement", whose, DIRECTOR, reason="整改到位或暂停期满")


def order(whose: str, day: str, finding: str, due_on: str = "", time: str = "12:00") -> Event:
    """Served on a day; without a last day the office's own length counts."""
    about = {"items": ["补齐票据"], "served_on": day, "due_on": due_on}
    return act(f"{day}T{time}", "order_rectification", whose, REVIEWER, findings=[finding], **about)


def hand_in(whose: str, entered: str, handed_in_at: str, via: str) -> Event:
    told = {"handed_in_at": f"{handed_in_at}:00+08:00", "via": via}
    return act(entered, "hand_in_rectification", whose, order="1", **told)


def re_inspect(whose: str, day: str, result: str) -> Event:
    return act(f"{day}T15:00", "re_inspect", whose, REVIEWER, order="1", inspected_on=day, result=result, note="现场")


def dissolve(whose: str, decided: str) -> Event:
    decision = {"decision_no": f"解除 {whose} {decided}", "confirmed_by": REVIEWER}
    return act(f"{decided}T11:00", "dissolve_agreement", whose, DIRECTOR, **decision)


def serve(whose: str, day: str, time: str = "16:00") -> Event:
    return act(f"{day}T{time}", "record_service", whose, served_on=day, how="直接送达", proof="送达回证")


def renew(whose: str, applied: str, signed: str) -> list[Event]:
    return [
        act(f"{applied}T09:00", "apply_renewal", whose, applied_on=applied),
        act(f"{signed}T09:00", "sign_renewal", whose, DIRECTOR, signed_on=signed),
    ]


def complain(whose: str, received_at: str) -> Event:
    about = {"received_at": f"{received_at}:00+08:00", "via": "counter", "matter": "重复收费", "is_anonymous": False}
    return act(received_at, "record_complaint", whose, **about)


# --- the round of 2021, by institution ---------------------------------------------------------------------------

EXPIRES = [  # H01: a change reported, an event like any other; the term runs out
    act(
        "2022-04-13T10:00",
        "report_change",
        "H01",
        change="name",
        described="更名",
        changed_on="2022-03-01",
        reported_on="2022-04-13",
    ),
]
RENEWED_TWICE = [  # H02: three terms, graded for 2022
    act(
        "2022-12-15T10:00",
        "record_survey",
        "H02",
        from_on="2022-12-01",
        to_on="2022-12-14",
        method="窗口问卷",
        sample=40,
        answers=30,
        score="95",
    ),
    act(
        "2022-12-15T11:00",
        "record_third_party",
        "H02",
        evaluated_on="2022-12-12",
        evaluator="样例会计师事务所",
        contract="委托1号",
        report="0" * 64,
        score="88",
    ),
    *renew("H02", "2022-08-08", "2022-10-10"),
    *renew("H02", "2023-08-09", "2023-10-16"),
]
NOT_ENOUGH = [  # H03: rectified insufficiently in a suspension; the decision served a day late
    *found("H03", "2022-07-04", "V3"),
    suspend("H03", "2022-07-04", "1"),
    order("H03", "2022-07-04", "1", "2022-07-15"),
    hand_in("H03", "2022-07-15T18:00", "2022-07-15T17:30", "counter"),  # when the counter closes
    re_inspect("H03", "2022-07-29", "insufficient"),
    act("2022-08-08T10:00", "confirm_finding", "H03", DIRECTOR, finding="2"),
    dissolve("H03", "2022-08-09"),
    serve("H03", "2022-08-23"),
]
FIRST_AND_LAST_DAY = [  # P01: suspended on the first and on the last day of the term
    act("2021-11-08T15:20", "record_finding", "P01", REVIEWER, code="V1", facts="票据不符", evidence="检查记录"),
    act("2021-11-08T15:40", "confirm_finding", "P01", DIRECTOR, finding="1", statement_on="2021-11-08"),
    suspend("P01", "2021-11-08", "1", time="16:00"),
    order("P01", "2021-11-08", "1", time="16:30"),
    hand_in("P01", "2021-11-30T09:00", "2021-11-29T23:59", "online"),  # the last minute, entered the day after
    re_inspect("P01", "2021-12-13", "done"),  # the last day of the re-inspection
    resume("P01", "2021-12-14"),
    *found("P01", "2022-11-08", "V2", "3"),  # the second was the system's, until the report was entered
    suspend("P01", "2022-11-08", "3"),
]
THREE_TIMES = [  # P02: the second suspension leaves it in force, the third dissolves
    act("2022-01-04T09:00", "record_finding", "P02", REVIEWER, code="V2", facts="自费申报", evidence="票据"),
    act("2022-01-11T10:00", "confirm_finding", "P02", DIRECTOR, finding="1"),  # the last day of the hearing: refused
    act("2022-01-12T10:00", "confirm_finding", "P02", DIRECTOR, finding="1"),
    suspend("P02", "2022-01-12", "1", "2022-01-31"),
    resume("P02", "2022-01-31"),  # the last day of the suspension: refused
    resume("P02", "2022-02-01"),
    *found("P02", "2022-03-01", "V5", "2"),
    suspend("P02", "2022-03-01", "2", "2022-03-15"),
    resume("P02", "2022-03-16"),
    *found("P02", "2022-05-30", "V6", "3"),
    suspend("P02", "2022-05-30", "3"),
    dissolve("P02", "2022-06-01"),
    serve("P02", "2022-06-02"),  # the eve of 端午
]
OVER_A_HOLIDAY = [  # P03: an order over 国庆 runs out in a suspension; the term ends before the decision is served
    *found("P03", "2022-09-26", "V7"),
    suspend("P03", "2022-09-26", "1"),
    order("P03", "2022-09-27", "1"),
    act("2022-10-31T10:00", "confirm_finding", "P03", DIRECTOR, finding="2"),
    dissolve("P03", "2022-11-01"),
    serve("P03", "2022-11-10"),
]
ON_29_FEBRUARY = [  # P04: in its third term, served on 29 February
    *renew("P04", "2022-08-09", "2022-11-08"),  # a day less than three months before the last day: noted, not barred
    *renew("P04", "2023-08-09", "2023-11-09"),
    act("2024-02-18T09:00", "record_finding", "P04", REVIEWER, code="D1", facts="虚假凭证", evidence="票据"),
    act("2024-02-26T10:00", "confirm_finding", "P04", DIRECTOR, finding="1"),
    dissolve("P04", "2024-02-27"),
    serve("P04", "2024-02-29"),
]
BARRED_ON_THE_DAY = [  # P05: refused an inspection; the bar ends on the day on which it applies again
    act(
        "2022-08-15T15:00",
        "record_inspection",
        "P05",
        kind="special",
        held_on="2022-08-15",
        inspectors=[CLERK, REVIEWER],
        minutes="拒绝入内",
        refused=True,
    ),
    *found("P05", "2022-08-22", "D6"),
    dissolve("P05", "2022-08-26"),
    serve("P05", "2022-09-01"),
]
FREE_AGAIN = [  # P06: the bar ended the day before it applies again, a Sunday
    *found("P06", "2022-08-22", "D2"),
    dissolve("P06", "2022-08-26"),
    serve("P06", "2022-08-31"),
]
LEAVES = [  # P07: the notice a day too short, then exactly three months
    act(
        "2022-02-28T09:00",
        "leave_agreement",
        "P07",
        notice_on="2022-02-28",
        leaves_on="2022-05-27",
        is_public_hospital=False,
    ),
    act(
        "2022-02-28T10:00",
        "leave_agreement",
        "P07",
        notice_on="2022-02-28",
        leaves_on="2022-05-28",
        is_public_hospital=False,
    ),
]
UNDO = {"reason": "复核不成立", "evidence": "复核决定书", "confirmed_by": REVIEWER}
RESTORED = [  # P08: dissolved, and the dissolution overturned
    *found("P08", "2022-03-28", "D3"),
    dissolve("P08", "2022-03-29"),
    serve("P08", "2022-04-01"),
    act("2022-05-09T10:00", "overturn_ending", "P08", DIRECTOR, **UNDO),
]
COMPLAINED_OF = [  # P09: a suspension overturned with its finding; a complaint founded; an order outside a suspension
    *found("P09", "2022-03-07", "V8"),
    suspend("P09", "2022-03-07", "1"),
    act("2022-03-21T10:00", "overturn_finding", "P09", DIRECTOR, finding="1", **UNDO),
    complain("P09", "2022-06-01T16:00"),
    act(
        "2022-06-23T10:00",
        "resolve_complaint",
        "P09",
        REVIEWER,
        complaint="1",
        substantiated=True,
        reason="重复收费属实",
        code="V7",
        facts="重复收费",
        evidence="票据",
    ),
    act("2022-06-24T09:00", "reply_complaint", "P09", complaint="1", replied_on="2022-06-24", how="call", proof="记录"),
    act("2022-06-24T10:00", "confirm_finding", "P09", DIRECTOR, finding="2", statement_on="2022-06-24"),
    order("P09", "2022-06-27", "2"),
    hand_in("P09", "2022-07-19T09:00", "2022-07-19T00:00", "online"),  # a minute too late: refused
]
TERMS = {"stock_rate": "80", "settlement_method": "按项目"} | {
    code: {"waived_why": "县里未核定"} for code in ("settlement_standard", "pay_day", "annual_cap", "consumables")
}
WARNED = [  # P10: beyond what was agreed, answered on the last day; payment held and released
    act(
        "2022-03-08T09:00",
        "record_indicators",
        "P10",
        month="2022-02",
        values={"stock_rate": "79.9"},
        source="institution",
        received_on="2022-03-07",
    ),
    act("2022-03-15T09:00", "issue_warning", "P10", REVIEWER, month="2022-02", served_on="2022-03-15"),
    act("2022-03-29T16:00", "record_measures", "P10", warning="1", answered_on="2022-03-29", measures="补足备药"),
    act(
        "2022-04-06T09:00",
        "sign_supplement",
        "P10",
        DIRECTOR,
        signed_on="2022-04-06",
        effective_on="2022-04-06",
        terms={"stock_rate": "85"},
        reason="县里核定了新的指标",
    ),
    act(
        "2022-04-06T10:00",
        "record_stock_list",
        "P10",
        valid_from="2022-04-06",
        entries=[{"generic": "某药", "dosage_form": "片剂", "specification": "1片", "maker": "某厂"}],
    ),
    act("2022-04-06T11:00", "sign_annual", "P10", DIRECTOR, year=2022, signed_on="2022-04-06", terms=TERMS),  # refused
    act("2022-04-07T09:00", "file_supplement", "P10", DIRECTOR, filed_on="2022-04-07"),
    act("2022-04-11T09:00", "hold_settlement", "P10", DIRECTOR, from_on="2022-04-01", reason="核查费用"),
    act(
        "2022-04-18T09:00",
        "record_cost_decision",
        "P10",
        REVIEWER,
        kind="refused",
        month="2022-03",
        amount="128.50",
        ground="超量",
        not_charged_to_patients=True,
    ),
    act("2022-04-20T09:00", "release_settlement", "P10", DIRECTOR, released_on="2022-04-20", reason="核查完结"),
]
DRAFTED = [act("2021-11-01T09:00", "prepare_agreement", "P10", terms=TERMS)]
ASSESSED_IN_2022 = {**dict.fromkeys(CODES, "75"), "H01": "59.99", "H02": "90", "P10": "60"}


def _criterion(type_: str, code: str) -> dict[str, str]:
    return {"type": type_, "code": code, "item": "服务", "max": "100"}


def _grade(label: str, from_score: str, effect: str, coefficient: str, **satisfied: str) -> dict[str, str]:
    return {"label": label, "from_score": from_score, "effect": effect, "coefficient": coefficient, **satisfied}


YEARLY = [
    act(
        "2021-12-31T09:00",
        "set_assessment_table",
        by=DIRECTOR,
        first_year=2022,
        title="考核办法",
        published_on="2021-12-31",
        published_where="县政府网站",
        criteria=[_criterion("hospital", "H1"), _criterion("pharmacy", "K1")],
        grades=[_grade("A级", "90", "a", "1", from_satisfaction="95"), _grade("B级", "60", "b", "0.95")],
    ),
    *(
        act(
            "2023-01-09T09:00",
            "record_assessment",
            one,
            REVIEWER,
            year=2022,
            scores={"H1" if one[0] == "H" else "K1": points},
        )
        for one, points in ASSESSED_IN_2022.items()
    ),
    act("2023-01-16T09:00", "conclude_assessment", by=DIRECTOR, year=2022),
    act(
        "2023-01-30T09:00",
        "correct_assessment",
        "P10",
        DIRECTOR,
        year=2022,
        scores={"K1": "61"},
        reason="漏记",
        evidence="评分表",
        confirmed_by=REVIEWER,
    ),
]
DOUBLE_RANDOM = [
    act(
        "2022-01-04T15:00",
        "plan_inspections",
        by=DIRECTOR,
        from_on="2022-01-07",
        to_on="2022-01-14",
        share=10,
        sources=[{"name": f"双色球第{n}期红球", "kind": "ssq_red", "due_on": "2022-01-06"} for n in (1, 2)],
    ),
    act(
        "2022-01-07T09:00",
        "draw_inspections",
        by=DIRECTOR,
        plan="1",
        source_values=[[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]],
    ),
    act("2022-01-15T09:00", "reveal_inspections", by=DIRECTOR, plan="1"),
]


def _before(number: str, place: int, effective_on: str, expires_on: str, suspensions: int) -> dict[str, Any]:
    about = {"type": "pharmacy", "name": f"样例旧店{place}", "credit_code": credit_code(60 + place)}
    term = {"effective_on": effective_on, "expires_on": expires_on, "suspensions": suspensions}
    return {**about, "agreement_number": number, **term}


MIGRATED = [  # four agreements of before, to be assessed by 31 December 2023
    act(
        "2023-02-01T09:00",
        "import_agreements",
        by=DIRECTOR,
        entries=[
            _before(FIT, 1, "2022-06-01", "2023-12-31", 0),
            _before(UNFIT, 2, "2022-06-01", "2024-05-31", 0),
            _before(THIRD, 3, "2022-06-01", "2024-05-31", 2),
            _before(FORGOTTEN, 4, "2022-06-01", "2024-05-31", 0),
        ],
    ),
    act(
        "2023-06-01T09:00", "assess_migrated", FIT, REVIEWER, result="fit", assessed_on="2023-06-01", confirmed_by=CLERK
    ),
    act(
        "2023-06-12T09:00",
        "assess_migrated",
        UNFIT,
        REVIEWER,
        result="unfit",
        assessed_on="2023-06-01",
        criteria=["NO_DTP_NETWORK"],
        decision_no="取消1号",
        served_on="2023-06-12",
        confirmed_by=CLERK,
    ),
    *found(THIRD, "2023-04-03", "V1"),
    suspend(THIRD, "2023-04-03", "1"),  # the third of the term: two were brought along
    dissolve(THIRD, "2023-04-04"),
    serve(THIRD, "2023-04-28"),  # the eve of 劳动节
]


def first_round() -> Event:
    """The round of 2021 with what happened to its fourteen agreements, until 25 November 2024."""
    made = _moved(small_round(4, 10))
    made["announcement"]["year"] = 2021
    after = (EXPIRES, RENEWED_TWICE, NOT_ENOUGH, FIRST_AND_LAST_DAY, THREE_TIMES, OVER_A_HOLIDAY, ON_29_FEBRUARY)
    more = (BARRED_ON_THE_DAY, FREE_AGAIN, LEAVES, RESTORED, COMPLAINED_OF, WARNED, DRAFTED)
    return _told(made, CODES, (*after, *more, YEARLY, DOUBLE_RANDOM, MIGRATED), "2024-11-25T18:00:00+08:00")


# --- the round of 2025 -------------------------------------------------------------------------------------------

NEW_RULES = {
    "determination": "city",
    "suspension_limit": "national",
    "term_last_day": "day_before",
    "refusal_list": "kept",
    "system_test": "asked",
    "event_reports": "asked",
}
GROUND = {"on_list": "refusal", "ground": "L2", "evidence": "文书复印件", "confirmed_by": REVIEWER}
ON_THE_LIST = [  # H01 stays on the list; P03 is taken off before it applies
    *(act("2025-08-25T09:00", "list_add", one, DIRECTOR, document="处罚决定", **GROUND) for one in (LISTED, "P03")),
    act("2025-08-29T09:00", "list_remove", "P03", DIRECTOR, reason="决定已撤销", **GROUND),
]
CITY = {"report_no": "上报1号", "minutes": "会议纪要"}
DETERMINED = [  # the city returns P04 once, and confirms
    act("2025-10-15T15:00", "report_to_city", by=DIRECTOR, reported_on="2025-10-15", **CITY),
    act(
        "2025-10-15T16:00",
        "record_city_decision",
        by=DIRECTOR,
        applicant_ids=["P04"],
        decision="returned",
        decided_on="2025-10-15",
        decision_no="函1号",
        reason="补充药师证明",
    ),
    act("2025-10-15T16:30", "report_to_city", by=DIRECTOR, applicant_ids=["P04"], reported_on="2025-10-15", **CITY),
    act(
        "2025-10-15T17:00",
        "record_city_decision",
        by=DIRECTOR,
        decision="confirmed",
        decided_on="2025-10-15",
        decision_no="函2号",
    ),
]
TESTED = [
    act("2025-10-27T09:00", "record_system_test", one, passed_on="2025-10-27", record="联调测试单")
    for one in ("H02", "P02", "P03", "P04")
]
REPORTED = [  # H02: two occurrences, reported after 24 hours exactly and a minute later
    act(
        f"2025-11-18T10:0{minute}",
        "report_event",
        "H02",
        kind="trauma",
        described="外科收治",
        occurred_at="2025-11-17T10:00:00+08:00",
        reported_at=f"2025-11-18T10:0{minute}:00+08:00",
    )
    for minute in (0, 1)
]
UNFOUNDED = [  # P02: a complaint that is not true
    complain("P02", "2025-11-24T10:00"),
    act("2025-12-15T10:00", "resolve_complaint", "P02", REVIEWER, complaint="1", substantiated=False, reason="不属实"),
]
TWICE = [  # P04: by the national number the second suspension dissolves; the city is asked first
    *found("P04", "2025-11-10", "V1"),
    suspend("P04", "2025-11-10", "1", "2025-11-20"),
    resume("P04", "2025-11-21"),
    *found("P04", "2025-12-01", "V2", "2"),
    suspend("P04", "2025-12-01", "2"),
    dissolve("P04", "2025-12-02"),
    serve("P04", "2025-12-02"),  # before the city was asked: refused
    act(
        "2025-12-03T09:00",
        "report_to_city",
        by=DIRECTOR,
        agreement_number=TWICE_SUSPENDED,
        reported_on="2025-12-03",
        **CITY,
    ),
    act(
        "2025-12-10T09:00",
        "record_city_decision",
        by=DIRECTOR,
        agreement_number=TWICE_SUSPENDED,
        decision="confirmed",
        decided_on="2025-12-10",
        decision_no="函3号",
    ),
    serve("P04", "2025-12-15"),  # the last day of the service
]


def second_round() -> Event:
    """The round of 2025, until 5 January 2026."""
    made = small_round(2, 4)
    made["announcement"]["readings"] = NEW_RULES
    for one in made["applicants"]:
        one["name"] = f"{one['name']}（2025）"
    made["events"] = list(_without(made["events"], (LISTED, BARRED)))
    codes = NEW_CODES | {now: CODES[then] for now, then in SAME.items()}
    after = (ON_THE_LIST, DETERMINED, TESTED, REPORTED, UNFOUNDED, TWICE)
    return _told(made, codes, after, "2026-01-05T18:00:00+08:00")


# --- the files ---------------------------------------------------------------------------------------------------


def _told(made: Event, codes: dict[str, str], after: Iterable[Sequence[Event]], until: str) -> Event:
    for one in made["applicants"]:
        one["credit_code"] = codes[one["applicant_id"]]
    events = [*made["events"], *(event for each in after for event in each)]
    return made | {"events": sorted(events, key=lambda event: str(event["at"])), "until": until}


def _moved(made: Event) -> Event:
    """The same round with every day of it some weeks earlier."""
    text = re.sub(
        r"\d{4}-\d{2}-\d{2}",
        lambda day: (date.fromisoformat(day[0]) - EARLIER).isoformat(),
        json.dumps(made, ensure_ascii=False),
    )
    moved: Event = json.loads(text)
    return moved


def _without(events: Iterable[Event], gone: Sequence[str]) -> Iterable[Event]:
    """What happens when the applications of some are not accepted: nothing more with them."""
    for event in events:
        if event.get("applicant_id") not in gone or event["do"] == "submit_application":
            ids = [one for one in event.get("applicant_ids", ()) if one not in gone]
            yield event | ({"applicant_ids": ids} if ids else {})
