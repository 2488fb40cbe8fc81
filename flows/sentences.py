"""What is wrong with a form, in Chinese: which field, which rule, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

SAID: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "必须填写",
    "extra_forbidden": lambda _: "是未知的项目，请删除",
    "string_pattern_mismatch": lambda _: "格式不符，请按提示填写",
    "string_too_short": lambda _: "不能为空",
    "string_too_long": lambda ctx: f"不能超过 {ctx['max_length']} 个字",
    "string_type": lambda _: "应为文字",
    "too_short": lambda ctx: f"至少 {ctx['min_length']} 项",
    "too_long": lambda ctx: f"最多 {ctx['max_length']} 项",
    "greater_than_equal": lambda ctx: f"不能小于 {ctx['ge']}",
    "less_than_equal": lambda ctx: f"不能大于 {ctx['le']}",
    "int_parsing": lambda _: "应为整数",
    "int_type": lambda _: "应为整数",
    "bool_parsing": lambda _: "应为是或否",
    "bool_type": lambda _: "应为是或否",
    "list_type": lambda _: "应为清单",
    "date_from_datetime_parsing": lambda _: "不是有效日期，应如 2026-03-05",
    "date_parsing": lambda _: "不是有效日期，应如 2026-03-05",
    "date_type": lambda _: "不是有效日期，应如 2026-03-05",
    "date_from_datetime_inexact": lambda _: "应只写日期，如 2026-03-05",
    "datetime_type": lambda _: "不是时间，应如 2026-03-02T08:30:00+08:00",
    "greater_than": lambda ctx: f"须大于 {ctx['gt']}",
    "int_from_float": lambda _: "应为整数",
    "decimal_type": lambda _: "应为数字",
    "decimal_parsing": lambda _: "应为数字",
    "finite_number": lambda _: "应为数字",
    "decimal_max_digits": lambda ctx: f"不能超过 {ctx['max_digits']} 位数字",
    "decimal_max_places": lambda ctx: f"小数不能超过 {ctx['decimal_places']} 位",
    "decimal_whole_digits": lambda ctx: f"整数部分不能超过 {ctx['whole_digits']} 位",
    "dict_type": lambda _: "应为键值表",
    "model_type": lambda _: "应为键值表",
    "model_attributes_type": lambda _: "应为键值表",
    "union_tag_invalid": lambda ctx: f"的类型只能是 {ctx['expected_tags']}",
    "union_tag_not_found": lambda _: "缺少类型（type）",
    "enum": lambda ctx: f"只能是 {ctx['expected'].replace(' or ', '、')}",
    "literal_error": lambda ctx: f"只能是 {ctx['expected'].replace(' or ', '、')}",
}


def sentence_of(error: ValidationError, model: type[BaseModel]) -> str:
    """Every fault of a form in one sentence."""
    return "；".join(f"{named(fault['loc'], model)}{said(fault)}" for fault in error.errors()) + "。请改正后重新提交。"


def said(fault: Any) -> str:
    """What is wrong, without the name of the field."""
    own = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return own
    return SAID[fault["type"]](fault.get("ctx", {})) if fault["type"] in SAID else own


def named(loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """`“发布凭证”第 1 项“发布日期”`: the titles of the fields on the way."""
    text, here = "", model
    for part in loc:
        if isinstance(part, int):
            text += f"第 {part + 1} 项"
            continue
        info = here.model_fields.get(part)
        text += f"“{(info and info.title) or part}”"
        here = _inner(info.annotation, here) if info else here
    return text


def _inner(annotation: Any, default: type[BaseModel]) -> type[BaseModel]:
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return default
