"""Makes one document of one kind from the records: the one way that the office, the public site and messages take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import OfficialDocument
from publication.documents import (
    assessmentfacts,
    casefacts,
    evaluationfacts,
    noticefacts,
    performancefacts,
    reviewfacts,
    roundfacts,
    supplementfacts,
    word,
)
from publication.documents.fonts import fonts_of, used
from publication.documents.head import Facts
from publication.documents.typeset import pages_of, template_version, typeset
from publication.wording import plain
from rules.audit import sha256
from rules.errors import RefusedError
from rules.vocabulary import DocumentKind
from rules.wording import code_point_of, rare_characters

FACTS: Mapping[DocumentKind, Callable[[Session, int], Facts]] = {
    DocumentKind.ANNOUNCEMENT: roundfacts.announcement,
    DocumentKind.PRELIMINARY_OPINION: casefacts.preliminary_opinion,
    DocumentKind.RESULT_LETTER: casefacts.result_letter,
    DocumentKind.DRAW_RECORD: roundfacts.draw_record,
    DocumentKind.AGREEMENT: casefacts.agreement,
    DocumentKind.FILING_SHEET: casefacts.filing_sheet,
    DocumentKind.REVIEW_SUMMARY: reviewfacts.review_summary,
    DocumentKind.EVALUATION_REQUEST: reviewfacts.evaluation_request,
    DocumentKind.EVALUATION_RECORD: evaluationfacts.evaluation_record,
    DocumentKind.FINDING_NOTICE: performancefacts.finding_notice,
    DocumentKind.INSPECTION_RECORD: performancefacts.inspection_record,
    DocumentKind.RECTIFICATION_NOTICE: performancefacts.rectification_notice,
    DocumentKind.SUSPENSION_NOTICE: performancefacts.suspension_notice,
    DocumentKind.RESUMPTION_NOTICE: performancefacts.resumption_notice,
    DocumentKind.DISSOLUTION_NOTICE: performancefacts.dissolution_notice,
    DocumentKind.SERVICE_RECEIPT: performancefacts.service_receipt,
    DocumentKind.ASSESSMENT_NOTICE: assessmentfacts.assessment_notice,
    DocumentKind.SETTLEMENT_SHEET: assessmentfacts.settlement_sheet,
    DocumentKind.WARNING_NOTICE: performancefacts.warning_notice,
    DocumentKind.SUPPLEMENT_AGREEMENT: supplementfacts.supplement_agreement,
    DocumentKind.ANNUAL_AGREEMENT: supplementfacts.annual_agreement,
    DocumentKind.RENEWAL_AGREEMENT: supplementfacts.renewal_agreement,
    DocumentKind.HOLD_NOTICE: supplementfacts.hold_notice,
    DocumentKind.STOCK_ANNEX: supplementfacts.stock_annex,
}
OF_A_ROUND = (
    *(DocumentKind.ANNOUNCEMENT, DocumentKind.DRAW_RECORD),
    *(DocumentKind.REVIEW_SUMMARY, DocumentKind.EVALUATION_REQUEST, DocumentKind.WORK_LEDGER),
)
OF_A_NOTICE: Mapping[DocumentKind, Callable[[Session, int, date | None], Facts]] = {
    DocumentKind.NOTICE: noticefacts.notice,
    DocumentKind.RESULT: noticefacts.result,
}
FIXED: Mapping[DocumentKind, str] = {
    DocumentKind.AGREEMENT: "协议已按编号“{number}”签订",
    DocumentKind.SUPPLEMENT_AGREEMENT: "补充协议已按编号“{number}”签订",
    DocumentKind.ANNUAL_AGREEMENT: "年度协议已按编号“{number}”签订",
    DocumentKind.RENEWAL_AGREEMENT: "协议已按编号“{number}”续签",
    DocumentKind.SUSPENSION_NOTICE: "暂停已按决定文号“{number}”登记",
    DocumentKind.DISSOLUTION_NOTICE: "解除已按决定文号“{number}”登记",
    DocumentKind.SERVICE_RECEIPT: "送达回证随所送文书的字号“{number}”",
}
PDF, DOCX = "pdf", "docx"
MEDIA_TYPES = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A document as bytes, with what is recorded of it. `name` is made of our own numbers only; `described`
    are the characters that no font has and that stand in a PDF as their codes; in a Word file, those that the fonts of
    whoever opens it may lack."""

    kind: DocumentKind
    ref: int
    file_format: str
    name: str
    content: bytes
    title: str
    number: str
    day: date
    data_sha256: str
    template_version: str
    fonts: Mapping[str, str]
    pages: int | None
    described: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def note(self) -> str:
        """What a person must know of characters that no font has; empty where there are none."""
        if not self.described:
            return ""
        codes = "、".join(code_point_of(one) for one in self.described)
        if self.file_format == DOCX:
            said = f"有 {len(self.described)} 个生僻字（{codes}），打开文件的电脑没有相应字体时显示为空框"
            return f"{said}：请核对，必要时安装含有这些字的字体或改用 PDF"
        said = f"有 {len(self.described)} 个字没有可用的字体，文中以字码 {codes} 代替"
        return f"{said}：请核对，或安装含有这些字的字体后重做"

    @property
    def media_type(self) -> str:
        """Its MIME type."""
        return MEDIA_TYPES[self.file_format]


def make(
    session: Session,
    kind: DocumentKind,
    ref: int,
    *,
    file_format: str = PDF,
    number: str = "",
    planned_on: date | None = None,
) -> Made:
    """A document from the records as they stand; nothing is written. `number` (发文字号) stands in place of our own;
    without one, the number that the document was last made with is kept. `planned_on`: when a notice that has not been
    posted is to be."""
    return compose(kind, ref, gather(session, kind, ref, number=number, planned_on=planned_on), file_format)


def gather(
    session: Session, kind: DocumentKind, ref: int, *, number: str = "", planned_on: date | None = None
) -> Facts:
    """Everything that a document tells, its number included: what needs the database."""
    return numbered(session, kind, ref, facts_of(session, kind, ref, planned_on), number)


def numbered(session: Session, kind: DocumentKind, ref: int, facts: Facts, number: str = "") -> Facts:
    """What a document tells, with its number: the given one, else that of the last time, else our own."""
    if facts.get("is_numbered"):
        _expect_same(kind, facts["number"], number)
    elif given := number or _number_given(session, kind, ref):
        facts["number"] = plain(given)
    return facts


def _expect_same(kind: DocumentKind, fixed: str, number: str) -> None:
    """What was signed or decided under a number bears that one: another would name another agreement or decision."""
    if number and plain(number) != fixed:
        done = FIXED[kind].format(number=fixed)
        raise RefusedError(f"{done}，不能另编“{plain(number)}”：请把发文字号留空")


def compose(kind: DocumentKind, ref: int, facts: Facts, file_format: str = PDF) -> Made:
    """Sets what was gathered; asks the database nothing, so that no transaction has to wait for it."""
    described: tuple[str, ...] = ()
    if file_format == DOCX:
        content, version, fonts, pages = word.fill(kind, facts), word.template_version(kind), {}, None
        described = rare_characters(_texts(facts))
    else:
        fonts_dir = get_settings().fonts_dir
        version, fonts, set_ = template_version(kind), used(fonts_of(fonts_dir)), typeset(kind, facts, fonts_dir)
        content, described = set_.content, set_.described
        pages = pages_of(content)
    return Made(
        kind=kind,
        ref=ref,
        file_format=file_format,
        name=f"{kind.value.replace('_', '-')}-{ref}.{file_format}",
        content=content,
        title=facts["title"],
        number=facts["number"],
        day=date(*facts["day"]),
        data_sha256=sha256(facts),
        template_version=version,
        fonts=fonts,
        pages=pages,
        described=described,
    )


def facts_of(session: Session, kind: DocumentKind, ref: int, planned_on: date | None = None) -> Facts:
    """What a document tells, ready to be set: every text on one line, without invisible characters."""
    told = OF_A_NOTICE[kind](session, ref, planned_on) if kind in OF_A_NOTICE else FACTS[kind](session, ref)
    return laid_flat(told)


def laid_flat(told: Facts) -> Facts:
    """What a document tells, every text on one line, without invisible characters."""
    cleaned: Facts = _one_line(told)
    return cleaned


def _one_line(value: Any) -> Any:
    """Every text without control characters, direction marks and line breaks."""
    if isinstance(value, Mapping):
        return {name: _one_line(one) for name, one in value.items()}
    return [_one_line(one) for one in value] if isinstance(value, list) else plain(value)


def _texts(value: Any) -> Iterator[str]:
    """Every text of the facts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _number_given(session: Session, kind: DocumentKind, ref: int) -> str:
    """The number of the newest record of the same document; empty when it was never made."""
    same = col(OfficialDocument.kind) == kind, col(OfficialDocument.ref) == ref
    query = select(col(OfficialDocument.number)).where(*same).order_by(col(OfficialDocument.id).desc()).limit(1)
    found: str | None = session.execute(query).scalar()
    return found or ""
