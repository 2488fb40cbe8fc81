"""The figures of a run as a page, a picture and JSON: `dingdian bench limit --into docs`. The page is made from the
JSON alone, so that no figure in it can be another."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import altair as alt

from publication.charts import svg
from rules.localtime import ZONE

NAME = "performance"
COLUMNS: Mapping[str, str] = {
    "bench": "基准",
    "database": "数据库",
    "live": "在办",
    "due": "到期",
    "seconds": "本系统（秒）",
    "baseline_seconds": "极限（秒）",
    "ratio": "倍数",
    "spread": "倍数范围",
    "bare_seconds": "不写变更登记的 SQL（秒）",
    "bare_ratio": "对其倍数",
    "nothing_due_ms": "无到期（毫秒）",
    "added_mb": "增加内存（MB）",
    "grown": "本系统增长",
    "baseline_grown": "极限增长",
    "statements": "语句数",
    "load": "负载",
}
HEAD = """# 性能：与极限对照

本页由 `dingdian bench limit --into docs` 从同一次运行的结果（`performance.json`）生成，请勿手改；页与 JSON 不一致时检查会失败。

- **极限**：手写 SQL，一个事务，写出与巡查相同的行（`benchmarks/sweep.py`；测试比对整库），连同每个事务必有的变更登记。
  登记须用数据库没有的密钥，任何 SQL 都写不出，因此另列不写登记的同一 SQL。
- 本系统与极限轮流运行，取中位数；“倍数范围”是各轮之最小与最大，“负载”是测时机器上等待运行的进程数。
- **一件事项**（act）：20 签订协议，对照同样的语句由驱动程序逐条发送。
- “增长”是在办数最少与最多时耗时之比；“倍数”为本系统的增长对极限的增长。

![在办数与耗时](performance.svg)
"""


@dataclass(frozen=True)
class Record:
    """One run: the machine, and its figures."""

    machine: Mapping[str, Any]
    figures: Sequence[Mapping[str, Any]]


def machine() -> dict[str, Any]:
    """What it ran on, as far as it matters."""
    return {"on": datetime.now(ZONE).date().isoformat(), "cores": os.cpu_count(), "python": platform.python_version()}


def write(folder: Path, record: Record) -> None:
    """The three files."""
    files = {"json": told(record), "md": page(record), "svg": picture(record)}
    for ending, content in files.items():
        (folder / f"{NAME}.{ending}").write_text(content, encoding="utf-8")


def told(record: Record) -> str:
    """As JSON."""
    return json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> Record:
    """A record that was written."""
    return Record(**json.loads(path.read_text(encoding="utf-8")))


def page(record: Record) -> str:
    """As a page: a table for each benchmark."""
    own = record.machine
    ran = f"测于 {own['on']}，{own['cores']} 核，Python {own['python']}。"
    names = dict.fromkeys(str(one["bench"]) for one in record.figures)
    tables = (_table([one for one in record.figures if one["bench"] == name]) for name in names)
    return "\n".join([HEAD, ran, "", *("\n".join(table) for table in tables)])


def _table(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    columns = [name for name in COLUMNS if any(name in one for one in figures)]
    yield f"## {figures[0]['bench']}\n"
    yield f"| {' | '.join(COLUMNS[name] for name in columns)} |"
    yield f"|{'---|' * len(columns)}"
    for one in figures:
        yield f"| {' | '.join(_cell(one.get(name, '')) for name in columns)} |"
    yield ""


def _cell(value: Any) -> str:
    return " – ".join(map(str, value)) if isinstance(value, list) else str(value)


def picture(record: Record) -> str:
    """How long a sweep takes by how many are live and due, ours and the limit, on either database."""
    sides = {"seconds": "本系统", "baseline_seconds": "极限"}
    rows = [
        {
            **{name: one[name] for name in ("database", "live", "seconds")},
            "seconds": one[name],
            "which": f"{label}，{one['due']} 家到期",
        }
        for one in record.figures
        if one["bench"] == "sweep"
        for name, label in sides.items()
    ]
    axis = alt.Axis(format="~s")
    chart = (
        alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]
        .mark_line(point=True)
        .encode(
            x=alt.X("live:Q", scale=alt.Scale(type="log"), title="在办（家）", axis=axis),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="一次巡查（秒）"),
            color=alt.Color("which:N", title=None, legend=alt.Legend(orient="bottom", columns=2)),
            column=alt.Column("database:N", title=None),
        )
        .properties(width=300, height=240)
    )
    return svg(chart)
