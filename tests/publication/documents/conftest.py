"""Rounds that documents are made of: a finished one with an awkward name, and one with a hundred pharmacies."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from models.database import transaction
from publication.documents.making import Made, make
from rules.vocabulary import DocumentKind
from tests.support.rounds import replayed, small_round

HOSTILE = '堃玥喆昇犇𠮷药房#panic("x") *粗* $x$ @a <b>&{{ 7*7 }}'
REFS = {
    DocumentKind.ANNOUNCEMENT: 1,
    DocumentKind.DRAW_RECORD: 1,
    DocumentKind.NOTICE: 1,
    DocumentKind.RESULT: 3,
    DocumentKind.PRELIMINARY_OPINION: 2,
    DocumentKind.RESULT_LETTER: 2,
    DocumentKind.AGREEMENT: 2,
    DocumentKind.FILING_SHEET: 2,
    DocumentKind.REVIEW_SUMMARY: 1,
    DocumentKind.EVALUATION_REQUEST: 1,
    DocumentKind.EVALUATION_RECORD: 2,
}
Maker = Callable[..., Made]


def pages_of(made: Made) -> list[str]:
    """The text of each page, without spaces and line breaks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made.content)).pages]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round: H01, P01 (application 2, with the awkward name) and P02."""
    url, _ = replayed(tmp_path_factory.mktemp("finished"), small_round(names={"P01": HOSTILE}))
    return url


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round with a hundred pharmacies."""
    url, _ = replayed(tmp_path_factory.mktemp("crowded"), small_round(pharmacies=100))
    return url


@pytest.fixture
def made(finished: str) -> Maker:
    """Makes a document of the finished round."""

    def of(kind: DocumentKind, **options: object) -> Made:
        with transaction(finished) as session:
            return make(session, kind, REFS[kind], **options)  # type: ignore[arg-type]

    return of
