"""Renewals of a county in one week, and assessments of agreements of before: each as a single act, bad ones named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import Agreement
from rules.errors import InputError, RefusedError
from tasks.agreement_batches import AgreementWish, do_agreements, numbers_in
from tasks.batch import BatchReport
from tests.support.offices import credit_code
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal, beijing

FIRST, SECOND = "样例县特药协议〔2025〕1号", "样例县特药协议〔2025〕2号"


def batch(office: Rehearsal, kind: str, at: str, *numbers: str, **more: Any) -> BatchReport:
    wish = AgreementWish(kind, numbers, date.fromisoformat(at[:10]), BOSS, beijing(at), more.get("second", ""))
    return do_agreements(office.url, wish)


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """Three agreements in force since 3 November 2025."""
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    return office


def test_many_are_renewed_at_once_each_bad_one_is_named_and_nothing_is_done_twice(office: Rehearsal) -> None:
    every = sorted(one.number for one in office.rows(Agreement))
    third = every[2]
    gone = {"notice_on": "2026-07-01", "leaves_on": "2026-10-08", "is_public_hospital": False}
    office.sweep("2026-07-01 08:00")
    office.act("2026-07-01 09:00", "leave_agreement", agreement_number=third, **gone)
    applied = batch(office, "apply_renewals", "2026-07-02 09:00", *every, "无此1号")
    assert [one for one, _ in applied.done] == [FIRST, SECOND]
    assert [one for one, _ in applied.refused] == [third, "无此1号"]
    assert "已申请退出" in applied.refused[0][1]
    again = batch(office, "apply_renewals", "2026-07-02 10:00", FIRST, "样例县特药协议[2025]2号")
    assert (again.done, again.already) == ([], [FIRST, SECOND])
    signed = batch(office, "sign_renewals", "2026-09-01 09:00")  # whoever waits
    assert ([one for one, _ in signed.done], signed.refused) == ([FIRST, SECOND], [])
    new = [one for one in office.rows(Agreement) if one.previous_id]
    assert {(one.effective_on, one.expires_on) for one in new} == {(date(2026, 11, 3), date(2027, 11, 2))}
    assert len({one.number for one in new}) == 2
    with pytest.raises(RefusedError, match="没有等候续签的协议"):
        batch(office, "sign_renewals", "2026-09-01 10:00")
    with pytest.raises(InputError, match="须列明协议编号"):
        batch(office, "apply_renewals", "2026-09-01 10:00")
    office.is_sound()


def test_many_of_before_are_assessed_at_once_by_two_persons(at_stage: Stage) -> None:
    office = at_stage("announced")
    about = {"type": "pharmacy", "effective_on": "2024-06-01", "expires_on": "2026-05-31", "suspensions": 0}
    every = [
        {**about, "name": f"旧店{n}", "credit_code": credit_code(n), "agreement_number": f"旧{n}号"} for n in (6, 7)
    ]
    office.act("2025-08-21 09:00", "import_agreements", entries=every)
    with pytest.raises(InputError, match="复核人工号"):
        batch(office, "assess_fit", "2025-08-25 09:00", "旧6号")
    report = batch(office, "assess_fit", "2025-08-25 09:00", *numbers_in("旧6号\n旧7号，旧6号"), second=OFFICE)
    assert [one for one, _ in report.done] == ["旧6号", "旧7号"]
    assert {one.assessed_on for one in office.rows(Agreement)} == {date(2025, 8, 25)}
