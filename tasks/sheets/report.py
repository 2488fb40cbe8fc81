"""What an import says at its end: one sentence for the run, one page for its result, each bad cell by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks.markdown import plain, table
from tasks.sheets.findings import Fault
from tasks.sheets.layouts import TITLES

SHOWN_FAULTS = 300
SHOWN_NUMBERS = 50
HEADINGS = ("单元格", "栏目", "问题", "怎么办")


@dataclass(slots=True)
class ImportReport:
    """What was read and checked, what was written, what was not and why."""

    kind: str
    file: str
    about: str = ""
    is_dry: bool = True
    keeps_good_rows: bool = False
    rows: int = 0
    blank: int = 0
    bad_rows: int = 0
    good: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    is_written: bool = False
    copy: str = ""

    @property
    def summary(self) -> str:
        """One sentence: what was read, what is wrong, what was or was not written, and what comes next."""
        counted = f"“{self.file}”（{TITLES[self.kind]}{self.about and ' ' + self.about}）共 {self.rows} 行"
        parts = [f"可导入 {len(self.good)} 行"]
        parts += [f"已在库中 {len(self.already)} 行"] if self.already else []
        parts += [f"未填写 {self.blank} 行"] if self.blank else []
        parts += [f"有错误 {self.bad_rows} 行（{len(self.faults)} 处）"] if self.faults else []
        return f"{counted}：{'，'.join(parts)}。{self._ending()}"

    def _ending(self) -> str:
        where = (
            f"逐格说明见结果页和发件夹里的“{self.copy}”。" if self.copy else "逐格说明见结果页。" if self.faults else ""
        )
        if self.is_written:
            return f"已写入 {len(self.good)} 行。{where}"
        if self.is_dry and not self.faults:
            return "检查通过，没有写入：请关掉“只检查”，再提交一次。" if self.good else "没有需要写入的内容。"
        if self.is_dry:
            return f"只检查，没有写入。{where}"
        return f"没有写入任何一行。{where}" if self.faults else "没有需要写入的内容。"

    @property
    def is_refused(self) -> bool:
        """Whether somebody must look: there are faults."""
        return bool(self.faults)

    def page(self) -> str:
        """The page of the run: the sentence, each bad cell, what is there already, notes. No personal content."""
        parts = ["# 导入表格", plain(self.summary), *_listed("说明", self.notes)]
        if self.faults:
            parts += [f"## 有错误的单元格（{len(self.faults)} 处）", table(HEADINGS, self.fault_rows()[:SHOWN_FAULTS])]
        if len(self.faults) > SHOWN_FAULTS:
            parts.append(f"只列出前 {SHOWN_FAULTS} 处，其余见发件夹里的标注副本。")
        parts += _numbers("已写入" if self.is_written else "可导入", self.good)
        parts += _numbers("已在库中，没有重复写入", self.already)
        return "\n\n".join(parts)

    def fault_rows(self) -> list[tuple[str, ...]]:
        """A row for each bad cell."""
        return [(fault.place, fault.field, fault.what, fault.todo) for fault in self.faults]

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "kind": self.kind,
            "rows": self.rows,
            "good": list(self.good),
            "already": list(self.already),
            "blank": self.blank,
            "bad_rows": self.bad_rows,
            "faults": [
                {"cell": one.place, "field": one.field, "what": one.what, "todo": one.todo} for one in self.faults
            ],
            "notes": list(self.notes),
            "written": self.is_written,
            "copy": self.copy,
            "summary": self.summary,
        }


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {plain(line)}" for line in lines)] if lines else []


def _numbers(title: str, numbers: Sequence[str]) -> list[str]:
    if not numbers:
        return []
    shown = "、".join(numbers[:SHOWN_NUMBERS]) + ("…" if len(numbers) > SHOWN_NUMBERS else "")
    return [f"## {title}（{len(numbers)} 行）", plain(shown)]
