"""Every message, with what it usually says, with the longest it may have to say, and with words meant to do harm."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from notifications.catalogue import EVENTS, parse, template_names, validate
from notifications.editions import NEWEST, TEMPLATES, folders
from notifications.html import WORKINGS_TITLE
from notifications.params import Common
from notifications.rendering import bare, clip, cn_moment, cn_period, environment, render_email
from rules.errors import InputError
from rules.wording import cn_date, cn_day

DAY = date(2026, 1, 5)
A_MONTH = "2026-03"
LONG = "县" * 200
PAGE = f"https://www.example.gov.cn/{'gongshi/' * 20}limits-1.html#preliminary_review-2026-01-05"
HOSTILE = "{{ 7*7 }}{% raw %}<script>\r\n落款：某某局\u2028‮Bcc: x@y.cn\x00"
SAMPLES: dict[str, Any] = {
    "typical": "样例县人民医院",
    "longest": LONG,
    "hostile": HOSTILE,
}


def filled(model: type[BaseModel], text: str, *, flag: bool, absent: bool) -> dict[str, Any]:
    """Parameters for a model: every text the same, every flag the same, what may be absent absent or not; an address
    is one that we make ourselves."""
    return {
        name: PAGE
        if name == "link"
        else A_MONTH
        if _is_a_month(field)
        else _value(field.annotation, text, flag=flag, absent=absent)
        for name, field in model.model_fields.items()
    }


def _is_a_month(field: FieldInfo) -> bool:
    patterns = [one.pattern for one in field.metadata if getattr(one, "pattern", None)]
    return any(re.fullmatch(pattern, A_MONTH) for pattern in patterns)


def _value(kind: Any, text: str, *, flag: bool, absent: bool) -> Any:
    if get_origin(kind) is UnionType:
        [present] = set(get_args(kind)) - {NoneType}
        return None if absent else _value(present, text, flag=flag, absent=absent)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple:
        return [_value(get_args(kind)[0], text, flag=flag, absent=absent)] * 3
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return filled(kind, text, flag=flag, absent=absent)
    return {str: text, bool: flag, int: 3, date: DAY}[kind]


VARIANTS = [(words, flag, absent) for words in SAMPLES for flag in (True, False) for absent in (True, False)]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(("words", "flag", "absent"), VARIANTS)
def test_every_message_renders_with_any_words(event: str, words: str, flag: bool, absent: bool) -> None:
    params = validate(event, filled(EVENTS[event].model, SAMPLES[words], flag=flag, absent=absent))
    email = render_email(event, params, DAY)
    assert 0 < len(email.subject) <= 60
    assert email.subject.isprintable()
    assert "{{" not in email.subject.replace("{{ 7*7 }}", "")
    assert not {character for character in email.text if not character.isprintable()} - {"\n", "　"}
    assert email.text.splitlines()[-1].startswith("（本邮件由评估管理系统自动发出")


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(("flag", "absent"), [(True, True), (True, False), (False, True), (False, False)])
def test_hostile_words_stay_words_on_their_own_line(event: str, flag: bool, absent: bool) -> None:
    model = EVENTS[event].model
    harmless, hostile = (
        render_email(event, filled(model, words, flag=flag, absent=absent), DAY).text for words in ("无害", HOSTILE)
    )
    assert "49" not in hostile.replace(cn_date(DAY), "")
    assert "{{ 7*7 }}{% raw %}<script> 落款：某某局 Bcc: x@y.cn" in hostile
    assert len(hostile.splitlines()) == len(harmless.splitlines())


@pytest.mark.parametrize("event", EVENTS)
def test_a_usual_subject_is_printed_whole(event: str) -> None:
    params = filled(EVENTS[event].model, "甲乙丙丁", flag=True, absent=False)
    usual = {"agency": "样例县医疗保险经办中心", "applicant_id": "H01"}
    params |= {name: text for name, text in usual.items() if name in params}
    assert "…" not in render_email(event, params, DAY).subject


OURS = {"issued_on", "title", "has_consent", "enclosed", "withheld", "workings_title"}


def source_of(name: str) -> str:
    """The text of a template of the newest edition."""
    return next(folder / name for folder in folders(NEWEST) if (folder / name).exists()).read_text("utf-8")


def names_in(template: str) -> set[str]:
    """The names a template asks for, without the macros of `_parts.j2`."""
    tree, parts = (environment().parse(source_of(name)) for name in (template, "_parts.j2"))
    return meta.find_undeclared_variables(tree) - {macro.name for macro in parts.find_all(nodes.Macro)}


@pytest.mark.parametrize("event", EVENTS)
def test_templates_ask_only_for_what_the_message_has(event: str) -> None:
    known = set(EVENTS[event].model.model_fields) | OURS
    for name in template_names(event):
        assert names_in(name) <= known, name


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("words", SAMPLES)
def test_the_html_says_the_same_words_and_fetches_nothing(event: str, words: str) -> None:
    params = filled(EVENTS[event].model, SAMPLES[words], flag=True, absent=False)
    email = render_email(event, params, DAY)
    page = Page(email.html)
    assert "".join(page.words.split()) == "".join((email.subject + email.text).split())
    assert page.tags <= {"html", "head", "meta", "title", "body", "div", "p", "h1", "h2", "a"}
    assert not page.attributes & {"src", "srcset", "background"}
    assert page.links == [PAGE] * 3, "the pages that tell the dates' working, and nothing else"
    assert "url(" not in email.html


class Page(HTMLParser):
    """The words of a page, its tags and its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.tags, self.attributes, self.links = "", set[str](), set[str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("edition", ["1", NEWEST])
def test_a_message_that_was_queued_without_workings_has_no_section(edition: str) -> None:
    params = filled(EVENTS["signing_opened"].model, "甲", flag=True, absent=False)
    del params["workings"]
    email = render_email("signing_opened", params, DAY, edition=edition)
    assert [WORKINGS_TITLE in words for words in (email.text, email.html)] == [False, False]


def test_without_a_signed_consent_the_text_says_that_it_is_a_reminder() -> None:
    params = filled(EVENTS["disqualified"].model, "甲", flag=True, absent=False)
    served, reminded = (render_email("disqualified", params, DAY, has_consent=given).text for given in (True, False))
    assert "仅为提示" in reminded
    assert "仅为提示" not in served


@pytest.mark.parametrize("layout", ["_letter.email.txt.j2", "_memo.email.txt.j2"])
def test_layouts_ask_only_for_what_every_message_has(layout: str) -> None:
    assert names_in(layout) <= set(Common.model_fields) | OURS


def test_there_is_a_template_for_every_message_and_no_orphan() -> None:
    owned = {name for event in EVENTS for name in template_names(event)}
    there = {path.name for path in TEMPLATES.glob("*/*.j2")}
    assert {name for name in there if not name.startswith("_")} == owned


def test_no_template_holds_a_number_of_the_law() -> None:
    for path in TEMPLATES.glob("*/*.j2"):
        words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"\d|[一二三四五六七八九十]+个?(?:工作日|日内|天|月内|年内|分)", words), path.name


def test_the_supervisor_is_told_of_an_objection_without_who_and_what() -> None:
    fields = set(EVENTS["objection_open"].model.model_fields) - set(Common.model_fields)
    assert fields == {"ref", "in_time", "received_on"}


# --- parameters ------------------------------------------------------------------------------------------------


def test_parameters_are_stored_as_json_and_come_back_typed() -> None:
    params = filled(EVENTS["application_accepted"].model, "甲", flag=True, absent=True)
    stored = validate("application_accepted", params)
    assert (stored["accepted_on"], stored["whole_procedure_due"]) == ("2026-01-05", None)
    assert parse("application_accepted", stored).model_dump()["accepted_on"] == DAY


@pytest.mark.parametrize(
    ("change", "named"),
    [({"complainant": "某人"}, "complainant"), ({"signed_on": "昨天"}, "signed_on"), ({"place": ""}, "place")],
)
def test_a_message_that_could_not_be_rendered_is_refused_by_the_name_of_the_parameter(
    change: dict[str, Any], named: str
) -> None:
    params = filled(EVENTS["agreement_signed"].model, "甲", flag=True, absent=False)
    with pytest.raises(InputError, match=f"通知“agreement_signed”的参数不成立：{named}："):
        validate("agreement_signed", params | change)


def test_an_unknown_message_is_refused() -> None:
    with pytest.raises(InputError, match="没有名为“party”的通知"):
        validate("party", {})


# --- the environment -------------------------------------------------------------------------------------------


def test_a_template_can_neither_reach_inside_python_nor_print_what_is_missing() -> None:
    made = environment()
    assert isinstance(made, ImmutableSandboxedEnvironment)
    for harm in (
        "{{ day.__class__.__mro__ }}",
        "{{ missing }}",
        "{% if not missing %}x{% endif %}",
        "{{ l.append(1) }}",
    ):
        with pytest.raises(Exception, match=r"unsafe|undefined|not safely"):
            made.from_string(harm).render(day=DAY, l=[1])


def test_dates_carry_no_leading_zeros_and_the_right_weekday() -> None:
    assert cn_date(DAY) == "2026年1月5日"
    assert [cn_day(DAY + timedelta(days=days))[-4:] for days in (0, 5, 6)] == ["星期一）", "星期六）", "星期日）"]


def test_a_moment_in_figures_is_printed_as_dates_are() -> None:
    assert [cn_moment(text) for text in ("2025-09-02 17:30", "2025年9月2日17时30分", "另行告知")] == [
        *("2025年9月2日17:30", "2025年9月2日17时30分", "另行告知")
    ]


def test_a_period_is_printed_in_words() -> None:
    assert [cn_period(text) for text in ("60wd", "7d", "3m", "3y", "60个工作日", "wd")] == [
        *("60个工作日", "7日", "3个月", "3年", "60个工作日", "wd")
    ]


def test_a_cut_text_shows_that_it_was_cut() -> None:
    assert (clip("一二三", 3), clip("一二三四", 3)) == ("一二三", "一二…")


def test_a_sentence_gets_one_full_stop() -> None:
    assert [bare(text) for text in ("已核实。", "已核实", "已核实；")] == ["已核实"] * 3
