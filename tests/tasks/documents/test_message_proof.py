"""通知送达情况证明: one message with its proof, as a PDF that the form makes and keeps."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from foundation.settings import reset_settings
from models import ManualTask, Notification, NotificationAttempt, OfficialDocument
from models.database import transaction
from rules.case import Event
from rules.errors import InputError, RefusedError
from rules.vocabulary import DocumentKind
from tasks.documents.filing import Filed, make_document
from tasks.documents.making import make_any
from tasks.documents.message_proof import OTHER, PURGED, SAME
from tasks.messages.sending import act
from tasks.surroundings import surrounded
from tests.board.test_message_page import ADDRESS, change, number_of, taken
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal, beijing

AT = "2025-09-12 10:00"
BLANK = {"item": "", "served": "", "file_format": "pdf", "number": "", "planned_on": None}
HOSTILE = "#set text(red) $x$ `y` *甲* _乙_ <z> @a"


@pytest.fixture(autouse=True)
def _folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    reset_settings()
    yield
    reset_settings()


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return at_stage("passed")


def proof(office: Rehearsal, number: int | str, **fields: Any) -> Filed:
    given = {"kind": DocumentKind.MESSAGE_PROOF, "about": str(number), **BLANK, **fields}
    with surrounded(now=beijing(AT), database_url=office.url, keys=KEYS):
        return make_document(office.url, Event("make_document", beijing(AT), BOSS, given))


def text_of(path: Path) -> str:
    pages = PdfReader(io.BytesIO(path.read_bytes())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_it_tells_the_text_and_every_try_and_bears_the_applicant_s_number(office: Rehearsal) -> None:
    taken(office)
    number = number_of(office)
    made = proof(office, number)
    assert made.path.name.startswith(f"message-proof-P01-{number}-")
    [tried] = [one for one in office.rows(NotificationAttempt) if one.notification_id == number]
    text = text_of(made.path)
    for told in (
        f"第{number}号，初审意见告知书",
        "P01样例大药房1店",
        tried.content_sha256,
        tried.to_masked,
        "已交付对方服务器",
    ):
        assert told.replace(" ", "") in text, told
    assert SAME in text
    assert ADDRESS not in text
    [kept] = office.rows(OfficialDocument)
    assert (kept.kind, kept.ref, kept.application_id) == ("message_proof", number, 2)


def test_equal_data_give_equal_bytes_and_one_row(office: Rehearsal) -> None:
    taken(office)
    assert proof(office, number_of(office)).sha256 == proof(office, number_of(office)).sha256
    assert len(office.rows(OfficialDocument)) == 1


def test_a_text_that_is_no_longer_the_one_that_went_is_said_so(office: Rehearsal) -> None:
    taken(office)
    number = number_of(office)
    row = next(one for one in office.rows(Notification) if one.id == number)
    change(office, number, params={**row.params, "applicant_name": HOSTILE})
    text = text_of(proof(office, number).path)
    assert OTHER in text
    assert "".join(HOSTILE.split()) in text


def test_a_delivery_by_hand_stands_in_it(office: Rehearsal) -> None:
    taken(office)
    number = number_of(office)
    task = next(one.id for one in office.rows(ManualTask) if one.notification_id == number)
    fields = {"task": task, "how": "paper", "delivered_on": date(2025, 9, 12), "proof": f"回证 7 号{HOSTILE}"}
    with surrounded(now=beijing(AT), database_url=office.url, keys=KEYS):
        act(office.url, Event("record_hand_delivery", beijing(AT), BOSS, fields))
    text = text_of(proof(office, number).path)
    for told in ("书面送达", "2025-09-12", f"回证7号{''.join(HOSTILE.split())}"):
        assert told in text, told


def test_after_the_text_was_cleared_the_evidence_is_printed(office: Rehearsal) -> None:
    taken(office)
    number = number_of(office)
    change(office, number, params={}, purged_at=beijing(AT))
    assert PURGED in text_of(proof(office, number).path)


@pytest.mark.parametrize(
    ("about", "fields", "error", "said"),
    [
        ("H01", {}, InputError, "须填通知号"),
        ("9" * 30, {}, InputError, "须填通知号"),
        ("9999", {}, RefusedError, "没有第 9999 号通知"),
        ("", {}, RefusedError, "尚未发出"),
        ("", {"file_format": "docx"}, InputError, "只有 PDF"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    office: Rehearsal, about: str, fields: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        proof(office, about or number_of(office), **fields)
    assert office.rows(OfficialDocument) == []


def test_it_is_made_without_being_kept_as_well(office: Rehearsal) -> None:
    taken(office)
    with surrounded(database_url=office.url), transaction(office.url) as session:
        made = make_any(session, DocumentKind.MESSAGE_PROOF, number_of(office))
    assert made.name == f"message-proof-P01-{number_of(office)}.pdf"
    assert office.rows(OfficialDocument) == []
