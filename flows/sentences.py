"""What is wrong with a form, in Chinese: which field, which rule, what to do."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from foundation.wrong_values import said


def sentence_of(error: ValidationError, model: type[BaseModel]) -> str:
    """Every fault of a form in one sentence."""
    return "；".join(f"{named(fault['loc'], model)}{said(fault)}" for fault in error.errors()) + "。请改正后重新提交。"


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
