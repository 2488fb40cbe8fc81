"""The papers of an agreement's life, made by act on both databases: which one, what it says, when there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundation.settings import reset_settings
from models import OfficialDocument
from models.database import transaction
from publication.documents.making import facts_of
from rules.case import Event
from rules.errors import DingdianError
from rules.vocabulary import DocumentKind
from tasks.documents.filing import Filed, make_document
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, beijing
from tests.tasks.test_performance import NUMBER, Life, dissolved

OF_P01 = NUMBER["P01"]


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    return tmp_path / "var"


@pytest.fixture
def life(at_stage: Stage) -> Life:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    return Life(office)


def paper(life: Life, kind: str, item: str = "", about: str = OF_P01, **given: Any) -> Filed:
    fields = {"kind": kind, "about": about, "item": item, "served": "", "file_format": "pdf", "number": ""}
    fields |= {"planned_on": None, **given}
    return make_document(life.office.url, Event("make_document", beijing("2026-03-01 10:00"), BOSS, fields))


def told(life: Life, kind: DocumentKind, ref: int) -> dict[str, Any]:
    with transaction(life.office.url) as session:
        return facts_of(session, kind, ref)


def refused(life: Life, kind: str, item: str = "", **given: Any) -> str:
    kept = len(life.office.rows(OfficialDocument))
    with pytest.raises(DingdianError) as why:
        paper(life, kind, item, **given)
    assert len(life.office.rows(OfficialDocument)) == kept
    return str(why.value)


def three_times(life: Life) -> None:
    """Suspended three times within the term, mended twice."""
    for number, on in enumerate(("2025-11-10", "2025-12-10", "2026-01-12"), 1):
        ref = life.found(on)
        life.suspended(on, f"暂停{number}号", ref)
        if number < 3:
            life.mended(on, ref)


def test_a_paper_is_addressed_by_the_agreement_and_kept_with_it(life: Life) -> None:
    life.found("2025-11-10")
    paper(life, "finding_notice")
    [row] = life.office.rows(OfficialDocument)
    assert (row.kind, row.ref, row.agreement_id, row.application_id) == ("finding_notice", 1, life.now.id, 2)
    assert row.number == f"样例县特药告知〔2025〕{life.now.id}-1号"
    assert paper(life, "finding_notice", about="p01") == paper(life, "finding_notice", "1")
    assert len(life.office.rows(OfficialDocument)) == 1


def test_each_suspension_says_which_it_is_of_how_many(life: Life) -> None:
    three_times(life)
    said = [told(life, DocumentKind.SUSPENSION_NOTICE, ref) for ref in (1, 2, 3)]
    assert [(one["count"], one["limit"], one["national"]) for one in said] == [(1, 3, 2), (2, 3, 2), (3, 3, 2)]
    assert [(one["is_near"], one["is_last"]) for one in said] == [(False, False), (True, False), (False, True)]
    assert [one["number"] for one in said] == ["暂停1号", "暂停2号", "暂停3号"]
    assert [one["findings"][0]["ref"] for one in said] == ["1", "2", "3"]
    resumed = [told(life, DocumentKind.RESUMPTION_NOTICE, ref) for ref in (1, 2)]
    assert [(one["count"], one["decision_no"]) for one in resumed] == [(1, "暂停1号"), (2, "暂停2号")]


def test_where_there_are_several_the_refusal_names_them(life: Life) -> None:
    three_times(life)
    several = refused(life, "suspension_notice")
    assert f"协议 {OF_P01} 的“暂停协议通知书”有几份可以制作：请在“序号”填写其中一个" in several
    assert several.endswith("1（暂停1号）；2（暂停2号）；3（暂停3号）")
    assert "没有序号“4”" in refused(life, "suspension_notice", "4")
    assert paper(life, "suspension_notice", "2") == paper(life, "suspension_notice", "暂停2号")
    assert refused(life, "resumption_notice", "3").endswith("1（暂停1号）；2（暂停2号）")
    assert refused(life, "finding_notice", "4").endswith(
        "1（V7，2025-11-10）；2（V7，2025-12-10）；3（V7，2026-01-12）"
    )


def test_a_decision_bears_the_number_that_it_was_made_with(life: Life) -> None:
    life.suspended("2025-11-10", "暂停1号", life.found("2025-11-10"))
    assert "暂停已按决定文号“暂停1号”登记，不能另编“甲2号”" in refused(life, "suspension_notice", number="甲2号")
    assert dict(paper(life, "suspension_notice", number="暂停1号").about)["发文字号"] == "暂停1号"
    assert dict(paper(life, "finding_notice", number="样医保告〔2025〕7号").about)["发文字号"] == "样医保告〔2025〕7号"


def test_what_follows_from_an_order_is_what_followed_when_it_was_given(life: Life) -> None:
    outside, cancels = life.found("2025-11-10"), life.found("2025-11-10", "F1")
    for ref in (outside, cancels):
        life.did("2025-11-10 12:00", "order_rectification", findings=[ref], items=["退还"], served_on="2025-11-10")
    life.suspended("2025-11-11", "暂停1号", outside)
    life.did("2025-11-11 12:00", "order_rectification", findings=[outside], items=["退还"], served_on="2025-11-11")
    said = [told(life, DocumentKind.RECTIFICATION_NOTICE, ref) for ref in (1, 2, 3)]
    assert ["直至暂停协议" in said[0]["on_failure"], said[1]["on_failure"]] == [True, "逾期未整改的，取消定点资格"]
    assert "一律解除协议" in said[2]["on_failure"]
    assert [one["due_on"] for one in said][::2] == ["2025年12月1日（星期一）", "2025年12月2日（星期二）"]


def test_what_the_clock_proposed_has_no_day_to_be_heard_by(life: Life) -> None:
    ref = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", ref)
    order = {"findings": [ref], "items": ["退还"], "served_on": "2025-11-10", "due_on": "2025-11-20"}
    life.did("2025-11-10 12:00", "order_rectification", **order)
    life.office.sweep("2025-11-21 00:05")
    said = told(life, DocumentKind.FINDING_NOTICE, 2)
    assert (said["what"], said["heard_until"], said["is_ground"]) == ("暂停协议期间未按期整改", "", True)
    life.did("2025-11-21 09:00", "confirm_finding", finding="2")
    life.did("2025-11-21 10:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    assert told(life, DocumentKind.DISSOLUTION_NOTICE, 1)["heard"] == ""


def test_a_dissolution_says_how_the_institution_was_heard(life: Life) -> None:
    facts = {"code": "D1", "facts": "虚假凭证", "evidence": "检查记录"}
    life.did("2025-11-10 09:00", "record_finding", by=OFFICE, **facts)
    life.did("2025-11-18 09:00", "confirm_finding", finding="1")
    life.did("2025-11-18 10:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    said = told(life, DocumentKind.DISSOLUTION_NOTICE, 1)
    assert said["heard"] == "至2025年11月17日陈述期限届满，你单位没有提交书面陈述"


def test_a_dissolution_tells_the_bar_once_it_is_served(life: Life) -> None:
    life.found("2026-01-12", "D1")
    assert "请先办理“决定解除协议”" in refused(life, "dissolution_notice")
    life.did("2026-01-13 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    before = told(life, DocumentKind.DISSOLUTION_NOTICE, 1)
    assert (before["served_on"], before["bar_from"], before["bar_last_day"]) == ("", "", "")
    assert (before["clause"], before["bar_period"]) == ("六（二）2①", "3年")
    first = paper(life, "dissolution_notice")
    life.did("2026-02-03 15:00", "record_service", served_on="2026-02-03", how="直接送达", proof="回证1号")
    after = told(life, DocumentKind.DISSOLUTION_NOTICE, 1)
    assert (after["served_on"], after["bar_from"], after["bar_last_day"]) == (
        *("2026年2月3日", "2026年2月4日", "2029年2月3日"),
    )
    assert paper(life, "dissolution_notice", "解除1号").sha256 != first.sha256


def test_the_limit_s_own_ground_was_never_proposed(life: Life) -> None:
    three_times(life)
    assert "没有序号“4”" in refused(life, "finding_notice", "4")
    with pytest.raises(DingdianError, match="由累计次数当场认定，没有拟认定：请制作“暂停协议通知书”"):
        told(life, DocumentKind.FINDING_NOTICE, 4)


def test_of_what_was_overturned_no_paper_is_made_any_more(life: Life) -> None:
    dissolved(life)
    paper(life, "dissolution_notice")
    undo = {"reason": "法院判决撤销", "evidence": "判决书1号", "confirmed_by": OFFICE}
    life.did("2026-03-10 09:00", "overturn_ending", **undo)
    for kind in ("dissolution_notice", "finding_notice"):
        assert "已于 2026-03-10 撤销，不再制作" in refused(life, kind, "1")
        assert "没有可以制作" in refused(life, kind)


def test_a_suspension_that_fell_counts_no_more_for_what_came_after(life: Life) -> None:
    three_times(life)
    undo = {"finding": "1", "reason": "复核不成立", "evidence": "复核决定1号", "confirmed_by": OFFICE}
    life.did("2026-01-20 09:00", "overturn_finding", **undo)
    third = told(life, DocumentKind.SUSPENSION_NOTICE, 3)
    assert (third["count"], third["is_last"]) == (3, True)  # what was decided on its day
    life.mended("2026-01-21", "3")
    assert told(life, DocumentKind.RESUMPTION_NOTICE, 3)["count"] == 2


def test_a_receipt_is_made_for_a_paper_that_was_made(life: Life) -> None:
    life.found("2025-11-10")
    assert "须在“送达的文书”选一种：拟认定告知书、责令限期整改通知书" in refused(life, "service_receipt")
    of_finding = {"served": "finding_notice"}
    assert f"协议 {OF_P01} 的“拟认定告知书”（第 1 号，V7，2025-11-10）尚未制作" in refused(
        life, "service_receipt", **of_finding
    )
    paper(life, "finding_notice", number="样医保告〔2025〕7号")
    about = dict(paper(life, "service_receipt", **of_finding).about)
    assert (about["标题"], about["发文字号"]) == ("送达回证", "样医保告〔2025〕7号")
    receipt = life.office.rows(OfficialDocument)[-1]
    assert (receipt.kind, receipt.ref, receipt.agreement_id) == ("service_receipt", 1, life.now.id)
    assert "送达回证随所送文书的字号" in refused(life, "service_receipt", number="甲1号", **of_finding)


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("finding_notice", {"about": ""}, "“拟认定告知书”须填协议编号"),
        ("finding_notice", {"about": "X99"}, "“X99”没有已签订的协议：请核对协议编号"),
        ("finding_notice", {}, "没有可以制作“拟认定告知书”的记录：请先办理“登记违规事实”"),
        ("resumption_notice", {}, "请先办理“恢复协议”"),
        ("finding_notice", {"served": "suspension_notice"}, "“送达的文书”只用于“送达回证”"),
        ("preliminary_opinion", {"about": "P01", "item": "1"}, "“初审意见书”不分序号"),
        ("service_receipt", {"served": "preliminary_opinion"}, "须在“送达的文书”选一种"),
    ],
)
def test_a_wrong_address_is_a_sentence(life: Life, kind: str, given: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(life, kind, **given)


def test_a_round_that_does_not_keep_agreements_has_none_of_their_papers(at_stage: Stage) -> None:
    office = at_stage("published")
    assert "没有选择登记协议履行" in refused(Life(office), "finding_notice")


def test_a_renewal_is_made_of_the_agreement_that_renews(life: Life) -> None:
    assert "不是续签的：请填续签后的协议编号" in refused(life, "renewal_agreement")
    life.did("2026-06-01 09:00", "apply_renewal", by=OFFICE, applied_on="2026-06-01")
    life.did("2026-06-10 09:00", "sign_renewal", signed_on="2026-06-10", new_number="续1号")
    assert "“序号”请留空" in refused(life, "renewal_agreement", "1", about="续1号")
    paper(life, "renewal_agreement", about="续1号")
    [row] = life.office.rows(OfficialDocument)
    assert (row.number, row.title) == ("续1号", "特殊药品定点医药机构服务协议（续签）")


def test_a_hold_is_told_and_served(life: Life) -> None:
    assert "请先办理“暂停结算”" in refused(life, "hold_notice")
    life.did("2025-12-01 09:00", "hold_settlement", from_on="2025-12-01", reason="核查票据。")
    paper(life, "hold_notice")
    assert told(life, DocumentKind.HOLD_NOTICE, 1)["reason"] == "核查票据"
    paper(life, "service_receipt", served="hold_notice")
    assert [row.kind for row in life.office.rows(OfficialDocument)] == ["hold_notice", "service_receipt"]
    assert "须在“送达的文书”选一种" in refused(life, "service_receipt", served="supplement_agreement")
