"""The `dingdian` command line. Machine output is one JSON document on standard output; messages go to standard error.

Exit codes: 0 done, 1 refused or failed (with a sentence that says what to do), 2 wrong usage.
Every command imports what it needs inside its own body, so that `dingdian due` never waits for Prefect.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rules.errors import DingdianError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="特殊药品定点医药机构评估：命令行")
AsJson = Annotated[bool, typer.Option("--json", help="机器可读的 JSON 输出")]


@app.command()
def due(
    period: Annotated[str, typer.Option(help="期间：22wd 工作日、7d 日、3m 月、3y 年")] = "",
    start: Annotated[str, typer.Option(help="起算日（当日不计），如 2026-02-02")] = "",
    batch: Annotated[Path | None, typer.Option(help="批量：JSON 清单文件")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="逐日列出推算过程")] = False,
    roll: Annotated[bool, typer.Option("--roll/--no-roll", help="末日遇休息日是否顺延")] = True,
    as_json: AsJson = False,
) -> None:
    """推算期间的最后一日，并说明每一日为何计入或不计。"""
    from dingdian import due as command

    command.run(period=period, start=start, batch=batch, explain=explain, roll=roll, as_json=as_json)


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="装入一轮演示数据")] = False,
) -> None:
    """在本机启动全部服务；按 Ctrl-C 全部停止。"""
    from dingdian import up as command

    command.run(demo=demo)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="情景文件（JSON）")],
    engine: Annotated[str, typer.Option(help="direct 直接调用；prefect 运行真实流程")] = "direct",
    db: Annotated[str, typer.Option(help="使用的空数据库；缺省为临时 SQLite 文件")] = "",
    as_json: AsJson = False,
) -> None:
    """按情景文件重演一轮评估，不对外发送任何消息。"""
    from dingdian import replay as command

    command.run(file=file, engine=engine, db=db, as_json=as_json)


def main() -> None:
    """Runs a command; an error of the house ends it with its sentence and exit code 1."""
    try:
        app()
    except DingdianError as error:
        print(f"错误：{error}", file=sys.stderr)
        sys.exit(1)
