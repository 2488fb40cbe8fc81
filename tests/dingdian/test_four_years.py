"""Four years of a county (`four_years`): what must come of each agreement, worked out by hand from the law and the
calendar, on both databases. How a day was counted stands beside it: `wd` are working days, the day itself not counted.

The terms of 2021: signed and in force on Mon 8 November 2021 for one year, last day the corresponding day, Tue
8 November 2022; a renewal begins the day after. What a clock does is noted by the sweep at 01:00 of the next day.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col

from dingdian.replay import replay_together
from dingdian.scenario import ACTS, check
from docs import verify_effects
from models import Agreement, Round
from models.database import reading, transaction
from rules.acts import CATALOGUE, Scope
from tasks.agreements import load_agreements
from tasks.case_loading import context_of
from tests.dingdian.four_years import FIT, FORGOTTEN, THIRD, UNFIT, first_round, second_round
from views.agreements import agreement_told

Told = dict[str, Any]
AROUND = {  # acts of the life of an agreement that are not on one agreement
    *("prepare_agreement", "record_system_test", "sign_agreement", "file_agreement"),
    *("report_to_city", "record_city_decision", "plan_inspections", "draw_inspections", "reveal_inspections"),
    *("set_assessment_table", "conclude_assessment", "import_agreements", "list_add", "list_remove"),
}


def met(due: str, on: str) -> Told:
    return {"due": due, "status": "met", "on": on}


def late(due: str, on: str = "") -> Told:
    return {"due": due, "status": "breached"} | ({"on": on} if on else {})


def ended(due: str, on: str) -> Told:
    return {"due": due, "status": "ended", "on": on}


def lapsed(due: str, on: str) -> Told:
    return {"due": due, "status": "lapsed", "on": on}


def term(first: str, last: str) -> Told:
    return {"from": first, "to": last}


def counted(count: int, limit: int = 3) -> Told:
    return {"count": count, "limit": limit}


def barred(first: str, last: str) -> Told:
    return {"from": first, "last_day": last}


def ground(code: str, clause: str) -> Told:
    return {"code": code, "clause": clause}


FIRST_TERM = term("2021-11-08", "2022-11-08")
BEGUN = met("2021-11-07", "2021-11-09")  # the eve of the first day; signed in the afternoon of the 8th
RAN_OUT = met("2022-11-08", "2022-11-09")
# 2022 is due on 31 March 2023 and was concluded on 16 January, with those whose agreement had ended in the year.
OF_2022 = met("2023-03-31", "2023-01-16")
PLAIN = {"agreement_begins": BEGUN, "agreement_term": RAN_OUT, "assessment": OF_2022}


def expected(state: str, **differs: Any) -> Told:
    """An agreement of 2021 of which nothing is to be told but what differs."""
    usual = {"term": FIRST_TERM, "suspensions": counted(0), "ground": {}, "bar": {}, "grade": "B级"}
    return {"state": state, **usual, **differs, "deadlines": {**PLAIN, **differs.get("deadlines", {})}}


OF_2021 = {
    # 59.99 of 60 for the lowest row: no survey could have helped.
    "H01": expected("EXPIRED", grade="未评定等级"),
    # 8 November 2022 → from the 9th to 9 November 2023 → from the 10th to 10 November 2024. Grade A: exactly 90 points,
    # satisfaction exactly 95, exactly 30 answers.
    "H02": expected(
        "EXPIRED",
        term=term("2023-11-10", "2024-11-10"),
        grade="A级",
        deadlines={
            "agreement_begins": met("2023-11-09", "2023-11-10"),
            "agreement_term": met("2024-11-10", "2024-11-11"),
            # 2023 was not concluded by 31 March 2024 (breach); 2024 is due on 31 March 2025.
            "assessment": {"due": "2025-03-31", "status": "running"},
        },
    ),
    # Order of Mon 4 July to 15 July: at the counter when it closes, 17:30, in time. 10 wd from Fri 15 July: 18–22,
    # 25–29 July. Established Mon 8 August; 10 wd: 9–12 (4), 15–19 (9), 22 August; served on the 23rd, and the office
    # was late.
    "H03": expected(
        "DISSOLVED",
        suspensions=counted(1),
        ground=ground("D4c", "六(二)1③"),
        bar=barred("2022-08-24", "2025-08-23"),
        deadlines={
            "agreement_term": ended("2022-11-08", "2022-08-23"),
            "hearing": met("2022-07-11", "2022-07-04"),  # 5 wd: 5–8 (4), 11 July
            "rectification": met("2022-07-15", "2022-07-15"),
            "re_inspection": met("2022-07-29", "2022-07-29"),
            "dissolution": late("2022-08-22", "2022-08-23"),
        },
    ),
    "H04": expected("EXPIRED"),
    # Suspended on the first day and on the last: both count. 15 wd from Mon 8 November 2021: 9–12 (4), 15–19 (9),
    # 22–26 (14), 29. Handed in on the 29th at 23:59. 10 wd from then: 30, 1–3 (4), 6–10 (9), 13 December.
    # The term ends inside the second suspension: no bar.
    "P01": expected(
        "EXPIRED",
        suspensions=counted(2),
        deadlines={
            "agreement_begins": met("2021-11-07", "2021-11-08"),  # an act of the same day came upon it
            "hearing": met("2022-11-15", "2022-11-08"),  # 5 wd from the last day of the term: 9–11 (3), 14, 15
            "rectification": met("2021-11-29", "2021-11-29"),
            "re_inspection": met("2021-12-13", "2021-12-13"),
        },
    ),
    # The third on Mon 30 May. 10 wd: 31, 1, 2 (3), 3–5 June 端午 off, 6–10 (8), 13, 14 June. Served Thu 2 June, the eve
    # of 端午; the corresponding day, Mon 2 June 2025, is 端午 itself, and does not lengthen the bar.
    "P02": expected(
        "DISSOLVED",
        suspensions=counted(3),
        ground=ground("D4a", "六(二)2④"),
        bar=barred("2022-06-03", "2025-06-02"),
        deadlines={
            "agreement_term": ended("2022-11-08", "2022-06-02"),
            "hearing": met("2022-06-07", "2022-05-30"),  # 5 wd: 31, 1, 2, 6, 7 June
            "dissolution": met("2022-06-14", "2022-06-02"),
        },
    ),
    # 15 wd from Tue 27 September: 28–30 (3), 1–7 October 国庆 off, Sat 8 and Sun 9 made up for (5), 10–14 (10), 17–21
    # October. Nothing by then. Established Mon 31 October; 10 wd: 1–4 (4), 7–11 (9), 14 November. The term ended on the
    # 8th, the decision was served on the 10th all the same (L5).
    "P03": expected(
        "DISSOLVED",
        suspensions=counted(1),
        ground=ground("D4b", "六(二)2④"),
        bar=barred("2022-11-11", "2025-11-10"),
        deadlines={
            "hearing": met("2022-10-08", "2022-09-26"),  # 5 wd: 27–30 (4), Sat 8 October
            "rectification": lapsed("2022-10-21", "2022-10-22"),
            "dissolution": met("2022-11-14", "2022-11-10"),
        },
    ),
    # Told on Sun 18 February 2024, made up for 春节; 5 wd: 19–23. Established Mon 26; 10 wd: 27–1 (4), 4–8 (9),
    # 11 March.
    # Served on 29 February 2024: 2027 has none, the last day is the month's, 28 February.
    "P04": expected(
        "DISSOLVED",
        term=term("2023-11-10", "2024-11-10"),
        ground=ground("D1", "六(二)2①"),
        bar=barred("2024-03-01", "2027-02-28"),
        deadlines={
            "agreement_begins": met("2023-11-09", "2023-11-10"),
            "agreement_term": ended("2024-11-10", "2024-02-29"),
            "hearing": met("2024-02-23", "2024-02-24"),
            "dissolution": met("2024-03-11", "2024-02-29"),
            # 2023 was late; 2024, of which it was performed to 28 February, is due on 31 March 2025.
            "assessment": {"due": "2025-03-31", "status": "running"},
        },
    ),
    # Established Mon 22 August 2022. 5 wd: 23–26 (4), 29. 10 wd: 30–2 (8 with 29), 5 September is the tenth.
    "P05": expected(
        "DISSOLVED",
        ground=ground("D6", "六(二)2⑥"),
        bar=barred("2022-09-02", "2025-09-01"),
        deadlines={
            "agreement_term": ended("2022-11-08", "2022-09-01"),
            "hearing": met("2022-08-29", "2022-08-22"),
            "dissolution": met("2022-09-05", "2022-09-01"),
        },
    ),
    "P06": expected(
        "DISSOLVED",
        ground=ground("D2", "六(二)2②"),
        bar=barred("2022-09-01", "2025-08-31"),
        deadlines={
            "agreement_term": ended("2022-11-08", "2022-08-31"),
            "hearing": met("2022-08-29", "2022-08-22"),
            "dissolution": met("2022-09-05", "2022-08-31"),
        },
    ),
    # Three months from 28 February: 28 May, which is its last day.
    "P07": expected(
        "LEFT",
        deadlines={
            "agreement_term": ended("2022-11-08", "2022-05-29"),
            "leaving": met("2022-05-28", "2022-05-29"),
        },
    ),
    # As if it had never been dissolved. 5 wd from Mon 28 March: 29–1 (4), Sat 2 April made up for. 10 wd: 3–5 清明 off,
    # 6–8 (8), 11, 12 April.
    "P08": expected(
        "EXPIRED",
        deadlines={
            "hearing": met("2022-04-02", "2022-03-28"),
            "dissolution": met("2022-04-12", "2022-04-01"),
        },
    ),
    # The suspension fell with its finding: none counts. Complaint of Wed 1 June, 15 wd: 2 (1), 端午 off, 6–10 (6),
    # 13–17 (11), 20–23. Told on the 23rd, 5 wd: 24, 27–30 June. Order of Mon 27 June, 15 wd: 28–1 (4), 4–8 (9),
    # 11–15 (14), 18 July; late, and outside a suspension nothing follows of itself.
    "P09": expected(
        "EXPIRED",
        deadlines={
            "complaint_inquiry": met("2022-06-23", "2022-06-23"),
            "hearing": met("2022-06-30", "2022-06-24"),
            "rectification": lapsed("2022-07-18", "2022-07-19"),
        },
    ),
    # 10 wd from Tue 15 March: 16–18 (3), 21–25 (8), 28, 29 March.
    "P10": expected("EXPIRED", deadlines={"warning_answer": met("2022-03-29", "2022-03-29")}),
}

# Signed and in force on Mon 3 November 2025; the last day is the day before the corresponding day.
OF_2025 = {
    "agreement_begins": met("2025-11-02", "2025-11-04"),
    "agreement_term": {"due": "2026-11-02", "status": "running"},
}


def anew(state: str, **differs: Any) -> Told:
    """An agreement of 2025: by the national number two suspensions dissolve."""
    usual = {"term": term("2025-11-03", "2026-11-02"), "suspensions": counted(0, 2), "ground": {}, "bar": {}}
    return {"state": state, **usual, "grade": "", **differs, "deadlines": {**OF_2025, **differs.get("deadlines", {})}}


AGAIN = {
    "H02": anew("IN_FORCE"),
    # Complaint of Mon 24 November, 15 wd: 25–28 (4), 1–5 (9), 8–12 (14), 15 December. The grade is that of 2022.
    "P02": anew("IN_FORCE", grade="B级", deadlines={"complaint_inquiry": met("2025-12-15", "2025-12-15")}),
    "P03": anew("IN_FORCE", grade="B级"),
    # The second on Mon 1 December. 5 wd: 2–5 (4), 8. 10 wd: 2–5 (4), 8–12 (9), 15 December, when it was served.
    "P04": anew(
        "DISSOLVED",
        suspensions=counted(2, 2),
        ground=ground("D4a", "六(二)2④"),
        bar=barred("2025-12-16", "2028-12-15"),
        deadlines={
            "agreement_term": ended("2026-11-02", "2025-12-15"),
            "hearing": met("2025-12-08", "2025-12-01"),
            "dissolution": met("2025-12-15", "2025-12-15"),
        },
    ),
}


def of_before(state: str, last: str, **differs: Any) -> Told:
    """An agreement of before: in force since 1 June 2022, to be assessed by Sun 31 December 2023."""
    usual = {"term": term("2022-06-01", last), "suspensions": counted(0), "ground": {}, "bar": {}, "grade": ""}
    return {"state": state, **usual, **differs}


# Taken in on 1 February 2023: the first year that the office owes them is 2023, due on 31 March 2024, and was late.
BEFORE = {
    FIT: of_before(
        "EXPIRED",
        "2023-12-31",
        deadlines={
            "agreement_term": met("2023-12-31", "2024-01-01"),
            "migrated_assessment": met("2023-12-31", "2023-06-01"),
            "assessment": late("2024-03-31"),
        },
    ),
    # Assessed on 1 June, the letter served on the 12th: cancelled from then on, without a bar.
    UNFIT: of_before(
        "CANCELLED",
        "2024-05-31",
        deadlines={
            "agreement_term": ended("2024-05-31", "2023-06-12"),
            "migrated_assessment": met("2023-12-31", "2023-06-01"),
            "assessment": late("2024-03-31"),
        },
    ),
    # Two brought along and one: three. Mon 3 April 2023, 5 wd: 4, Wed 5 清明 off, 6, 7 (3), 10, 11. 10 wd: to 14 (8),
    # 17, 18 April. Served on Fri 28 April, the eve of 劳动节; the office was late.
    THIRD: of_before(
        "DISSOLVED",
        "2024-05-31",
        suspensions=counted(3),
        ground=ground("D4a", "六(二)2④"),
        bar=barred("2023-04-29", "2026-04-28"),
        deadlines={
            "agreement_term": ended("2024-05-31", "2023-04-28"),
            "migrated_assessment": ended("2023-12-31", "2023-04-28"),
            "hearing": met("2023-04-11", "2023-04-03"),
            "dissolution": late("2023-04-18", "2023-04-28"),
            "assessment": late("2024-03-31"),
        },
    ),
    # Never assessed: the authority's breach, nothing for the institution, whose term runs out.
    FORGOTTEN: of_before(
        "EXPIRED",
        "2024-05-31",
        deadlines={
            "agreement_term": met("2024-05-31", "2024-06-01"),
            "migrated_assessment": late("2023-12-31", "2024-06-01"),
            "assessment": late("2025-03-31"),  # of 2024; 2023 was late, too
        },
    ),
}
REFUSED_IN_2021 = [
    ("confirm_finding", "陈述期限至 2022-01-11"),  # 5 wd from Tue 4 January: 5–7 (3), 10, 11
    ("resume_agreement", "暂停期限尚未届满"),  # on the last day of the suspension
    ("leave_agreement", "最早 2022-05-28 退出"),
    ("sign_annual", "没有采用年度协议"),
    ("hand_in_rectification", "至 2022-07-18 届满"),
]


def what_matters(told: Told) -> Told:
    """State, term, counts, ground, bar, deadlines, and the label of the grade."""
    kept = ("state", "term", "suspensions", "ground", "bar", "deadlines")
    return {name: told[name] for name in kept} | {"grade": told["grade"].get("label", "")}


def of_the_intake(session: Session) -> dict[str, Told]:
    """The agreements of before, which belong to no round of a file."""
    found = load_agreements(session, col(Agreement.assess_by).is_not(None))
    home = context_of(session, session.get_one(Round, found[0].round_id))
    return {one.number: what_matters(agreement_told(session, home, one)) for one in found}


def test_every_act_of_the_life_of_an_agreement_is_in_the_four_years() -> None:
    done = {event["do"] for made in (first_round(), second_round()) for event in made["events"]}
    on_agreements = {name for name in ACTS if CATALOGUE[name].scope is Scope.AGREEMENT}
    assert (on_agreements | AROUND) - done == set()


def test_four_years_come_out_right_to_the_day(database: str) -> None:
    first, second = replay_together([check(first_round()), check(second_round())], database)
    with reading(database) as session:
        connection = session.connection()
        assert verify_effects.faults(lambda sql: connection.exec_driver_sql(sql).all()) == []
    assert {one: what_matters(told) for one, told in first["agreements"].items()} == OF_2021
    assert {one: what_matters(told) for one, told in second["agreements"].items()} == AGAIN
    with transaction(database) as session:
        assert of_the_intake(session) == BEFORE
    assert [one["do"] for one in first["refused"]] == [do for do, _ in REFUSED_IN_2021]
    for one, (_, why) in zip(first["refused"], REFUSED_IN_2021, strict=True):
        assert why in one["reason"]
    [unasked] = second["refused"]
    assert "须经市级同意才能送达" in unasked["reason"]
    _is_told_of_the_rest(first, second)


def _is_told_of_the_rest(first: Told, second: Told) -> None:
    """Grades, complaints, the draw, and who was let in to the second round."""
    assert first["agreements"]["H01"]["grade"]["why"] == "得分和满意度没有达到等级表的任何一级"
    assert first["agreements"]["H02"]["grade"]["satisfaction"] == "95.00"
    assert first["inspections"] == [{"ref": "1", "institutions": 14, "wanted": 2, "state": "revealed"}]  # 10 % of 14
    upheld = {"ref": "1", "status": "upheld", "finding": "2", "replied_on": "2022-06-24"}
    assert first["agreements"]["P09"]["complaints"] == [upheld]
    assert second["agreements"]["P02"]["complaints"][0]["status"] == "dismissed"
    outcomes = {
        one: (told["outcome"], [why["code"] for why in told["reasons"]]) for one, told in second["applicants"].items()
    }
    # Mon 1 September 2025: the bar of P01 has its last day, that of P02 ended on Sunday; whoever left has none.
    assert outcomes == {
        "H01": ("NOT_ACCEPTED_BAN", ["REFUSAL_LIST"]),
        "P01": ("NOT_ACCEPTED_BAN", ["REAPPLICATION_BAN"]),
        **dict.fromkeys(("H02", "P02", "P03", "P04"), ("SIGNED_FILED_PUBLISHED", ["SIGNED"])),
    }
    told = second["notifications"]["by_event"]
    assert (told["city_returned"], told["list_changed"]) == (1, 3)
