"""Rows of ours that came back: each is found by its hidden id, and its visible number must still be the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from foundation.secrets import Keyring
from workbooks.cells import plain_text
from workbooks.findings import BLANK, Checked
from workbooks.reading import Found, Row
from workbooks.signature import Mark, read_row_mark

NUMBER = "applicant_id"
AS_IT_WAS = "请不要改动灰色的格子和隐藏的列；需要增减机构的，请重新下载表格"


def found_rows(checked: Checked, sheet: Found, keys: Keyring, mark: Mark) -> Iterator[tuple[Row, str, str]]:
    """Each row that is ours, with the applicant and the basis it was filled with; any other is a fault."""
    marks = Counter(str(row.mark) for row in sheet.rows)
    for row in sheet.rows:
        checked.rows += 1
        known = read_row_mark(keys, mark, sheet.plan.key, row.mark)
        if known is None:
            checked.fault(sheet, row.number, NUMBER, "不是系统生成的行（隐藏的行标识缺失或被改动）", AS_IT_WAS)
        elif marks[str(row.mark)] > 1:
            checked.fault(
                sheet, row.number, NUMBER, f"{known[0]} 在表中出现了 {marks[str(row.mark)]} 次", "请只保留一行"
            )
        elif plain_text(row.cells.get(NUMBER, BLANK)) != known[0]:
            checked.fault(sheet, row.number, NUMBER, f"编号被改动，本行原是 {known[0]}", AS_IT_WAS)
        else:
            yield row, *known
