"""The facts of a 补充协议 (R60, R63): what it changes from what to what, from when on, as it was signed."""

from __future__ import annotations

from sqlmodel import Session

from models import AgreementSupplement
from publication.documents.head import Facts
from publication.documents.performancefacts import bare, contract_of, decided_under, row_of
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
