"""先看通知: what is shown before an act is what the act then writes, word for word; and the look leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from flows.forms import FORMS
from foundation.settings import reset_settings
from models import Agreement, Applicant
from models.database import engine_for, transaction
from notifications.outbox import N, as_they_stand
from notifications.reading import Written
from rules.case import Event
from rules.errors import NotEntitledError, RefusedError
from rules.evaluation import EVALUATION
from rules.performance import PERFORMANCE
from rules.vocabulary import Channel
from tasks.acts import ACTS
from tasks.messages.foretelling import FORETOLD, LEFT_OUT, Foretold, foretell, letter
from tasks.surroundings import surrounded
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, TOPICS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed

ACT: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "passed": ("accepted", "2025-09-10 10:00", "sign_preliminary_opinion", {"judgements": {}}),
    "withdrawn": ("accepted", "2025-09-10 10:00", "withdraw_application", {"reason": "自愿撤回"}),
    "concluded": ("scored", "2025-09-22 18:30", "conclude_evaluation", {}),
    "objected": (
        *("result_notice", "2025-09-24 10:00", "record_objection"),
        {"ref": "P01-9", "received_at": "2025-09-24T09:30:00+08:00", "via": "online", "allegation": "面积不足"},
    ),
    "agreed": ("negotiating", "2025-10-15 10:00", "record_negotiation", {"topics": TOPICS, "consensus": True}),
    "disagreed": (
        *("negotiating", "2025-10-15 10:00", "record_negotiation"),
        {"topics": TOPICS, "consensus": False, "open_point": "价格<b>{{7*7}}"},
    ),
    "delayed": (
        *("signing", "2025-11-03 10:00", "record_agency_delay"),
        {"delay_from": "2025-10-27", "delay_to": "2025-10-29", "cause": "系统停机"},
    ),
    "signed": ("signing", "2025-11-03 10:00", "sign_agreement", {"signed_on": "2025-11-03"}),
    "filed": ("signed", "2025-11-04 10:00", "file_agreement", {"filed_on": "2025-11-04"}),
}


@pytest.fixture(autouse=True)
def _short_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_SMS_PROVIDER", "simulated")
    monkeypatch.setenv("DINGDIAN_SMS_SIGN_NAME", "样例县医保")
    reset_settings()


def asked(do: str, at: str, fields: dict[str, Any], by: str = BOSS) -> Event:
    of = {"applicant_id": "P01"} if "applicant_id" in FORMS[do].model_fields else {}
    form = FORMS[do].model_validate({"by": by, **of, **fields})
    return Event(do, beijing(at), by, form.fields(), form.round_id)


def whose(office: Rehearsal, applicant_id: str = "P01") -> int:
    return next(one.id for one in office.rows(Applicant) if one.applicant_id == applicant_id)


def told(office: Rehearsal, at: str, pk: int) -> tuple[Written, ...]:
    """What the outbox holds for an applicant from an instant, in the words that would go out."""
    with surrounded(database_url=office.url), transaction(office.url) as session:
        rows = as_they_stand(session, N.c.created_at == beijing(at), N.c.applicant_pk == pk)
        return tuple(letter(session, row, held) for row, held in rows)


def seen(office: Rehearsal, event: Event) -> Foretold:
    """A look that changes nothing: not a row of any table, not a number that must have no gap."""
    before, numbers = dump(office.url), gapless(office.url)
    try:
        return foretell(office.url, event, whose(office))
    finally:
        assert (dump(office.url), gapless(office.url)) == (before, numbers)


def gapless(url: str) -> list[Any]:
    """Rounds, notices, proposals and papers are called by their numbers by people: none may be used up by a look."""
    if engine_for(url).dialect.name != "postgresql":
        return []
    kept = [f"{table}_id_seq" for table in ("round", "notice", "proposal", "document", "manual_task")]
    query = text("SELECT sequencename, last_value FROM pg_sequences WHERE sequencename = ANY(:kept) ORDER BY 1")
    with engine_for(url).connect() as connection:
        found = [tuple(row) for row in connection.execute(query, {"kept": kept})]
    assert len(found) == len(kept)
    return found


@pytest.mark.parametrize("case", ACT)
def test_what_is_shown_is_what_the_act_then_writes(at_stage: Stage, case: str) -> None:
    stage, at, do, fields = ACT[case]
    office = at_stage(stage)
    found = seen(office, asked(do, at, fields))
    again = seen(office, asked(do, at, fields))
    assert found == again
    receipt = office.act(at, do, **asked_of(do), **fields)
    assert found.said == receipt.summary
    mine = tuple(one for one in found.letters if one.to not in ("主管领导", "经办机构"))
    assert mine == told(office, at, whose(office))
    assert mine[0].channel is Channel.EMAIL


def asked_of(do: str) -> dict[str, Any]:
    return {"applicant_id": "P01"} if "applicant_id" in FORMS[do].model_fields else {}


def test_the_office_is_told_in_the_look_as_well(at_stage: Stage) -> None:
    _, at, do, fields = ACT["objected"]
    office = at_stage("result_notice")
    assert "异议待核查报告" in [one.title for one in seen(office, asked(do, at, fields)).letters]


def test_others_whom_the_act_tells_are_named_by_their_numbers(at_stage: Stage) -> None:
    _, at, do, fields = ACT["concluded"]
    assert seen(at_stage("scored"), asked(do, at, fields)).others == ("H01", "P02", "P03")


def test_what_fell_due_before_is_done_first_in_the_look_too(at_stage: Stage) -> None:
    """The notice ran out on 30 September; no sweep has run since."""
    office = at_stage("result_notice")
    fields = {"topics": TOPICS, "consensus": True}
    found = seen(office, asked("record_negotiation", "2025-10-15 10:00", fields))
    assert [one.title for one in found.letters if one.channel is Channel.EMAIL] == ["谈判结果告知书"]
    office.act("2025-10-15 10:00", "record_negotiation", applicant_id="P01", **fields)
    assert found.letters == told(office, "2025-10-15 10:00", whose(office))[-len(found.letters) :]


def test_a_refusal_is_the_acts_own_and_nobody_else_s_act_is_shown(at_stage: Stage) -> None:
    office = staffed(at_stage("accepted"))
    with pytest.raises(RefusedError, match="签"):
        seen(office, asked("sign_agreement", "2025-09-10 10:00", {"signed_on": "2025-09-10"}, by="1004"))
    with pytest.raises(NotEntitledError):
        seen(office, asked("sign_preliminary_opinion", "2025-09-10 10:00", {"judgements": {}}, by="1001"))


def test_whoever_saw_the_site_is_told_that_another_must_confirm(at_stage: Stage) -> None:
    office = staffed(at_stage("accepted"))
    event = asked("sign_preliminary_opinion", "2025-09-10 10:00", {"judgements": {}}, by="1002")
    assert not seen(office, event).needs_second
    visit = {"findings": {}, "visited_on": "2025-09-08", "visitors": ["1002", "1001"], "minutes": "看过"}
    office.act("2025-09-08 10:00", "verify_site", by="1002", applicant_id="P01", **visit)
    assert seen(office, event).needs_second


AGREEMENT: dict[str, tuple[str, dict[str, Any]]] = {
    "found": (
        "record_finding",
        {"code": "V7", "facts": "重复收费三笔", "evidence": "检查记录", "served_on": "2025-11-20"},
    ),
    "leaving": (
        "leave_agreement",
        {"notice_on": "2025-11-20", "leaves_on": "2026-03-20", "is_public_hospital": False},
    ),
}


@pytest.mark.parametrize("case", AGREEMENT)
def test_letters_of_an_agreement_are_read_before_as_well(at_stage: Stage, case: str) -> None:
    do, fields = AGREEMENT[case]
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    number = next(one.number for one in office.rows(Agreement) if "P01" in one.number or one.application_id == 2)
    at, named = "2025-11-20 10:00", {"agreement_number": number, **fields}
    found = seen(office, asked(do, at, named))
    office.act(at, do, **named)
    assert found.letters == told(office, at, whose(office))
    assert found.letters


def test_every_act_that_tells_an_applicant_is_shown_or_says_why_not() -> None:
    shown = {act for acts in FORETOLD.values() for act in acts}
    telling = {row.event for table in (EVALUATION.table, PERFORMANCE.table) for row in table if row.tells}
    assert {act for act in telling & set(ACTS) if act not in shown} <= {*LEFT_OUT, "report_to_city"}
    assert not shown & set(LEFT_OUT)
    assert all(LEFT_OUT.values())
