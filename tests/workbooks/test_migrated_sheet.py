"""Agreements of before by workbook (R74): checked, written once, contacts sealed; the same again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foundation.secrets import unseal_contact
from models import Agreement, Applicant, AuditRecord
from tests.support.database import changed, dump
from tests.support.offices import credit_code
from tests.tasks.rehearsal import KEYS
from tests.workbooks.sheetparts import Desk, edited, fill, said

DeskAt = Callable[[str], Desk]
OLD: dict[str, Any] = {
    **{"agreement_number": "旧1号", "type": "零售药店", "name": "样例旧药房", "credit_code": credit_code(7)},
    **{"effective_on": "2024-06-01", "expires_on": "2026-05-31", "suspensions": 1},
    **{"contact.name": "联系人甲", "contact.phone": "19900019999", "contact.email": "someone@example.invalid"},
}
OTHER = {"agreement_number": "旧2号", "type": "医疗机构", "name": "样例旧医院", "credit_code": credit_code(8)}
OTHER |= {"level": "二级甲等", "effective_on": "2024-06-01", "expires_on": "2026-05-31", "suspensions": 0}


@pytest.fixture
def database_kind() -> str:
    """The act is tested on both kinds beside its own tests; the sheet on the quicker one."""
    return "sqlite"


def sheet(desk: Desk, *rows: dict[str, Any]) -> Path:
    path = desk.download("migrated")
    with edited(path) as book:
        fill(book["在册协议"], *rows)
    return path


def test_a_sheet_is_tried_written_and_brought_again(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = sheet(desk, OLD, OTHER)
    before = dump(desk.round.url)
    report = desk.bring(path)
    assert (report.good, report.faults, report.is_written) == (("旧1号", "旧2号"), (), False)
    assert changed(before, dump(desk.round.url)) == {}
    assert desk.bring(path, write=True).is_written
    rows = {one.number: one for one in desk.round.rows(Agreement)}
    assert {number: (row.state, row.suspensions_before) for number, row in rows.items()} == {
        "旧1号": ("IN_FORCE", 1),
        "旧2号": ("IN_FORCE", 0),
    }
    [one, other] = [row for row in desk.round.rows(Applicant) if row.round_id == 2]
    contact = unseal_contact(KEYS, one.id, one.contact_sealed)
    assert (contact.phone, one.phone_masked, other.contact_sealed) == ("19900019999", "199****9999", "")
    assert other.facts == {"grade": "二级甲等"}
    told = f"{[row.detail for row in desk.round.rows(AuditRecord)]}"
    assert not [secret for secret in ("19900019999", "someone@example.invalid", "联系人甲") if secret in told]
    after = dump(desk.round.url)
    again = desk.bring(path, write=True)
    assert (again.already, again.is_written) == (("旧1号", "旧2号"), False)
    assert changed(after, dump(desk.round.url)) == {}
    desk.round.is_sound()


def test_bad_rows_are_named_by_cell_and_the_good_ones_go_in(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    over = OTHER | {"expires_on": "2025-01-01"}
    third = OTHER | {"agreement_number": "旧3号", "credit_code": credit_code(9), "suspensions": 3}
    path = sheet(desk, OLD, over, OLD, third)
    report = desk.bring(path, write=True, good=True)
    assert report.good == ("旧1号",)
    assert report.copy
    places = [(place.partition("!")[2][0], what) for place, _, what in said(report)]
    assert "已于 2025-01-01 到期" in places[0][1]
    assert [column for column, _ in places] == ["B", "B", "J"]
    assert places[1][1] == "“旧1号”重复"
    assert [one.number for one in desk.round.rows(Agreement)] == ["旧1号"]
