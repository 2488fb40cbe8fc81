"""Databases on the PostgreSQL of the test session."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg

from dingdian.embedded import Cluster
from models.database import engine_for


def administer(cluster: Cluster, *statements: str) -> None:
    """Runs what is asked of the server itself, outside any transaction."""
    with psycopg.connect(cluster.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def fresh_database(cluster: Cluster, template: str = "template1") -> Iterator[str]:
    """The address of a database of one's own, dropped afterwards; for `yield from` in a fixture."""
    name = f"test_{uuid.uuid4().hex}"
    administer(cluster, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield cluster.url(name)
    engine_for(cluster.url(name)).dispose()
    administer(cluster, f"DROP DATABASE {name} WITH (FORCE)")
