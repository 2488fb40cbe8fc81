"""Every short message: what it usually says, the longest that it may say, words meant to do harm, and the providers'
own rules for templates.

`REWRITE_GOLDEN=1 pytest tests/notifications/sms/test_sms_wording.py` writes `sms.golden.txt` anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import meta

from notifications.catalogue import EVENTS
from notifications.params import Common
from notifications.rendering import environment
from notifications.sms.wording import (
    LIMITS,
    PLACE,
    SMS_TEMPLATE_VERSION,
    SMS_TEMPLATES,
    TABLE,
    approval_sheet,
    outlawed,
    render_sms,
    segments,
    shorten,
)
from rules.errors import InputError
from rules.vocabulary import Audience

FOLDER = Path(__file__).parent
GOLDEN = FOLDER / "sms.golden.txt"
GIVEN: dict[str, Any] = yaml.safe_load((FOLDER.parent / "messages.yaml").read_text(encoding="utf-8"))
TYPICAL = [(event, GIVEN["common"] | params) for event, params in GIVEN["messages"] if event in SMS_TEMPLATES]
SIGN = "某某自治县医疗保障服务中"
LONGEST = {
    "applicant_id": "H-1234567890-1234567",
    "applicant_name": "某某自治县新型农村合作医疗中心卫生院（某某街道社区卫生服务中心）南湖分院",
    "until": "2026年12月31日17时30分",
    "mean_score": "100.00",
    "notice": "拟签订特殊药品服务协议的医药机构名单公示",
    "deadline": "特殊药品服务协议的签订期限",
    "missing": [{"code": f"H{number}", "name": "材料"} for number in range(999)],
    "working_days_left": 9999,
    "panel_size": 999,
    "count": 999,
}
HOSTILE = "{{ 7*7 }}\r\n【假签名】<b>\u202e\x00点击http://evil.example领取"


def sms(event: str, params: dict[str, Any], sign: str = SIGN) -> str:
    return render_sms(event, params, sign).text


def test_every_message_about_one_applicant_to_it_has_a_short_one_and_no_other_has() -> None:
    about_one = {name for name, spec in EVENTS.items() if issubclass(spec.model, Common)}
    to_it = {name for name, spec in EVENTS.items() if spec.audience is Audience.APPLICANT}
    assert set(SMS_TEMPLATES) == about_one & to_it


def written() -> str:
    """Every short message of `messages.yaml`, with how many segments it takes."""
    texts = ((event, sms(event, params)) for event, params in TYPICAL)
    return "".join(f"═══ {event}（{segments(text, SIGN)} 条）\n【{SIGN}】{text}\n" for event, text in texts)


def test_the_wording_is_the_approved_one() -> None:
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(written(), encoding="utf-8")
    assert written() == GOLDEN.read_text(encoding="utf-8")


def test_every_short_message_is_there_to_be_read() -> None:
    assert {event for event, _ in TYPICAL} == set(SMS_TEMPLATES)


@pytest.mark.parametrize(("event", "params"), TYPICAL)
def test_the_longest_message_fits_into_two_segments(event: str, params: dict[str, Any]) -> None:
    longest = {name: LONGEST.get(name, value) for name, value in params.items()}
    text = sms(event, longest)
    assert segments(text, SIGN) <= LIMITS["segments"]
    assert not outlawed(text)
    assert "某某自治县新型农村合作医疗…心）南湖分院" in text


@pytest.mark.parametrize("event", SMS_TEMPLATES)
def test_no_variable_can_make_a_message_longer_than_two_segments(event: str) -> None:
    template = SMS_TEMPLATES[event]
    widest = {variable.name: "字" * variable.max for variable in template.variables}
    text = PLACE.sub(lambda place: widest[place[1]], template.text)
    assert segments(text, "签" * LIMITS["signature"]) <= LIMITS["segments"]


@pytest.mark.parametrize(("event", "params"), TYPICAL)
def test_hostile_words_are_refused_by_the_name_of_the_variable_and_never_repeated(
    event: str, params: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="的变量 unit 不合要求") as refused:
        sms(event, params | {"applicant_name": HOSTILE[:20]})
    assert "假签名" not in str(refused.value)


HARM = [
    ("an address to click", "点击http://a.cn"),
    ("a signature of its own", "【某局】医院"),
    ("a picture", "医院😀"),
    ("a circled figure", "医院①"),
    ("a web page", "www.a.cn"),
    ("markup", "<b>医院"),
    ("a template", "{1}医院"),
]


@pytest.mark.parametrize("words", [case[1] for case in HARM], ids=[case[0] for case in HARM])
def test_what_networks_refuse_is_not_sent(words: str) -> None:
    with pytest.raises(InputError, match="变量 unit 不合要求"):
        sms(*_signed(applicant_name=words))


def _signed(**changes: Any) -> tuple[str, dict[str, Any]]:
    return "agreement_signed", GIVEN["common"] | {"signed_on": "2025-12-01"} | changes


@pytest.mark.parametrize("name", ["样例 大药房", "A&B诊所(总店)", "北京𠮷安医院", "H医院·二部"])
def test_names_as_they_occur_pass(name: str) -> None:
    assert f"（{name}）：" in sms(*_signed(applicant_name=name))


def test_an_application_number_is_never_shortened() -> None:
    with pytest.raises(InputError, match="变量 number 不合要求（code，不超过 20 字"):
        sms(*_signed(applicant_id="H" * 21))


def test_both_forms_of_a_moment_pass_and_another_does_not() -> None:
    [(event, params)] = [one for one in TYPICAL if one[0] == "supplement_wanted"]
    assert "请于2025年9月12日17:30前补正" in sms(event, params | {"until": "2025-09-12 17:30"})
    with pytest.raises(InputError, match="变量 until"):
        sms(event, params | {"until": "下周五"})


def test_an_event_without_a_short_message_is_refused() -> None:
    with pytest.raises(InputError, match="没有短信"):
        sms("authority_breach", {})


def test_a_signature_too_long_for_two_segments_is_refused() -> None:
    with pytest.raises(InputError, match="超过 2 条：请缩短签名"):
        sms(*_signed(), sign="签" * 100)


# --- what providers ask of a template --------------------------------------------------------------------------


@pytest.mark.parametrize("event", SMS_TEMPLATES)
def test_a_template_keeps_the_providers_rules(event: str) -> None:
    template = SMS_TEMPLATES[event]
    assert len(template.text) <= LIMITS["template"]
    assert not outlawed(template.text)
    assert not re.search(r"\}\$\{", template.text), "two variables side by side"
    assert re.sub(PLACE, "", template.text)[:1], "nothing but a variable"
    assert not re.search(r"https?:|www\.|\d", PLACE.sub("", template.text)), "a link or a figure"
    assert all(
        variable.max <= LIMITS["variable"] and variable.kind in TABLE["kinds"] for variable in template.variables
    )
    assert all(len(word) <= variable.max for variable in template.variables for word in variable.of)


@pytest.mark.parametrize("event", SMS_TEMPLATES)
def test_a_template_asks_only_for_what_the_message_has(event: str) -> None:
    known = set(EVENTS[event].model.model_fields)
    assert set(Common.model_fields) <= known
    for variable in SMS_TEMPLATES[event].variables:
        tree = environment().parse(f"{{{{ {variable.source} }}}}")
        assert meta.find_undeclared_variables(tree) <= known, variable.name


@pytest.mark.parametrize("event", SMS_TEMPLATES)
def test_every_variable_listed_is_used(event: str) -> None:
    used = {variable.name for variable in SMS_TEMPLATES[event].variables}
    assert used == set(TABLE["common"]) | set(TABLE["events"][event]["variables"])


def test_no_short_message_carries_reasons_findings_or_complaints() -> None:
    private = {"reasons", "reason", "finding", "open_point", "what", "missing", "ref", "facts", "corrections", "items"}
    private |= {"undone", "note", "follows", "on_failure", "clause", "decision_no", "kind"}
    for template in SMS_TEMPLATES.values():
        for variable in template.variables:
            tree = environment().parse(f"{{{{ {variable.source} }}}}")
            assert not meta.find_undeclared_variables(tree) & private or variable.source == "missing | length"


def test_the_version_of_a_wording_follows_its_text() -> None:
    assert len(set(SMS_TEMPLATE_VERSION.values())) == len(SMS_TEMPLATES)
    assert all(re.fullmatch(r"[0-9a-f]{12}", version) for version in SMS_TEMPLATE_VERSION.values())


def test_the_sheet_for_approval_shows_every_text_in_the_provider_s_notation() -> None:
    version = SMS_TEMPLATE_VERSION["agreement_signed"]
    assert (
        f"agreement_signed（版本 {version}）\n"
        "  申请编号{1}（{2}）：你单位的服务协议已于{3}签订，将报医疗保障部门备案。\n"
        "  {1}：编号（字母、数字和连字符），不超过 20 字\n  {2}：单位名称，不超过 20 字\n  {3}：日期，不超过 11 字"
    ) in approval_sheet(numbered=True)
    assert "  opinion：固定选项（合格、不合格），不超过 3 字" in approval_sheet(numbered=False)
    assert approval_sheet(numbered=False).count("申请编号${number}（${unit}）") == len(SMS_TEMPLATES)


# --- lengths ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("characters", "wanted"), [(66, 1), (67, 2), (130, 2), (131, 3)])
def test_segments_count_the_signature_and_its_brackets(characters: int, wanted: int) -> None:
    assert segments("字" * characters, "签名") == wanted


def test_characters_that_networks_refuse_are_found_one_by_one() -> None:
    assert outlawed("医院（一）：A1，。\n\u200b【①😀𠮷") == "\n\u200b【①😀"


def test_a_rare_character_counts_twice() -> None:
    assert [segments("字" * 64 + rare, "签名") for rare in ("吉", "𠮷", "𠮷吉")] == [1, 1, 2]


def test_a_shortened_name_keeps_its_beginning_and_its_end() -> None:
    assert shorten("样例县大药房连锁有限公司第十二分店", 12) == "样例县大药房连…十二分店"
    assert shorten("样例大药房", 5) == "样例大药房"
