"""A filled-in form as people read it: each title with its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def shown_in(form: BaseModel) -> list[tuple[str, str]]:
    """Titles and values as they stand in the form."""
    values = form.model_dump(mode="json", context={"labels": True})
    return [(field.title or name, _spelled(values[name])) for name, field in type(form).model_fields.items()]


def titled_values(form: type[BaseModel], recorded: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a record keeps of a form, under the form's own titles; of what the form does not ask, nothing."""
    fields = form.model_fields
    return [(fields[name].title or name, _spelled(value)) for name, value in recorded.items() if name in fields]


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(_spelled, value)) or "（留空）"
    if isinstance(value, Mapping):
        return " ".join(_spelled(one) for one in value.values() if one != "")
    return str(value) or "（留空）"
