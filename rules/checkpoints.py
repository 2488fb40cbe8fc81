"""The checkpoint of a day: one hash over all of its records, chained to the one of the day before.

Whoever kept yesterday's hash can tell that nothing up to yesterday was removed, added or changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from rules.audit import sha256
from rules.clocks import ONE_DAY
from rules.merkle import merkle_root


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What stands for one day (Beijing): how many records, their root, the hash of the day before (empty on the first
    day), and the hash over these four."""

    day: date
    records: int
    root: str
    previous: str
    hash: str


def checkpoint_of(day: date, record_hashes: Sequence[str], previous: str) -> Checkpoint:
    """Binds a day's records, given by their hashes in the order in which they were written. A day without any has a
    checkpoint too."""
    root = merkle_root([one.encode() for one in record_hashes]).hex()
    return Checkpoint(day, len(record_hashes), root, previous, seal(day, len(record_hashes), root, previous))


def seal(day: date, records: int, root: str, previous: str) -> str:
    """The hash of a checkpoint: SHA-256 over its day, number of records, root and predecessor as canonical JSON."""
    return sha256({"day": day, "records": records, "root": root, "previous": previous})


def bound_on(days: Sequence[date]) -> list[date]:
    """The day that each record counts to, given the days that the records carry, in the order of writing.

    A record that was written before another of an earlier day counts to that day: the order of writing decides, so
    that the records of one day are the next ones in a row.
    """
    return list(accumulate(reversed(days), min))[::-1]


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + number * ONE_DAY


def faults_of(found: Checkpoint, expected: Checkpoint, day: date) -> Iterator[str]:
    """What is wrong with a checkpoint: `expected` binds the records as they are now to the checkpoint before; `day` is
    the day after that one."""
    if found.day != day:
        yield f"之前缺 {(found.day - day).days} 天的检查点"
    if found.previous != expected.previous:
        yield "没有接在前一天的检查点之后"
    if found.hash != seal(found.day, found.records, found.root, found.previous):
        yield "内容与其哈希不符，检查点被改动"
    yield from _record_faults(found, expected)


def _record_faults(found: Checkpoint, expected: Checkpoint) -> Iterable[str]:
    if expected.records < found.records:
        return [f"应有 {found.records} 条审计记录，缺 {found.records - expected.records} 条"]
    if expected.records > found.records:
        return [f"应有 {found.records} 条审计记录，多 {expected.records - found.records} 条"]
    return ["当日审计记录与根哈希不符，有记录被改动"] if expected.root != found.root else []
