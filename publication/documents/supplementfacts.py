"""The facts of what stands beside an agreement: 补充协议, 年度协议 (R60, R63), 续签协议, an edition of the stock
list (R54), a hold of the settlement (R82)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from models import Agreement, AgreementSupplement, AnnualAgreement, SettlementHold, StockList
from models.agreed import terms_on
from publication.documents.casefacts import TERM, articles
from publication.documents.head import Facts
from publication.documents.performancefacts import bare, contract_of, decided_under, row_of
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.terms import told_in_order
from rules.vocabulary import DocumentKind
from rules.wording import cn_date


def supplement_agreement(session: Session, supplement_id: int) -> Facts:
    """补充协议, to be signed by both sides; it bears the number under which it was signed."""
    kind = DocumentKind.SUPPLEMENT_AGREEMENT
    row: AgreementSupplement = row_of(session, AgreementSupplement, supplement_id, kind)
    one = contract_of(session, row.agreement_id, row.recorded_at)
    return {
        **one.head(kind, row.signed_on, row.ref),
        **decided_under(row.number),
        "title": "特殊药品定点医药机构服务协议补充协议",
        "reason": bare(row.reason),
        "changes": [{name: each[name] for name in ("label", "before", "after")} for each in row.changes],
        "other_terms": bare(row.other_terms),
        "effective_on": cn_date(row.effective_on),
        "signed_on": cn_date(row.signed_on),
    }


def stock_annex(session: Session, list_id: int) -> Facts:
    """附件备药清单 (R54): one edition of the list, as it was recorded."""
    kind = DocumentKind.STOCK_ANNEX
    row: StockList = row_of(session, StockList, list_id, kind)
    one = contract_of(session, row.agreement_id, row.recorded_at)
    return {
        **one.head(kind, min(row.valid_from, local_day(row.recorded_at)), row.ref),
        "title": "特殊药品服务协议附件：备药清单",
        "ref": row.ref,
        "valid_from": cn_date(row.valid_from),
        "count": str(len(row.entries)),
        "entries": [_drug(place, each) for place, each in enumerate(row.entries, 1)],
        "sha256": row.sha256,
    }


def _drug(place: int, one: Mapping[str, str]) -> list[str]:
    name = f"{one['generic']}（{one['brand']}）" if one["brand"] else one["generic"]
    days = f"{one['since'] or '执行之日'}起" + (f"至{one['until']}" if one["until"] else "")
    return [str(place), name, one["dosage_form"], one["specification"], one["maker"], one["price"] or "—", days]


def annual_agreement(session: Session, annual_id: int) -> Facts:
    """年度协议 (R63), to be signed by both sides; it bears the number under which it was signed."""
    kind = DocumentKind.ANNUAL_AGREEMENT
    row: AnnualAgreement = row_of(session, AnnualAgreement, annual_id, kind)
    one = contract_of(session, row.agreement_id, row.recorded_at)
    return {
        **one.head(kind, row.signed_on, row.ref),
        **decided_under(row.number),
        "title": f"特殊药品定点医药机构服务协议{row.year}年度协议",
        "year": str(row.year),
        "terms": [{name: each[name] for name in ("label", "told")} for each in row.terms],
        "from_on": cn_date(row.from_on),
        "until_on": cn_date(row.until_on),
        "signed_on": cn_date(row.signed_on),
    }


def renewal_agreement(session: Session, agreement_id: int) -> Facts:
    """续签协议 (六(三)), as it was signed: it follows another without a competition. Raises RefusedError
    for an agreement that renews none."""
    kind = DocumentKind.RENEWAL_AGREEMENT
    row = session.get(Agreement, agreement_id)
    previous = session.get(Agreement, row.previous_id) if row and row.previous_id else None
    if row is None or previous is None or previous.expires_on is None:
        raise RefusedError("该协议不是续签的：请填续签后的协议编号；首次签订的制作“服务协议”")
    one = contract_of(session, agreement_id, row.recorded_at)
    grade = str(one.applicant.facts.get("grade") or "")
    agreed = terms_on(session, agreement_id, row.effective_on).values() if row.effective_on else ()
    told = told_in_order(one.view.policy.terms_of(one.applicant.type, grade), agreed)
    return {
        **one.head(kind, row.signed_on, "续"),
        **decided_under(row.number),
        "title": "特殊药品定点医药机构服务协议（续签）",
        "previous": previous.number,
        "previous_expires_on": cn_date(previous.expires_on),
        "articles": articles(one.applicant.type, {name: getattr(row, name) for name in TERM}, told),
        "signed_on": cn_date(row.signed_on),
    }


def hold_notice(session: Session, hold_id: int) -> Facts:
    """暂停结算告知书 (R82): since when payment is held, and why; no suspension, and not counted as one."""
    kind = DocumentKind.HOLD_NOTICE
    row: SettlementHold = row_of(session, SettlementHold, hold_id, kind)
    one = contract_of(session, row.agreement_id, row.recorded_at)
    return {
        **one.head(kind, local_day(row.recorded_at), row.ref),
        "ref": row.ref,
        "from_on": cn_date(row.from_on),
        "reason": bare(row.reason),
    }
