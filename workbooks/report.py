"""What an import says at its end: one sentence for the run, one page for its result, each bad cell by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbooks.findings import Fault
from workbooks.layouts import TITLES

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
