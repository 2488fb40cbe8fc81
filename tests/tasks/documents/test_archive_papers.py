"""定点工作台账, 案卷封面, 卷内目录: what each tells, of whom it says nothing, and that equal data give equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import delete

from foundation.settings import reset_settings
from models import (
    Applicant,
    Application,
    AuditRecord,
    DossierHandler,
    FormerName,
    ManualTask,
    NotificationAttempt,
    OfficialDocument,
)
from models.database import transaction
from publication.documents.casefacts import dossier_of
from publication.documents.making import Made
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.vocabulary import DocumentKind
from tasks.announce import register_staff
from tasks.documents.contents import Entry, Kind, contents_of
from tasks.documents.filing import Filed, make_document
from tasks.documents.making import make_any
from tasks.ledger import LedgerLine, ledger_of
from tasks.messages.sending import act
from tasks.surroundings import surrounded
from tests.board.test_message_page import number_of, taken
from tests.support.rounds import MATERIALS, replayed, small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal, beijing
from tests.tasks.test_taking_back import OPINION, take_back

LEDGER, COVER, INDEX = DocumentKind.WORK_LEDGER, DocumentKind.DOSSIER_COVER, DocumentKind.DOSSIER_INDEX
AT = "2025-11-06 10:00"
LONG = "样例县人民医药连锁集团有限责任公司第三特殊药品零售大药房城东新区中心广场分店（院内便民服务点）"
SECRETS = ("赵某某", "营业面积不足", "样例专家", "19900000", "@example")  # who objected, to what, who scored, contacts
MANY = 300
HEAD = "编号机构名称类型申请日受理日初审"
Given = Mapping[str, Any]


@pytest.fixture(autouse=True)
def _folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    yield
    reset_settings()


def pages(content: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def whole(made: Made) -> str:
    return "".join(pages(made.content))


def made(url: str, kind: DocumentKind, ref: int = 1) -> Made:
    with transaction(url) as session:
        return make_any(session, kind, ref)


def filed(office: Rehearsal, kind: DocumentKind, about: str = "", by: str = BOSS, **given: Any) -> Filed:
    blank = {"item": "", "served": "", "file_format": "pdf", "number": "", "planned_on": None}
    fields = {"kind": kind, "about": about, **blank, **given}
    with surrounded(now=beijing(AT), database_url=office.url, keys=KEYS):
        return make_document(office.url, Event("make_document", beijing(AT), by, fields))


def lines(office: Rehearsal) -> list[LedgerLine]:
    with transaction(office.url) as session:
        return ledger_of(session, office.context(session))


def entries(url: str, application_id: int) -> list[Entry]:
    with transaction(url) as session:
        return contents_of(session, dossier_of(session, application_id))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round; P02 (application 3) has a long name, and an objection that was not true."""
    scenario = small_round(names={"P02": LONG}, objections={"P02": False})
    return replayed(tmp_path_factory.mktemp("signed"), scenario)[0]


# --- ledger ------------------------------------------------------------------------------------------------------


def test_the_ledger_tells_the_whole_way_of_each(signed: str) -> None:
    paper = made(signed, LEDGER)
    told = whole(paper)
    for one in (
        *("样例县特药台账〔2025〕1号", "样例县2025年度特殊药品定点工作台账", "据截至2025年11月5日的办理记录"),
        *("共3家（医疗机构1家、零售药店2家）：在办0家，办结3家，尚未申请0家", LONG, "90.00第2名"),
        *("2025-09-012025-09-01合格2025-09-10", "评估结果2025-09-23至2025-09-30", "达成共识2025-10-15"),
        *("2025-11-032025-11-04已签订、备案并公布", "制表人："),
    ):
        assert one in told, one
    [page] = PdfReader(io.BytesIO(paper.content)).pages
    assert page.mediabox.width > page.mediabox.height


def test_the_ledger_tells_the_last_day_of_what_runs_and_who_handles_it(at_stage: Stage) -> None:
    office = at_stage("accepted")
    with transaction(office.url) as session:
        given = {"application_id": 2, "at": beijing("2025-09-05 09:00"), "by": BOSS}
        session.add_all([DossierHandler(staff_no="1009", **given), DossierHandler(staff_no=BOSS, **given)])
    [one] = [line for line in lines(office) if line.applicant.applicant_id == "P01"]
    assert one.limit is not None
    assert (one.limit.label, one.limit.due_on, one.handler.split()[0]) == ("初审期限", date(2025, 9, 30), BOSS)
    told = whole(made(office.url, LEDGER))
    assert "初审期限2025-09-30进行中" in told
    assert "据截至2025年9月5日的办理记录" in told


def test_an_opinion_that_was_taken_back_is_none(at_stage: Stage) -> None:
    office = at_stage("passed")
    assert [line.reviewed for line in lines(office)] == ["合格"] * 4
    take_back(office, "2025-09-11 09:00", "P01", OPINION)
    told = {line.applicant.applicant_id: line.reviewed for line in lines(office)}
    assert told == {"H01": "合格", "P01": "", "P02": "合格", "P03": "合格"}


def test_three_hundred_applicants_stand_on_many_pages_each_with_its_head(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(20, MANY - 20, until="2025-08-19T18:00:00+08:00"))
    found = pages(made(url, LEDGER).content)
    listed = [page for page in found if "样例大药房" in page or "样例县第" in page]
    assert len(listed) > 5
    assert [page.count(HEAD) for page in listed] == [1] * len(listed)
    assert [number for number in range(1, MANY - 19) if f"样例大药房{number}店" not in "".join(found)] == []


def test_a_round_without_applicants_has_a_ledger(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="announced"))
    with transaction(url) as session:
        for model in (Application, Applicant):
            session.execute(delete(model))
    paper = made(url, LEDGER)
    assert "共0家" in whole(paper)
    assert "本轮还没有登记机构。" in whole(paper)
    assert paper.day == date(2025, 8, 18)


# --- cover and index ---------------------------------------------------------------------------------------------


def test_the_cover_of_a_signed_dossier(signed: str) -> None:
    with transaction(signed) as session:
        changed = {"changed_at": beijing("2025-09-05 09:00"), "changed_by": BOSS, "evidence": "执照"}
        session.add(FormerName(subject="applicant", subject_id=3, name="旧名大药房", **changed))
        paper = make_any(session, COVER, 3)
        session.rollback()
    told = whole(paper)
    for one in (
        *("样例县特药封面〔2025〕P02号", f"{LONG}申请样例县2025年度特殊药品定点医药机构案卷", "旧名大药房（本轮"),
        *("申请日期2025年9月1日", "办结日期2025年11月5日", "处理结果已签订、备案并公布", "负责人（未指定）"),
        *("协议编号样例县特药协议〔2025〕3号", "归档号保管期限归档日期", f"卷内目录共{len(entries(signed, 3))}条"),
    ):
        assert one in told, one
    assert paper.pages == 1


def test_the_index_of_a_signed_dossier_in_order_of_days(signed: str) -> None:
    found = entries(signed, 3)
    assert [entry.on for entry in found] == sorted(entry.on for entry in found)
    told = [(str(entry.on), entry.kind.value, entry.title, entry.number) for entry in found]
    assert told[0] == ("2025-09-01", "材料", "特殊药品定点评估申请表", "P1")
    assert told[12:] == [
        ("2025-09-01", "决定", "登记申请：已受理，初审中", "记录 1"),
        ("2025-09-10", "决定", "签署初审意见：初审合格", "记录 2"),
        ("2025-09-15", "决定", "提出评估申请：已报县医疗保障局", "记录 3"),
        ("2025-09-16", "决定", "提出评估申请：实地评估中", "记录 4"),
        ("2025-09-22", "记录", "专家评分表（3 份）", ""),
        ("2025-09-22", "决定", "汇总评估结果：拟进入谈判，待公示", "记录 9"),
        ("2025-09-23", "异议", "异议登记（网上）", "P02-1"),
        ("2025-09-23", "公示", "评估结果公示（2025-09-23 至 2025-09-30）", "第 1 号"),
        ("2025-10-14", "决定", "异议核查结论：不属实", "P02-1"),
        ("2025-10-15", "期限效力", "公示届满（系统时钟）：谈判中", "记录 14"),
        ("2025-10-15", "决定", "录入谈判结果：已达成共识，待公示", "记录 15"),
        ("2025-10-16", "公示", "拟签约名单公示（2025-10-16 至 2025-10-23）", "第 2 号"),
        ("2025-10-24", "期限效力", "公示届满（系统时钟）：待签订协议", "记录 18"),
        ("2025-11-03", "决定", "签订协议：已签订，待备案", "记录 19"),
        ("2025-11-04", "决定", "协议备案：已备案，待公布", "记录 20"),
        ("2025-11-05", "公示", "定点名单公布", "第 3 号"),
    ]
    text = whole(made(signed, INDEX, 3))
    assert f"12025-09-01材料{told[0][2]}P1" in text
    assert all(entry.sha256[:12] in text for entry in found if entry.kind is Kind.NOTICE)


@pytest.mark.parametrize(("kind", "ref"), [(LEDGER, 1), (COVER, 3), (INDEX, 3)])
def test_who_objected_and_who_scored_stand_in_none_of_them(signed: str, kind: DocumentKind, ref: int) -> None:
    told = whole(made(signed, kind, ref))
    assert [one for one in SECRETS if one in told] == []


def test_a_dossier_that_was_rejected_at_once(tmp_path: Path) -> None:
    facts = {"P01": {"prior_termination": {"date": "2025-03-01", "kind": "解除"}}}
    url, _ = replayed(tmp_path, small_round(facts=facts, until="2025-09-02T18:00:00+08:00"))
    cover = whole(made(url, COVER, 2))
    for one in ("受理日期（未受理）", "办结日期2025年9月1日", "处理结果", "理由和依据", "六（三）"):
        assert one in cover, one
    found = entries(url, 2)
    assert [entry.number for entry in found if entry.kind is Kind.MATERIAL] == MATERIALS["pharmacy"]
    decided = [entry for entry in found if entry.kind is Kind.DECISION]
    assert [(str(entry.on), entry.title.partition("：")[0]) for entry in decided] == [("2025-09-01", "登记申请")]
    assert "不予受理" in whole(made(url, LEDGER))


def test_a_dossier_with_nothing_in_it(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="announced"))
    assert "卷内还没有材料。" in whole(made(url, INDEX))
    cover = made(url, COVER)
    assert "申请日期（未申请）" in whole(cover)
    assert cover.day == date(2025, 8, 18)


def test_what_went_out_and_what_we_made_stand_in_the_index_with_their_hashes(at_stage: Stage) -> None:
    office = at_stage("passed")
    taken(office)
    number = number_of(office)
    task = next(one.id for one in office.rows(ManualTask) if one.notification_id == number)
    given = {"task": task, "how": "paper", "delivered_on": date(2025, 9, 13), "proof": "回证 7 号"}
    with surrounded(now=beijing(AT), database_url=office.url, keys=KEYS):
        act(office.url, Event("record_hand_delivery", beijing(AT), BOSS, given))
    opinion = filed(office, DocumentKind.PRELIMINARY_OPINION, "P01")
    found = entries(office.url, 2)
    tried = next(one for one in office.rows(NotificationAttempt) if one.notification_id == number)
    name = "初审意见告知书（致申请人，"
    assert Entry(date(2025, 9, 12), Kind.MESSAGE, f"{name}电子邮件）", f"通知 {number}", tried.content_sha256) in found
    assert Entry(date(2025, 9, 13), Kind.MESSAGE, f"{name}书面送达）", f"通知 {number}") in found
    [paper] = [entry for entry in found if entry.kind is Kind.DOCUMENT]
    assert (paper.title, paper.sha256, paper.number) == (
        "初审意见书（PDF）",
        opinion.sha256,
        "样例县特药初审〔2025〕P01号",
    )


def test_materials_of_an_act_that_was_taken_back_are_not_listed(at_stage: Stage) -> None:
    office = at_stage("accepted")
    assert [entry.number for entry in entries(office.url, 2) if entry.kind is Kind.MATERIAL] == MATERIALS["pharmacy"]
    take_back(office, "2025-09-02 09:00", "P01", "submit_application")
    assert [entry for entry in entries(office.url, 2) if entry.kind is Kind.MATERIAL] == []


def test_a_message_that_has_not_gone_out_is_not_listed(at_stage: Stage) -> None:
    office = at_stage("passed")
    assert [entry for entry in entries(office.url, 2) if entry.kind is Kind.MESSAGE] == []


def test_an_act_that_was_taken_back_stands_beside_what_took_it_back(at_stage: Stage) -> None:
    office = at_stage("passed")
    take_back(office, "2025-09-11 09:00", "P01", OPINION)
    decided = [entry.title for entry in entries(office.url, 2) if entry.kind is Kind.DECISION]
    assert decided[-2:] == ["签署初审意见：初审合格", "撤回办理：签署初审意见：已受理，初审中"]


# --- made, kept, refused -----------------------------------------------------------------------------------------


def test_each_is_kept_once_and_does_not_list_itself(at_stage: Stage) -> None:
    office = at_stage("passed")
    wanted = ((LEDGER, ""), (COVER, "P01"), (INDEX, "P01"))
    first = [filed(office, kind, about).sha256 for kind, about in wanted]
    assert [filed(office, kind, about).sha256 for kind, about in wanted] == first
    kept = [(one.kind, one.ref, one.application_id) for one in office.rows(OfficialDocument)]
    assert kept == [(LEDGER, 1, None), (COVER, 2, 2), (INDEX, 2, 2)]
    assert [one.event for one in office.rows(AuditRecord)][-3:] == ["make_document"] * 3


REFUSED: tuple[tuple[DocumentKind, str, Given, type[Exception], str], ...] = (
    (LEDGER, "P01", {}, InputError, "“定点工作台账”是整轮的文书：编号留空"),
    (COVER, "", {}, InputError, "“案卷封面”须填申请人编号"),
    (INDEX, "P99", {}, RefusedError, "P99"),
    (INDEX, "P01", {"item": "1"}, InputError, "不分序号"),
    (COVER, "P01", {"file_format": "docx"}, InputError, "“案卷封面”只有 PDF"),
    (LEDGER, "", {"by": "9999"}, NotEntitledError, "不在在岗人员名单中"),
    (COVER, "P01", {"by": "1077"}, NotEntitledError, "不能办理此事项：“制作文书”由"),
)


def test_what_cannot_be_made_is_refused_and_nothing_is_kept(at_stage: Stage) -> None:
    office = at_stage("passed")
    with transaction(office.url) as session:
        register_staff(session, [{"staff_no": "1077", "name": "审计", "roles": ["auditor"]}])
    for kind, about, given, error, said in REFUSED:
        with pytest.raises(error, match=said):
            filed(office, kind, about, **given)
    assert office.rows(OfficialDocument) == []


@pytest.mark.parametrize("kind", [COVER, INDEX])
def test_there_is_no_paper_of_a_dossier_that_is_none(signed: str, kind: DocumentKind) -> None:
    with pytest.raises(RefusedError, match="没有第 77 号卷宗"):
        made(signed, kind, 77)
