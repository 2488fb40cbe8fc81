"""One cell at a time: what is understood, and what is refused with its sentence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from rules.texts import cleaned
from workbooks.cells import BadCellError, Raw, read_cell
from workbooks.columns import YES_NO, Column, Kind

COUNT = Column("n", "人数", Kind.COUNT, "整数", least=Decimal(0))
SCORE = Column("s", "得分", Kind.AMOUNT, "0 至 30", least=Decimal(0), most=Decimal(30))
AREA = Column("a", "面积", Kind.AMOUNT, least=Decimal(0))
DAY = Column("d", "日期", Kind.DAY)
CODE = Column("c", "编号", Kind.CODE)
CREDIT = Column("u", "统一社会信用代码", Kind.CREDIT_CODE, is_required=False)
NAME = Column("t", "名称")
TRUTH = Column("y", "是否", Kind.CHOICE, choices=YES_NO)
GRADE = Column("g", "等级", Kind.CHOICE, choices={"二级甲等": "二级甲等", "三级": "三级"})
PHONE = Column("p", "电话", Kind.PHONE, is_personal=True)
EMAIL = Column("e", "邮箱", Kind.EMAIL, is_personal=True)
MAYBE = Column("m", "说明", is_required=False)


def raw(value: Any) -> Raw:
    """A cell as openpyxl types it."""
    kinds = ((bool, "b"), (str, "s"), ((datetime, date), "d"))
    return Raw("A1", value, next((kind for types, kind in kinds if isinstance(value, types)), "n"))


@pytest.mark.parametrize(
    ("column", "given", "read"),
    [
        (COUNT, 5, 5),
        (COUNT, 5.0, 5),
        (COUNT, "１２３", 123),
        (COUNT, " 7\u00a0", 7),
        (COUNT, "1,200", 1200),
        (SCORE, "１８．５", "18.5"),
        (SCORE, 18.5, "18.5"),
        (SCORE, 0, "0"),
        (SCORE, 30, "30"),
        (AREA, 0.1 + 0.2, "0.3"),
        (AREA, 420000000, "420000000"),
        (AREA, "420,000,000.00", "420000000.00"),
        (DAY, datetime(2026, 3, 5), "2026-03-05"),
        (DAY, date(2026, 3, 5), "2026-03-05"),
        (DAY, "2026-03-05", "2026-03-05"),
        (DAY, "2026.3.5", "2026-03-05"),
        (DAY, "2026/3/5", "2026-03-05"),
        (DAY, "2026年3月5日", "2026-03-05"),
        (DAY, "２０２６年３月５日", "2026-03-05"),
        (DAY, "2026 年 3 月 5 日", "2026-03-05"),
        (DAY, "20260305", "2026-03-05"),
        (DAY, 46086, "2026-03-05"),
        (DAY, "46086", "2026-03-05"),
        (CODE, "007", "007"),
        (CODE, " Ｐ０１ ", "P01"),
        (CREDIT, "91350100M000100Y43", "91350100M000100Y43"),
        (CREDIT, " 91350100 m000100y ４３\u00a0", "91350100M000100Y43"),
        (CREDIT, None, None),
        (NAME, "=1+1", "=1+1"),
        (NAME, "+86", "+86"),
        (NAME, "-5", "-5"),
        (NAME, "@某", "@某"),
        (NAME, "样例医院（总院）\u3000 ", "样例医院（总院）"),
        (NAME, "样例\n大药房\u200b", "样例 大药房"),
        (TRUTH, "是 ", True),
        (TRUTH, "否", False),
        (TRUTH, True, True),
        (TRUTH, False, False),
        (GRADE, "二级甲等\u00a0", "二级甲等"),
        (PHONE, "13800138000", "13800138000"),
        (PHONE, 13800138000, "13800138000"),
        (PHONE, 13800138000.0, "13800138000"),
        (PHONE, "＋86 138-0013-8000", "13800138000"),
        (PHONE, "0555-1234567", "05551234567"),
        (PHONE, "\u202d13800138000\u202c", "13800138000"),
        (PHONE, "0591—87654321", "059187654321"),
        (CODE, "Р—01", "P-01"),
        (CREDIT, "91350203M0001QKT19", "91350203M0001QKT19"),
        (CREDIT, "\u206691350100M000100Y43\u2069", "91350100M000100Y43"),
        (DAY, "\u202d2026—03—05\u202c", "2026-03-05"),
        (NAME, "\u202d样例县人民医院\u202c", "样例县人民医院"),
        (NAME, "样例\u00ad大药\ufe00房", "样例大药房"),
        (EMAIL, "info@医院.中国", "info@医院.中国"),
        (EMAIL, "ａ@example.cn ", "a@example.cn"),
        (MAYBE, None, None),
        (MAYBE, " \u00a0\u3000", None),
    ],
)
def test_what_people_write_is_understood(column: Column, given: Any, read: Any) -> None:
    found = read_cell(column, raw(given))
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("column", "given", "what"),
    [
        (NAME, None, "没有填写"),
        (NAME, "\u00a0 ", "没有填写"),
        (NAME, 360, "应为文字，现为“360”"),
        (NAME, "长" * 201, "超过 200 个字"),
        (COUNT, "三名", "应为数字，现为“三名”"),
        (COUNT, 1.5, "应为整数，现为“1.5”"),
        (COUNT, -1, "不能小于 0，现为“-1”"),
        (COUNT, True, "应为数字，现为“True”"),
        (COUNT, "1e3", "应为数字，现为“1e3”"),
        (COUNT, datetime(2026, 3, 5), "应为数字，现为“2026-03-05 00:00:00”"),
        (SCORE, 30.01, "不能大于 30，现为“30.01”"),
        (SCORE, "30分", "应为数字，现为“30分”"),
        (SCORE, "NaN", "应为数字，现为“NaN”"),
        (AREA, 1e300, "应为数字，现为“1e+300”"),
        (DAY, "2026-02-30", "不是有效日期，现为“2026-02-30”"),
        (DAY, "3月5日", "不是有效日期，现为“3月5日”"),
        (DAY, 5, "不是有效日期，现为“5”"),
        (DAY, "2026-03-05 10:00", "不是有效日期，现为“2026-03-05 10:00”"),
        (CODE, 7, "编号不是文本格式，现为“7”"),
        (CODE, "P 01", "编号格式不符，现为“P 01”"),
        (CODE, "甲01", "编号格式不符，现为“甲01”"),
        (CREDIT, "91350100M000100Y4O", "不是有效的统一社会信用代码，现为“91350100M000100Y4O”"),
        (CREDIT, "000000000000000000", "不是有效的统一社会信用代码，现为“000000000000000000”"),
        (CREDIT, "11010519491231002X", "不是有效的统一社会信用代码"),
        (CREDIT, "91350100M000100Y4", "不是有效的统一社会信用代码，现为“91350100M000100Y4”"),
        (CREDIT, 913501000001000043, "不是文本格式"),
        (TRUTH, "有", "不在可选之列，现为“有”"),
        (TRUTH, 1, "不在可选之列，现为“1”"),
        (GRADE, "二甲", "不在可选之列，现为“二甲”"),
        (PHONE, "5551234567", "电话格式不符"),
        (PHONE, "1380013800", "电话格式不符"),
        (EMAIL, "a@example", "邮箱格式不符"),
        (EMAIL, "a..b@x.cn", "邮箱格式不符"),
        (EMAIL, "张三@x.cn", "邮箱格式不符"),
        (NAME, "样例\ud800药房", "含有无法保存的字符"),
        (EMAIL, "a@b.cn; c@d.cn", "邮箱格式不符"),
    ],
)
def test_what_could_only_be_guessed_is_refused(column: Column, given: Any, what: str) -> None:
    with pytest.raises(BadCellError) as caught:
        read_cell(column, raw(given))
    assert caught.value.what == what
    assert caught.value.todo


@pytest.mark.parametrize("column", [NAME, COUNT, DAY, CODE, TRUTH, PHONE, MAYBE])
def test_formulas_and_error_values_are_refused_in_every_kind_of_cell(column: Column) -> None:
    with pytest.raises(BadCellError, match="是公式："):
        read_cell(column, Raw("A1", "=A2", "f"))
    with pytest.raises(BadCellError, match="是错误值 #N/A"):
        read_cell(column, Raw("A1", "#N/A", "e"))


def test_a_day_of_a_workbook_that_counts_from_1904() -> None:
    from openpyxl.utils.datetime import MAC_EPOCH

    assert read_cell(DAY, Raw("A1", 44624, "n", MAC_EPOCH)) == "2026-03-05"


def test_personal_content_is_never_repeated() -> None:
    for column, given in ((PHONE, "1380013800x"), (EMAIL, "secret@"), (Column("n", "联系人", is_personal=True), 13800)):
        with pytest.raises(BadCellError) as caught:
            read_cell(column, raw(given))
        assert str(given) not in str(caught.value)


def test_tidy_keeps_what_is_seen() -> None:
    assert cleaned("\ufeff 样例　医院\x07（\t一）\r\n") == "样例 医院（ 一）"
