"""Every bound table told from the journal, and compared with what stands there: the cell that differs, the row that is
missing, the row that no entry explains."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, inspect, select
from sqlmodel import SQLModel

from foundation.audit_key import AuditKey, AuditRing, is_signed
from models.journal import JOURNAL, Block, Spelling, has_journal, is_bound, plain_key, spelling
from models.noting import key_of
from rules.journal import Entry, signed_text

KEY_LOST = "audit_key_lost"  # said in the entry that binds everything anew under another key
Told = dict[str, tuple[Any, int]]  # of one row: each cell, and the entry that told it


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a table is not as its entries say; `column` is empty where the whole row is meant, `seq` is the entry that
    told it last (0: none did)."""

    table: Table
    key: Any
    column: str
    seq: int

    @property
    def sentence(self) -> str:
        """For a person: which cell, and against which entry it stands."""
        where = f"{self.table.name} 第 {self.key} 行"
        if self.column:
            return f"{where}的 {self.column} 与变更登记（第 {self.seq} 条）不符，被改动"
        return f"{where}没有变更登记，来历不明" if not self.seq else f"{where}有变更登记（第 {self.seq} 条），现已不在"


@dataclass(frozen=True, slots=True)
class JournalProof:
    """How many entries there are, the hash of each in order, and what is wrong: sentences on the entries themselves,
    and where tables differ from them. `unknown_keys` signed entries and are not on the ring: what only they can prove
    was not proved."""

    hashes: Sequence[str]
    faults: Sequence[str]
    differences: Sequence[Difference]
    unknown_keys: frozenset[str]


def prove_rows(connection: Connection, ring: AuditRing | None) -> JournalProof:
    """Recomputes the journal and every bound table from it. Reads each row once; writes nothing. A database that has
    not been upgraded yet has nothing to prove."""
    if not has_journal(connection):
        return JournalProof((), (), (), frozenset())
    expected: dict[str, dict[Any, Told]] = {}
    keys: dict[int, str] = {}
    lost: dict[str, int] = {}
    hashes: list[str] = []
    faults: list[str] = []
    before: tuple[int, str] = (0, "")
    for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.seq)):
        faults += _entry_faults(row, before, ring)
        before = (row.seq, row.hash)
        hashes.append(row.hash)
        keys[row.seq] = row.key_id
        if ring and ring.named(row.key_id):
            lost.update((one["lost"], row.seq) for one in row.said if _tells_of_loss(one))
        _fold(expected, row)
    faults += _strange_keys(keys, lost, ring)
    signers = {one: ring.named(one) if ring else None for one in set(keys.values())}
    by_entry = {seq: signers[one] for seq, one in keys.items()}
    there = columns_there(connection)
    found = [
        one
        for table in bound_tables(connection)
        for one in _differences(connection, table, there[table.name], expected, by_entry)
    ]
    return JournalProof(hashes, faults, found, frozenset(name for name, key in signers.items() if key is None))


def _entry_faults(row: Row[Any], before: tuple[int, str], ring: AuditRing | None) -> Iterator[str]:
    where, (last, head) = f"变更登记第 {row.seq} 条", before
    if row.seq != last + 1:
        yield f"{where}之前缺 {row.seq - last - 1} 条"
    if row.prev_hash != head:
        yield f"{where}没有接在前一条之后"
    if row.hash != Entry(row.seq, row.at, row.said, row.rows).hash_after(row.prev_hash):
        yield f"{where}的内容与其哈希不符"
    key = ring.named(row.key_id) if ring else None
    if key and not is_signed(key.public, _signature(row.signature), signed_text(row.seq, row.hash)):
        yield f"{where}的签名不成立"
    for said in row.said:
        if isinstance(said, dict) and said.get("faults"):
            yield f"{where}（数据库升级）记载：升级前已有 {said['count']} 处不符：{'；'.join(said['faults'])}"


def _tells_of_loss(said: Any) -> bool:
    return isinstance(said, dict) and said.get("event") == KEY_LOST and isinstance(said.get("lost"), str)


def _strange_keys(keys: Mapping[int, str], lost: Mapping[str, int], ring: AuditRing | None) -> Iterator[str]:
    """Entries of keys that are not on the ring. Those of a lost one, up to the entry in which a key of ours tells of
    the loss, are taken as they stand: what they say was bound anew by that entry."""
    for seq, key_id in keys.items():
        if ring and ring.named(key_id) is None and seq > lost.get(key_id, 0):
            where = f"变更登记第 {seq} 条"
            yield f"{where}由不认识的密钥 {key_id} 签名：请把原来的 audit.key 放回，或追查是谁写入"


def _signature(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _fold(expected: dict[str, dict[Any, Told]], row: Row[Any]) -> None:
    for table, columns, rows in _blocks(row.rows):
        kept = expected.setdefault(table, {})
        for key, *cells in rows:
            if cells:
                told = zip(columns, cells, strict=True)
                kept.setdefault(key, {}).update((name, (one, row.seq)) for name, one in told)
            else:
                kept.pop(key, None)


def _blocks(text: str) -> list[Block]:
    """Nothing for a text that was changed into something else: its hash has told so."""
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def bound_tables(connection: Connection) -> Iterator[Table]:
    """The tables whose rows are bound, as far as a database has them."""
    there = set(inspect(connection).get_table_names())
    yield from (one for one in SQLModel.metadata.sorted_tables if is_bound(one.name) and one.name in there)


def columns_there(connection: Connection) -> dict[str, frozenset[str]]:
    """The columns of every table as a database has them, asked for all at once: PostgreSQL looks through all its types
    for each question."""
    found = inspect(connection).get_multi_columns()
    return {table: frozenset(one["name"] for one in columns) for (_, table), columns in found.items()}


def _differences(
    connection: Connection,
    table: Table,
    there: frozenset[str],
    expected: Mapping[str, dict[Any, Told]],
    signers: Mapping[int, AuditKey | None],
) -> Iterator[Difference]:
    """The first cell of each row that differs. In a database of before, the columns that it has."""
    own = key_of(table)
    names = tuple(one.name for one in table.columns if one.name in there and one is not own)
    way = spelling(table, names)
    owed = dict(expected.get(table.name, {}))
    for row in connection.execute(way.query()):
        key = plain_key(row[0])
        told = owed.pop(key, None)
        if told is None:
            yield Difference(table, key, "", 0)
        elif wrong := _first_wrong(way, names, row, told, signers):
            yield Difference(table, key, *wrong)
    yield from (Difference(table, key, "", max(seq for _, seq in told.values())) for key, told in owed.items())


def _first_wrong(
    way: Spelling, names: Sequence[str], row: Sequence[Any], told: Told, signers: Mapping[int, AuditKey | None]
) -> tuple[str, int] | None:
    spelled: dict[AuditKey | None, list[Any]] = {}
    for place, name in enumerate(names, start=1):
        said, seq = told.get(name, (None, 0))
        key = signers.get(seq)
        if key not in spelled:
            [spelled[key]] = way.rows(key or _NOBODY, [row])
        now = spelled[key][place]
        if type(now) is not type(said) or (now != said and not (key is None and way.is_digest(place, now))):
            return name, seq
    return None


_NOBODY = AuditKey(b"")  # its digests tell nothing: without the key only that a text is there
