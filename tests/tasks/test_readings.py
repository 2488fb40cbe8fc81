"""What each reading of the policy file does, choice by choice: a county that chooses another gets another procedure.

One row for every reading, one value for every choice that the file offers. A choice that is in no row, and two choices
that come to the same, fail: a choice that changes nothing is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from models import Agreement, Bar, Deadline, Draw, EventReport, Notice, Objection, Round
from policies.loader import FOLDER, load_policy, newest_text
from rules import eligibility, materials
from rules.eligibility import Question
from rules.errors import RefusedError
from rules.policy import Policy
from rules.ranking import Scored, mean_of, rank
from rules.scoring import PassRule
from tasks.agreed_terms import terms_on
from tests.rules.cases import ANNOUNCEMENT, HOSPITAL, PHARMACY, WORKDAYS
from tests.support.policies import pin_text
from tests.support.stages import Stage
from tests.tasks.drawing import DRAWN, RED, declare, plan
from tests.tasks.rehearsal import CHANNELS, OFFICE, Rehearsal, beijing, items, posted
from tests.tasks.test_challenges import challenge, drawn
from tests.tasks.test_drafted_terms import TERMS
from tests.tasks.test_drawing import _past_round, excluded, pool
from tests.tasks.test_evaluation import order, recuse
from tests.tasks.test_firm_days import object_to as complain
from tests.tasks.test_holding import COMPLAINT, dismiss, held_beyond_the_notice
from tests.tasks.test_intake import submit, supplement
from tests.tasks.test_objectors import ZHAO, object_to, register, resolve
from tests.tasks.test_records import doubted
from tests.tasks.test_workday_schedules import YEAR, signing_from_november

FILE = (FOLDER / "special_drug.yaml").read_text(encoding="utf-8")
READINGS = load_policy().readings


@dataclass(frozen=True)
class World:
    """A county that has made its choice: its policy, and its rounds at a stage."""

    policy: Policy
    at_stage: Stage

    def question(self, facts: Mapping[str, Any], **more: Any) -> Question:
        judgements = more.get("judgements", {})
        return Question(facts, date(2025, 9, 1), ANNOUNCEMENT, judgements, self.policy, WORKDAYS)


# --- time limits -----------------------------------------------------------------------------------------------


def review_start(world: World) -> Any:
    rehearsal = world.at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    supplement(rehearsal, "2025-09-03 10:00", "P4")
    return [one.start_on for one in rehearsal.rows(Deadline) if one.kind == "preliminary_review"]


def review_missed(world: World) -> Any:
    rehearsal = world.at_stage("accepted")
    rehearsal.sweep("2025-10-11 00:05")
    late = rehearsal.deadline("P01", "preliminary_review")[0], rehearsal.state("P01")
    told = "authority_breach" in rehearsal.messages("P01")
    rehearsal.act("2025-10-13 10:00", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    return *late, told, rehearsal.state("P01")


def notice_last_day(world: World) -> Any:
    rehearsal = world.at_stage("concluded")
    notice = {"kind": "evaluation_result", "postings": posted("2025-09-24 09:00")}
    rehearsal.act("2025-09-24 09:30", "publish_notice", **notice)  # the seventh day is 1 October
    return rehearsal.deadline("P01", "result_notice")[1]


def notice_start(world: World) -> Any:
    rehearsal = world.at_stage("concluded")
    for day, channel in ((23, 0), (25, 1)):
        notice = rehearsal.rows(Notice)
        if not notice or notice[0].starts_on is None:
            one = {"channel": CHANNELS[channel], "posted_at": beijing(f"2025-09-{day} 09:00").isoformat()}
            rehearsal.act(f"2025-09-{day} 09:30", "publish_notice", kind="evaluation_result", postings=[one])
    return rehearsal.rows(Notice)[0].starts_on, rehearsal.deadline("P01", "result_notice")[1]


def signing_start(world: World) -> Any:
    rehearsal = world.at_stage("proposed_notice")
    object_to(rehearsal, "2025-10-20 09:00", "Y-1")
    rehearsal.sweep("2025-10-24 00:05")
    resolve(rehearsal, "2025-10-28 16:00", "Y-1")
    rehearsal.sweep("2025-10-29 00:05")
    return rehearsal.deadline("P01", "signing")[1], rehearsal.deadline("P02", "signing")[1]


def signing_fault(world: World) -> Any:
    rehearsal = world.at_stage("signing")
    delay = {"delay_from": "2025-10-27", "delay_to": "2025-10-28", "cause": "系统联调"}
    rehearsal.act("2025-10-29 10:00", "record_agency_delay", applicant_id="P01", **delay)
    return rehearsal.deadline("P01", "signing")[1], rehearsal.deadline("P02", "signing")[1]


def inquiry_days(world: World) -> Any:
    """Held beyond the second notice; and held by a letter of its period that is entered while signing is open."""
    beyond = world.at_stage("proposed_notice")
    held_beyond_the_notice(beyond)
    signing = world.at_stage("signing")
    complain(signing, "2025-10-27 09:00", "2025-10-27 09:00", **COMPLAINT)
    dismiss(signing, "2025-10-31 16:00")
    return [one.deadline("P01", "signing")[1] for one in (beyond, signing)], beyond.deadline("P02", "signing")[1]


def late_substitution(world: World) -> Any:
    """Two lapse three months and a half after P03 was accepted, and P03 gets a place on 17 January 2026."""
    rehearsal = world.at_stage("signing", "next_in_rank")
    before = rehearsal.deadline("P03", "whole_procedure")
    for day in (17, 18):
        rehearsal.sweep(f"2026-01-{day} 00:05")
    return before, rehearsal.deadline("P03", "whole_procedure"), "authority_breach" in rehearsal.messages("P03")


def notice_changed_schedule(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    longer = {"year": 2025, "notice": "国办发明电〔虚构〕9号", "off": ["2025-09-29..2025-10-12"], "working": []}
    rehearsal.act("2025-09-25 09:00", "load_workdays", **longer)
    printed = rehearsal.rows(Notice)[0].last_day, rehearsal.deadline("P01", "result_notice")[1]
    rehearsal.sweep("2025-10-01 00:05")
    return *printed, rehearsal.state("P01")


def firm_after_notice(world: World) -> Any:
    """The last day becomes known long after it: of an applicant's limit, and not of the office's."""
    rehearsal = signing_from_november(world.at_stage)
    rehearsal.act("2027-06-01 09:00", "load_workdays", **YEAR)
    rehearsal.sweep("2027-06-08 23:59")
    deferred = {one.kind: one.effect_from for one in rehearsal.rows(Deadline) if one.effect_from}
    still = rehearsal.state("P01")
    rehearsal.sweep("2027-06-09 00:05")
    return deferred, rehearsal.deadline("P01", "signing")[1], still, rehearsal.state("P01")


def bar_last_day(world: World) -> Any:
    dissolved_on = date(2022, 9, 7)  # 7 September 2025 is a Sunday
    applied = date(2025, 9, 7), date(2025, 9, 8), date(2025, 9, 9)
    return [eligibility.is_barred(dissolved_on, day, world.policy, WORKDAYS) for day in applied]


# --- objections ------------------------------------------------------------------------------------------------


def objection_effect(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    rehearsal.sweep("2025-10-09 00:05")
    return rehearsal.state("P01"), rehearsal.state("P02")


def late_complaint(world: World) -> Any:
    """Found true before the signature and after the period: what becomes of the dossier, and may it still sign?"""
    rehearsal = world.at_stage("signing")
    object_to(rehearsal, "2025-10-27 09:00", "Y-1")
    resolve(rehearsal, "2025-10-30 09:00", "Y-1", true=True)
    found = rehearsal.rows(Objection)[0].status, rehearsal.state("P01"), rehearsal.reasons("P01")
    fields = {"applicant_id": "P01", "signed_on": "2025-10-31"}
    if found[1] == "SIGNING":
        rehearsal.act("2025-10-31 09:00", "sign_agreement", **fields)
    else:
        rehearsal.refused("2025-10-31 09:00", "sign_agreement", **fields)
    return *found, rehearsal.state("P01")


def posted_objection(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    late = {"via": "post", "received_at": beijing("2025-10-09 10:00").isoformat(), "postmarked_on": "2025-09-30"}
    rehearsal.act("2025-10-09 10:30", "record_objection", ref="Y-1", applicant_id="P01", allegation="冷链", **late)
    doubted = {"via": "post", "postmarked_on": "2025-09-22"}
    said = challenge(drawn(world.at_stage), "2025-09-24 11:00", "2025-09-24 10:00", **doubted)
    return rehearsal.case("P01").holds, "核查完结前不能评分" in said


def objection_inquiry(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    rehearsal.sweep("2025-10-22 00:05")
    return *rehearsal.deadline("P01", "objection_inquiry"), rehearsal.case("P01").holds


def anonymous_objection(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1", is_anonymous=True)
    return rehearsal.case("P01").holds, rehearsal.rows(Objection)[0].status


def duplicate_objection(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    object_to(rehearsal, "2025-09-24 11:00", "Y-2")
    register(rehearsal, "2025-09-24 12:00", Y_1=ZHAO, Y_2=ZHAO)
    resolve(rehearsal, "2025-09-26 10:00", "Y-1")
    for ref in ("Y-1", "Y-2"):
        reply = {"ref": ref, "replied_on": "2025-09-28", "how": "paper", "proof": f"EMS-{ref}"}
        rehearsal.act("2025-09-28 10:00", "reply_objection", **reply)
    return [(one.status, one.reply_proof) for one in rehearsal.rows(Objection)]


def withdrawn_objection(world: World) -> Any:
    rehearsal = world.at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    rehearsal.act("2025-09-25 10:00", "withdraw_objection", ref="Y-1", withdrawn_on="2025-09-25", reason="误会")
    return rehearsal.case("P01").holds, rehearsal.deadline("P01", "objection_inquiry")[0]


# --- evaluation ------------------------------------------------------------------------------------------------


def beyond_quota(world: World) -> Any:
    """Who was third of two places, when the first stands back: as the announcement says."""
    ends = []
    for variant in ("", "next_in_rank"):
        rehearsal = world.at_stage("result_notice", variant)
        assert rehearsal.state("P03") == "OUT_OF_QUOTA"
        rehearsal.act("2025-09-25 10:00", "withdraw_application", applicant_id="P01", reason="自愿")
        rehearsal.sweep("2025-09-26 00:05")
        ends.append(rehearsal.state("P03"))
    return ends


def scored(one: str, mean: str, *, priority: bool = False) -> Scored:
    return Scored(one, Fraction(mean), priority, beijing("2025-09-01 10:00"))


def priority(world: World) -> Any:
    everybody = [scored("A", "80"), scored("B", "80", priority=True), scored("C", "80.01")]
    below = scored("D", "69.99", priority=True)
    steps = world.policy.tie_rules["priority inclusion first, then public draw"]
    told = rank([*everybody, below], PassRule(world.policy.number("pass_mark")), steps, "1./")
    return [one.applicant_id for one in told.order], [one.applicant_id for one in told.below]


def aggregate(_: World) -> Any:
    return mean_of([Decimal("70"), Decimal("70"), Decimal("69.99")])


def marked(rehearsal: Rehearsal, totals: Mapping[str, int], vetoes: Mapping[str, int]) -> None:
    """Sheets of these totals; `vetoes`: so many of the panel find that the item is not met."""
    for one, total in totals.items():
        for place, expert_id in enumerate(rehearsal.panel(one)):
            veto = {"P-v": str(int(place >= vetoes[one]))} if one in vetoes else {}
            about = {"applicant_id": one, "expert_id": expert_id, "items": items(one, total) | veto}
            rehearsal.act("2025-09-22 10:00", "record_score_sheet", **about)


def pass_mark(world: World) -> Any:
    rehearsal = world.at_stage("drawn")
    marked(rehearsal, {"H01": 80, "P01": 71, "P02": 70, "P03": 69}, {})
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    return [rehearsal.state(one) for one in ("P01", "P02", "P03")], rehearsal.reasons("P02")


def veto_item(world: World) -> Any:
    """Of three experts one, two and none find the item wanting."""
    rehearsal = world.at_stage("drawn", "veto")
    marked(rehearsal, {"H01": 80, "P01": 90, "P02": 85, "P03": 80}, {"P01": 1, "P02": 2, "P03": 0})
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    return [(rehearsal.state(one), rehearsal.reasons(one)) for one in ("P01", "P02", "P03")]


def result_list(world: World) -> Any:
    """Of three pharmacies two are within the quota."""
    rehearsal = world.at_stage("concluded")
    notice = {"kind": "evaluation_result", "postings": posted("2025-09-24 09:00")}
    rehearsal.act("2025-09-24 09:30", "publish_notice", **notice)
    told = rehearsal.rows(Notice)[0].snapshot.get("not_included")
    return told and [(one["applicant_id"], [why["text"] for why in one["reasons"]]) for one in told]


def tie_key(world: World) -> Any:
    """Three equal scores: is there an order before the later result, and who is first once there is one?"""
    rehearsal = world.at_stage("drawn")
    marked(rehearsal, dict.fromkeys(("H01", "P01", "P02", "P03"), 80), {})
    said = ""
    if world.policy.reads("tie_key") == "later_source":
        said = rehearsal.refused("2025-09-22 17:30", "conclude_evaluation").partition("：")[0]
    later = {"tie_source": "双色球第2025110期红球（虚构）", "tie_values": LATER} if said else {}
    rehearsal.act("2025-09-23 09:00", "conclude_evaluation", **later)
    return said, [one["applicant_id"] for one in rehearsal.rows(Round)[0].ranking["pharmacy"]["order"]]


def recusal_floor(world: World) -> Any:
    rehearsal = world.at_stage("drawn")
    places = order(rehearsal)
    recuse(rehearsal, "2025-09-19 13:00", places[1], "P01")
    return [places.index(one) for one in rehearsal.panel("P01")], len(rehearsal.panel("P02"))


def computed_conflict(world: World) -> Any:
    rehearsal = world.at_stage("evaluating", "employer applies")
    plan(rehearsal)
    return excluded(rehearsal)


def declared_interests(world: World) -> Any:
    rehearsal = world.at_stage("evaluating")
    declare(rehearsal, "Z01", ties=[{"institution": "样例大药房2店", "kind": "顾问", "until": None}])
    plan(rehearsal)
    return excluded(rehearsal)


def past_evaluation(world: World) -> Any:
    rehearsal = world.at_stage("evaluating")
    _past_round(rehearsal, 2024, "Z02", "样例大药房1店")
    plan(rehearsal)
    return excluded(rehearsal), "Z02" in pool(rehearsal)


def unknown_declaration(world: World) -> Any:
    rehearsal = world.at_stage("evaluating", "safeguards")
    declare(rehearsal, *(f"Z{number:02}" for number in range(1, 8)))
    plan(rehearsal, RED)
    return excluded(rehearsal)


def draw_challenge(world: World) -> Any:
    rehearsal = drawn(world.at_stage)
    challenge(rehearsal, "2025-09-22 10:00", "2025-09-22 09:00")
    answer = {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"}
    rehearsal.act("2025-09-22 15:00", "resolve_draw_challenge", **answer)
    return rehearsal.panel(), rehearsal.rows(Draw)[0].annulled_because, drawn_anew(rehearsal)


def drawn_anew(rehearsal: Rehearsal) -> int:
    plan(rehearsal, {**RED, "due_on": "2025-09-23"}, at="2025-09-22 16:00")
    rehearsal.act("2025-09-24 09:00", "draw_experts", source_values=[DRAWN], unavailable=[])
    return len(rehearsal.panel())


# --- conditions, materials -------------------------------------------------------------------------------------


def penalty_authority(world: World) -> Any:
    penalties = {name: [{"authority": name, "date": "2025-01-01"}] for name in ("县卫健局", "县税务局")}
    asked = [world.question({**PHARMACY, "penalties": told}) for told in penalties.values()]
    barred = [[one.code for one in eligibility.failures(question, "pharmacy")] for question in asked]
    return barred, [eligibility.flagged(question, "pharmacy") for question in asked]


def penalty_kind(world: World) -> Any:
    """What is in neither list counts, until a person judges with a reason that it is none; a talk never does."""
    unknown, judged = "责令暂停医药服务", {"accepted": True, "reason": "属协议处理"}
    told = [("罚款", {}), ("约谈", {}), (unknown, {}), (unknown, judged), (unknown, {**judged, "reason": ""})]
    asked = [
        world.question(
            {**PHARMACY, "penalties": [{"authority": "县医保局", "date": "2025-01-01", "kind": kind}]},
            judgements={"penalties": one} if one else {},
        )
        for kind, one in told
    ]
    barred = [bool(eligibility.failures(question, "pharmacy")) for question in asked]
    doubts = [bool(eligibility.doubtful(question, "pharmacy")) for question in asked]
    return barred, doubts, _signed_in_doubt(world)


def _signed_in_doubt(world: World) -> str:
    """What becomes of an opinion on a measure in doubt that nobody judged."""
    rehearsal = doubted(world.at_stage)
    opinion = {"applicant_id": "P01", "judgements": {}}
    if world.policy.reads("penalty_kind") == "judged_first":
        return rehearsal.refused("2025-09-05 10:00", "sign_preliminary_opinion", **opinion).partition("：")[0]
    rehearsal.act("2025-09-05 10:00", "sign_preliminary_opinion", **opinion)
    return rehearsal.state("P01")


def gene_testing(world: World) -> Any:
    facts = {**HOSPITAL, "uses_oncology_targeted": True, "oncology_qualification": True, "gene_testing": "none"}
    verdicts = ({}, {"accepted": True, "reason": "委托检测"}, {"accepted": False, "reason": "无委托"})
    asked = [world.question(facts, judgements={"gene_testing": one} if one else {}) for one in verdicts]
    open_points = [len(eligibility.unjudged(question, "hospital")) for question in asked]
    return open_points, [[one.code for one in eligibility.failures(question, "hospital")] for question in asked]


def owed(policy: Policy, kind: str, code: str, facts: Mapping[str, Any], fact: str) -> list[bool]:
    wanted = [materials.needed(policy, kind, {**facts, fact: holds}) for holds in (True, False)]
    return [code in {one.code for one in each} for each in wanted]


def technical_certificate(world: World) -> Any:
    return owed(world.policy, "hospital", "H9", HOSPITAL, "uses_oncology_targeted")


def charity_agreement(world: World) -> Any:
    fact = "provincial_charity_aid_point"
    hospital = owed(world.policy, "hospital", "H10", HOSPITAL, fact)
    return hospital, owed(world.policy, "pharmacy", "P12", PHARMACY, fact)


# --- agreements ------------------------------------------------------------------------------------------------


def kept(world: World) -> Rehearsal:
    """A round that keeps the life of its agreements, whatever else it chooses; P01 is in force."""
    return world.at_stage("published", "kept")


def agreement_life(world: World) -> Any:
    """Signed: it begins a life of its own, or is only kept on file."""
    rehearsal = world.at_stage("signing")
    rehearsal.act("2025-11-03 10:00", "sign_agreement", applicant_id="P01", signed_on="2025-11-03")
    return [one.state for one in rehearsal.rows(Agreement)]


def yearly_assessment(world: World) -> Any:
    """In force: the year's assessment has a day by which the office concludes it, or none."""
    rehearsal = world.at_stage("signing", "kept")
    rehearsal.act("2025-11-03 10:00", "sign_agreement", applicant_id="P01", signed_on="2025-11-03")
    rehearsal.sweep("2025-11-04 00:05")
    return sum(one.kind == "assessment" for one in rehearsal.rows(Deadline))


def terms_required(world: World) -> Any:
    """Signed without any terms, or not before they are drafted."""
    return _signed(world, "19-1 起草协议条款")


def system_test(world: World) -> Any:
    """Signed without a test, or not before it is passed."""
    return _signed(world, "19-2 登记系统测试")


def reapplication(world: World) -> Any:
    """Who withdrew in the window is at an end, or applies again."""
    rehearsal = world.at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00")
    rehearsal.act("2025-09-02 10:00", "withdraw_application", applicant_id="P01", reason="自愿")
    try:
        submit(rehearsal, "2025-09-03 10:00")
    except RefusedError as refused:
        return "closed" if "本案已办结" in str(refused) else str(refused)
    return rehearsal.state("P01")


def _signed(world: World, owed: str) -> Any:
    signing = {"applicant_id": "P01", "signed_on": "2025-11-03"}
    rehearsal = world.at_stage("signing")
    try:
        rehearsal.act("2025-11-03 10:00", "sign_agreement", **signing)
    except RefusedError as refused:
        return "owed" if owed in str(refused) else str(refused)
    return len(rehearsal.rows(Agreement))


def event_reports(world: World) -> Any:
    """An occurrence is registered, or nobody asked for it."""
    told = {"kind": "trauma", "described": "外科一床", "occurred_at": "2025-11-10T08:30:00+08:00"}
    reported = {"applicant_id": "P01", "reported_at": "2025-11-10T09:30:00+08:00"}
    rehearsal = kept(world)
    rehearsal.sweep("2025-11-06 00:05")
    try:
        rehearsal.act("2025-11-10 10:00", "report_event", **told, **reported)
    except RefusedError as refused:
        return "not asked" if "没有要求" in str(refused) else str(refused)
    return len(rehearsal.rows(EventReport))


def annual_agreement(world: World) -> Any:
    """Beyond the year of its signature: the terms hold on, or a year is to be signed for."""
    rehearsal = world.at_stage("signing", "terms asked")
    rehearsal.act("2025-11-03 09:00", "prepare_agreement", applicant_id="P01", terms=TERMS)
    tested = {"passed_on": "2025-11-03", "record": "测试单1号"}
    rehearsal.act("2025-11-03 09:20", "record_system_test", applicant_id="P01", **tested)
    rehearsal.act("2025-11-03 10:00", "sign_agreement", applicant_id="P01", signed_on="2025-11-03")
    rehearsal.sweep("2025-11-04 00:05")
    clocks = [one.due_on for one in rehearsal.rows(Deadline) if one.kind == "annual_agreement"]
    [agreement] = rehearsal.rows(Agreement)
    with rehearsal.session() as session:
        return clocks, len(terms_on(session, agreement.id, date(2026, 1, 1)))


def determination(world: World) -> Any:
    """May the list of proposals be published with the county's consensus alone?"""
    rehearsal = world.at_stage("consensus")
    here = {"kind": "proposed_agreements", "postings": posted("2025-10-16 09:00")}
    try:
        rehearsal.act("2025-10-16 09:30", "publish_notice", **here)
    except RefusedError:
        report = {"reported_on": "2025-10-16", "report_no": "报1号", "minutes": "纪要1号"}
        rehearsal.act("2025-10-16 10:00", "report_to_city", **report, applicant_ids=["P01"])
    return rehearsal.state("P01")


def term_last_day(world: World) -> Any:
    rehearsal = world.at_stage("signing")
    rehearsal.act("2025-11-03 10:00", "sign_agreement", applicant_id="P01", signed_on="2025-11-03")
    return rehearsal.rows(Agreement)[-1].expires_on


def refusal_list(world: World) -> Any:
    refusals = (("L2", date(2025, 8, 25), None),)
    question = Question({}, date(2025, 9, 1), {}, {}, world.policy, WORKDAYS, (), refusals)
    return [one.code for one in eligibility.standing_out(question)]


def black_list(world: World) -> Any:
    return world.policy.keeps_list("black")


def suspension_limit(world: World) -> Any:
    return world.policy.suspension_limit


def dissolution_day(world: World) -> Any:
    """Decided on 13 January, served on 3 February: barred from the day after the service."""
    rehearsal = kept(world)
    _grounded(rehearsal, "2026-01-12")
    _served(rehearsal, "2026-01-13", "2026-02-03")
    return [(one.from_on, one.last_day) for one in rehearsal.rows(Bar)]


def ground_outlives_term(world: World) -> Any:
    """Established before the end of the term, served after it."""
    rehearsal = kept(world)
    _grounded(rehearsal, "2026-10-30")
    rehearsal.sweep("2026-11-10 00:05")
    _served(rehearsal, "2026-11-10", "2026-11-11")
    return len(rehearsal.rows(Bar))


def _grounded(rehearsal: Rehearsal, on: str) -> None:
    shop = {"applicant_id": "P01"}
    found = {"code": "D1", "facts": "虚假凭证", "evidence": "检查记录"}
    rehearsal.act(f"{on} 09:00", "record_finding", by=OFFICE, **shop, **found)
    rehearsal.act(f"{on} 10:00", "confirm_finding", **shop, finding="1", statement_on=on)


def _served(rehearsal: Rehearsal, decided: str, served: str) -> None:
    shop = {"applicant_id": "P01"}
    rehearsal.act(f"{decided} 09:00", "dissolve_agreement", **shop, decision_no="解除1号", confirmed_by=OFFICE)
    service = {"served_on": served, "how": "直接送达", "proof": "回证1号"}
    rehearsal.act(f"{served} 15:00", "record_service", **shop, **service)


LATER = [2, 7, 11, 19, 23, 31]
PLACED = ("met", date(2025, 12, 1), date(2025, 9, 22))
Z03_OUT = {"Z03": ["employer"]}
IN_DOUBT = ([True, False, True, False, True], [False, False, True, False, True])
DOES: Mapping[Callable[[World], Any], Mapping[str, Any]] = {
    determination: {"county": "NOTICE_PROPOSED", "city": "AWAITING_CITY"},
    agreement_life: {"not_kept": ["DRAFT"], "kept": ["SIGNED"]},
    yearly_assessment: {"not_kept": 0, "kept": 1},
    terms_required: {"not_required": 1, "required": "owed"},
    reapplication: {"closed": "closed", "within_window": "ACCEPTED"},
    system_test: {"not_asked": 1, "asked": "owed"},
    event_reports: {"not_asked": "not asked", "asked": 1},
    annual_agreement: {"none": ([], 6), "yearly": ([date(2025, 12, 31)], 0)},
    term_last_day: {"corresponding_day": date(2026, 11, 3), "day_before": date(2026, 11, 2)},
    refusal_list: {"not_kept": [], "kept": ["REFUSAL_LIST"]},
    black_list: {"not_kept": False, "kept": True},
    suspension_limit: {"seed": 3, "national": 2},
    dissolution_day: {"served": [(date(2026, 2, 4), date(2029, 2, 3))]},
    ground_outlives_term: {"may_be_served": 1},
    review_start: {"complete_dossier": [date(2025, 9, 3)]},
    review_missed: {"escalate": ("breached", "ACCEPTED", True, "PRELIM_PASSED")},
    notice_last_day: {"roll": date(2025, 10, 9), "no_roll": date(2025, 10, 1)},
    notice_start: {
        "later_channel": (date(2025, 9, 25), date(2025, 10, 9)),
        "first_channel": (date(2025, 9, 23), date(2025, 9, 30)),
    },
    objection_effect: {"hold_named_dossier": ("NOTICE_RESULT", "NEGOTIATING")},
    late_complaint: {
        "may_stop_before_signing": (
            *("upheld", "DISQUALIFIED_PUBLICITY_2", ["COMPLAINT_TRUE"]),
            "DISQUALIFIED_PUBLICITY_2",
        ),
        "no_effect": ("upheld", "SIGNING", [], "SIGNED"),
    },
    posted_objection: {"postmark": (1, True), "receipt": (0, False)},
    objection_inquiry: {"office_rule": ("breached", date(2025, 10, 21), None, 1)},
    anonymous_objection: {"same_as_named": (1, "open"), "no_hold": (0, "open")},
    duplicate_objection: {"one_inquiry_each_answered": [("dismissed", "EMS-Y-1"), ("dismissed", "EMS-Y-2")]},
    withdrawn_objection: {"inquiry_goes_on": (1, "running"), "ends_inquiry": (0, "met")},
    signing_start: {
        "notice_last_day": (date(2026, 1, 16), date(2026, 1, 16)),
        "notice_over_for_dossier": (date(2026, 1, 21), date(2026, 1, 16)),
    },
    inquiry_days: {
        "by_operator": ([date(2026, 1, 16), date(2026, 1, 16)], date(2026, 1, 16)),
        "added_by_themselves": ([date(2026, 1, 21), date(2026, 1, 23)], date(2026, 1, 16)),
    },
    late_substitution: {  # three months from 1 September; 22 September to 17 January are 118 days
        "breach_reported": (PLACED, ("breached", date(2025, 12, 1), None), True),
        "time_elsewhere_not_counted": (PLACED, ("running", date(2026, 3, 30), None), False),
    },
    notice_changed_schedule: {"printed_day_stands": (date(2025, 9, 30), date(2025, 9, 30), "NEGOTIATING")},
    firm_after_notice: {
        "told_first": ({"signing": date(2027, 6, 9)}, date(2027, 2, 23), "SIGNING", "DEEMED_ABANDONED")
    },
    signing_fault: {"agency_days_added": (date(2026, 1, 20), date(2026, 1, 16))},
    beyond_quota: {"as_announced": ["OUT_OF_QUOTA", "SELECTED"]},
    priority: {"breaks_ties": (["C", "B", "A"], ["D"])},
    aggregate: {"arithmetic_mean": Fraction(20999, 300)},
    pass_mark: {
        "at_mark_passes": (["SELECTED", "SELECTED", "BELOW_THRESHOLD"], []),
        "above_mark_only": (["SELECTED", "BELOW_THRESHOLD", "BELOW_THRESHOLD"], ["SCORE_LT_70"]),
    },
    veto_item: {
        "majority": [("SELECTED", []), ("BELOW_THRESHOLD", ["VETO_ITEM"]), ("SELECTED", [])],
        "any_expert": [*[("BELOW_THRESHOLD", ["VETO_ITEM"])] * 2, ("SELECTED", [])],
    },
    result_list: {"proposed_only": None, "others_with_reasons": [("P03", ["排名在公告名额之外"])]},
    tie_key: {
        "expert_draw": ("", ["P03", "P01", "P02"]),
        "later_source": ("P01、P02、P03 同分，须抽签定先后", ["P01", "P03", "P02"]),
    },
    recusal_floor: {"substitutes_in_order": ([0, 2, 3], 3)},
    computed_conflict: {"employer_leaves_pool": Z03_OUT},
    declared_interests: {"counts": {"Z01": ["interest"]}},
    past_evaluation: {"counts": ({"Z02": ["past_evaluation"]}, False), "no_conflict": ({}, True)},
    unknown_declaration: {"leaves_pool": {"Z08": ["unknown"]}},
    draw_challenge: {"annuls_draw": ((), "名册漏列一人", 3)},
    penalty_authority: {"listed_only": ([["PENALTY_WITHIN_3Y"], []], [(), ("县税务局",)])},
    penalty_kind: {
        "counts_unless_judged": (*IN_DOUBT, "PRELIM_FAILED"),
        "judged_first": (*IN_DOUBT, "“责令暂停医药服务”是否属于行政处罚须由人判断"),
    },
    gene_testing: {"reasoned_judgement": ([1, 0, 0], [["NO_GENE_TESTING"], [], ["NO_GENE_TESTING"]])},
    bar_last_day: {"no_roll": [True, False, False], "roll": [True, True, False]},
    technical_certificate: {"when_oncology_drugs": [True, False]},
    charity_agreement: {"when_priority_claimed": ([True, False], [True, False])},
}
CASES = [(act, choice) for act, values in DOES.items() for choice in values]


@pytest.fixture
def database_kind() -> str:
    """What a choice does is told on the quicker database; the acts themselves are tested on both."""
    return "sqlite"


def chosen(name: str, choice: str, folder: Path) -> Path:
    """A folder with the policy file of a county that reads it so."""
    [line] = [one for one in FILE.splitlines() if one.startswith(f"  {name}: {{choice: ")]
    other = line.replace(f"choice: {READINGS[name].choice},", f"choice: {choice},", 1)
    (folder / "special_drug.yaml").write_text(FILE.replace(line, other), encoding="utf-8")
    return folder


def test_every_choice_that_the_file_offers_is_in_a_row_here() -> None:
    offered = {(name, choice) for name, reading in READINGS.items() for choice in reading.choices}
    assert {(act.__name__, choice) for act, choice in CASES} == offered


def test_no_choice_comes_to_the_same_as_another() -> None:
    same = [act.__name__ for act, does in DOES.items() if len({repr(one) for one in does.values()}) < len(does)]
    assert same == []


@pytest.mark.parametrize(("act", "choice"), CASES, ids=[f"{act.__name__}={choice}" for act, choice in CASES])
def test_a_choice_does_what_it_says(at_stage: Stage, tmp_path: Path, act: Callable[[World], Any], choice: str) -> None:
    folder = chosen(act.__name__, choice, tmp_path)
    policy = load_policy(folder=folder)
    assert policy.reads(act.__name__) == choice

    def begin(stage: str, variant: str = "") -> Rehearsal:
        rehearsal = at_stage(stage, variant)
        pin_text(rehearsal.url, newest_text(folder=folder))
        return rehearsal

    assert act(World(policy, begin)) == DOES[act][choice]
