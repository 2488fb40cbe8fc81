"""Databases on the PostgreSQL of the test session."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cache

import psycopg

from dingdian.running.embedded import Cluster
from tests.support.letting_go import let_go


@cache
def _door(address: str) -> psycopg.Connection[tuple[object, ...]]:
    """One connection for all that a test process asks of the server itself; each new one is a new process there."""
    return psycopg.connect(address, autocommit=True)


def administer(cluster: Cluster, *statements: str) -> None:
    """Runs what is asked of the server itself, outside any transaction."""
    for statement in statements:
        _door(cluster.administrator_url().replace("+psycopg", "")).execute(statement.encode())


def copy_database(cluster: Cluster, name: str, template: str = "template1") -> None:
    """Makes a database as a copy of another, file by file, which costs a little less than writing it to the log."""
    administer(cluster, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")


def drop_database(cluster: Cluster, name: str) -> None:
    """Throws a database away, whoever is still connected to it; one that is not there is no error."""
    administer(cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def fresh_database(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database of one's own, dropped afterwards; for `yield from` in a fixture."""
    name = f"test_{uuid.uuid4().hex}"
    copy_database(cluster, name)
    url = cluster.administrator_url(name)
    yield url
    let_go(url)
    drop_database(cluster, name)
