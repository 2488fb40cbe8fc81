"""请假代办和移交: what waits for one shows to another, and nobody gets a role or may confirm what he may not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import AuditRecord, DossierHandler, JournalEntry, Proposal, StaffAbsence
from models.database import reading, transaction
from rules.case import Event
from rules.errors import DingdianError, NotEntitledError
from tasks.absences import covered_by
from tasks.announce import register_staff
from tasks.proposing import confirm, submit
from tasks.staffing import leave
from tests.gate.test_contacts import ask, refused
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed
from views.my_tasks import my_tasks

AT = "2025-09-16 15:00"
AWAY = {"do": "absence", "from_on": "2025-09-17", "to_on": "2025-09-19", "deputy": "1005"}
IN, BEYOND = "2025-09-18 09:00", "2025-09-20 00:00"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return staffed(at_stage("accepted"))


def away(office: Rehearsal, by: str = "1003", **fields: str) -> str:
    answer = ask(office, "/gate/absences", by=by, at=AT, **{**AWAY, **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


def asked_of(office: Rehearsal, second: str, by: str = "1001") -> Proposal:
    """A staff change is proposed by the director; here a proposal that asks one named person, as forms of 78 do."""
    with transaction(office.url) as session:
        one = Proposal(
            act="list_add",
            about="H01",
            shown=[],
            fields_sealed="",
            digest=f"{second}{by}",
            asked=second,
            proposed_by=by,
            proposed_at=beijing(AT),
            last_day=beijing("2025-09-30 00:00").date(),
        )
        session.add(one)
        session.flush()
    return one


def told(office: Rehearsal, staff_no: str, role: str, at: str, **more: Any) -> dict[str, Any]:
    with reading(office.url) as session:
        return my_tasks(session, staff_no, [role], beijing(at), **more)


def said(office: Rehearsal) -> list[dict[str, Any]]:
    """What the journal says in words, in order."""
    with reading(office.url) as session:
        entries = session.execute(select(JournalEntry).order_by(col(JournalEntry.seq))).scalars()
        return [one for entry in entries for one in entry.said]


def to_confirm(office: Rehearsal, staff_no: str, role: str, at: str) -> list[int]:
    return [one["number"] for one in told(office, staff_no, role, at)["to_confirm"]]


def test_what_one_is_asked_to_confirm_shows_to_his_deputy_while_he_is_away(office: Rehearsal) -> None:
    number = asked_of(office, "1003", by="1004").id
    assert to_confirm(office, "1005", "discipline", IN) == []
    away(office)
    for at, shown in {"2025-09-16 23:59": [], IN: [number], "2025-09-19 23:59": [number], BEYOND: []}.items():
        assert to_confirm(office, "1005", "discipline", at) == shown
    assert to_confirm(office, "1003", "discipline", IN) == [number]
    assert told(office, "1003", "discipline", IN)["away"] == {
        "deputy": "1005",
        "until": beijing("2025-09-19 00:00").date(),
    }


def test_a_deputy_confirms_with_a_role_of_his_own_and_the_record_says_for_whom(at_stage: Stage) -> None:
    """1004 takes a recorded mistake back; the form asks nobody, so the named one is set on the proposal."""
    office = staffed(at_stage("evaluating"))
    fields = {"expert_id": "Z01", "reason": "近亲属任职", "applicant_id": ""}
    with transaction(office.url) as session:
        register_staff(session, [{"staff_no": "1006", "name": "员1006", "roles": ["reviewer"]}])
    office.act("2025-09-17 10:00", "publish_draw_plan", by="1003", wanted=3, sources=["甲", "乙"])
    submit(
        office.url, Event("recuse_expert", beijing("2025-09-17 11:00"), "1001", {**fields, "evidence": "证明"}), KEYS
    )
    with transaction(office.url) as session:
        session.get_one(Proposal, 1).asked = "1002"
    with pytest.raises(DingdianError, match="此件请的是工号“1002”复核"):
        confirm(office.url, 1, "1006", beijing("2025-09-18 09:00"), KEYS)
    away(office, by="1002", deputy="1006")
    confirm(office.url, 1, "1006", beijing("2025-09-18 09:00"), KEYS)
    last = next(one for one in reversed(office.rows(AuditRecord)) if one.event == "confirm_proposal")
    assert (last.by, last.detail["fields"]["stands_in_for"]) == ("1006", "1002")
    office.is_sound()


def test_who_proposed_it_confirms_nothing_as_a_deputy(office: Rehearsal) -> None:
    asked_of(office, "1003", by="1005")
    away(office)
    assert to_confirm(office, "1005", "discipline", IN) == []


def test_who_proposes_names_nobody_who_then_confirms(office: Rehearsal) -> None:
    """The director proposes, enters an absence of the one who was asked, and finds him another: refused."""
    number = asked_of(office, "1003", by="1004").id
    away(office, by="1004", staff_no="1003")
    assert to_confirm(office, "1005", "discipline", IN) == []
    with pytest.raises(DingdianError, match="此件请的是工号“1003”复核"):
        confirm(office.url, number or 0, "1005", beijing(IN), KEYS)
    other = asked_of(office, "1003", by="1002").id
    assert to_confirm(office, "1005", "discipline", IN) == [other]


@pytest.mark.parametrize(
    ("by", "fields", "said"),
    [
        ("1003", {"deputy": "1001"}, "“代办人”须与请假人有同一岗位（纪检）"),
        ("1003", {"deputy": "1003"}, "“代办人”不能是本人"),
        ("1003", {"deputy": "9999"}, "不在在岗人员名单中"),
        ("1003", {"from_on": "2025-09-15"}, "“请假自”不早于今天"),
        ("1003", {"to_on": "2025-09-16"}, "“请假至”不早于“请假自”"),
        ("1003", {"to_on": "十九日"}, "“请假至”不是有效日期"),
        ("1001", {"staff_no": "1003"}, "只对主任开放"),
        ("1003", {"do": "end", "absence": "7"}, "没有这条请假登记"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(office: Rehearsal, by: str, fields: dict[str, str], said: str) -> None:
    assert said in refused(office, "/gate/absences", by=by, at=AT, **{**AWAY, **fields})


def test_two_who_stand_in_for_each_other_are_not_both_away(office: Rehearsal) -> None:
    away(office)
    assert "本人 1003 在 2025-09-17 至 2025-09-19 已登记请假" in refused(
        office, "/gate/absences", by="1003", at=AT, **AWAY
    )
    assert "代办人 1003 在" in refused(
        office, "/gate/absences", by="1005", at=AT, **{**AWAY, "deputy": "1003", "to_on": "2025-09-17"}
    )


def test_an_absence_ends_by_whose_it_is(office: Rehearsal) -> None:
    away(office)
    assert "只对主任开放" in refused(office, "/gate/absences", by="1005", at=AT, do="end", absence="1")
    assert ask(office, "/gate/absences", by="1003", at=IN, do="end", absence="1").status_code == 200
    with reading(office.url) as session:
        assert covered_by(session, "1005", beijing(IN).date()) == []
    assert [(one.ended_by, one.recorded_by) for one in office.rows(StaffAbsence)] == [("1003", "1003")]
    assert [one["event"] for one in said(office)][-2:] == ["absence_recorded", "absence_ended"]


def test_a_role_that_was_lost_shows_nothing_more(office: Rehearsal) -> None:
    asked_of(office, "1003", by="1004")
    away(office)
    leave(office.url, "1005", "server")
    assert to_confirm(office, "1005", "discipline", IN) == []


# --- who looks after a dossier -------------------------------------------------------------------------------------


def handle(office: Rehearsal, number: str, staff_no: str, by: str) -> int:
    fields = {"round": "1", "applicant": number, "staff_no": staff_no}
    return ask(office, "/gate/handler", by=by, at=AT, **fields).status_code


def test_one_s_own_dossiers_are_shown_alone_and_those_of_whom_one_stands_in_for(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        register_staff(session, [{"staff_no": "1006", "name": "员1006", "roles": ["reviewer"]}])
    assert handle(office, "P01", "1002", "1002") == 200

    def mine(staff_no: str, at: str) -> list[tuple[str, int]]:
        found = told(office, staff_no, "reviewer", at, only_mine=True)
        return [(row["first"], row["count"]) for row in found["to_do"]]

    assert [row["count"] for row in told(office, "1002", "reviewer", IN)["to_do"]] == [4]
    assert mine("1002", IN) == [("P01", 1)]
    assert mine("1006", IN) == []
    away(office, by="1002", deputy="1006")
    assert mine("1006", IN) == [("P01", 1)]
    assert mine("1006", BEYOND) == []
    assert told(office, "1006", "reviewer", IN)["handled"] == 1


def test_what_is_another_s_is_not_taken(office: Rehearsal) -> None:
    assert handle(office, "P01", "1002", "1002") == 200
    for by, staff_no in (("1001", "1001"), ("1001", ""), ("1003", "1003")):
        assert handle(office, "P01", staff_no, by) == 403
    assert handle(office, "P02", "1002", "1001") == 403
    assert handle(office, "P01", "1001", "1002") == 200
    assert handle(office, "P01", "1003", "1004") == 200
    assert handle(office, "P01", "9999", "1004") == 403
    assert handle(office, "X99", "1001", "1001") == 404
    assert [(one.staff_no, one.by) for one in office.rows(DossierHandler)] == [
        *(("1002", "1002"), ("1001", "1002"), ("1003", "1004"))
    ]


def test_everything_open_is_handed_over_with_a_record(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        register_staff(session, [{"staff_no": "1006", "name": "员1006", "roles": ["reviewer"]}])
    for number in ("P01", "H01"):
        handle(office, number, "1002", "1002")
    assert "有同一岗位的另一人" in refused(office, "/gate/absences", by="1002", at=AT, do="hand_over", to_no="1001")
    assert "只对主任开放" in refused(
        office, "/gate/absences", by="1001", at=AT, do="hand_over", from_no="1002", to_no="1006"
    )
    leave(office.url, "1002", "server")
    page = ask(office, "/gate/absences", by="1004", at=AT, do="hand_over", from_no="1002", to_no="1006")
    assert "1002 负责的在办案卷 2 件已移交 1006" in page.text
    assert told(office, "1006", "reviewer", IN)["handled"] == 2
    handed = {"event": "handed_over", "by": "1004", "from_no": "1002", "to_no": "1006", "dossiers": 2}
    assert said(office)[-1] == handed
    assert "没有可以移交的" in refused(
        office, "/gate/absences", by="1004", at=AT, do="hand_over", from_no="1002", to_no="1006"
    )


def test_a_handler_gives_no_right(office: Rehearsal) -> None:
    """Whoever looks after a dossier may do with it what his role may, and nothing else."""
    handle(office, "P01", "1001", "1001")
    assert told(office, "1001", "operator", IN, only_mine=True)["to_do"] == []
    with pytest.raises(NotEntitledError):
        office.act(IN, "sign_preliminary_opinion", by="1001", applicant_id="P01", judgements=[])
