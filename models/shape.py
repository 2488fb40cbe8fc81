"""What a database is made of (tables, constraints, triggers, functions), to compare one with what our migrations make.

A restored copy brings its own triggers and functions along. Only what our code makes may stand there: a trigger that is
missing lets history be changed, one more acts on its own.
"""

from __future__ import annotations

import re

from alembic import command
from sqlalchemy import Connection, text

from models.database import engine_for, rebuilding
from models.migrate import _config

OURS = "n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"
POSTGRESQL = f"""
SELECT '表 ' || o.relname || ' ' || o.relkind::text || ' ' || o.relrowsecurity::text
  FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE o.relkind IN ('r', 'v', 'm', 'p', 'f') AND {OURS}
UNION ALL SELECT '列 ' || o.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
    || a.attnotnull::text || ' ' || coalesce(pg_get_expr(v.adbin, v.adrelid), '')
  FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace JOIN pg_attribute a ON a.attrelid = o.oid
    LEFT JOIN pg_attrdef v ON v.adrelid = o.oid AND v.adnum = a.attnum
  WHERE o.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
UNION ALL SELECT '约束 ' || o.conrelid::regclass::text || '.' || o.conname || ' ' || pg_get_constraintdef(o.oid)
  FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace WHERE {OURS}
UNION ALL SELECT '索引 ' || pg_get_indexdef(o.oid)
  FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE o.relkind = 'i' AND {OURS}
UNION ALL SELECT '触发器 ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
  FROM pg_trigger t JOIN pg_class o ON o.oid = t.tgrelid JOIN pg_namespace n ON n.oid = o.relnamespace
  WHERE NOT t.tgisinternal AND {OURS}
UNION ALL SELECT '函数 ' || pg_get_functiondef(o.oid)
  FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE o.prokind IN ('f', 'p') AND {OURS}
UNION ALL SELECT '规则 ' || o.relname || '.' || r.rulename
  FROM pg_rewrite r JOIN pg_class o ON o.oid = r.ev_class JOIN pg_namespace n ON n.oid = o.relnamespace WHERE {OURS}
UNION ALL SELECT '策略 ' || o.relname || '.' || p.polname
  FROM pg_policy p JOIN pg_class o ON o.oid = p.polrelid JOIN pg_namespace n ON n.oid = o.relnamespace WHERE {OURS}
UNION ALL SELECT '事件触发器 ' || evtname FROM pg_event_trigger
UNION ALL SELECT '模式 ' || nspname FROM pg_namespace
  WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('public', 'information_schema')
"""
SQLITE = """
SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE substr(name, 1, 7) <> 'sqlite_'
"""


PASSIVE = ("约束 ", "索引 ", "列 ", "table ", "index ")


class _MeasuredError(Exception):
    """Ends the transaction in which the code's own shape was made, so that nothing of it stays."""


def shape_of(connection: Connection) -> frozenset[str]:
    """One line for each thing that a database is made of. Those that do something (triggers, functions, views) as they
    are spelled; of the others what engines and copies spell anew (order, casts, brackets) is left out."""
    asked = POSTGRESQL if connection.dialect.name == "postgresql" else SQLITE
    lines = (re.sub(r"\s+", " ", row[0]) for row in connection.execute(text(asked)))
    return frozenset(_plain(line) if line.startswith(PASSIVE) else line for line in lines)


def _plain(line: str) -> str:
    without_casts = re.sub(r"::[a-z]+( varying)?(\[\])?", "", line)
    return ",".join(sorted(re.sub(r"[() ]+", "", piece) for piece in without_casts.split(",")))


def shape_now(url: str) -> frozenset[str]:
    """That of a database as it stands."""
    with engine_for(url).connect() as connection:
        return shape_of(connection)


def shape_by_code(url: str, revision: str) -> frozenset[str]:
    """That which our migrations make up to a revision: made in an empty database, looked at, and undone."""
    found: frozenset[str] = frozenset()
    try:
        with rebuilding(url) as connection:
            command.upgrade(_config(connection), revision)
            found = shape_of(connection)
            raise _MeasuredError
    except _MeasuredError:
        return found


def empty(url: str) -> None:
    """Takes everything out of a database that was empty before. Its owner's own schema is made anew."""
    engine = engine_for(url)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            connection.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))
        return
    with rebuilding(url) as connection:
        for kind, name in connection.execute(text("SELECT type, name FROM sqlite_master WHERE type = 'table'")).all():
            connection.execute(text(f'DROP {kind} "{name}"'))
