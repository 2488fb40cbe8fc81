"""The forms of workbooks: which one, which file. The contents never pass through a form."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from flows.choices import Choice
from flows.forms import FileForm
from flows.forms.parts import RoundForm
from flows.forms.pasted import OR_NOTHING
from workbooks.folders import WORKBOOKS
from workbooks.layouts import INDICATORS

WORKBOOK = Choice(WORKBOOKS)
ON_FAULTS = Choice({"none": "有一处错误就全部不写入", "good_rows": "只写入没有错误的行"})


class ExportWorkbook(RoundForm):
    """下载一种 Excel 表格到发件夹：填写用的带下拉和提示，填好后用“71 导入表格”导入。"""

    kind: Annotated[str, WORKBOOK, Field(title="哪一种表格")]
    expert_id: Annotated[
        str,
        Field(title="评分专家", description="只用于评分表；留空为每名评分专家各一份", pattern=r"^[A-Za-z0-9-]{0,20}$"),
        OR_NOTHING,
    ] = ""
    period: Annotated[
        str,
        Field(
            title="年度或月份",
            description="年度考核表填年度，如 2026；结算联系单和月度指标填月份，如 2026-03；其他表格留空",
            pattern=r"^(20[0-9]{2}(-[0-9]{2})?)?$",
        ),
        OR_NOTHING,
    ] = ""

    @model_validator(mode="after")
    def _names_a_month(self) -> ExportWorkbook:
        if self.kind == INDICATORS and "-" not in self.period:
            raise ValueError("下载“月度指标”须在“年度或月份”填月份，如 2026-03")
        return self


class ImportWorkbook(FileForm):
    """导入填好的 Excel 表格：先只检查，逐格指出错误；改好后再写入。同一文件重复导入不会重复写入。"""

    dry_run: Annotated[bool, Field(title="只检查", description="先开着检查一遍；检查通过后关掉，再提交写入")] = True
    on_faults: Annotated[str, ON_FAULTS, Field(title="有错误时", description="稳妥的做法是改好后整批重来")] = (
        "有一处错误就全部不写入"
    )
