"""The clock of a rehearsal: a file with one instant, which whoever rehearses moves.

A rehearsal of a whole round (`dingdian up --demo --play`) lives in a folder that is nothing else. A mark in that folder
makes every process that works in it find the clock, keeps messages from going out, and names the one database that the
clock may move: no real record can ever carry an invented day.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from foundation.files import READABLE, write_file
from rules.errors import InputError, RefusedError
from rules.localtime import ZONE

MARK = "rehearsal-database"
PRACTICE = "practice"
CLOCK = "rehearsal-clock"


def read_clock(path: Path) -> datetime:
    """The instant that a clock shows. Never the machine's time in its place: raises InputError when it is illegible."""
    try:
        instant = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        raise InputError(f"演练时钟 {path.name} 读不出时刻：应写一行如 2026-03-02T09:00:00+08:00（{error}）") from None
    if instant.tzinfo is None:
        raise InputError(f"演练时钟 {path.name} 的时刻须带时区，如 2026-03-02T09:00:00+08:00")
    return instant


def banner(path: Path) -> str:
    """What every page of a rehearsal says first; empty where there is no clock (a real installation)."""
    if path == Path():
        return ""
    at = read_clock(path).astimezone(ZONE)
    return f"演练：虚拟日期 {at:%Y-%m-%d %H:%M}，全部内容虚构，不对外发送任何消息"


def database_of(var_dir: Path) -> str | None:
    """The database of the rehearsal that lives in this folder; None for a folder that is no rehearsal's."""
    mark = var_dir / MARK
    return mark.read_text(encoding="utf-8").strip() if mark.exists() else None


def begin_practice(var_dir: Path) -> None:
    """Marks a folder that nothing has been kept in yet as one for trying things out; one in use stays what it is."""
    if not (var_dir / "secret.key").exists() and not (var_dir / "postgres").exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        _write(var_dir / PRACTICE, "nothing here is real")


def is_practice(var_dir: Path) -> bool:
    """Whether nothing in this folder is real: a rehearsal's, or one that began with the demonstration round."""
    return (var_dir / MARK).exists() or (var_dir / PRACTICE).exists()


def begin(var_dir: Path, now: datetime, database_url: str) -> Path:
    """Makes a new folder the folder of a rehearsal; one that is a rehearsal already goes on where it stood.

    Answers its clock. Raises RefusedError for a folder that holds a real installation.
    """
    if database_of(var_dir) is None:
        if (var_dir / "postgres").exists() or (var_dir / "secret.key").exists():
            raise RefusedError(
                f"{var_dir} 已是正式使用的数据目录，不能用来演练：请用 DINGDIAN_VAR_DIR 另指定一个空目录"
            )
        var_dir.mkdir(parents=True, exist_ok=True)
        _write(var_dir / CLOCK, now.isoformat())
        _write(var_dir / MARK, database_url)
    return var_dir / CLOCK


def move_on(path: Path, now: datetime) -> datetime:
    """Moves a clock forward and answers what it shows; time never runs back."""
    shown = read_clock(path)
    if now <= shown:
        return shown
    _write(path, now.isoformat())
    return now


def _write(path: Path, text: str) -> None:
    write_file(path, f"{text}\n".encode(), READABLE)
