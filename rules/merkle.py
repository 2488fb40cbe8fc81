"""The Merkle tree of RFC 6962, section 2.1: one hash over many entries, in their order and with their number.

Leaves and nodes are hashed with different first bytes, so that no node can be passed off as an entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

LEAF, NODE = b"\x00", b"\x01"


def merkle_root(entries: Sequence[bytes]) -> bytes:
    """The root (32 bytes) of the entries in the order given; of no entry, the SHA-256 of nothing."""
    if not entries:
        return hashlib.sha256().digest()
    level = [hashlib.sha256(LEAF + entry).digest() for entry in entries]
    while len(level) > 1:
        level = _next(level)
    return level[0]


def _next(level: Sequence[bytes]) -> list[bytes]:
    """The hashes one level up; one that is left over rises as it is, which gives the splits of the RFC."""
    pairs = zip(level[::2], level[1::2], strict=False)
    parents = [hashlib.sha256(NODE + left + right).digest() for left, right in pairs]
    return [*parents, *level[len(parents) * 2 :]]
