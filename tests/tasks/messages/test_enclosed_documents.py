"""The official documents that go with messages: those that the office makes, of the dossier that is meant."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from models import Application, Notification
from models.database import transaction
from notifications.attachments import Attachment
from notifications.outbox import Claim
from publication.documents.making import make
from rules.vocabulary import DocumentKind
from tasks.messages.enclosures import DOCUMENTS, enclosed
from tasks.surroundings import surrounded
from tests.support.rounds import replayed, small_round

NOW = datetime(2025, 9, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A concluded round in which P02 is beyond the quota."""
    scenario = small_round(quota={"hospital": 1, "pharmacy": 1}, until="concluded")
    url, _ = replayed(tmp_path_factory.mktemp("enclosed"), scenario)
    with surrounded(database_url=url):
        yield url


def claim(event: str, application_id: int) -> Claim:
    return Claim(
        id=70, token=1, event=event, audience="applicant", applicant_pk=1, contact_sealed="", params={},
        created_at=NOW, dedupe_key="k", message_ref="", attempts=0, unknowns=0, lost=0, lease_until=NOW,
        has_consent=False, is_mandatory=False, generation=0, provider_ref="", last_detail="", template_version="1",
        round_id=1, subject="application", subject_id=application_id,
    )  # fmt: skip


def text_of(document: Attachment) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(document.content)).pages)


def test_the_opinion_goes_with_its_message(url: str) -> None:
    (document,) = enclosed(claim("preliminary_opinion", 2))
    assert document.name == "样例县2025年度特殊药品定点医药机构初审意见书.pdf"
    assert document.words.endswith("（样例县特药初审〔2025〕P01号，1页）")
    with transaction(url) as session:
        assert document.content == make(session, DocumentKind.PRELIMINARY_OPINION, 2).content


@pytest.mark.parametrize(("application_id", "said"), [(2, "95.00名次第1名"), (3, "排名在公告名额之外（五（二））。")])
def test_the_result_goes_with_its_message(url: str, application_id: int, said: str) -> None:
    (document,) = enclosed(claim("evaluation_result", application_id))
    assert said in text_of(document)


def test_every_message_of_a_round_that_has_a_document_can_bring_it(url: str) -> None:
    with transaction(url) as session:
        owed = select(Notification.event, Notification.subject_id).where(Notification.event.in_(DOCUMENTS))  # type: ignore[attr-defined]
        rows = [tuple(row) for row in session.execute(owed)]
        cases = len(list(session.execute(select(Application.id))))
    assert len(rows) == 2 * cases
    made = [enclosed(claim(event, application_id)) for event, application_id in rows]
    assert [len(one) for one in made] == [1] * len(rows)


def test_equal_rows_make_equal_documents(url: str) -> None:
    assert enclosed(claim("evaluation_result", 1)) == enclosed(claim("evaluation_result", 1))
    assert Path(enclosed(claim("evaluation_result", 1))[0].name).suffix == ".pdf"
