"""The forms: every act of the contract has one, choices read Chinese, wrong input is answered in Chinese by field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from prefect.utilities.callables import parameter_schema
from pydantic import ValidationError

from dingdian.running.deployments import flow_at, read
from flows.act_flow import read_form
from flows.forms import (
    FORMS,
    ActForm,
    CaseForm,
    FileForm,
    RecordScoreSheet,
    SignAgreement,
    SubmitApplication,
    SweepForm,
)
from flows.forms.development import RecordDevelopmentPlan
from flows.forms.documents import MakeDocument
from flows.forms.messages import MESSAGE_FORMS
from policies.loader import load_policy
from rules.acts import CATALOGUE, Scope
from rules.errors import InputError
from rules.materials import unfolded

CONTRACT = {
    *("announce_round", "submit_application", "request_supplement", "supplement_materials", "withdraw_application"),
    *("verify_site", "sign_preliminary_opinion", "request_evaluation", "recuse_expert", "publish_draw_plan"),
    *("draw_experts", "record_score_sheet", "conclude_evaluation", "publish_notice", "record_objection"),
    *("resolve_objection", "record_negotiation", "record_agency_delay", "sign_agreement", "file_agreement"),
    *("correct_record", "load_workdays", "set_assessment_table", "conclude_assessment"),
}
OVERSIGHT = {  # after the signature, and about the round or an institution, not about one agreement
    *("plan_inspections", "draw_inspections", "reveal_inspections", "list_add", "list_remove"),
}
LATER = {
    "report_to_city",
    "record_city_decision",
    "import_agreements",
}  # optional (after-signature.md, 13)
SUBMISSION: dict[str, Any] = {
    "by": "1001",
    "applicant_id": "H01",
    "materials": ["H1", "H2 特殊药品定点资格申报清单"],
    "copies": 3,
    "official_seal": True,
    "legal_rep_seal": True,
    "originals_shown": True,
}


def deployments() -> dict[str, dict[str, Any]]:
    return {entry["entrypoint"].rpartition(".")[2]: entry for entry in read()}


def test_every_act_of_the_contract_has_a_form_and_a_deployment() -> None:
    on_agreements = {name for name, act in CATALOGUE.items() if act.scope is Scope.AGREEMENT}
    wanted = (
        CONTRACT - {"announce_round"} | {"prepare_agreement", "record_system_test"} | on_agreements | OVERSIGHT | LATER
    )
    assert {name for name in FORMS if CATALOGUE[name].is_in_scenario} == wanted
    assert set(deployments()) >= CONTRACT | on_agreements | {"sweep_deadlines", "deliver_notifications"}


def test_every_deployment_has_a_number_a_description_a_tag_and_a_chinese_form() -> None:
    for name, entry in deployments().items():
        assert entry["name"][:2].isdigit(), name
        assert entry["description"], name
        assert entry["tags"], name
        flow = flow_at(entry["entrypoint"])
        for parameter in parameter_schema(flow).properties.values():
            assert any("\u4e00" <= character <= "\u9fff" for character in parameter["title"]), (name, parameter)


@pytest.mark.parametrize(
    "form", [*FORMS.values(), *MESSAGE_FORMS.values(), RecordDevelopmentPlan, FileForm, CaseForm, SweepForm]
)
def test_every_field_has_a_chinese_title_and_a_hint(form: type[ActForm]) -> None:
    schema = form.model_json_schema()
    for model in [schema, *schema.get("$defs", {}).values()]:
        for name, field in model.get("properties", {}).items():
            assert any("\u4e00" <= character <= "\u9fff" for character in field.get("title", "")), (form, name)
            assert field.get("description"), (form, name)
        if "properties" in model:  # a list of choices has none
            assert model["additionalProperties"] is False, (form, model["title"])


def test_one_sweep_at_a_time_by_a_beijing_clock() -> None:
    entry = deployments()["sweep_deadlines"]
    assert entry["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    assert {schedule["timezone"] for schedule in entry["schedules"]} == {"Asia/Shanghai"}
    assert [schedule["cron"] for schedule in entry["schedules"]] == ["5 0 * * *", "30 * * * *"]


def test_a_choice_takes_its_label_and_its_code_and_keeps_the_code() -> None:
    form = SubmitApplication.model_validate(SUBMISSION)
    assert form.fields()["materials"] == ["H1", "H2"]
    options = SubmitApplication.model_json_schema()["properties"]["materials"]["items"]["enum"]
    assert options[:3] == [
        "医疗机构全套材料（H1 至 H10）",
        "零售药店全套材料（P1 至 P12）",
        "H1 特殊药品定点评估申请表",
    ]


def test_a_whole_set_is_chosen_with_one_click() -> None:
    form = SubmitApplication.model_validate(SUBMISSION | {"materials": ["零售药店全套材料（P1 至 P12）", "P12"]})
    assert form.fields()["materials"] == ["P-ALL", "P12"]  # what it holds, the rules of the round say
    assert unfolded(load_policy(), ["P-ALL", "P12"]) == [f"P{number}" for number in range(1, 13)]


@pytest.mark.parametrize("pasted", ["p-01", " P01\n", "Ｐ０１", "“P01”", "P01，", "\u200bP 01\ufeff", "Ｐ－０１"])
def test_a_number_may_be_pasted_as_it_stands_anywhere(pasted: str) -> None:
    read = read_form(SubmitApplication, SUBMISSION | {"applicant_id": pasted}).applicant_id
    assert read == {"p-01": "p-01", "Ｐ－０１": "P-01"}.get(pasted, "P01")


def test_a_column_of_numbers_may_be_pasted_into_one_box() -> None:
    given = {"by": "1", "to": "县医疗保障局", "applicant_ids": ["H01\nH02\r\n\nＰ０１", "P02，P03、P04"]}
    assert read_form(FORMS["request_evaluation"], given).fields()["applicant_ids"] == [
        *("H01", "H02", "P01", "P02", "P03", "P04"),
    ]


def test_a_scenario_file_is_not_tidied_up() -> None:
    with pytest.raises(ValidationError):
        SubmitApplication.model_validate(SUBMISSION | {"applicant_id": " P01"})


@pytest.mark.parametrize(
    ("typed", "kept"), [("9:00", "09:00"), ("９：３０", "09:30"), ("16点5分", "16:05"), ("23:59:59", "23:59:59")]
)
def test_a_time_may_be_typed_in_several_ways(typed: str, kept: str) -> None:
    posting = {"channel": "县政府网站", "posted_on": "2026-03-05", "posted_time": typed}
    form = read_form(FORMS["publish_notice"], {"by": "1", "kind": "评估结果公示", "postings": [posting]})
    assert form.model_dump()["postings"][0]["posted_time"] == kept


@pytest.mark.parametrize("typed", ["2026-03-05", "2026.3.5", "2026年3月5日", "２０２６／３／５", " 2026-3-5 "])
def test_a_day_may_be_typed_in_several_ways(typed: str) -> None:
    assert read_form(SweepForm, {"as_of_day": typed}).as_of_day == "2026-03-05"


@pytest.mark.parametrize("typed", ["2026-02-30", "明天", "26-3-5"])
def test_a_day_that_does_not_exist_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(InputError, match="应如 2026-03-05"):
        read_form(SweepForm, {"as_of_day": typed})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"applicant_id": "P 01号"}, "“申请人编号”“P01号”不是编号：应为字母、数字和短横线，如 H01"),
        ({"copies": -1}, "“卷宗份数”不能小于 0"),
        ({"copies": "三"}, "“卷宗份数”应为整数"),
        ({"by": ""}, "“经办人工号”不能为空"),
        ({"materials": ["申请表"]}, "“已提交材料”第 1 项“申请表”不在可选之列"),
        ({"telephone": "1"}, "“telephone”是未知的项目"),
    ],
)
def test_wrong_input_is_named_by_field(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_form(SubmitApplication, {**SUBMISSION, **change})


def test_a_wrong_date_says_how_to_write_it() -> None:
    with pytest.raises(InputError, match="“签订日期”不是有效日期，应如 2026-03-05"):
        read_form(SignAgreement, {"by": "1004", "applicant_id": "H01", "signed_on": "2026-13-40"})


def test_an_item_is_scored_once() -> None:
    rows = [{"code": "H-a", "score": "1"}, {"code": "H-a", "score": "2"}]
    with pytest.raises(InputError, match="同一评分项目只能填一次"):
        read_form(RecordScoreSheet, {"by": "Z01", "applicant_id": "H01", "expert_id": "Z01", "items": rows})


def test_instants_of_a_form_are_beijing_time() -> None:
    posting = {"channel": "县政府网站", "posted_on": "2026-03-05", "posted_time": "09:00"}
    form = FORMS["publish_notice"].model_validate({"by": "1", "kind": "评估结果公示", "postings": [posting]})
    assert form.fields()["postings"][0]["posted_at"] == datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    assert form.fields()["kind"] == "evaluation_result"
    assert SweepForm(as_of_day="2026-03-05").instant == datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        ["2027-01-01", "2027-01-03"],
        "2027-01-01..2027-01-03",
        {"from": "2027-01-01", "to": "2027-01-03"},
        {"to": "2027-01-03", "from": "2027-01-01"},
        {"last": "2027-01-03", "first": "2027-01-01"},
    ],
)
def test_a_range_of_days_may_be_written_in_several_ways(written: Any) -> None:
    form = FORMS["load_workdays"].model_validate(
        {"by": "1", "year": 2027, "notice": "国办发明电〔2026〕9号", "off": [written], "working": []}
    )
    assert form.fields()["off"] == [(date(2027, 1, 1), date(2027, 1, 3))]


def test_what_was_left_untouched_counts_as_it_was_shown() -> None:
    opinion = read_form(FORMS["sign_preliminary_opinion"], {"by": "1", "applicant_id": "H01"})
    assert opinion.fields() == {"applicant_id": "H01", "judgements": {}}
    with pytest.raises(ValidationError):
        FORMS["sign_preliminary_opinion"].model_validate({"by": "1", "applicant_id": "H01"})


def test_a_switch_that_nobody_touched_says_no_and_a_file_must_say_it() -> None:
    seals = ("official_seal", "legal_rep_seal", "originals_shown")
    left = {name: value for name, value in SUBMISSION.items() if name not in seals}
    assert [read_form(SubmitApplication, left).fields()[name] for name in seals] == [False, False, False]
    with pytest.raises(ValidationError):
        SubmitApplication.model_validate(left)


def test_what_ends_a_case_is_chosen_and_never_a_switch() -> None:
    given = {"by": "1", "applicant_id": "H01", "topics": ["服务人群"]}
    with pytest.raises(InputError, match="“是否达成共识”必须填写"):
        read_form(FORMS["record_negotiation"], given)
    assert read_form(FORMS["record_negotiation"], given | {"consensus": "否"}).fields()["consensus"] is False
    assert read_form(FORMS["record_negotiation"], given | {"consensus": True}).fields()["consensus"] is True
    with pytest.raises(InputError, match="“是否达成共识”“也许”不在可选之列；只能是 是、否"):
        read_form(FORMS["record_negotiation"], given | {"consensus": "也许"})


RECEIPT = {"received_by": "张某", "receipt_number": "7", "received_on": "2026-03-05"}
FILED = {"by": "1001", "applicant_id": "H01", "filed_on": "2026-03-05"}


def test_what_a_form_leaves_open_is_not_said() -> None:
    assert set(read_form(FORMS["file_agreement"], FILED).fields()) == {"applicant_id", "filed_on"}
    assert read_form(FORMS["conclude_evaluation"], {"by": "1"}).fields() == {}
    assert set(read_form(FORMS["verify_site"], {"by": "1", "applicant_id": "H01"}).fields()) == {
        *("applicant_id", "findings", "note"),
    }


def test_a_receipt_is_whole_and_a_copy_has_one_holder() -> None:
    given = read_form(FORMS["file_agreement"], FILED | RECEIPT).fields()
    assert given["receipt"] == {"received_by": "张某", "number": "7", "on": date(2026, 3, 5)}
    with pytest.raises(InputError, match="备案回执的接收人、编号、日期须一并填写"):
        read_form(FORMS["file_agreement"], FILED | RECEIPT | {"receipt_number": ""})
    copies = [{"holder": "申报单位", "kept_by": "张某", "on": "2026-03-05"}] * 2
    with pytest.raises(InputError, match="“卷宗去向”中同一份属只能填一次"):
        read_form(FORMS["file_agreement"], FILED | {"copies": copies})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"visited_on": "2026-03-05"}, "填了核查日期的，须填写核查人员"),
        ({"minutes": "与申报一致"}, "填了核查人员或核查笔录的，须填写核查日期"),
        ({"visitors": ["1001、1002"]}, "填了核查人员或核查笔录的，须填写核查日期"),
    ],
)
def test_a_visit_is_told_whole(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_form(FORMS["verify_site"], {"by": "1", "applicant_id": "H01", **given})


def test_visitors_may_be_pasted_into_one_box() -> None:
    form = {"by": "1", "applicant_id": "H01", "visited_on": "2026-03-05", "visitors": ["1001，１００２"]}
    assert read_form(FORMS["verify_site"], form).fields()["visitors"] == ["1001", "1002"]


def test_the_topics_offered_are_those_of_the_policy_and_others_may_be_added() -> None:
    form = FORMS["record_negotiation"]
    assert form.model_json_schema()["properties"]["topics"]["items"]["enum"] == list(load_policy().topics)
    given = {"by": "1", "applicant_id": "H01", "topics": list(load_policy().topics), "consensus": "是"}
    fields = read_form(form, given | {"other_topics": ["药品供应保障"]}).fields()
    assert fields["topics"] == [*load_policy().topics, "药品供应保障"]
    assert "other_topics" not in fields


def test_the_plan_gives_its_places_by_type() -> None:
    form = {
        **{"by": "1004", "county": "样例县", "year": 2026, "title": "发展计划", "approved_on": "2026-02-01"},
        **{"approved_by": "样例县医疗保障局", "hospital": 1, "pharmacy": 2, "file": "计划.pdf"},
    }
    fields = read_form(RecordDevelopmentPlan, form).fields()
    assert fields["quota"] == {"hospital": 1, "pharmacy": 2}
    assert not {"by", "file", "hospital"} & set(fields)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, ("", "")),
        ({"item": None, "served": "不是送达回证"}, ("", "")),
        ({"item": " 1 ", "served": "解除服务协议通知书"}, ("1", "dissolution_notice")),
    ],
)
def test_a_receipt_says_which_paper_is_served(given: dict[str, Any], told: tuple[str, str]) -> None:
    form = read_form(MakeDocument, {"by": "1001", "kind": "送达回证", "about": "样例县特药协议〔2025〕2号", **given})
    fields = form.fields()
    assert (fields["item"], fields["served"]) == told
    assert (fields["kind"], fields["about"]) == ("service_receipt", "样例县特药协议〔2025〕2号")


def test_only_papers_of_an_agreement_are_served() -> None:
    with pytest.raises(InputError, match="“公示”不在可选之列"):
        read_form(MakeDocument, {"by": "1001", "kind": "送达回证", "about": "P01", "served": "公示"})


def test_a_day_of_a_source_without_its_kind_is_not_dropped_silently() -> None:
    plan = {"by": "1003", "wanted": 3, "sources": [{"name": "双色球红球", "due_on": "2026-03-05"}]}
    with pytest.raises(InputError) as caught:
        read_form(FORMS["publish_draw_plan"], plan)
    assert "“双色球红球”填了公布日的须选种类" in str(caught.value)
    assert FORMS["publish_draw_plan"].model_validate(plan).fields()["wanted"] == 3  # a replayed file, as it was
