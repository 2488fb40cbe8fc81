"""What every register has in common, that comes by file and never by form: the kinds of its fields, and an entry that
refuses unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from foundation import addresses
from rules import creditcode
from rules.clocktime import day_of, instant_of
from rules.phones import office_fault, office_numbers, own_number
from rules.texts import cleaned, half_width, hyphened, latin, unholdable

DecimalText = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
Code = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9-]{1,20}$"),
    BeforeValidator(lambda value: latin(hyphened(half_width(value))) if isinstance(value, str) else value),
]


def _credit_code(text: str) -> str:
    code = creditcode.code_of(text)
    if code and (fault := creditcode.fault_of(code)):
        raise ValueError(f"统一社会信用代码不成立：{fault}；{creditcode.CERTIFICATE}")
    return code


def _email(text: str) -> str:
    address = addresses.address_of(text)
    if address and (fault := addresses.fault_of(address)):
        raise ValueError(f"邮箱不成立：{fault}")
    return address


def _office_numbers(text: str) -> str:
    if fault := office_fault(text):
        raise ValueError(f"电话{fault}")
    return office_numbers(text)


def _own_number(text: str) -> str:
    """A number in the one form it is kept in; another text stays, for a file may hold what is no number yet."""
    return own_number(text) or text


def _kept(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(name, one) for one in value]
    if not isinstance(value, str):
        return value
    text = cleaned(value)
    if lost := unholdable(text):
        raise ValueError(f"“{name}”{lost}")
    return text


CreditCode = Annotated[str, AfterValidator(_credit_code)]
Email = Annotated[str, AfterValidator(_email)]
OfficeNumbers = Annotated[str, AfterValidator(_office_numbers)]
Number = Annotated[str, AfterValidator(_own_number)]


def _instant(value: Any) -> Any:
    if isinstance(value, (bool, int, float, Decimal)):
        raise ValueError("不是时间，应如 2026-03-02T08:30:00+08:00")
    return instant_of(value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    """A day as text; a bare number is none, though it could be read as seconds since 1970."""
    if isinstance(value, (bool, int, float, Decimal)) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError("不是有效日期，应如 2026-03-05")
    return (day_of(value) or value) if isinstance(value, str) else value


def _as_stored(points: Decimal) -> int | str:
    """Whole points as a number, others as exact text: a binary fraction would not add up to the full mark."""
    return int(points) if points == points.to_integral_value() else f"{points.normalize():f}"


MOST_COUNTED = 2_000_000_000  # what a column of the database holds
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED, strict=True)]
Year = Annotated[int, Field(ge=2000, le=2200, strict=True)]
Truth = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Points = Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=4), PlainSerializer(_as_stored)]


class Entry(BaseModel):
    """A part of a register: unknown keys are refused, texts are cleaned of what nobody sees."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _cleaned(cls, data: Any) -> Any:
        return {name: _kept(name, value) for name, value in data.items()} if isinstance(data, Mapping) else data
