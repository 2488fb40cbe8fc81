"""The form of a stock list: the drugs that an institution keeps (R54); a whole county's come by workbook."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from flows.forms.parts import DayOrNothing, Part, TextOrNothing
from flows.forms.pasted import OR_NOTHING, SQUEEZED, held_to
from flows.forms.performance import AgreementForm
from flows.instants import day_or_none

Price = Annotated[
    str,
    OR_NOTHING,
    SQUEEZED,
    held_to(
        re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII), "不是价格，应为数字，如 15300.50；没有可留空", may_be_empty=True
    ),
]
Word = Annotated[str, Field(min_length=1, max_length=200)]


class DrugForm(Part):
    """一种规格的药品。"""

    generic: Annotated[Word, Field(title="通用名", description="药品通用名，如 奥希替尼片")]
    brand: Annotated[TextOrNothing, Field(title="商品名", description="没有则留空")] = ""
    dosage_form: Annotated[Word, Field(title="剂型", description="如 片剂、注射剂")]
    specification: Annotated[Word, Field(title="规格", description="如 80mg×30片")]
    maker: Annotated[Word, Field(title="生产企业", description="企业全称")]
    price: Annotated[Price, Field(title="价格（元）", description="每个包装的零售价，可留空")] = ""
    since: Annotated[DayOrNothing, Field(title="开始备药日期", description="不填则自清单执行之日起")] = ""
    until: Annotated[DayOrNothing, Field(title="停止备药日期", description="不再备药的最后一日；仍备药的留空")] = ""


class RecordStockList(AgreementForm):
    """登记备药清单：协议的附件，后一份接替前一份，前一份留存；整批用“70 下载表格”的备药清单。"""

    valid_from: Annotated[date, Field(title="执行日期", description="自哪一天起按这份清单备药")]
    entries: list[DrugForm] = Field(title="药品", description="每种规格一行，写全；没列出的即不再备药", max_length=1000)

    def fields(self) -> dict[str, Any]:
        """The days as days."""
        entries = [one.model_dump() for one in self.entries]
        days = [{name: day_or_none(one[name]) for name in ("since", "until")} for one in entries]
        return super().fields() | {"entries": [one | day for one, day in zip(entries, days, strict=True)]}
