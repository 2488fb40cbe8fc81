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


class GrowingRoot:
    """The root of entries that come one after the other, without reading those before again."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # whole trees, the largest first: how many entries, their root

    def add(self, entry: bytes) -> None:
        """One entry more."""
        self.size += 1
        peak = (1, hashlib.sha256(LEAF + entry).digest())
        while self._peaks and self._peaks[-1][0] == peak[0]:
            count, left = self._peaks.pop()
            peak = (2 * count, hashlib.sha256(NODE + left + peak[1]).digest())
        self._peaks.append(peak)

    def root(self) -> bytes:
        """As `merkle_root` of all entries so far."""
        if not self._peaks:
            return merkle_root([])
        *others, (_, root) = self._peaks
        for _, left in reversed(others):
            root = hashlib.sha256(NODE + left + root).digest()
        return root
