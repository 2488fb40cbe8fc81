"""One cell: its value by the kind of its column, or what is wrong with it and what to do.

People write `１２３`, `2026.3.5`, `是 ` and numbers as text; those are understood. What could only be guessed (a
formula, an error value, a number where leading zeros may be lost) is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from foundation import addresses
from rules import creditcode
from rules.errors import InputError
from rules.phones import own_number
from rules.texts import cleaned, half_width, holdable, hyphened, latin, squeezed, unholdable
from workbooks.columns import LONGEST_TEXT, YES_NO, Column, Kind

CODE = re.compile(r"[A-Za-z0-9-]{1,20}")
SERIAL = re.compile(r"\d{5}", re.ASCII)
AMOUNT = re.compile(r"\d{1,15}(\.\d{1,4})?", re.ASCII)
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
SERIALS = range(20_000, 80_000)  # 1954 to 2119 as Excel counts days
FIGURES_KEPT = 15  # what Excel shows of a number; the rest is noise of binary fractions


class BadCellError(InputError):
    """What is wrong with a cell, and what to do."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what}：{todo}")
        self.what, self.todo = what, todo


@dataclass(frozen=True, slots=True)
class Raw:
    """A cell as it stands in the file. `type` is openpyxl's: n number, s text, b truth, d day, e error, f formula."""

    address: str
    value: Any = None
    type: str = "n"
    epoch: datetime = WINDOWS_EPOCH

    @property
    def is_blank(self) -> bool:
        """Nothing in it but blanks."""
        return self.value is None or (isinstance(self.value, str) and self.type != "f" and not cleaned(self.value))


def unescaped(text: str) -> str:
    """Text as it was typed: Excel writes what XML cannot hold as `_x000D_`, and `_x0041_` itself as `_x005F_x0041_`."""
    if "_x" not in text:
        return text
    plain = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves that belong together


def read_cell(column: Column, raw: Raw) -> Any:
    """The value of a cell; None for a blank one that may be blank. Raises BadCellError."""
    if raw.type == "f":
        raise BadCellError("是公式", "请填写数值本身（复制后用“选择性粘贴－数值”）")
    if raw.type == "e":
        raise BadCellError(f"是错误值 {raw.value}", "请改为真实的内容")
    if raw.is_blank:
        if column.is_required:
            raise BadCellError("没有填写", f"请填写（{column.hint}）" if column.hint else "请填写")
        return None
    if isinstance(raw.value, str) and (lost := unholdable(cleaned(raw.value))):
        raise BadCellError("含有无法保存的字符", f"{lost}；请删去后重新填写")
    return READERS[column.kind](column, raw)


def _shown(column: Column, raw: Raw) -> str:
    """`，现为“三名”`; never for what is personal."""
    text = holdable(cleaned(str(raw.value)))
    return "" if column.is_personal else f"，现为“{text[:30]}{'…' if len(text) > 30 else ''}”"


def plain_text(raw: Raw) -> str:
    """Text for codes, numbers and choices: half width, without any blanks at its ends."""
    if isinstance(raw.value, float) and raw.value.is_integer():
        return str(int(raw.value))
    return half_width(str(raw.value))


def _text(column: Column, raw: Raw) -> str:
    if raw.type not in ("s", "inlineStr", "str"):
        raise BadCellError(f"应为文字{_shown(column, raw)}", "请把单元格设为文本后重新填写")
    text = cleaned(raw.value)
    if unholdable(text):
        raise BadCellError("含有无法保存的字符", "请删除后重新填写")
    if len(text) > LONGEST_TEXT:
        raise BadCellError(f"超过 {LONGEST_TEXT} 个字", "请缩短")
    return text


def _code(column: Column, raw: Raw) -> str:
    if not isinstance(raw.value, str):
        raise BadCellError(
            f"编号不是文本格式{_shown(column, raw)}", "前面的 0 可能已经丢失，请把单元格设为文本后重新填写"
        )
    code = latin(hyphened(plain_text(raw)))
    if not CODE.fullmatch(code):
        raise BadCellError(f"编号格式不符{_shown(column, raw)}", "只用字母、数字和短横，最多 20 个字符")
    return code


def _credit_code(column: Column, raw: Raw) -> str:
    if not isinstance(raw.value, str):
        lost = f"末几位可能已经丢失，请把单元格设为文本后重新填写 {creditcode.LENGTH} 位代码"
        raise BadCellError("不是文本格式", lost)
    code = creditcode.code_of(raw.value)
    if fault := creditcode.fault_of(code):
        shown = "" if creditcode.is_a_persons(code) else _shown(column, raw)
        raise BadCellError(f"不是有效的统一社会信用代码{shown}", f"{fault}；{creditcode.CERTIFICATE}，没有代码的留空")
    return code


def _number(column: Column, raw: Raw) -> Decimal:
    if isinstance(raw.value, bool) or not isinstance(raw.value, (int, float, str)):
        raise BadCellError(f"应为数字{_shown(column, raw)}", "请只填数字")
    text = (
        hyphened(plain_text(raw))
        if isinstance(raw.value, str)
        else format(Decimal(f"{raw.value:.{FIGURES_KEPT}g}"), "f")
    )
    text = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if not AMOUNT.fullmatch(text.removeprefix("-")):
        raise BadCellError(f"应为数字{_shown(column, raw)}", "请只填数字，不带单位，小数不超过四位")
    return _bounded(column, Decimal(text), raw)


def _bounded(column: Column, number: Decimal, raw: Raw) -> Decimal:
    if column.least is not None and number < column.least:
        raise BadCellError(f"不能小于 {column.least}{_shown(column, raw)}", f"请填 {column.hint or '更大的数'}")
    if column.most is not None and number > column.most:
        raise BadCellError(f"不能大于 {column.most}{_shown(column, raw)}", f"请填 {column.hint or '更小的数'}")
    return number


def _count(column: Column, raw: Raw) -> int:
    number = _number(column, raw)
    if number != int(number):
        raise BadCellError(f"应为整数{_shown(column, raw)}", "请填整数")
    return int(number)


def _amount(column: Column, raw: Raw) -> str:
    return format(_number(column, raw), "f")


def _choice(column: Column, raw: Raw) -> str | bool:
    text = ("是" if raw.value else "否") if isinstance(raw.value, bool) else plain_text(raw)
    by_label = {half_width(label): code for label, code in column.choices.items()}
    code = by_label.get(text, text if text in column.choices.values() else None)
    if code is None:
        raise BadCellError(f"不在可选之列{_shown(column, raw)}", f"只能是 {'、'.join(column.choices)}")
    return code == YES_NO["是"] if column.choices == YES_NO else str(code)


def _day(column: Column, raw: Raw) -> str:
    if isinstance(raw.value, datetime):
        return raw.value.date().isoformat()
    if isinstance(raw.value, date):
        return raw.value.isoformat()
    serial = _serial(raw)
    if serial is not None:
        counted = from_excel(serial, raw.epoch)
        return str(counted.date().isoformat())
    found = DAY.fullmatch(squeezed(plain_text(raw)))
    try:
        parts = [int(part) for part in found.groups() if part] if found else []
        return date(*parts).isoformat()
    except (TypeError, ValueError):
        raise BadCellError(f"不是有效日期{_shown(column, raw)}", "请写成 2026-03-05") from None


def _serial(raw: Raw) -> int | None:
    """A day as Excel counts it, where the cell lost its date format."""
    number = raw.value if isinstance(raw.value, (int, float)) and not isinstance(raw.value, bool) else None
    if isinstance(raw.value, str) and SERIAL.fullmatch(plain_text(raw)):
        number = int(plain_text(raw))
    return int(number) if number is not None and int(number) in SERIALS else None


def _phone(column: Column, raw: Raw) -> str:
    number = own_number(plain_text(raw))
    if not number:
        raise BadCellError("电话格式不符", "手机填 11 位；座机连区号一起填，区号前的 0 不能少（单元格须为文本）")
    return number


def _email(column: Column, raw: Raw) -> str:
    address = addresses.address_of(plain_text(raw))
    if fault := addresses.fault_of(address):
        raise BadCellError("邮箱格式不符", fault)
    return address


READERS: Mapping[Kind, Callable[[Column, Raw], Any]] = {
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.CREDIT_CODE: _credit_code,
    Kind.COUNT: _count,
    Kind.AMOUNT: _amount,
    Kind.CHOICE: _choice,
    Kind.DAY: _day,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
}
