"""What an office's round file may say besides: credit codes that fit, and where objections go, never a mobile phone."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from flows.announce_round import announcement_shown
from flows.forms.applicants import ApplicantsFile
from flows.forms.entries import CreditCode
from flows.forms.round_file import ObjectionContact, as_at_the_desk
from flows.sentences import sentence_of
from tests.support.offices import CONTACT
from tests.support.rounds import small_round


@pytest.mark.parametrize(
    "phone", ["", "0731-5550123", "010-66001234-8012", "5550123", "66001234", "12393", "400-123-4567"]
)
def test_an_offices_landline_or_service_number_is_taken(phone: str) -> None:
    assert ObjectionContact(**{**CONTACT, "phone": phone}).phone == phone


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("0471—2949258", "0471-2949258"),
        ("0571-86401737,86401873", "0571-86401737,86401873"),
        ("0571-86401737转8001", "0571-86401737转8001"),
        ("（0591）87654321", "（0591）87654321"),
    ],
)
def test_numbers_are_taken_as_real_notices_print_them(given: str, printed: str) -> None:
    assert ObjectionContact(phone=given).phone == printed


@pytest.mark.parametrize(
    "phone", ["19900000001", "1990000001", "+8619900000001", "0731 5550123", "见公告", "138—0013—8000"]
)
def test_a_mobile_phone_is_not_an_offices(phone: str) -> None:
    with pytest.raises(ValidationError):
        ObjectionContact(phone=phone)


@pytest.mark.parametrize(
    "wrong", [{"email": "yiyi"}, {"email": "a b@c"}, {"online": "javascript:alert(1)"}, {"mobile": "1"}]
)
def test_addresses_have_their_form(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ObjectionContact(**wrong)


def test_a_credit_code_is_checked_where_it_is_given() -> None:
    codes = TypeAdapter(CreditCode)
    assert [codes.validate_python(one) for one in ("", "91350100M000100Y43")] == ["", "91350100M000100Y43"]
    with pytest.raises(ValidationError, match="没有字母 I、O、S、V、Z；请照营业执照或法人证书逐位核对"):
        codes.validate_python("91350100M000100Y4O")


def register(*changes: dict[str, Any]) -> ApplicantsFile:
    """A register of hospitals, each changed in something."""
    entry = next(one for one in small_round()["applicants"] if one["type"] == "hospital")
    return ApplicantsFile.model_validate({"applicants": [entry | change for change in changes]})


def test_a_code_whose_check_character_does_not_fit_is_taken_when_a_person_says_so() -> None:
    real = {"credit_code": "91350203M0001QKT19"}
    with pytest.raises(ValidationError, match=r"H01 的统一社会信用代码末位校验码不符.*credit_code_confirmed: true"):
        register(real)
    (entry,) = register(real | {"credit_code_confirmed": True}).applicants
    assert entry.credit_code == "91350203M0001QKT19"
    with pytest.raises(ValidationError, match="不是登记管理部门代码"):
        register({"credit_code": "0" * 18, "credit_code_confirmed": True})


def test_campuses_share_a_code_when_the_register_says_so() -> None:
    code = "91350100M000100Y43"
    with pytest.raises(ValidationError, match="申请人 H01、H02 的统一社会信用代码相同：同一家医院的几个院区"):
        register({"credit_code": code}, {"applicant_id": "H02", "credit_code": f" {code.lower()}"})
    both = register({"credit_code": code}, {"applicant_id": "H02", "credit_code": code, "campus": "东院区"})
    assert [one.campus for one in both.applicants] == ["", "东院区"]


def test_texts_of_a_register_are_cleaned_of_what_nobody_sees() -> None:
    contact = {"name": "联系\u2060人", "phone": "\u202d199 0000 0001\u202c", "email": "info@医院。中国"}
    (entry,) = register({"name": "\u202d样例县人民医院\u202c", "applicant_id": "Н—01", "contact": contact}).applicants
    assert (entry.name, entry.applicant_id) == ("样例县人民医院", "H-01")
    assert entry.contact.model_dump() == {"name": "联系人", "phone": "19900000001", "email": "info@医院.中国"}


@pytest.mark.parametrize("email", ["a..b@x.cn", "张三@x.cn", "a@b", "a@b.cn;c@d.cn"])
def test_an_address_that_cannot_be_written_to_is_refused_and_not_repeated(email: str) -> None:
    with pytest.raises(ValidationError) as caught:
        register({"contact": {"name": "甲", "phone": "", "email": email}})
    said = sentence_of(caught.value, ApplicantsFile)
    assert "邮箱不成立" in said
    assert email not in said


def test_half_a_letter_is_refused_by_place() -> None:
    with pytest.raises(ValidationError, match=r"“name”第 3 个字符 U\+D800 不是文字，无法保存"):
        register({"name": "样例\ud800药房"})


def test_whoever_confirms_an_announcement_sees_what_its_file_gives_up() -> None:
    scenario = small_round(1, 2)
    head = {name: scenario[name] for name in ("announcement", "rubric", "expert_library", "applicants")}
    shown = dict(announcement_shown("公告.json", as_at_the_desk(head)))
    assert (shown["公告文件"], shown["名额"]) == ("公告.json", "医疗机构 1 家，零售药店 2 家")
    assert (shown["登记册"], shown["公告文件不采用的保障"]) == ("机构 3 家，专家 8 名", "无")
    declined = as_at_the_desk({**head, "safeguards": {"guarded_draw": False, "site_check": False}})
    told = dict(announcement_shown("公告.json", declined))
    assert told["公告文件不采用的保障"] == "初审之前实地核查、抽取凭证据办理"
    assert "19900000000" not in str(told)
