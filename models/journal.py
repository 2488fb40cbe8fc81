"""The journal: every transaction ends with one entry that says what each row reads that it touched. From the entries
alone every bound table can be told cell by cell (`models.row_proof`).

Numbers, days and instants stand in an entry as they are, texts as a keyed digest: no personal data leaves its column,
and what is purged later is gone. Entries are chained, numbered without a gap, and signed with a key that whoever owns
the database does not have.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    Table,
    Text,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, SQLModel

from foundation.audit_key import AuditKey, AuditRing, known_ring, made_ring
from models.noting import Touched, key_of, taken
from models.records import JournalEntry
from rules.audit import canonical
from rules.errors import DatabaseError, InputError
from rules.journal import Entry, signed_text

# Tables of passing work: who holds them gains nothing, and their rows are no fact of the procedure.
WORKING = {
    "channel_state": "通道的健康状况（连续故障、暂停到何时），每次发送都改；每次尝试本身记在 notification_attempt",
    "gate_session": "登录中的会话，每分钟记一次最近的活动；登录、退出记在 access_record，开始的运行记在 run_start",
    "belonging": "本机目录和密钥的标记，随安装而变；改动它只会使程序拒绝启动",
}
# Who may act, which machines come in, and which days count: their rows change only with a record of who and what.
# (Which rules a round runs on is proved against the records of its acts: `upkeep.rule_proof`.)
TOLD = ("staff", "workday_schedule", "machine_key")
JOURNAL: Table = SQLModel.metadata.tables[str(JournalEntry.__tablename__)]
SAID = "said"
ONE_AT_A_TIME = 5_131_401  # the advisory lock under which entries get their numbers
READ_AT_ONCE = 2_000  # rows

NEWEST = select(JOURNAL.c.seq, JOURNAL.c.hash).order_by(JOURNAL.c.seq.desc()).limit(1)
Block = list[Any]  # [table, [columns], [[key, cell, …], …]]


def is_bound(name: str) -> bool:
    """Whether the rows of a table are bound by the journal."""
    return name not in WORKING and name != JOURNAL.name


def say(session: Session, event: str, by: str, **detail: Any) -> None:
    """What the entry of this transaction is about, where no audit record tells: a change of staff, an access to
    personal data. Never personal data itself."""
    session.info.setdefault(SAID, []).append({"event": event, "by": by, **detail})


def close(session: Session) -> None:
    """The entry of a session's transaction, right before it is committed; nothing where it touched no bound row and
    nobody said anything."""
    session.flush()
    append(session.connection(), session.info.pop(SAID, []))


def append(connection: Connection, said: Sequence[Mapping[str, Any]] = ()) -> None:
    """Writes the entry for what the connection's transaction has touched. From here to the commit writers stand in a
    line: what is read is what will be committed, and numbers have no gap.

    Raises InputError where the journal was begun with a key that this machine does not have, DatabaseError where a row
    of `TOLD` is written and nobody said why.
    """
    touched = {table: rows for table, rows in taken(connection).items() if is_bound(table.name)}
    if not touched and not said:
        return
    _expect_told({table.name for table in touched}, said)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
    newest = connection.execute(NEWEST).first()
    seq, previous = (newest[0], newest[1]) if newest else (0, "")
    key = ring_for(is_begun=bool(seq)).current
    rows = canonical(_blocks(connection, key, touched)).decode()
    _write(connection, key, Entry(seq + 1, datetime.now(UTC), said, rows), previous)


def _expect_told(touched: set[str], said: Sequence[Mapping[str, Any]]) -> None:
    if not said and "audit_record" not in touched and (untold := sorted(touched.intersection(TOLD))):
        raise DatabaseError(f"{'、'.join(untold)} 的变更没有载明何人何事，未写入任何内容：请按事项办理，或报告程序错误")


def ring_for(*, is_begun: bool) -> AuditRing:
    """The ring to write with. A journal that was begun is not gone on with under a new key by mistake: InputError where
    its key is not there."""
    if found := known_ring():
        return found
    if is_begun:
        raise InputError(
            "没有审计密钥，不能办理：请把原来的 audit.key 放回数据目录（或设置 DINGDIAN_AUDIT_KEY）；确已遗失的，"
            "由负责人决定后运行 dingdian audit new-key 另立新密钥"
        )
    return made_ring()


def _write(connection: Connection, key: AuditKey, entry: Entry, previous: str) -> None:
    own = entry.hash_after(previous)
    values = {
        "seq": entry.seq,
        "at": entry.at,
        "said": list(entry.said),
        "rows": entry.rows,
        "prev_hash": previous,
        "hash": own,
        "key_id": key.key_id,
        "signature": base64.b64encode(key.sign(signed_text(entry.seq, own))).decode(),
    }
    connection.execute(insert(JOURNAL), values)


def _blocks(connection: Connection, key: AuditKey, touched: Touched) -> list[Block]:
    """Tables by name, in each the groups of rows of which the same columns were set, in each the rows by key."""
    found: list[Block] = []
    for table in sorted(touched, key=lambda one: one.name):
        groups: dict[frozenset[str] | None, list[Any]] = defaultdict(list)
        for number, was_set in touched[table].items():
            groups[was_set].append(number)
        for columns, keys in sorted((_named(table, was_set), keys) for was_set, keys in groups.items()):
            found.append([table.name, columns, list(_rows(connection, key, spelling(table, columns), keys))])
    return found


def _named(table: Table, columns: frozenset[str] | None) -> tuple[str, ...]:
    own = key_of(table).name
    return tuple(one.name for one in table.columns if one.name != own and (columns is None or one.name in columns))


def _rows(connection: Connection, key: AuditKey, spelling: Spelling, keys: Sequence[Any]) -> Iterator[list[Any]]:
    """A row that stands: its key and its cells; one that does not: its key alone."""
    ordered = sorted(keys)
    for first in range(0, len(ordered), READ_AT_ONCE):
        part = ordered[first : first + READ_AT_ONCE]
        read = connection.execute(*spelling.some(connection.dialect.name, part)).all()
        yield from spelling.rows(key, read)
        if len(read) < len(part):
            there = {row[0] for row in read}
            yield from ([plain_key(one)] for one in part if one not in there)


def plain_key(value: Any) -> int | str:
    """The key of a row as an entry has it."""
    return value if isinstance(value, int) else str(value)


class Spelling:
    """How the rows of a table, or some columns of them, are read and written into an entry: numbers, days and instants
    as they are, texts and structures as a keyed digest; what is empty stays so."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.own = key_of(table)
        self.prefix = f"{table.name}:"
        self.ways = [(f":{name}", _way(table.c[name])) for name in names]
        chosen = [table.c[name] for name in names]
        self._read = [sql_cast(one, Text) if isinstance(one.type, JSON) else one for one in chosen]
        spelled = self.own if isinstance(self.own.type, Integer) else type_coerce(self.own, Text)
        self._of_many = self.query().where(self.own == func.any(bindparam("keys", type_=ARRAY(self.own.type))))
        given = func.json_each(bindparam("keys", type_=JSON)).table_valued("value")
        self._of_some = self.query().where(spelled.in_(select(given.c.value)))

    def query(self) -> Any:
        """What to select, in the order of the keys; structures as the database's own text of them."""
        return select(self.own, *self._read).order_by(self.own)

    def some(self, dialect: str, keys: Sequence[Any]) -> tuple[Any, dict[str, list[Any]]]:
        """What to select of some rows, and with which keys: as the columns have them, or as an entry spells them."""
        if dialect == "postgresql":
            return self._of_many, {"keys": list(keys)}
        return self._of_some, {"keys": [plain_key(one) for one in keys]}

    def rows(self, key: AuditKey, read: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Rows that were read by `query`, as an entry has them: made column by column, a sweep touches thousands."""
        if not read:
            return []
        owns, *columns = zip(*read, strict=True)
        own = [plain_key(one) for one in owns]
        begins = [f"{self.prefix}{one}" for one in own]
        told = [_told(key, way, begins, column) for way, column in zip(self.ways, columns, strict=True)]
        return [list(row) for row in zip(own, *told, strict=True)]

    def is_digest(self, place: int, spelled: Any) -> bool:
        """Whether what stands in a place of a spelled row (the key is in place 0) is a digest."""
        return self.ways[place - 1][1] is TEXT and bool(spelled)


TEXT = object()


def _told(key: AuditKey, way: tuple[str, Any], begins: Sequence[str], column: Sequence[Any]) -> Sequence[Any]:
    """One column of several rows, as an entry has it."""
    name, spell = way
    if spell is None:
        return column
    if spell is TEXT:
        return key.cells(begins, name, column)
    return [value if value is None else spell(value) for value in column]


def _way(column: Column[Any]) -> Any:
    """How a column's values are spelled; None: as they are."""
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, (Integer, Boolean)):
        return None
    if isinstance(kind, Date):
        return date.isoformat
    return _instant if isinstance(kind, DateTime) else TEXT


@lru_cache(maxsize=256)
def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


@cache
def spelling(table: Table, names: tuple[str, ...]) -> Spelling:
    """The spelling of these columns of a table."""
    return Spelling(table, names)


def has_journal(connection: Connection) -> bool:
    """Whether the database has been upgraded far enough to keep one."""
    return inspect(connection).has_table(JOURNAL.name)
