"""`dingdian sheet`: the workbooks of the office from the command line, through the same functions as the flows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Excel 表格：下载模板、导入、导出")
By = Annotated[str, typer.Option("--by", help="经办人工号")]
Folder = Annotated[Path | None, typer.Option("--out", help="放到哪个文件夹；缺省为发件夹")]
Period = Annotated[str, typer.Option("--period", help="年度考核表的年度，如 2026；结算联系单的月份，如 2026-03")]
OfRound = Annotated[int, typer.Option("--round", help="轮次号；只有一轮时不必填", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="机器可读的 JSON 输出")]


@app.command("template")
def template(
    kind: Annotated[
        str,
        typer.Argument(
            help="register 登记册、dossiers 材料与事实表、scores 评分表、"
            "assessment 年度考核表、indicators 月度指标、migrated 在册协议表、stock 备药清单"
        ),
    ],
    by: By,
    expert: Annotated[str, typer.Option(help="评分专家编号；缺省为每名专家各一份")] = "",
    period: Period = "",
    of_round: OfRound = 0,
    out: Folder = None,
    as_json: AsJson = False,
) -> None:
    """生成填写用的表格。"""
    from dingdian import sheets

    sheets.write(kind, by, out, expert or period, of_round, as_json=as_json, is_template=True)


@app.command("export")
def export(
    kind: Annotated[
        str,
        typer.Argument(help="ranking 排名、summary 评估汇总、ledger 台账、designated 定点名册、settlement 结算联系单"),
    ],
    by: By,
    period: Period = "",
    of_round: OfRound = 0,
    out: Folder = None,
    as_json: AsJson = False,
) -> None:
    """生成查看用的表格；联系方式只有脱敏形式。"""
    from dingdian import sheets

    sheets.write(kind, by, out, period, of_round, as_json=as_json, is_template=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="填好的表格（.xlsx）")],
    by: By,
    write: Annotated[bool, typer.Option("--write", help="写入；缺省只检查")] = False,
    good_rows: Annotated[bool, typer.Option("--good-rows", help="只写入没有错误的行；缺省有错误就全部不写入")] = False,
    out: Folder = None,
    as_json: AsJson = False,
) -> None:
    """检查并导入填好的表格；有错误的格子逐一列出，并生成标注副本。"""
    from dingdian import sheets

    sheets.read(file, by, out, is_dry=not write, keeps_good_rows=good_rows, as_json=as_json)
