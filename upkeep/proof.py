"""Whether the records are whole: every audit chain link by link, its end as the case or round knows it, what the
checkpoint of each day bound, and the rules that each round runs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from sqlalchemy import RowMapping, Table, func, inspect, or_, select
from sqlmodel import Session, SQLModel, col

from foundation.audit_key import known_ring
from models import AuditCheckpoint, AuditRecord, Deadline, Notification, Proposal, Round
from models.row_proof import JournalProof, columns_there, prove_rows
from rules.audit import head_of, link
from rules.checkpoints import Checkpoint, checkpoint_of, faults_of
from rules.clocks import ONE_DAY
from rules.vocabulary import AuditSubject
from tasks.procedures import KINDS
from upkeep.rule_proof import rule_faults
from upkeep.signed_heads import head_faults
from upkeep.stamps import stamp_faults

A = SQLModel.metadata.tables[str(AuditRecord.__tablename__)]
BOUND = ("seq", "event", "by", "from_state", "to_state", "clause", "detail", "subject", "subject_id")
TITLES = {"audit_record": "办理记录", "deadline": "期限", "notification": "通知"}
BESIDE_CASES = {
    AuditSubject.ROUND.value: SQLModel.metadata.tables[str(Round.__tablename__)],
    AuditSubject.PROPOSAL.value: SQLModel.metadata.tables[str(Proposal.__tablename__)],
}
Ends = dict[tuple[str, int], tuple[int, str]]
Columns = Mapping[str, frozenset[str]]  # that a database has, by table


@dataclass(frozen=True, slots=True)
class Proof:
    """How many records, chains and checkpoints there are, one hash over the ends of all chains (that of the checkpoints
    is one of them), how many entries the journal has, and a sentence for each fault. `unproved` says what could not be
    looked at here. `bound_until` and `checkpoint` are the newest checkpoint's day and
    hash, to be compared with a copy that stands elsewhere; `first_bad_day` is the first whose checkpoint does not fit.
    """

    records: int
    chains: int
    checkpoints: int
    head: str
    bound_until: date | None
    checkpoint: str
    first_bad_day: date | None
    faults: tuple[str, ...]
    entries: int = 0
    unproved: str = ""


def prove(session: Session) -> Proof:
    """Recomputes every chain, every checkpoint, and every bound table from the journal. Reads every record and row
    once; writes nothing."""
    ends: Ends = {}
    hashes: dict[int, str] = {}
    faults: list[str] = []
    for row in session.execute(select(A).order_by(A.c.subject, A.c.subject_id, A.c.seq)).mappings():
        faults += _faults(row, ends)
        hashes[row["id"]] = _hash_now(row)
    there = columns_there(session.connection())
    faults += [*_loose_ends(session, ends, there), *_astray(session, there)]
    faults += rule_faults(session)
    rows = prove_rows(session.connection(), known_ring())
    days = _checkpoints(session)
    bad = dict(_bad_days(days, hashes))
    return Proof(
        records=len(hashes),
        chains=len(ends),
        checkpoints=len(days),
        head=head_of([*(end[1] for _, end in sorted(ends.items())), *(one.hash for one in days[-1:])]),
        bound_until=days[-1].day if days else None,
        checkpoint=days[-1].hash if days else "",
        first_bad_day=min(bad, default=None),
        faults=(
            *faults,
            *(f"{day} 的检查点：{'；'.join(said)}" for day, said in bad.items()),
            *rows.faults,
            *(one.sentence for one in rows.differences),
            *head_faults(session, rows.hashes),
            *stamp_faults(session),
        ),
        entries=len(rows.hashes),
        unproved=_unproved(rows),
    )


def _unproved(rows: JournalProof) -> str:
    if not rows.unknown_keys or known_ring():
        return ""
    named = "、".join(sorted(rows.unknown_keys))
    return f"没有审计密钥（{named}），变更登记的签名和文字内容未能核对：请把 audit.key 放回数据目录后再核对"


def _checkpoints(session: Session) -> list[AuditCheckpoint]:
    """In the order of the days; none in a database that has not been upgraded yet."""
    if not inspect(session.connection()).has_table(str(AuditCheckpoint.__tablename__)):
        return []
    return list(session.execute(select(AuditCheckpoint).order_by(col(AuditCheckpoint.day))).scalars())


def _bad_days(days: list[AuditCheckpoint], hashes: Mapping[int, str]) -> Iterator[tuple[date, list[str]]]:
    """Each day by itself: what is bound to the one before is taken as it stands there."""
    previous = ""
    expected_day = days[0].day if days else date.min
    ids, place = sorted(hashes), 0
    for row in days:
        begin = place
        while place < len(ids) and ids[place] <= row.last_id:
            place += 1
        found = Checkpoint(row.day, row.records, row.root, row.previous, row.hash)
        expected = checkpoint_of(row.day, [hashes[one] for one in ids[begin:place]], previous)
        if said := list(faults_of(found, expected, expected_day)):
            yield row.day, said
        previous, expected_day = row.hash, row.day + ONE_DAY


def _faults(row: RowMapping, ends: Ends) -> Iterator[str]:
    subject = (str(row["subject"]), int(row["subject_id"]))
    seq, head = ends.get(subject, (0, ""))
    ends[subject] = (row["seq"], row["hash"])
    where = f"{subject[0]} {subject[1]} 的第 {row['seq']} 条记录"
    if row["seq"] != seq + 1:
        yield f"{where}之前缺 {row['seq'] - seq - 1} 条"
    if row["prev_hash"] != head:
        yield f"{where}没有接在前一条之后"
    if row["hash"] != _hash_now(row):
        yield f"{where}的内容与其哈希不符"


def _hash_now(row: RowMapping) -> str:
    """The hash that the record should have, by what it says now."""
    return link(str(row["prev_hash"]), _bound(row))


def _bound(row: RowMapping) -> dict[str, Any]:
    return {**{name: row[name] for name in BOUND}, "at": row["at"].astimezone(UTC).isoformat()}


def _owners(session: Session) -> dict[str, Table]:
    """Whose records, clocks and messages there are: each kind of subject, and its table, as far as the database has it
    (one that has not been upgraded yet has fewer)."""
    known = inspect(session.connection()).get_table_names()
    owners = {**{kind.name: kind.table for kind in KINDS.values()}, **BESIDE_CASES}
    return {subject: table for subject, table in owners.items() if table.name in known}


def _astray(session: Session, there: Columns) -> Iterator[str]:
    """Rows that name a subject which is not there: no foreign key can say so for a subject of any kind."""
    owners = _owners(session)
    for model in (AuditRecord, Deadline, Notification):
        table = SQLModel.metadata.tables[str(model.__tablename__)]
        if "subject" not in there[table.name]:
            continue  # a database that has not been upgraded yet
        is_there = (
            (table.c.subject == subject) & table.c.subject_id.in_(select(owner.c.id))
            for subject, owner in owners.items()
        )
        if found := session.execute(select(func.count()).select_from(table).where(~or_(*is_there))).scalar_one():
            yield f"{TITLES[table.name]}中有 {found} 行没有所属的案件或轮次"


def _loose_ends(session: Session, ends: Ends, there: Columns) -> Iterator[str]:
    """Records cut off at the end of a chain show here: the case or round still knows how far its chain went."""
    for subject, table in _owners(session).items():
        if "audit_seq" not in there[table.name]:
            continue  # a database that has not been upgraded yet: its subjects have no chain
        query = select(table.c.id, table.c.audit_seq, table.c.audit_head).order_by(table.c.id)
        for owner, seq, head in session.execute(query).tuples():
            if ends.get((subject, owner), (0, "")) != (seq, head):
                yield f"{subject} {owner} 的记录应止于第 {seq} 条，实际不是"
