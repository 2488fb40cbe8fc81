"""Short messages as people read them, and what a provider needs to write them itself: template and typed variables.

Every text here was approved by the provider as it stands, so everything is checked before a message is sent: kind and
length of each variable, characters that networks refuse, and the number of segments that the whole would take.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import TemplateError

from notifications.catalogue import parse
from notifications.rendering import CUT, environment, plain
from rules.errors import InputError
from rules.texts import cleaned

FILE = Path(__file__).parent / "templates.yaml"
RETIRED = Path(__file__).parent / "retired.yaml"
TABLE: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
LIMITS: Mapping[str, Any] = TABLE["limits"]
BASIC_PLANE = 0xFFFF
PLACE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a text: the expression that fills it, its kind, its greatest length in characters."""

    name: str
    source: str
    kind: str
    max: int
    of: tuple[str, ...] = ()
    is_shortened: bool = False

    def fill(self, event: str, values: Mapping[str, Any]) -> str:
        """The value, shortened where that is the rule.

        Raises:
            InputError: it is too long or not of its kind; the sentence names the variable, never the value.
        """
        value = cleaned(str(_expression(self.source)(**values)))
        value = shorten(value, self.max) if self.is_shortened else value
        fits = re.fullmatch(TABLE["kinds"][self.kind], value) and (not self.of or value in self.of)
        if len(value) > self.max or not fits or outlawed(value):
            raise InputError(
                f"短信“{event}”的变量 {self.name} 不合要求（{self.kind}，不超过 {self.max} 字，不含特殊符号）："
                "请核对所登记的内容，或改用书面送达"
            )
        return value


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    """The approved text of an event, its variables in the order in which they first appear, its version."""

    event: str
    text: str
    variables: tuple[Variable, ...]
    version: str


@dataclass(frozen=True, slots=True)
class RenderedSms:
    """A message without its signature, and the variables that make it, in the template's order."""

    text: str
    variables: tuple[tuple[str, str], ...]


def render_sms(event: str, params: Mapping[str, Any], sign_name: str = "", version: str = "") -> RenderedSms:
    """The short message of an event, in a version of its text (empty: the one in use).

    Raises:
        InputError: no short message for this event; parameters or variables that do not hold; too many segments.
    """
    template = template_of(event, version)
    values = plain(parse(event, params).model_dump())
    try:
        filled = {variable.name: variable.fill(event, values) for variable in template.variables}
    except TemplateError as error:
        raise InputError(f"短信“{event}”的变量无法生成：{error.message}；请检查 {FILE.name}") from error
    text = PLACE.sub(lambda place: filled[place[1]], template.text)
    if segments(text, sign_name) > LIMITS["segments"]:
        raise InputError(f"短信“{event}”连同签名超过 {LIMITS['segments']} 条：请缩短签名 DINGDIAN_SMS_SIGN_NAME")
    return RenderedSms(text, tuple(filled.items()))


def template_of(event: str, version: str = "") -> SmsTemplate:
    """The short message of an event: the text in use, or an earlier version that a message was queued with.

    Raises:
        InputError: this event has none, or not in this version.
    """
    if event not in SMS_TEMPLATES:
        raise InputError(f"通知“{event}”没有短信：请改用电子邮件或书面送达")
    if version in ("", SMS_TEMPLATES[event].version):
        return SMS_TEMPLATES[event]
    if (event, version) not in RETIRED_TEMPLATES:
        raise InputError(f"短信“{event}”没有版本 {version} 的文字：请把该版文字补入 {RETIRED.name}，或取消后重发")
    return RETIRED_TEMPLATES[event, version]


def segments(text: str, sign_name: str) -> int:
    """How many messages a text takes on the air, its signature in brackets included."""
    length = len(f"【{sign_name}】{text}".encode("utf-16-le")) // 2
    return 1 if length <= LIMITS["one_segment"] else -(-length // LIMITS["each_of_several"])


def outlawed(text: str) -> str:
    """The characters of a text that networks or providers refuse: controls, pictures, and a list of symbols."""
    return "".join(one for one in text if one in LIMITS["forbidden"] or not one.isprintable() or _is_picture(one))


def shorten(text: str, characters: int) -> str:
    """A text of at most so many characters that keeps its beginning and its end (`…一店` says which branch)."""
    if len(text) <= characters:
        return text
    tail = characters // 3
    return text[: characters - tail - len(CUT)] + CUT + text[-tail:]


def approval_sheet(numbered: bool) -> str:
    """What is submitted to a provider for approval: every text, its variables by number (Tencent) or by name."""
    return "\n\n".join(_sheet(template, numbered) for template in SMS_TEMPLATES.values())


def _sheet(template: SmsTemplate, numbered: bool) -> str:
    places = {one.name: f"{{{number}}}" for number, one in enumerate(template.variables, 1)}
    text = PLACE.sub(lambda place: places[place[1]], template.text) if numbered else template.text
    named = [(places[one.name] if numbered else one.name, one) for one in template.variables]
    kinds = [f"  {name}：{_kind(one)}，不超过 {one.max} 字" for name, one in named]
    return "\n".join([f"{template.event}（版本 {template.version}）", f"  {text}", *kinds])


def _kind(one: Variable) -> str:
    """What a variable holds, in the words of the approval form."""
    return f"固定选项（{'、'.join(one.of)}）" if one.of else str(TABLE["kind_words"][one.kind])


def _is_picture(character: str) -> bool:
    """Beyond the first plane only letters may pass (rare characters of place names)."""
    return ord(character) > BASIC_PLANE and unicodedata.category(character) != "Lo"


@cache
def _expression(source: str) -> Any:
    return environment().compile_expression(source, undefined_to_none=False)


def _template(event: str, text: str, known: Mapping[str, Any]) -> SmsTemplate:
    order = dict.fromkeys(PLACE.findall(text))
    parts = json.dumps([text, [known[name] for name in order]], ensure_ascii=False, sort_keys=True)
    version = hashlib.sha256(parts.encode()).hexdigest()[:12]
    return SmsTemplate(event, text, tuple(_variable(name, known[name]) for name in order), version)


def _in_use(event: str, about: Mapping[str, Any]) -> SmsTemplate:
    return _template(event, TABLE["opening"] + about["text"], TABLE["common"] | about["variables"])


def retired(entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], SmsTemplate]:
    """Earlier texts by event and version; the version follows from the text, so that none can be altered."""
    made = [_template(one["event"], one["text"], one["variables"]) for one in entries]
    return {(one.event, one.version): one for one in made}


def _variable(name: str, about: Mapping[str, Any]) -> Variable:
    of = tuple(about.get("of", ()))
    return Variable(name, about["from"], about["kind"], about["max"], of, about.get("shorten", False))


SMS_TEMPLATES: dict[str, SmsTemplate] = {event: _in_use(event, about) for event, about in TABLE["events"].items()}
SMS_TEMPLATE_VERSION: dict[str, str] = {event: one.version for event, one in SMS_TEMPLATES.items()}
RETIRED_TEMPLATES = retired(yaml.safe_load(RETIRED.read_text(encoding="utf-8")) or [])
