"""Workbooks that come back: registered, handed in, verified and scored by the ordinary acts, whole or by good rows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from foundation.secrets import unseal_contact
from models import Applicant, Application, AuditRecord, Notification, ScoreSheet
from rules.errors import RefusedError
from tests.support.database import changed, dump
from tests.tasks.rehearsal import BOSS, KEYS, OFFICE, beijing
from tests.workbooks.sheetparts import HOSPITAL, PHARMACY, Desk, address, cell, edited, fill, said
from views.report_pages import import_page

DeskAt = Callable[[str], Desk]
TWO = (HOSPITAL, PHARMACY)
CODE = {"credit_code": "91350100M000100Y43"}


def imports(desk: Desk) -> list[dict[str, Any]]:
    """What the round's record keeps of imports."""
    return [row.detail["fields"] | row.detail for row in desk.round.rows(AuditRecord) if row.event == "import_workbook"]


# --- the register ----------------------------------------------------------------------------------------------


def test_a_dry_run_checks_everything_and_writes_nothing(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    before = dump(desk.round.url)
    report = desk.bring(desk.register(*TWO))
    assert (report.good, report.faults, report.is_written) == (("H90", "P90"), (), False)
    assert report.summary.endswith("共 2 行：可导入 2 行。检查通过，没有写入：请关掉“只检查”，再提交一次。")
    assert changed(before, dump(desk.round.url)) == {}


def test_the_register_goes_in_with_contacts_sealed(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    report = desk.bring(desk.register(HOSPITAL, PHARMACY | CODE), write=True)
    assert report.is_written
    rows = {row.applicant_id: row for row in desk.round.rows(Applicant)}
    new = rows["P90"]
    assert (new.name, new.type, new.phone_masked) == ("样例新药房", "pharmacy", "199****9999")
    assert (new.credit_code, rows["H90"].credit_code) == ("91350100M000100Y43", "")
    contact = unseal_contact(KEYS, new.id, new.contact_sealed)
    assert (contact.name, contact.phone, contact.email) == ("联系人甲", "19900019999", "someone@example.invalid")
    assert new.facts["group_revenue_cny"] == "420000000"
    assert (new.facts["penalties"], new.facts["prior_termination"]) == ([], None)
    assert desk.round.state("H90") == "NOT_APPLIED"
    assert rows["H90"].name == "样例县新医院（总院）"
    (kept,) = imports(desk)
    assert kept["applicants"] == ["H90", "P90"]
    desk.round.is_sound()


def test_contacts_stand_in_no_report_and_no_record(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    report = desk.bring(desk.register(HOSPITAL | {"contact.phone": "1990001999"}, PHARMACY), write=True, good=True)
    told = f"{import_page(report)}{report.as_json()}{[row.detail for row in desk.round.rows(AuditRecord)]}"
    for secret in ("1990001999", "19900019999", "someone@example.invalid", "联系人甲"):
        assert secret not in told


def test_with_one_bad_row_all_or_nothing_writes_nothing(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    before = dump(desk.round.url)
    path = desk.register(HOSPITAL, PHARMACY | {"facts.physicians": "三名"})
    report = desk.bring(path, write=True)
    assert said(report) == [("零售药店!M6", "医师人数", "应为数字，现为“三名”")]
    counted = f"“{path.name}”（申请人登记册）共 2 行：可导入 1 行，有错误 1 行（1 处）。"
    assert report.summary.startswith(f"{counted}没有写入任何一行。")
    assert changed(before, dump(desk.round.url)) == {}


def test_good_rows_go_in_and_bad_ones_are_named(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    report = desk.bring(desk.register(HOSPITAL, PHARMACY | {"name": None}), write=True, good=True)
    assert (report.is_written, report.good, report.bad_rows) == (True, ("H90",), 1)
    assert set(desk.round.states()) == {"H01", "P01", "P02", "P03", "H90"}
    assert report.copy
    desk.round.is_sound()


def test_the_same_file_twice_says_what_is_there_already(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = desk.register(*TWO)
    desk.bring(path, write=True)
    before = dump(desk.round.url)
    report = desk.bring(path, write=True)
    assert (report.good, report.already, report.is_written) == ((), ("H90", "P90"), False)
    assert report.summary.endswith("共 2 行：可导入 0 行，已在库中 2 行。没有需要写入的内容。")
    assert changed(before, dump(desk.round.url)) == {}


def test_a_known_number_with_other_content_is_a_fault_that_names_the_difference(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    desk.bring(desk.register(PHARMACY), write=True)
    other = PHARMACY | {"name": "另一家", "contact.phone": "19900020000", "facts.area_m2": 300}
    (fault,) = desk.bring(desk.register(other)).faults
    assert fault.what == "编号 P90 已登记，内容不同（机构名称、联系电话、营业用房使用面积（平方米））"


def test_a_number_twice_in_the_file_is_bad_on_both_rows(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    report = desk.bring(
        desk.register(HOSPITAL, PHARMACY, PHARMACY | {"name": "又一家", "credit_code": None}), write=True, good=True
    )
    assert [fault.what for fault in report.faults] == [
        "编号 P90 重复（零售药店第 7 行）",
        "编号 P90 重复（零售药店第 6 行）",
    ]
    assert report.good == ("H90",)
    report = desk.bring(desk.register(PHARMACY, PHARMACY | {"name": None}), write=True, good=True)
    assert sorted(fault.what for fault in report.faults)[:1] == ["没有填写"]
    assert (report.good, report.bad_rows, len(report.faults)) == ((), 2, 3)


def test_a_credit_code_twice_in_the_file_is_bad_on_both_rows(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    report = desk.bring(desk.register(HOSPITAL | {"credit_code": " 91350100m000100y43"}, PHARMACY | CODE))
    assert [fault.what for fault in report.faults] == [
        "统一社会信用代码 91350100M000100Y43 重复（零售药店第 6 行）",
        "统一社会信用代码 91350100M000100Y43 重复（医疗机构第 6 行）",
    ]


def test_a_credit_code_that_is_registered_is_bad_in_a_second_file_too(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    assert desk.bring(desk.register(HOSPITAL | CODE), write=True).is_written
    second = HOSPITAL | {"applicant_id": "H91", "name": "样例县新医院", "credit_code": " 91350100m000100y４３"}
    report = desk.bring(desk.register(second), write=True)
    assert [(fault.field, fault.what) for fault in report.faults] == [
        ("统一社会信用代码", "统一社会信用代码 91350100M000100Y43 已由 H90 登记")
    ]
    assert "在“院区”一栏各写明是哪个院区" in report.faults[0].todo
    report = desk.bring(desk.register(second | {"campus": "东院区"}), write=True)
    assert (report.is_written, report.good) == (True, ("H91",))
    rows = {row.applicant_id: row for row in desk.round.rows(Applicant)}
    assert (rows["H91"].name, rows["H91"].campus) == ("样例县新医院（东院区）", "东院区")
    again = desk.bring(desk.register(second | {"campus": "东院区"}), write=True)
    assert (again.already, again.faults) == (("H91",), ())


def test_campuses_go_in_together_when_the_file_says_so(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    east, west = ({"applicant_id": f"H9{n}", "campus": campus} for n, campus in ((1, "东院区"), (2, "西院区")))
    report = desk.bring(desk.register(HOSPITAL | CODE | east, HOSPITAL | CODE | west), write=True)
    assert (report.faults, report.good) == ((), ("H91", "H92"))
    same = {"campus": " 东\u200b院区"}
    report = desk.bring(desk.register(*(HOSPITAL | CODE | same | {"applicant_id": one} for one in ("H93", "H94"))))
    assert len(report.faults) == 2


def test_a_code_whose_check_character_does_not_fit_is_confirmed_in_its_row(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    doubtful = HOSPITAL | {"credit_code": "91350203M0001QKT19"}
    report = desk.bring(desk.register(doubtful), write=True)
    assert (report.is_written, [fault.field for fault in report.faults]) == (False, ["统一社会信用代码"])
    assert report.faults[0].what == "末位校验码不符（按国家标准推算应为 F），现为“91350203M0001QKT19”"
    assert "在“代码已核对”一栏填“是”" in report.faults[0].todo
    report = desk.bring(desk.register(doubtful | {"credit_code_confirmed": "是"}), write=True)
    assert report.is_written
    assert any("H90 的统一社会信用代码末位校验码不符" in note and "核对" in note for note in report.notes)
    (added,) = [row for row in desk.round.rows(AuditRecord) if row.event == "register_applicants"]
    assert added.detail["credit_codes_confirmed"] == ["H90"]
    impossible = HOSPITAL | {"applicant_id": "H95", "credit_code": "0" * 18, "credit_code_confirmed": "是"}
    assert desk.bring(desk.register(impossible), write=True).faults


def test_two_registers_at_once_go_in_once(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = desk.register(*(PHARMACY | {"applicant_id": f"P{number}"} for number in range(100, 150)))
    with ThreadPoolExecutor(2) as pool:
        reports = [one.result() for one in [pool.submit(desk.bring, path, write=True) for _ in range(2)]]
    assert sorted((len(one.good), len(one.already), one.is_written) for one in reports) == [
        (0, 50, False),
        (50, 0, True),
    ]
    assert len(desk.round.states()) == 54
    desk.round.is_sound()


def test_a_penalty_needs_its_institution_and_holds_it_back_when_it_is_bad(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    penalty = {"authority": "县市场监督管理局", "date": "2024-13-01", "kind": "警告"}
    stray = penalty | {"applicant_id": "P99", "date": "2024-03-01"}
    report = desk.bring(desk.register(HOSPITAL, PHARMACY, penalties=(penalty | {"applicant_id": "P90"}, stray)))
    assert [fault.what for fault in report.faults] == [
        "“行政处罚”表中该机构的一行有错误",
        "不是有效日期，现为“2024-13-01”",
        "前两张表里没有这个编号",
    ]
    assert report.good == ("H90",)


def test_half_a_termination_is_asked_for_whole(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    report = desk.bring(desk.register(PHARMACY | {"termination.kind": "解除"}))
    assert [(fault.field, fault.what) for fault in report.faults] == [("以往协议终止日期", "没有填写")]


def test_who_may_not_register_may_not_import(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = desk.register(*TWO)
    with pytest.raises(RefusedError, match="工号“9999”不在在岗人员名单中"):
        desk.bring(path, by="9999", write=True)


# --- materials and facts ---------------------------------------------------------------------------------------


def complete(sheet: Any, row: int, lacking: str = "") -> None:
    """A row of the materials sheet with everything in."""
    keys = [one.value for one in sheet[3] if str(one.value).startswith("material.")]
    given = {"copies": 3, "official_seal": "是", "legal_rep_seal": "是", "originals_shown": "是"}
    fill(sheet, given | {key: "是" for key in keys if key != f"material.{lacking}"}, first=row)


def test_materials_go_the_way_of_the_form(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = desk.download("dossiers")
    with edited(path) as book:
        assert book.sheetnames[:2] == ["医疗机构材料", "零售药店材料"]
        complete(book["零售药店材料"], 6)
        complete(book["零售药店材料"], 7, lacking="P3")
    report = desk.bring(path, write=True, by=OFFICE)
    assert (report.good, report.blank, report.rows) == (("P01", "P02"), 2, 4)
    assert (desk.round.state("P01"), desk.round.state("P02")) == ("ACCEPTED", "INCOMPLETE")
    assert desk.round.case("P01").accepted_on == desk.at.date()
    assert "application_accepted" in desk.round.messages("P01")
    acts = [row for row in desk.round.rows(AuditRecord) if row.event == "submit_application"]
    assert [row.by for row in acts] == [OFFICE, OFFICE]
    again = desk.bring(path, write=True)
    assert (again.already, again.good, again.is_written) == (("P01", "P02"), (), False)
    desk.round.is_sound()


def test_a_dry_run_of_acts_leaves_no_trace(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = desk.download("dossiers")
    with edited(path) as book:
        complete(book["医疗机构材料"], 6)
    before = dump(desk.round.url)
    assert desk.bring(path).good == ("H01",)
    assert changed(before, dump(desk.round.url)) == {}


def test_a_row_that_the_rules_refuse_is_named_and_takes_nothing_with_it(desk_at: DeskAt) -> None:
    desk = desk_at("accepted")
    facts = desk.download("dossiers")
    desk.round.act("2025-09-03 08:00", "withdraw_application", applicant_id="P02", reason="撤回")
    with edited(facts) as book:
        sheet = book["零售药店事实"]
        for row in (6, 7):
            cell(sheet, "facts.physicians", row).value = 3
    report = desk.bring(facts, write=True, good=True)
    assert report.good == ("P01",)
    assert [fault.place for fault in report.faults] == [address(sheet, "applicant_id", 7)]
    assert report.faults[0].what.startswith("P02：P02 现处“申请人撤回”，不能办理此事项")
    assert desk.round.case("P01").facts["physicians"] == 3
    desk.round.is_sound()


def test_only_changed_facts_become_findings_and_the_same_file_twice_does_nothing(desk_at: DeskAt) -> None:
    desk = desk_at("accepted")
    path = desk.download("dossiers")
    with edited(path) as book:
        sheet = book["零售药店事实"]
        fill(sheet, {"facts.area_m2": "１７９.５", "facts.cold_chain": "否", "note": "现场丈量"})
    report = desk.bring(path, write=True)
    assert (report.good, report.blank, report.faults) == (("P01",), 3, ())
    assert desk.round.case("P01").findings == {"area_m2": "179.5", "cold_chain": False}
    again = desk.bring(path, write=True)
    assert (again.good, again.blank, again.is_written) == ((), 4, False)


def test_facts_that_changed_since_the_download_are_not_overwritten(desk_at: DeskAt) -> None:
    desk = desk_at("accepted")
    path = desk.download("dossiers")
    found = {"physicians": 9}
    desk.round.act("2025-09-03 08:00", "verify_site", applicant_id="P01", findings=found, note="")
    with edited(path) as book:
        cell(book["零售药店事实"], "facts.area_m2").value = 200
    (fault,) = desk.bring(path).faults
    assert (fault.what, fault.todo) == ("P01 的事实在下载之后有变更", "请重新下载表格，再填写")


def test_the_window_is_kept_by_an_import_too(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    path = desk.download("dossiers")
    with edited(path) as book:
        complete(book["医疗机构材料"], 6)
    assert desk.bring(path, write=True, at=beijing("2025-09-30 09:00")).is_written
    assert desk.round.state("H01") == "NOT_ACCEPTED_LATE"
    assert desk.bring(path, at=beijing("2025-09-30 10:00")).already == ("H01",)


# --- score sheets ----------------------------------------------------------------------------------------------

SCORES = {"item.P-a": 28, "item.P-b": "２７.５", "item.P-c": 18, "item.P-d": 19}


def test_a_score_sheet_is_recorded_for_its_expert(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    expert = desk.round.panel()[0]
    path = desk.download("scores", expert)
    with edited(path) as book:
        fill(book["零售药店评分"], SCORES, SCORES | {"item.P-a": 30.5}, SCORES | {"item.P-d": None})
    report = desk.bring(path, write=True, good=True)
    assert said(report) == [
        ("零售药店评分!D7", "专业服务能力（30 分）", "不能大于 30，现为“30.5”"),
        ("零售药店评分!G8", "管理（20 分）", "没有填写"),
    ]
    (sheet,) = desk.round.rows(ScoreSheet)
    assert sheet.items == {"P-a": "28", "P-b": "27.5", "P-c": "18", "P-d": "19"}
    assert desk.bring(path).already == ("P01",)
    with edited(path) as book:
        fill(book["零售药店评分"], SCORES | {"item.P-a": 29})
    assert desk.bring(path).faults[0].what == f"专家 {expert} 对 P01 的评分表已录入，分数不同"


def test_notes_come_with_the_scores(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    expert = desk.round.panel()[0]
    path = desk.download("scores", expert)
    with edited(path) as book:
        fill(book["零售药店评分"], SCORES | {"note.P-b": "冷库一座，温度记录齐全"}, SCORES)
    assert desk.bring(path, write=True).is_written
    noted, plain = desk.round.rows(ScoreSheet)
    assert (noted.notes, plain.notes) == ({"P-b": "冷库一座，温度记录齐全"}, {})
    assert noted.items == plain.items
    assert desk.bring(path).already == ("P01", "P02")
    with edited(path) as book:
        fill(book["零售药店评分"], SCORES | {"note.P-b": "另一条记录"})
    assert desk.bring(path).faults[0].what == f"专家 {expert} 对 P01 的评分表已录入，评估记录不同"


def test_three_experts_workbooks_conclude_the_evaluation(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    for expert in desk.round.panel():
        path = desk.download("scores", expert)
        with edited(path) as book:
            fill(book["零售药店评分"], *[SCORES] * 3)
            fill(book["医疗机构评分"], {"item.H-a": 29, "item.H-b": 20, "item.H-c": 20, "item.H-d": 15})
        assert desk.bring(path, write=True).is_written
    desk.round.act("2025-09-21 09:00", "conclude_evaluation")
    assert desk.round.state("H01") == "SELECTED"
    scores = {row.mean_score for row in desk.round.rows(Application) if row.type == "pharmacy"}
    assert scores == {"92.50"}
    assert desk.round.rows(Notification)
    assert BOSS in {row.by for row in desk.round.rows(ScoreSheet)}
