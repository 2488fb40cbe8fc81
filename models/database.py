"""Engines and transactions: PostgreSQL, or a SQLite file (WAL; every transaction starts with BEGIN IMMEDIATE)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

from foundation.settings import get_settings
from models import journal
from rules.errors import ConflictError, DatabaseError, InputError

BUSY_TIMEOUT_MS = 30_000
GAVE_WAY = ("40P01", "40001")  # PostgreSQL ended one of two that waited for each other: nobody's fault


@cache
def engine_for(url: str) -> Engine:
    """The engine of a database address; one per address and process. Its errors do not quote what was to be written:
    they reach logs, and the values are people's.

    Raises InputError for an address that is neither PostgreSQL nor a SQLite file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError(
            "数据库地址无法识别（其中可能有密码，不重复）：请写 postgresql+psycopg://… 或 sqlite:///文件"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        server, patience = parsed.set(drivername="postgresql+psycopg"), _patience(parsed)
        return create_engine(server, pool_pre_ping=True, connect_args=patience, hide_parameters=True)
    if backend == "sqlite":
        return _sqlite_engine(url)
    raise InputError(f"不支持的数据库“{backend}”：请用 PostgreSQL 或 SQLite 文件")


def _patience(url: URL) -> dict[str, str | int]:
    """How long the connection, a lock and a statement are waited for; what the address says itself goes before."""
    settings = get_settings()
    limits = {"lock_timeout": settings.database_lock_seconds, "statement_timeout": settings.database_statement_seconds}
    chosen: dict[str, str | int] = {
        "connect_timeout": settings.database_connect_seconds,
        "options": " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items()),
    }
    return {name: value for name, value in chosen.items() if name not in url.query}


def _sqlite_engine(url: str, *, begin: str = "BEGIN IMMEDIATE", pragmas: tuple[str, ...] = ()) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, hide_parameters=True)
    settings = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", *pragmas)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in settings:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def transaction(url: str) -> Iterator[Session]:
    """One session, one transaction: committed at the end with its entry in the journal, rolled back whole on any error.

    Raises as `telling_conflicts` and `journal.append`.
    """
    with telling_conflicts(), Session(engine_for(url), expire_on_commit=False) as session, session.begin():
        yield session
        if session.in_transaction():  # whoever took it back himself has nothing to tell
            journal.close(session)


@contextmanager
def telling_conflicts() -> Iterator[None]:
    """Raises ConflictError where the database gave up one of two who waited for each other (it may be tried again), and
    DatabaseError where a lock, a statement or the connection took longer than the settings allow.
    """
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") in GAVE_WAY:
            raise ConflictError("本次办理与他人的同时办理互相等待，已撤回，未写入任何内容：请重试") from error
        if said := _said(getattr(error.orig, "sqlstate", "")):
            raise DatabaseError(said) from error
        raise


def _said(sqlstate: str | None) -> str:
    """What a person is told of a database that let us wait; empty for every other fault. SQLite has no such numbers."""
    settings = get_settings()
    match sqlstate:
        case "55P03":
            seconds = settings.database_lock_seconds
            return f"所需的数据被别的办理占用超过 {seconds} 秒，已撤回，未写入任何内容：请稍后重试"
        case "57014":
            seconds = settings.database_statement_seconds
            return f"数据库执行一条语句超过 {seconds} 秒，已撤回，未写入任何内容：请查看数据库是否繁忙后重试"
        case None | "57P01" | "57P02" | "57P03":  # no answer; told to stop, stopped by a crash, not up yet
            return "数据库连接不上或连接中断：请检查数据库是否运行、地址和网络，再核对本次办理是否已记录，然后重试"
    return ""


@contextmanager
def rebuilding(url: str) -> Iterator[Connection]:
    """One connection, one transaction, in which tables may be made anew: SQLite changes a constraint no other way, and
    would take the rows of other tables for orphans in between. Every reference is checked before anything is kept.

    Raises DatabaseError when one leads nowhere.
    """
    if engine_for(url).dialect.name != "sqlite":
        with engine_for(url).begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a migration takes as long as it takes
            yield connection
        return
    engine = _sqlite_engine(url, pragmas=("foreign_keys=OFF",))
    try:
        with engine.begin() as connection:
            yield connection
            if astray := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise DatabaseError(f"升级后有 {len(astray)} 行引用了不存在的记录，已撤回：请先核对数据库是否被改动")
    finally:
        engine.dispose()


@cache
def _reader_for(url: str) -> Engine:
    if engine_for(url).dialect.name == "postgresql":
        return engine_for(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return _sqlite_engine(url, begin="BEGIN", pragmas=("query_only=ON",))


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """One session that cannot write, neither by mistake nor by force: everything it reads is of one instant, and no
    writer waits for it."""
    with telling_conflicts(), Session(_reader_for(url), expire_on_commit=False) as session, session.begin():
        yield session
