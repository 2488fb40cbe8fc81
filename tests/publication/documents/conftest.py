"""Rounds that documents are made of: a finished one with an awkward name, and one with a hundred pharmacies."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from pypdf import PdfReader

from models import Notification, OfficialDocument
from models.database import transaction
from publication.documents.making import Made, make
from rules.vocabulary import DocumentKind, MessageStatus
from tasks.documents.making import make_any
from tests.support.rounds import replayed, small_round

HOSTILE = '堃玥喆昇犇𠮷药房#panic("x") *粗* $x$ @a <b>&{{ 7*7 }}'
SECRET = "患者赵某某举报"  # in evidence and statements, which stay in the file
REFS = {
    DocumentKind.ANNOUNCEMENT: 1,
    DocumentKind.MESSAGE_PROOF: 2,
    DocumentKind.WORK_LEDGER: 1,
    DocumentKind.DOSSIER_COVER: 2,
    DocumentKind.DOSSIER_INDEX: 2,
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
    DocumentKind.INSPECTION_RECORD: 1,
    DocumentKind.FINDING_NOTICE: 1,
    DocumentKind.RECTIFICATION_NOTICE: 1,
    DocumentKind.SUSPENSION_NOTICE: 1,
    DocumentKind.RESUMPTION_NOTICE: 1,
    DocumentKind.DISSOLUTION_NOTICE: 1,
    DocumentKind.SERVICE_RECEIPT: 1,
    DocumentKind.WARNING_NOTICE: 1,
    DocumentKind.SUPPLEMENT_AGREEMENT: 1,
    DocumentKind.STOCK_ANNEX: 1,
    DocumentKind.HOLD_NOTICE: 1,
    DocumentKind.RENEWAL_AGREEMENT: 4,
    DocumentKind.ANNUAL_AGREEMENT: 1,
    DocumentKind.ASSESSMENT_NOTICE: 2025,
    DocumentKind.SETTLEMENT_SHEET: 202511,
}
# The year 2025 of all three institutions, assessed and concluded: a county whose table was public before it.
YEAR = (
    {
        **{"at": "2025-11-10T09:00:00+08:00", "do": "set_assessment_table", "by": "中心主任", "first_year": 2025},
        **{"title": "考核办法", "published_on": "2024-12-30", "published_where": "县政府网站"},
        "criteria": [{"type": type_, "code": "K1", "item": "服务", "max": "100"} for type_ in ("hospital", "pharmacy")],
    },
    *(
        {
            **{"at": "2026-01-04T09:00:00+08:00", "do": "record_assessment", "by": "复核员乙", "year": 2025},
            **{"applicant_id": number, "scores": {"K1": "92.5"}},
        }
        for number in ("H01", "P01", "P02")
    ),
    {"at": "2026-01-05T09:00:00+08:00", "do": "conclude_assessment", "by": "中心主任", "year": 2025},
)
# What happens to the agreement of P01 after its signature, in texts that must stay texts.
TERMS = {
    "stock_rate": "80",
    "settlement_method": "按项目",
    **{
        code: {"waived_why": f"县里尚未核定{HOSTILE}"}
        for code in ("settlement_standard", "pay_day", "annual_cap", "consumables")
    },
}
NOVEMBER = {"month": "2025-11", "values": {"stock_rate": "75.5"}, "source": "institution", "received_on": "2025-12-01"}
LIFE = (
    ("2025-10-24T09:00", "prepare_agreement", "经办员甲", {"terms": TERMS}),
    ("2025-12-01T09:00", "record_indicators", "经办员甲", NOVEMBER),
    ("2025-12-01T09:10", "issue_warning", "复核员乙", {"month": "2025-11", "served_on": "2025-12-01"}),
    (
        *("2025-11-26T09:00", "record_stock_list", "经办员甲"),
        {
            "valid_from": "2025-11-27",
            "entries": [
                {"generic": "奥希替尼片", "dosage_form": "片剂", "specification": "80mg×30片", "maker": f"厂{HOSTILE}"}
            ],
        },
    ),
    ("2025-11-25T09:00", "hold_settlement", "中心主任", {"from_on": "2025-11-25", "reason": f"核查{HOSTILE}。"}),
    ("2025-11-25T10:00", "apply_renewal", "经办员甲", {"applied_on": "2025-11-25"}),
    ("2025-11-25T11:00", "sign_renewal", "中心主任", {"signed_on": "2025-11-25"}),
    ("2025-11-26T10:00", "sign_annual", "中心主任", {"year": 2026, "signed_on": "2025-11-26", "terms": TERMS}),
    (
        *("2025-11-27T09:00", "sign_supplement", "中心主任"),
        {
            **{"signed_on": "2025-11-27", "effective_on": "2025-12-01", "reason": f"核定新的指标{HOSTILE}"},
            **{"terms": {"stock_rate": "85", "pay_day": f"每月25日{HOSTILE}"}, "other_terms": f"配送{HOSTILE}。"},
        },
    ),
    (
        *("2025-11-10T08:50", "record_inspection", "复核员乙"),
        {
            **{"kind": "routine", "held_on": "2025-11-10", "inspectors": ["复核员乙", "中心主任"], "refused": False},
            **{"minutes": f"账物不符{HOSTILE}。", "corrections": [f"更换价格牌{HOSTILE}"]},
            "matches": [{"what": "drug_quantity", "result": "differs"}],
        },
    ),
    (
        "2025-11-10T09:00",
        "record_finding",
        "复核员乙",
        {"code": "V7", "facts": f"重复收费三笔{HOSTILE}。", "evidence": SECRET},
    ),
    ("2025-11-18T09:00", "confirm_finding", "中心主任", {"finding": "1"}),
    (
        *("2025-11-18T10:00", "suspend_agreement", "中心主任"),
        {
            "decision_no": "样例县医保暂停〔2025〕1号",
            "findings": ["1"],
            "from_on": "2025-11-19",
            "confirmed_by": "复核员乙",
        },
    ),
    (
        *("2025-11-19T10:00", "order_rectification", "复核员乙"),
        {"findings": ["1"], "items": [f"退还{HOSTILE}", "整改收费系统；"], "served_on": "2025-11-19"},
    ),
    (
        *("2025-11-20T10:00", "hand_in_rectification", "经办员甲"),
        {"order": "1", "handed_in_at": "2025-11-20T09:00:00+08:00", "via": "counter"},
    ),
    ("2025-11-21T10:00", "re_inspect", "复核员乙", {"order": "1", "inspected_on": "2025-11-21", "result": "done"}),
    ("2025-11-21T11:00", "resume_agreement", "中心主任", {"reason": "整改到位"}),
    (
        *("2025-12-01T09:00", "record_finding", "复核员乙"),
        {"code": "D1", "facts": f"虚假凭证三份{HOSTILE}", "amount": "12800.50", "evidence": SECRET},
    ),
    (
        *("2025-12-02T09:00", "confirm_finding", "中心主任"),
        {"finding": "2", "statement_on": "2025-12-02", "statement": f"称系误录，{SECRET}"},
    ),
    (
        "2025-12-10T09:00",
        "dissolve_agreement",
        "中心主任",
        {"decision_no": "样例县医保解除〔2025〕1号", "confirmed_by": "复核员乙"},
    ),
    (
        *("2025-12-11T09:00", "record_service", "经办员甲"),
        {"served_on": "2025-12-11", "how": "直接送达", "proof": "回证1号"},
    ),
)
AFTER_SIGNATURE, OF_A_YEAR = tuple(REFS)[-15:-2], tuple(REFS)[-2:]
Maker = Callable[..., Made]


def pages_of(made: Made) -> list[str]:
    """The text of each page, without spaces and line breaks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made.content)).pages]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round: H01, P01 (application 2, with the awkward name; its first message is closed) and P02."""
    url, _ = replayed(tmp_path_factory.mktemp("finished"), small_round(names={"P01": HOSTILE}))
    with transaction(url) as session:
        told = session.get_one(Notification, 2)
        told.status, told.next_at, told.closed_at = MessageStatus.SUPPRESSED, None, told.created_at
    return url


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round at its first notice, with more pharmacies than two pages have lines."""
    url, _ = replayed(tmp_path_factory.mktemp("crowded"), small_round(pharmacies=60, until="2025-09-24T18:00:00+08:00"))
    return url


def lived(folder: Path, until: str = "2026-01-05T18:00:00+08:00") -> str:
    """A finished round whose agreement with P01 went through all of `LIFE` that lies before an instant."""
    extra = [
        {"at": f"{at}:00+08:00", "do": do, "by": by, "applicant_id": "P01", **fields} for at, do, by, fields in LIFE
    ]
    scenario = small_round(names={"P01": HOSTILE}, extra=extra, until=until)
    scenario["announcement"]["readings"] = {"annual_agreement": "yearly"}
    url, outcome = replayed(folder, scenario)
    assert outcome["refused"] == []
    return url


@pytest.fixture(scope="session")
def performed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round whose agreement with P01 was dissolved, with the order to rectify on file."""
    url = lived(tmp_path_factory.mktemp("performed"))
    with transaction(url) as session:
        paper = make(session, DocumentKind.RECTIFICATION_NOTICE, 1)
        copied = {name: getattr(paper, name) for name in ("ref", "file_format", "number", "title", "pages")}
        hashes = {name: getattr(paper, name) for name in ("template_version", "data_sha256")}
        session.add(
            OfficialDocument(
                **{
                    "round_id": 1,
                    "agreement_id": 2,
                    "kind": paper.kind.value,
                    "fonts": {},
                    "file_sha256": paper.sha256,
                },
                **{"created_at": datetime(2025, 11, 19, 4, tzinfo=UTC), "created_by": "复核员乙"},
                **copied,
                **hashes,
            )
        )
    return url


@pytest.fixture(scope="session")
def concluded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round whose institutions were assessed for 2025."""
    folder, until = tmp_path_factory.mktemp("concluded"), "2026-01-05T18:00:00+08:00"
    url, outcome = replayed(folder, small_round(names={"P01": HOSTILE}, extra=list(YEAR), until=until))
    assert outcome["refused"] == []
    return url


@pytest.fixture(scope="session")
def made_anew(finished: str, performed: str, concluded: str) -> Maker:
    """Makes a document of the finished round; one of an agreement's life, or of a year, of the rounds that went on."""

    def of(kind: DocumentKind, **options: object) -> Made:
        url = performed if kind in AFTER_SIGNATURE else concluded if kind in OF_A_YEAR else finished
        with transaction(url) as session:
            return make_any(session, kind, REFS[kind], **options)  # type: ignore[arg-type]

    return of


@pytest.fixture(scope="session")
def made(made_anew: Maker) -> Maker:
    """The same, each document once: many tests look at one."""
    return cache(made_anew)
