"""The journal of changes: one entry for each transaction, chained to the one before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rules.audit import link


@dataclass(frozen=True, slots=True)
class Entry:
    """What is bound of an entry: its number (from 1, none left out), when it was written, what was said of it (access
    to personal data, a change of staff), and what the rows read as it left them, in canonical JSON."""

    seq: int
    at: datetime
    said: Sequence[Mapping[str, Any]]
    rows: str

    def hash_after(self, previous: str) -> str:
        """The entry's hash, given that of the entry before it (empty for the first)."""
        rows = hashlib.sha256(self.rows.encode()).hexdigest()
        at = self.at.astimezone(UTC).isoformat()
        return link(previous, {"seq": self.seq, "at": at, "said": list(self.said), "rows": rows})


def signed_text(seq: int, entry_hash: str) -> bytes:
    """What the key signs of an entry; it can be taken for nothing else that the key signs."""
    return f"dingdian journal entry\n{seq}\n{entry_hash}\n".encode()
