"""What pydantic says of a value that cannot be used, in Chinese: for forms, files and settings alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

CHOICE = re.compile(r"'([^']*)'")
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
    "enum": lambda ctx: f"只能是 {_choices(ctx['expected'])}",
    "literal_error": lambda ctx: f"只能是 {_choices(ctx['expected'])}",
}


def _choices(expected: str) -> str:
    """`live、redirect、dry_run`, of pydantic's `'live', 'redirect' or 'dry_run'`."""
    return "、".join(CHOICE.findall(expected))


def said(fault: Any) -> str:
    """What is wrong, without the name of the field."""
    own = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return own
    return SAID[fault["type"]](fault.get("ctx", {})) if fault["type"] in SAID else own
