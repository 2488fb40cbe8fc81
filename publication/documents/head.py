"""What every document says of itself, and small pieces of text that several of them share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from policies.documents import load_document_policy
from publication.documents.source import RoundSource
from publication.wording import cn_clause
from rules.vocabulary import DocumentKind
from rules.wording import cn_date

Facts = dict[str, Any]
DIGITS = "零一二三四五六七八九"


def head(kind: DocumentKind, view: RoundSource, title: str, day: date, serial: str) -> Facts:
    """Title, issuer, own number and date; `serial` is the part of the number that tells one document from another."""
    return {
        "kind": kind.value,
        "title": title,
        "agency": view.agency,
        "county": view.county,
        "season": view.season,
        "round": view.name,
        "place": view.place_on(day),
        "law": f"《{view.policy.title}办法》",
        "number": own_number(kind, view.county, view.year, serial),
        "date": cn_date(day),
        "day": [day.year, day.month, day.day],
    }


def own_number(kind: DocumentKind, county: str, year: int, serial: str) -> str:
    """Our own number of a document, until the office gives it one: 样例县特药责改〔2026〕2-1号."""
    return f"{county}特药{load_document_policy().documents[kind].series}〔{year}〕{serial}号"


def reasons_of(listed: list[dict[str, str]]) -> list[Facts]:
    """Reasons with their clauses, as they are printed."""
    return [{"text": one["text"], "clause": cn_clause(one["clause"])} for one in listed]


def day_or(day: date | None, otherwise: str = "") -> str:
    """A day as it is printed, or what stands in its place."""
    return cn_date(day) if day else otherwise


def exact(number: Any) -> str:
    """A score or maximum as people write it: 30, 33.4."""
    return f"{Decimal(str(number)).normalize():f}"


def hanzi(number: int) -> str:
    """1 to 99 in Chinese: 一, 十, 十二, 二十, 二十三."""
    tens, ones = divmod(number, 10)
    front = "" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return front + (DIGITS[ones] if ones else "")
