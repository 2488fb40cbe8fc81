"""How our workbooks look: one place for fonts, fills, borders and the printed page."""

from __future__ import annotations

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.worksheet import Worksheet

FACE = "宋体"
TITLE = Font(name=FACE, size=14, bold=True)
HEAD = Font(name=FACE, size=10, bold=True)
BODY = Font(name=FACE, size=10)
HINT = Font(name=FACE, size=9, italic=True, color="5A6472")
HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
HINT_FILL = PatternFill("solid", fgColor="F3F6FA")
GIVEN_FILL = PatternFill("solid", fgColor="EFEFEF")
BAD_FILL = PatternFill("solid", fgColor="FFB3B3")
LINE = Side(style="thin", color="B7C0CC")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(vertical="center", wrap_text=True)
OPEN, LOCKED = Protection(locked=False), Protection(locked=True)
TEXT_FORMAT = "@"
A4 = 9


def set_up_page(sheet: Worksheet, head_row: int, footer: str) -> None:
    """A4 across, as wide as one page, the head on every page, numbered; `footer` says which round."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{head_row}:{head_row}"
    sheet.oddFooter.left.text = footer.replace("&", "&&")
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    for side in ("left", "right", "top"):
        setattr(sheet.page_margins, side, 0.4)
