"""The fields of an act as text, and back again: days, instants and decimals stay what they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

INSTANT, DAY, DECIMAL = "$instant", "$day", "$decimal"
READ: Mapping[str, Callable[[str], Any]] = {
    INSTANT: datetime.fromisoformat,
    DAY: date.fromisoformat,
    DECIMAL: Decimal,
}


def written(fields: Mapping[str, Any]) -> str:
    """The text of an act's fields. Raises TypeError for a value of a kind that no act has."""
    return json.dumps(fields, ensure_ascii=False, default=_marked)


def read(text: str) -> dict[str, Any]:
    """The fields that `written` made the text of."""
    fields: dict[str, Any] = json.loads(text, object_hook=_typed)
    return fields


def _marked(value: Any) -> dict[str, str]:
    match value:
        case datetime():
            return {INSTANT: value.isoformat()}
        case date():
            return {DAY: value.isoformat()}
        case Decimal():
            return {DECIMAL: str(value)}
    raise TypeError(f"no act has a field of the kind {type(value).__name__}")


def _typed(found: dict[str, Any]) -> Any:
    for mark, kind in READ.items():
        if found.keys() == {mark}:
            return kind(found[mark])
    return found
