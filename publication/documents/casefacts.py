"""The facts of documents about one dossier: opinion, result letter, agreement, filing sheet (五(一) to 五(三))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Agreement,
    Applicant,
    Application,
    ApplicationMaterial,
    AuditRecord,
    DossierCopy,
    FilingReceipt,
    Notice,
    NoticeEntry,
)
from models.agreed import draft_of, terms_on
from models.subjects import is_of_dossier
from policies.yamlfile import read
from publication.documents.head import Facts, day_or, hanzi, head, reasons_of
from publication.documents.source import RoundSource, round_source
from publication.wording import cn_clause
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.terms import Drafted, Term, told_in_order
from rules.vocabulary import ApplicantType, CopyHolder, DocumentKind, NoticeKind, State
from rules.wording import cn_date

ARTICLES = Path(__file__).resolve().parent / "agreement.yaml"
MAY_BE_AGREED = (State.SIGNING, State.SIGNED, State.FILED, State.PUBLISHED)
TERM = ("effective_on", "expires_on")
BY_HAND = {
    **dict.fromkeys(("stock_rate", "use_rate"), "不低于＿＿＿＿%"),
    **dict.fromkeys(("settlement_method", "settlement_standard"), "＿＿＿＿＿＿＿＿"),
}
A_DAY_BY_HAND = "＿＿＿＿年＿＿月＿＿日"
SUBJECTS = {"gene_testing": "基因检测能力（原则上具备）", "penalties": "处罚种类（认可即不是行政处罚）"}


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application with its applicant and round."""

    view: RoundSource
    applicant: Applicant
    application: Application

    def title(self, kind: DocumentKind) -> str:
        """样例县2025年度特殊药品定点医药机构初审意见书."""
        return f"{self.view.county}{self.view.season}特殊药品定点医药机构{kind.label}"

    def head(self, kind: DocumentKind, day: date) -> Facts:
        """The head of a document about the dossier."""
        return {
            **head(kind, self.view, self.title(kind), day, self.view.serial(self.applicant.applicant_id)),
            "name": self.applicant.name,
            "applicant_id": self.applicant.applicant_id,
            "type": ApplicantType(self.applicant.type).label,
        }


def dossier_of(session: Session, application_id: int) -> Dossier:
    """A dossier. Raises RefusedError when there is none."""
    application = session.get(Application, application_id)
    applicant = session.get(Applicant, application.applicant_pk) if application else None
    if application is None or applicant is None:
        raise RefusedError(f"没有第 {application_id} 号卷宗：请核对申请人编号")
    return Dossier(round_source(session, application.round_id), applicant, application)


def newest_of(session: Session, application_id: int, *events: str) -> AuditRecord | None:
    """The newest record of a dossier of one of these events."""
    about = is_of_dossier(AuditRecord, application_id)
    query = select(AuditRecord).where(*about, col(AuditRecord.event).in_(events))
    found: AuditRecord | None = session.execute(query.order_by(col(AuditRecord.seq).desc()).limit(1)).scalar()
    return found


def preliminary_opinion(session: Session, application_id: int) -> Facts:
    """五(一): the opinion as it was signed. Raises RefusedError before it is."""
    one = dossier_of(session, application_id)
    signed = newest_of(session, application_id, "sign_preliminary_opinion")
    if signed is None:
        raise RefusedError(f"{one.applicant.applicant_id} 尚未签署初审意见：请先办理“签署初审意见”")
    judged = signed.detail["fields"].get("judgements") or {}
    return {
        **one.head(DocumentKind.PRELIMINARY_OPINION, local_day(signed.at)),
        "accepted_on": day_or(one.application.accepted_on),
        "passed": signed.to_state == State.PRELIM_PASSED,
        "reasons": reasons_of(signed.detail.get("reasons", [])),
        "judgements": [_judgement(subject, given) for subject, given in sorted(judged.items())],
    }


def _judgement(subject: str, given: dict[str, Any]) -> Facts:
    verdict = "认可" if given["accepted"] else "不予认可"
    return {"subject": SUBJECTS[subject], "verdict": verdict, "reason": str(given["reason"])}


STANDINGS = ("conclude_evaluation", "move_up", "change_rank", "yield_place")  # what a result letter tells of


def result_letter(session: Session, application_id: int) -> Facts:
    """五(二): score, rank and what follows. Raises RefusedError before the evaluation is concluded."""
    one = dossier_of(session, application_id)
    concluded = newest_of(session, application_id, *STANDINGS)
    if concluded is None:
        raise RefusedError(f"{one.applicant.applicant_id} 尚无评估结果：请先办理“汇总评估结果”")
    told, state = concluded.detail, State(concluded.to_state)
    rank = f"第{told['rank']}名" if told.get("rank") else "评估不合格，不排名"
    quota = f"{one.view.quota[one.applicant.type]}家"
    return {
        **one.head(DocumentKind.RESULT_LETTER, local_day(concluded.at)),
        "clause": cn_clause(one.view.policy.clause("pass_mark")),
        "told": [["评估得分", str(told["mean_score"])], ["名次", rank], ["公告名额", quota], ["结论", state.label]],
        "reasons": reasons_of(told.get("reasons", [])),
    }


def agreement(session: Session, application_id: int) -> Facts:
    """五(三): the service agreement, to be signed or signed. Raises RefusedError before signing is open."""
    one = dossier_of(session, application_id)
    if one.application.state not in MAY_BE_AGREED or one.application.entered_at is None:
        label = State(one.application.state).label
        raise RefusedError(f"{one.applicant.applicant_id} 现处“{label}”：拟签约名单公示届满后才能制作协议")
    signed = _signed(session, application_id)
    day = one.application.signed_on or local_day(one.application.entered_at)
    term = {"effective_on": signed.effective_on, "expires_on": signed.expires_on} if signed else {}
    return {
        **one.head(DocumentKind.AGREEMENT, day),
        "title": "特殊药品定点医药机构服务协议",
        "number": signed.number if signed else "",
        "is_numbered": bool(signed and signed.number),
        "signed_on": day_or(one.application.signed_on),
        "articles": articles(one.applicant.type, term, _agreed(session, one, signed)),
    }


def _signed(session: Session, application_id: int) -> Agreement | None:
    first = col(Agreement.application_id) == application_id, col(Agreement.previous_id).is_(None)
    found: Agreement | None = session.execute(select(Agreement).where(*first)).scalar_one_or_none()
    return found


def _agreed(session: Session, one: Dossier, signed: Agreement | None) -> list[dict[str, str]]:
    """The terms as they were signed, or drafted, in words; none where nothing was drafted."""
    application_id = one.application.id or 0
    drafted: Sequence[Drafted | Term] = draft_of(session, application_id)
    if signed and signed.effective_on:
        drafted = list(terms_on(session, signed.id or 0, signed.effective_on).values())
    grade = {**one.applicant.facts, **one.application.findings}.get("grade") or ""
    return told_in_order(one.view.policy.terms_of(one.applicant.type, str(grade)), drafted)


def articles(type_: str, days: Mapping[str, date | None], terms: Sequence[Mapping[str, str]] = ()) -> list[Facts]:
    """The articles of the agreement for a type of institution, numbered. `days` are filled in by name (first and last
    day of the term, both included); one that is not known yet stays a line to write on. So do the terms, which an
    article of their own lists where there are any."""
    told = {one["code"]: one["told"].replace(" ", "") for one in terms}
    filled = {name: day_or(days.get(name), A_DAY_BY_HAND) for name in TERM}
    filled |= {name: told.get(name, line) for name, line in BY_HAND.items()}
    if {"settlement_standard", "annual_cap"} <= set(told):
        filled["settlement_standard"] = f"{told['settlement_standard']}；{told['annual_cap']}"
    return _numbered([*_articles(type_, filled), *_listed(terms)])


def _listed(terms: Sequence[Mapping[str, str]]) -> list[Facts]:
    lines = [f"{place}. {one['label']}：{one['told']}。" for place, one in enumerate(terms, 1)]
    return [{"heading": "协议指标和结算约定", "paragraphs": lines}] if lines else []


def _numbered(found: Sequence[Facts]) -> list[Facts]:
    return [{"number": hanzi(number), **one} for number, one in enumerate(found, 1)]


def _articles(type_: str, filled: Mapping[str, str]) -> list[Facts]:
    document = read(ARTICLES)
    listed = document.expect(("articles",), list)
    fitting = [place for place, one in enumerate(listed) if type_ in one.get("types", [type_])]
    return [
        {
            "heading": document.expect(("articles", place, "heading"), str),
            "paragraphs": [_filled(text, filled) for text in document.texts(("articles", place, "paragraphs"))],
        }
        for place in fitting
    ]


def _filled(text: str, days: Mapping[str, str]) -> str:
    for name, day in days.items():
        text = text.replace(f"{{{name}}}", day)
    return text


def filing_sheet(session: Session, application_id: int) -> Facts:
    """五(三): what goes to the county bureau with the agreement. Raises RefusedError before it is signed."""
    one = dossier_of(session, application_id)
    signed = _signed(session, application_id)
    if signed is None:
        raise RefusedError(f"{one.applicant.applicant_id} 尚未签订协议：请先办理“签订协议”")
    return {
        **one.head(DocumentKind.FILING_SHEET, signed.filed_on or signed.signed_on),
        "told": _filed(session, one, signed),
        "materials": _materials(session, one),
        "copies": _copies(session, one),
        "copies_needed": str(one.view.policy.count("dossier_copies")),
        "receipt": _receipt(session, signed.application_id),
        "filed_on": day_or(signed.filed_on),
    }


def _receipt(session: Session, application_id: int) -> list[list[str]]:
    """The county bureau's receipt as it was recorded; nothing where there is none."""
    query = select(FilingReceipt).where(col(FilingReceipt.application_id) == application_id)
    found: FilingReceipt | None = session.execute(query).scalar_one_or_none()
    if found is None:
        return []
    return [["回执编号", found.number], ["接收人", found.received_by], ["接收日期", cn_date(found.received_on)]]


def _copies(session: Session, one: Dossier) -> list[Facts]:
    """The three copies, and who holds each; one that was not recorded stays open to be filled in by hand."""
    query = select(DossierCopy).where(col(DossierCopy.application_id) == one.application.id)
    held = {row.holder: row for row in session.execute(query).scalars()}
    return [
        {
            "holder": holder.label,
            "kept_by": held[holder].kept_by if holder in held else "",
            "since": cn_date(held[holder].held_since) if holder in held else "",
        }
        for holder in CopyHolder
    ]


def _filed(session: Session, one: Dossier, signed: Agreement) -> list[list[str]]:
    opinion = newest_of(session, signed.application_id, "sign_preliminary_opinion")
    assert opinion is not None
    scored = f"{one.application.mean_score}分，第{one.application.rank}名"
    return [
        ["机构名称", one.applicant.name],
        ["申请人编号", one.applicant.applicant_id],
        ["类型", ApplicantType(one.applicant.type).label],
        ["受理日期", day_or(one.application.accepted_on)],
        ["初审意见签署日期", cn_date(local_day(opinion.at))],
        ["评估结果", scored],
        *([kind.label, days] for kind, days in _notices(session, signed.application_id)),
        ["协议编号", signed.number or "（无）"],
        ["协议签订日期", cn_date(signed.signed_on)],
        ["协议期限", f"{day_or(signed.effective_on)}至{day_or(signed.expires_on)}"],
        ["备案日期", day_or(signed.filed_on, "（待备案）")],
    ]


def _notices(session: Session, application_id: int) -> list[tuple[NoticeKind, str]]:
    query = select(Notice).join(NoticeEntry).where(col(NoticeEntry.application_id) == application_id)
    rows = session.execute(query.order_by(col(Notice.id))).scalars()
    return [
        (NoticeKind(row.kind), f"{day_or(row.starts_on)}至{day_or(row.last_day, '（暂定）')}（第{row.id}号）")
        for row in rows
        if row.kind != NoticeKind.FINAL_RESULT
    ]


def _materials(session: Session, one: Dossier) -> list[Facts]:
    query = select(ApplicationMaterial).where(col(ApplicationMaterial.application_id) == one.application.id)
    received = {row.code: row.received_at for row in session.execute(query).scalars()}
    return [
        {"code": material.code, "name": material.name, "received_on": cn_date(local_day(received[material.code]))}
        for material in one.view.policy.materials[one.applicant.type]
        if material.code in received
    ]
