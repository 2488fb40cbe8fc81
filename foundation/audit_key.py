"""The key that the journal of changes and its checkpoints are signed with. Whoever owns the database does not have it:
it stands in `var/audit.key` or `DINGDIAN_AUDIT_KEY`, apart from every backup.

From one seed come two keys: an Ed25519 key that signs, whose public half anybody may have, and a secret one for the
digests of cells, so that the digest of a telephone number does not give the number away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from foundation.settings import KEY_BYTES, Settings, audit_key, get_settings, keep_audit_key
from rules.errors import InputError

MIN_SEED_CHARACTERS = 32
CELL_BYTES = 16


@dataclass(frozen=True)
class AuditKey:
    """One seed with its two keys."""

    seed: bytes = field(repr=False)

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_derive(self.seed, "sign"))

    @cached_property
    def _cells(self) -> Any:
        return hashlib.blake2b(key=_derive(self.seed, "cell"), digest_size=CELL_BYTES)

    @cached_property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self._signer.public_key().public_bytes_raw()

    @cached_property
    def key_id(self) -> str:
        """The name of the key: it tells nothing about it."""
        return hashlib.sha256(b"audit key " + self.public).hexdigest()[:8]

    def cell(self, where: str, text: str) -> str:
        """The digest of a text that stands in one cell (keyed BLAKE2b, RFC 7693: a fifth of HMAC's cost, and a sweep
        makes twenty thousand); `where` names the cell, so that equal texts do not look so."""
        [digest] = self.cells([where], "", [text])
        return str(digest)

    def cells(self, begins: Sequence[str], name: str, texts: Sequence[str | None]) -> list[str | None]:
        """The digests of many cells; each is named by what its row begins with and the name that all share. What is
        empty stays so."""
        begun = self._cells.copy
        found: list[str | None] = []
        for begin, text in zip(begins, texts, strict=True):
            if text is None or text == "":
                found.append(text)
                continue
            digest = begun()
            digest.update(f"{begin}{name}\n{text}".encode())
            found.append(digest.hexdigest())
        return found

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes."""
        return self._signer.sign(message)


@dataclass(frozen=True)
class AuditRing:
    """The key in use and those before it, which still prove what they signed."""

    current: AuditKey
    previous: tuple[AuditKey, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> AuditRing:
        """The ring of a setting: the key in use, then earlier ones, separated by commas. Raises InputError."""
        seeds = [part.strip().encode() for part in text.split(",")]
        if any(len(seed) < MIN_SEED_CHARACTERS for seed in seeds):
            raise InputError(f"审计密钥（DINGDIAN_AUDIT_KEY）太短：每个密钥不得少于 {MIN_SEED_CHARACTERS} 个字符")
        current, *previous = map(AuditKey, seeds)
        return cls(current, tuple(previous))

    def named(self, key_id: str) -> AuditKey | None:
        """The key of that name; None where it is not on the ring."""
        return next((one for one in (self.current, *self.previous) if one.key_id == key_id), None)


_instead: list[AuditRing] = []


def known_ring(settings: Settings | None = None) -> AuditRing | None:
    """The ring of this installation; None where no key has been made yet. Raises InputError as `audit_key`."""
    if _instead:
        return _instead[-1]
    text = audit_key(settings or get_settings())
    return _ring(text) if text else None


def made_ring() -> AuditRing:
    """The ring of this installation, with a key that is made now where there was none."""
    return known_ring() or _ring(keep_audit_key(get_settings()))


@contextmanager
def passing_key() -> Iterator[None]:
    """A key for a database that nobody keeps, in this process alone: a replay of a scenario."""
    _instead.append(AuditRing(AuditKey(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)))))
    try:
        yield
    finally:
        _instead.pop()


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the owner of a public key signed a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=8)
def _ring(text: str) -> AuditRing:
    return AuditRing.from_text(text)


def _derive(seed: bytes, purpose: str) -> bytes:
    return hmac.new(seed, f"dingdian audit {purpose}".encode(), hashlib.sha256).digest()
