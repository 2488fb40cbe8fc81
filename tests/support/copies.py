"""Databases that are made once a session, by whichever test process comes first, and copied for every test."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from dingdian.running.embedded import Cluster
from foundation.settings import reset_settings
from models import migrate
from tests.support.letting_go import file_of, let_go, remove_file
from tests.support.postgres import copy_database, drop_database

SHARED = "TESTS_SHARED_FOLDER"  # names the folder of all processes of a session
AUDIT_KEY = "an audit key for the tests of this house"


def no_cluster() -> Cluster:
    """For whoever makes SQLite files only."""
    raise AssertionError("no PostgreSQL here")


class Copies:
    """The originals of a session, and copies of them.

    A copy's address is used again once the copy is gone: the engine of an address, and with it every statement that it
    has compiled, lives as long as the process, and compiling them anew was a third of a small test.
    """

    def __init__(self, folder: Path, cluster: Callable[[], Cluster] = no_cluster) -> None:
        self.folder, self.cluster = folder, cluster
        self._free: dict[str, list[str]] = {"sqlite": [], "postgresql": []}
        folder.mkdir(exist_ok=True)

    def original(self, kind: str, name: str, fill: Callable[[str], None], source: str = "") -> str:
        """The address of a database that `fill` fills, once a session; never to be written. It begins as a copy of
        `source`, or empty."""
        url = self._address(kind, name)
        with (self.folder / f"{name}.{kind}").open("a+") as state:
            fcntl.flock(state, fcntl.LOCK_EX)
            if state.seek(0, os.SEEK_END) == 0:  # asked under the lock: another process may have made it meanwhile
                self._remove(url)
                self._make(url, source)
                with _bare_settings():
                    fill(url)
                let_go(url)
                state.write("made")
        return url

    def newest(self, kind: str) -> str:
        """The original that is at the newest migration and holds nothing."""
        return self.original(kind, "newest", migrate.upgrade)

    def copy(self, source: str) -> str:
        """A database of one's own, as an original is."""
        free = self._free[kind := make_url(source).get_backend_name()]
        url = free.pop() if free else self._address(kind, f"copy_{uuid.uuid4().hex}")
        self._make(url, source)
        migrate.ensure_current.cache_clear()  # what was asked about the database that stood here before
        return url

    def give_back(self, url: str) -> None:
        """Throws a copy away; its address is free again, unless somebody is still connected to what stood there."""
        if let_go(url):
            self._free[make_url(url).get_backend_name()].append(url)
        self._remove(url)

    def _address(self, kind: str, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db" if kind == "sqlite" else self.cluster().administrator_url(name)

    def _make(self, url: str, source: str) -> None:
        if url.startswith("sqlite"):
            if source:
                shutil.copyfile(file_of(source), file_of(url))
            return
        copy_database(self.cluster(), _name(url), _name(source) if source else "template1")

    def _remove(self, url: str) -> None:
        if url.startswith("sqlite"):
            remove_file(url)
        else:
            drop_database(self.cluster(), _name(url))


@contextmanager
def _bare_settings() -> Iterator[None]:
    """What a whole session shares is made without the settings of the test that comes first."""
    set_by_it = {name: value for name, value in os.environ.items() if name.startswith("DINGDIAN_")}
    for name in set_by_it:
        del os.environ[name]
    os.environ["DINGDIAN_AUDIT_KEY"] = AUDIT_KEY
    reset_settings()
    try:
        yield
    finally:
        del os.environ["DINGDIAN_AUDIT_KEY"]
        os.environ.update(set_by_it)
        reset_settings()


def _name(url: str) -> str:
    return str(make_url(url).database)
