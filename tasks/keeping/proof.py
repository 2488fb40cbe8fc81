"""Whether the records are whole: every audit chain link by link, and its end as the case or round knows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import RowMapping, select
from sqlmodel import Session, SQLModel

from models import Application, AuditRecord, Round
from rules.audit import head_of, link
from rules.vocabulary import AuditSubject

A = SQLModel.metadata.tables[str(AuditRecord.__tablename__)]
BOUND = ("seq", "event", "by", "from_state", "to_state", "clause", "detail", "subject", "subject_id")
OWNERS = {
    AuditSubject.APPLICATION: SQLModel.metadata.tables[str(Application.__tablename__)],
    AuditSubject.ROUND: SQLModel.metadata.tables[str(Round.__tablename__)],
}
Ends = dict[tuple[str, int], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Proof:
    """How many records and chains there are, one hash over the ends of all chains, and a sentence for each fault."""

    records: int
    chains: int
    head: str
    faults: tuple[str, ...]


def prove(session: Session) -> Proof:
    """Recomputes every chain. Reads every record once; writes nothing."""
    ends: Ends = {}
    records = 0
    faults: list[str] = []
    for row in session.execute(select(A).order_by(A.c.subject, A.c.subject_id, A.c.seq)).mappings():
        records += 1
        faults += _faults(row, ends)
    faults += _loose_ends(session, ends)
    return Proof(records, len(ends), head_of(end[1] for _, end in sorted(ends.items())), tuple(faults))


def _faults(row: RowMapping, ends: Ends) -> Iterator[str]:
    subject = (str(row["subject"]), int(row["subject_id"]))
    seq, head = ends.get(subject, (0, ""))
    ends[subject] = (row["seq"], row["hash"])
    where = f"{subject[0]} {subject[1]} 的第 {row['seq']} 条记录"
    if row["seq"] != seq + 1:
        yield f"{where}之前缺 {row['seq'] - seq - 1} 条"
    if row["prev_hash"] != head:
        yield f"{where}没有接在前一条之后"
    if row["hash"] != link(str(row["prev_hash"]), _bound(row)):
        yield f"{where}的内容与其哈希不符"


def _bound(row: RowMapping) -> dict[str, Any]:
    return {**{name: row[name] for name in BOUND}, "at": row["at"].astimezone(UTC).isoformat()}


def _loose_ends(session: Session, ends: Ends) -> Iterator[str]:
    """Records cut off at the end of a chain show here: the case or round still knows how far its chain went."""
    for subject, table in OWNERS.items():
        query = select(table.c.id, table.c.audit_seq, table.c.audit_head).order_by(table.c.id)
        for owner, seq, head in session.execute(query).tuples():
            if ends.get((subject.value, owner), (0, "")) != (seq, head):
                yield f"{subject.value} {owner} 的记录应止于第 {seq} 条，实际不是"
