"""Fixtures that several tests share: databases of both kinds, a whole installation, a browser.

A test that needs a server starts it and fails, not skips, when it cannot.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, event

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dingdian.running.embedded import Cluster
from foundation.settings import reset_settings
from tests.support.copies import AUDIT_KEY, SHARED, Copies
from tests.support.postgres import fresh_database
from tests.support.stack import Stack, shared_stack
from tests.support.stages import at_stage, templates

__all__ = ["at_stage", "templates"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# One profile for every property: an example may take as long as a busy machine needs.
PATIENT = "patient"
settings.register_profile(PATIENT, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(PATIENT)

DRIVERS = ("pysqlite", "psycopg")  # of our own databases
FIRST: dict[str, Engine] = {}  # of each driver, the engine whose compiled statements all use

STATEMENTS = 3_000  # more than the whole suite asks

RARELY = (200_000, 20, 50)  # the thresholds of the collector
MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30  # bytes; the whole suite leaves about half of it behind
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@event.listens_for(Engine, "engine_connect")
def _no_wait_for_the_disk(connection: Connection) -> None:
    """A test's SQLite file need not outlive a power cut, as little as its PostgreSQL (`durable=False`)."""
    if connection.dialect.driver == "pysqlite":
        connection.connection.cursor().execute("PRAGMA synchronous=OFF")


@event.listens_for(Engine, "engine_connect")
def _one_compiler(connection: Connection) -> None:
    """Every test's database is an engine of its own, and all of a kind compile into one cache: compiling each statement
    anew for each of them was a tenth of the suite. The cache is keyed by the dialect, so that is shared as well."""
    if connection.dialect.driver not in DRIVERS:
        return  # Prefect's own
    first = FIRST.setdefault(connection.dialect.driver, connection.engine)
    first._compiled_cache.capacity = STATEMENTS
    connection.dialect = first.dialect
    connection.engine._compiled_cache = first._compiled_cache


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the settings of the machine it runs on, nor those of the test before."""
    for name in [name for name in os.environ if name.startswith("DINGDIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DINGDIAN_AUDIT_KEY", AUDIT_KEY)  # databases of one test are copied for others
    reset_settings()
    yield
    reset_settings()


def pytest_configure(config: pytest.Config) -> None:
    """One folder for all workers of a session, every test's own folder in it. Not pytest's own place: that
    every new session closes to others, and PostgreSQL runs as another user when the tests run as root."""
    if SHARED not in os.environ:
        # A machine may forbid keeping compiled code: some hundred processes of a session would compile ours anew.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        os.environ[SHARED] = tempfile.mkdtemp(prefix="dingdian-tests-", dir=_in_memory())
        Path(os.environ[SHARED]).chmod(0o755)
        config.option.basetemp = config.option.basetemp or f"{os.environ[SHARED]}/tests"
        config.add_cleanup(partial(shutil.rmtree, os.environ[SHARED], ignore_errors=True))


def _in_memory() -> Path | None:
    """Where a session's files lie in memory; None where there is no such place, too little room in it, or no program
    may be run from it. A PostgreSQL database is some 300 files, and a test's copy of one makes and removes them all."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return MEMORY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that share one installation begin, so that it need not stand idle beside all others; then the long
    ones: several workers end at about the same time."""
    sharing = {item.path for item in items if "prefect_stack" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path not in sharing, item.get_closest_marker("long") is None))


def pytest_collection_finish() -> None:
    """What the modules of all tests hold stays until the end: the collector need not look through it again, nor look as
    often as it would in a small program."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


@pytest.fixture(scope="session")
def shared_tmp() -> Path:
    """A folder that all workers of one test session share."""
    return Path(os.environ[SHARED])


@pytest.fixture(scope="session")
def postgres_server(shared_tmp: Path) -> Iterator[Cluster]:
    """One embedded PostgreSQL for all workers of the session: the first starts it, the last stops it."""
    with Cluster(shared_tmp / "postgres", durable=False) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def copies(request: pytest.FixtureRequest, shared_tmp: Path) -> Copies:
    """What databases of this session are copied from."""
    return Copies(shared_tmp / "originals", lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, empty database."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    yield from fresh_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def database(database_kind: str, copies: Copies) -> Iterator[str]:
    """The address of a fresh database at its newest migration."""
    url = copies.copy(copies.newest(database_kind))
    yield url
    copies.give_back(url)


@pytest.fixture(scope="module")
def prefect_stack(shared_tmp: Path) -> Iterator[Stack]:
    """One running installation for all workers, with the deployments of `tests/support` as well; stopped when no file
    that is being tested uses it."""
    with shared_stack(shared_tmp / "stack") as stack:
        yield stack


def chromium() -> str:
    """The machine's own Chromium; a test fails without it."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.fail("找不到 Chromium：请先安装（Debian/Ubuntu：apt-get install chromium），浏览器测试不会被跳过。")
    return executable


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, headless; one for each file: beside it no other event loop can run in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh context, as a Chinese operator's."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
