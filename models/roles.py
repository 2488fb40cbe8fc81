"""Two roles of a PostgreSQL database: the owner, who migrates, and the writer, as whom everybody works.

The writer reads and writes rows. He alters no table, drops no trigger, empties no table and is no superuser: what the
database itself forbids (an audit record changed or deleted) is forbidden to whoever speaks through our programs.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from models.database import engine_for
from models.migrate import VERSION_TABLE

HANDED_OVER = text("""
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT c.oid::regclass AS name FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      AND c.relowner <> current_setting('dingdian.owner')::regrole
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'e', 'i'))
  LOOP EXECUTE format('ALTER TABLE %s OWNER TO %I', one.name, current_setting('dingdian.owner')); END LOOP;
  FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
      AND p.proowner <> current_setting('dingdian.owner')::regrole
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO %I', one.name, current_setting('dingdian.owner')); END LOOP;
  FOR one IN SELECT t.oid::regtype AS name FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('d', 'e')
      AND t.typowner <> current_setting('dingdian.owner')::regrole
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
  LOOP EXECUTE format('ALTER TYPE %s OWNER TO %I', one.name, current_setting('dingdian.owner')); END LOOP;
END $$
""")


def hand_over(connection: Connection, owner: str) -> None:
    """Everything in a database becomes the owner's; asked by a superuser, of a database of before there were roles."""
    connection.execute(text("SELECT set_config('dingdian.owner', :owner, true)"), {"owner": owner})
    connection.execute(HANDED_OVER)


def let_write(owner_url: str, writer_url: str) -> None:
    """Lets the writer work on every table that there is, and on those that the owner makes later. Nothing where the two
    are one role, or the database is a SQLite file. Running it again changes nothing."""
    owner, writer = make_url(owner_url), make_url(writer_url)
    if writer.get_backend_name() == "sqlite" or not writer.username or owner.username == writer.username:
        return
    with engine_for(owner_url).begin() as connection:
        role = connection.dialect.identifier_preparer.quote(writer.username)
        for statement in _grants(role):
            connection.execute(text(statement))
        if connection.dialect.has_table(connection, VERSION_TABLE):
            connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON {VERSION_TABLE} FROM {role}"))


def _grants(role: str) -> tuple[str, ...]:
    tables, sequences = "SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT, UPDATE"
    return (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT {tables} ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT {sequences} ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {tables} ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {sequences} ON SEQUENCES TO {role}",
    )


def powers_of(url: str) -> str:
    """What the role of an address could do beyond writing rows; empty when nothing, or for a SQLite file."""
    if make_url(url).get_backend_name() == "sqlite":
        return ""
    with engine_for(url).connect() as connection:
        is_superuser = connection.execute(
            text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
        owned = connection.execute(
            text(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
                "AND pg_has_role(relowner, 'USAGE')"
            )
        ).scalar_one()
    if is_superuser:
        return "数据库的超级用户"
    return "数据表的所有者" if owned else ""
