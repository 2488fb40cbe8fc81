"""Those who object: anonymous, again, withdrawing, answered; and the time limit of each inquiry (五(三))."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from foundation.secrets import Keyring
from models import Deadline, Notification, Objection
from models.complainant import Complainant
from models.database import transaction
from notifications.retention import reseal
from policies.loader import load_policy
from rules.case import Event
from rules.errors import RefusedError
from tasks import case_loading
from tasks.documents.replying import reply_letter
from tasks.perform import perform
from tasks.surroundings import surrounded
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from views.objection_pages import objection_rows, objections_of

Choose = Callable[[str, str], None]
ZHAO = {"name": "赵某某", "phone": "13900001111", "email": "", "address": "样例县人民路1号"}
QIAN = {"name": "钱某某", "phone": "", "email": "qian@example.invalid", "address": ""}


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Sets an open reading as another county's file would."""

    def choose(name: str, choice: str) -> None:
        policy = load_policy()
        assert choice in policy.readings[name].choices
        chosen = replace(policy.readings[name], choice=choice)
        other = replace(policy, readings={**policy.readings, name: chosen})
        monkeypatch.setattr(case_loading, "policy_of", lambda *_: other)

    return choose


def object_to(rehearsal: Rehearsal, at: str, ref: str, **fields: Any) -> str:
    about = {
        "applicant_id": "P01",
        "via": "online",
        "allegation": "营业面积不足",
        "received_at": beijing(at).isoformat(),
    }
    return rehearsal.act(at, "record_objection", ref=ref, **{**about, **fields}).summary


def resolve(rehearsal: Rehearsal, at: str, ref: str, *, true: bool = False) -> str:
    return rehearsal.act(at, "resolve_objection", ref=ref, substantiated=true, finding="经核查").summary


def register(rehearsal: Rehearsal, at: str, **who: dict[str, str]) -> str:
    entries = [{"ref": ref.replace("_", "-"), **one} for ref, one in who.items()]
    event = Event("register_complainants", beijing(at), "全能员", {"complainants": entries})
    with surrounded(keys=KEYS):
        return perform(rehearsal.url, event).summary


def rows(rehearsal: Rehearsal) -> dict[str, Objection]:
    return {one.ref: one for one in rehearsal.rows(Objection)}


def test_an_anonymous_objection_holds_as_any_other_and_is_owed_no_answer(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1", is_anonymous=True)
    assert rehearsal.case("P01").holds == 1
    resolve(rehearsal, "2025-09-25 10:00", "Y-1")
    reply = {"ref": "Y-1", "replied_on": "2025-09-26", "how": "paper", "proof": "EMS1"}
    said = rehearsal.refused("2025-09-26 10:00", "reply_objection", **reply)
    assert said == "异议 Y-1 是匿名异议，无从答复，不必登记"


def test_where_the_county_reads_it_so_an_anonymous_objection_is_looked_into_and_holds_nothing(
    at_stage: Stage, reading: Choose
) -> None:
    reading("anonymous_objection", "no_hold")
    rehearsal = at_stage("result_notice")
    said = object_to(rehearsal, "2025-09-24 10:00", "Y-1", is_anonymous=True)
    assert "期内匿名异议，照常核查，不暂停程序" in said
    assert rehearsal.case("P01").holds == 0
    resolve(rehearsal, "2025-09-25 10:00", "Y-1", true=True)
    assert (rehearsal.state("P01"), rehearsal.case("P01").holds) == ("DISQUALIFIED_PUBLICITY_1", 0)


def test_the_same_matter_by_the_same_person_is_one_inquiry_and_each_is_answered(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    said = object_to(rehearsal, "2025-09-24 11:00", "Y-2", allegation="营业面积，不足。")
    assert "内容与 Y-1 相同：登记异议人后，同一人提出的将自动并案" in said
    assert "与 Y-1 并案" in register(rehearsal, "2025-09-24 12:00", Y_1=ZHAO, Y_2={**ZHAO, "name": "赵先生"})
    assert rows(rehearsal)["Y-2"].duplicate_of == rows(rehearsal)["Y-1"].id
    assert rehearsal.case("P01").holds == 2
    assert "异议 Y-2、Y-1 经核查不属实" in resolve(rehearsal, "2025-09-26 10:00", "Y-2")
    assert ({one.status for one in rows(rehearsal).values()}, rehearsal.case("P01").holds) == ({"dismissed"}, 0)
    for ref in ("Y-1", "Y-2"):
        reply = {"ref": ref, "replied_on": "2025-09-28", "how": "paper", "proof": f"EMS-{ref}"}
        rehearsal.act("2025-09-28 10:00", "reply_objection", **reply)
    assert {one.reply_proof for one in rows(rehearsal).values()} == {"EMS-Y-1", "EMS-Y-2"}
    rehearsal.is_sound()


@pytest.mark.parametrize(
    ("second", "who", "at"),
    [("营业面积不足", QIAN, "2025-09-24 11:00"), ("冷链不足", ZHAO, "2025-09-24 11:00")],
    ids=["another person", "another matter"],
)
def test_what_is_not_the_same_stays_apart(at_stage: Stage, second: str, who: dict[str, str], at: str) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    object_to(rehearsal, at, "Y-2", allegation=second)
    register(rehearsal, "2025-09-24 12:00", Y_1=ZHAO, Y_2=who)
    assert [one.duplicate_of for one in rows(rehearsal).values()] == [None, None]
    resolve(rehearsal, "2025-09-26 10:00", "Y-1")
    assert (rows(rehearsal)["Y-2"].status, rehearsal.case("P01").holds) == ("open", 1)


def test_an_operator_links_a_repetition_when_taking_it_down(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    assert "与 Y-1 并案核查、分别答复" in object_to(rehearsal, "2025-09-24 11:00", "Y-2", duplicate_of="Y-1")
    object_to(rehearsal, "2025-09-24 12:00", "Y-3", duplicate_of="Y-2")
    first = rows(rehearsal)["Y-1"].id
    assert [one.duplicate_of for one in rows(rehearsal).values()] == [None, first, first]
    other = {
        "applicant_id": "H01",
        "via": "online",
        "allegation": "x",
        "received_at": beijing("2025-09-24 13:00").isoformat(),
    }
    said = rehearsal.refused("2025-09-24 13:00", "record_objection", ref="Y-4", duplicate_of="Y-1", **other)
    assert said == "异议 Y-1 针对的不是同一机构的同一次公示，不能并案：请作为新的异议登记"
    resolve(rehearsal, "2025-09-26 10:00", "Y-3", true=True)
    assert (rehearsal.state("P01"), rehearsal.case("P01").holds) == ("DISQUALIFIED_PUBLICITY_1", 0)
    assert {one.status for one in rows(rehearsal).values()} == {"upheld"}


def test_a_withdrawal_is_noted_and_the_inquiry_goes_on(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    withdrawn = {"ref": "Y-1", "withdrawn_on": "2025-09-25", "reason": "已与机构沟通"}
    said = rehearsal.act("2025-09-25 10:00", "withdraw_objection", **withdrawn).summary
    assert "已登记撤回异议 Y-1（核查继续，结论作出前仍暂停）" in said
    assert (rehearsal.case("P01").holds, rehearsal.deadline("P01", "objection_inquiry")[0]) == (1, "running")
    again = rehearsal.refused("2025-09-26 10:00", "withdraw_objection", **withdrawn)
    assert again == "异议 Y-1 已于 2025-09-25 登记撤回，无需重复办理"
    resolve(rehearsal, "2025-09-26 10:00", "Y-1", true=True)
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"


def test_where_the_county_reads_it_so_a_withdrawal_ends_the_inquiry(at_stage: Stage, reading: Choose) -> None:
    reading("withdrawn_objection", "ends_inquiry")
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    object_to(rehearsal, "2025-09-25 10:00", "Y-2", allegation="冷链不足")
    withdrawn = {"withdrawn_on": "2025-09-26", "reason": "误会"}
    assert "（核查终止）" in rehearsal.act("2025-09-26 10:00", "withdraw_objection", ref="Y-1", **withdrawn).summary
    assert (rehearsal.case("P01").holds, rows(rehearsal)["Y-1"].status) == (1, "withdrawn")
    assert [one.start_on for one in rehearsal.rows(Deadline) if one.kind == "objection_inquiry"] == [date(2025, 9, 25)]
    rehearsal.act("2025-09-26 11:00", "withdraw_objection", ref="Y-2", **withdrawn)
    assert rehearsal.deadline("P01", "objection_inquiry") == ("met", date(2025, 10, 22), date(2025, 9, 26))
    rehearsal.sweep("2025-10-01 00:05")
    assert (rehearsal.case("P01").holds, rehearsal.state("P01")) == (0, "NEGOTIATING")
    rehearsal.is_sound()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2025-09-23", "撤回日期 2025-09-23 早于收到异议之日 2025-09-24，请核对日期"),
        ("2025-09-27", "撤回日期 2025-09-27 晚于录入日，请在实际发生之后登记"),
    ],
)
def test_a_withdrawal_on_a_day_that_cannot_be(at_stage: Stage, day: str, said: str) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    fields = {"ref": "Y-1", "withdrawn_on": day, "reason": "误会"}
    assert rehearsal.refused("2025-09-26 10:00", "withdraw_objection", **fields) == said


def test_the_inquiry_has_a_limit_of_its_own_and_a_late_finding_is_a_breach(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    assert rehearsal.deadline("P01", "objection_inquiry") == ("running", date(2025, 10, 21), None)
    rehearsal.sweep("2025-10-21 23:59:59")
    assert rehearsal.deadline("P01", "objection_inquiry")[0] == "running"
    rehearsal.sweep("2025-10-22 00:00:00")
    assert rehearsal.deadline("P01", "objection_inquiry") == ("breached", date(2025, 10, 21), None)
    assert (rehearsal.state("P01"), "authority_breach" in rehearsal.messages("P01")) == ("NOTICE_RESULT", True)
    resolve(rehearsal, "2025-10-23 10:00", "Y-1")
    assert rehearsal.deadline("P01", "objection_inquiry") == ("breached", date(2025, 10, 21), date(2025, 10, 23))


def test_the_clock_runs_from_the_oldest_open_objection(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-25 10:00", "Y-1")
    object_to(rehearsal, "2025-09-26 10:00", "Y-2", allegation="冷链不足")
    late = {"via": "post", "postmarked_on": "2025-09-24", "received_at": beijing("2025-09-24 16:00").isoformat()}
    object_to(rehearsal, "2025-09-28 10:00", "Y-3", allegation="人员不足", **late)
    assert rehearsal.deadline("P01", "objection_inquiry")[1] == date(2025, 10, 21)
    resolve(rehearsal, "2025-09-28 11:00", "Y-3")
    assert rehearsal.deadline("P01", "objection_inquiry") == ("running", date(2025, 10, 22), None)
    resolve(rehearsal, "2025-09-28 12:00", "Y-2")
    assert rehearsal.deadline("P01", "objection_inquiry")[1] == date(2025, 10, 22)
    resolve(rehearsal, "2025-09-28 13:00", "Y-1")
    assert rehearsal.deadline("P01", "objection_inquiry") == ("met", date(2025, 10, 22), date(2025, 9, 28))
    rehearsal.is_sound()


def test_the_inquiry_outlives_the_dossier(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    rehearsal.act("2025-09-25 10:00", "withdraw_application", applicant_id="P01", reason="自愿")
    assert rehearsal.deadline("P01", "objection_inquiry")[0] == "running"
    rehearsal.sweep("2025-10-22 00:05")
    assert (rehearsal.state("P01"), rehearsal.deadline("P01", "objection_inquiry")[0]) == ("WITHDRAWN", "breached")


def test_a_complaint_after_publication_is_looked_into_within_the_limit(at_stage: Stage) -> None:
    rehearsal = at_stage("published")
    object_to(rehearsal, "2025-11-06 10:00", "Y-1")
    rehearsal.sweep("2025-11-28 00:05")
    assert rehearsal.deadline("P01", "objection_inquiry")[:2] == ("breached", date(2025, 11, 27))
    resolve(rehearsal, "2025-11-28 10:00", "Y-1", true=True)
    assert rehearsal.state("P01") == "PUBLISHED"


REPLY = {"ref": "Y-1", "replied_on": "2025-09-26", "how": "书面送达", "proof": "EMS1"}


def test_an_answer_is_recorded_once_after_the_finding(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    assert "尚未作出核查结论，不能登记答复" in rehearsal.refused("2025-09-26 09:00", "reply_objection", **REPLY)
    resolve(rehearsal, "2025-09-26 10:00", "Y-1")
    early = rehearsal.refused("2025-09-26 11:00", "reply_objection", **{**REPLY, "replied_on": "2025-09-25"})
    assert early == "答复日期 2025-09-25 早于作出结论之日 2025-09-26，请核对日期"
    rehearsal.act("2025-09-26 12:00", "reply_objection", **REPLY)
    again = rehearsal.refused("2025-09-26 13:00", "reply_objection", **REPLY)
    assert again == "异议 Y-1 已于 2025-09-26 答复，不能重复登记"


def test_the_letter_names_the_objector_and_opening_it_is_on_record(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    at = beijing("2025-09-26 15:00")
    with pytest.raises(RefusedError, match="尚未作出核查结论，不能生成答复书"):
        reply_letter(rehearsal.url, "Y-1", "全能员", at, KEYS)
    resolve(rehearsal, "2025-09-26 10:00", "Y-1")
    with pytest.raises(RefusedError, match="还没有登记异议人"):
        reply_letter(rehearsal.url, "Y-1", "全能员", at, KEYS)
    register(rehearsal, "2025-09-26 11:00", Y_1=ZHAO)
    with pytest.raises(RefusedError, match="不在在岗人员名单中"):
        reply_letter(rehearsal.url, "Y-1", "外人", at, KEYS)
    letter = reply_letter(rehearsal.url, "Y-1", "全能员", at, KEYS)
    assert letter.startswith("赵某某：\n　　你（单位）于2025年9月24日")
    assert ("核查结论：情况不属实" in letter, letter.rstrip().endswith("邮箱：—")) == (True, True)
    opened = [one for one in dump(rehearsal.url)["audit_record"] if one["event"] == "open_complainant"]
    assert [(one["by"], one["detail"]["fields"]) for one in opened] == [("全能员", {"ref": "Y-1"})]
    rehearsal.is_sound()


def test_who_objects_is_nowhere_legible(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    register(rehearsal, "2025-09-24 11:00", Y_1=ZHAO)
    resolve(rehearsal, "2025-09-26 10:00", "Y-1")
    held = str(dump(rehearsal.url))
    assert [one for one in ZHAO.values() if one and one in held] == []
    sealed = rows(rehearsal)["Y-1"]
    assert Complainant.unseal(KEYS, sealed.id or 0, sealed.complainant_sealed) == Complainant(**ZHAO)
    assert "赵" not in repr(Complainant(**ZHAO))


def test_registering_is_refused_twice_and_for_an_unknown_number(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    register(rehearsal, "2025-09-24 11:00", Y_1=ZHAO)
    before = dump(rehearsal.url)
    for ref, said in (("Y_1", "异议 Y-1 的异议人已登记，不能改登"), ("Y_9", "没有编号为“Y-9”的异议，请核对")):
        with pytest.raises(RefusedError, match=said):
            register(rehearsal, "2025-09-24 12:00", **{ref: QIAN})
    assert changed(before, dump(rehearsal.url)) == {}


def test_a_change_of_key_keeps_the_objectors_and_who_is_the_same(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1")
    register(rehearsal, "2025-09-24 11:00", Y_1=ZHAO)
    new = Keyring(bytes(range(100, 132)), (KEYS.current,))
    with transaction(rehearsal.url) as session:
        reseal(session, new)
    held = rows(rehearsal)["Y-1"]
    alone = Keyring(new.current)
    assert Complainant.unseal(alone, held.id or 0, held.complainant_sealed) == Complainant(**ZHAO)
    assert held.complainant_bidx == Complainant(**ZHAO).index(alone)


def test_the_list_of_objections_tells_what_is_owed(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "Y-1", is_anonymous=True)
    object_to(rehearsal, "2025-09-24 11:00", "Y-2", duplicate_of="Y-1")
    resolve(rehearsal, "2025-09-26 10:00", "Y-1")
    object_to(rehearsal, "2025-09-26 11:00", "Y-3", allegation="冷链不足")
    with rehearsal.session() as session:
        ctx = case_loading.context_of(session, case_loading.newest_round(session))
        found = objection_rows(objections_of(session, ctx, date(2025, 10, 27)))
    assert [row[0] for row in found] == ["Y-1", "Y-2", "Y-3"]
    assert [row[5:] for row in found] == [
        ("不属实", "2025-10-21", "", "匿名，无从答复"),
        ("不属实", "2025-10-21", "Y-1", "待登记异议人后答复"),
        ("核查中", "2025-10-23（已逾期）", "", "待结论"),
    ]
    assert [one for one in rehearsal.rows(Notification) if "营业面积" in str(one.params)] == []
