"""Checkpoints that others keep: the text of C2SP tlog-checkpoint (origin, number of entries, root of their Merkle tree)
in a C2SP signed note with an Ed25519 signature. Any program for transparency logs reads them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

ALGORITHM = b"\x01"  # Ed25519 in a note
KEY_ID_BYTES, ROOT_BYTES = 4, 32
LINES = ("origin", "size", "root")
DASH = "— "


@dataclass(frozen=True, slots=True)
class TreeHead:
    """How many entries the journal had, and the root over them (RFC 6962). `origin` names the journal."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint that was read: what it says, and its signatures by the key that each names."""

    head: TreeHead
    signatures: tuple[tuple[bytes, bytes], ...]


def note_key_id(origin: str, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return hashlib.sha256(origin.encode() + b"\n" + ALGORITHM + public).digest()[:KEY_ID_BYTES]


def verifier_key(origin: str, public: bytes) -> str:
    """The public key as programs for notes take it: name, number, key."""
    number = note_key_id(origin, public).hex()
    return f"{origin}+{number}+{base64.b64encode(ALGORITHM + public).decode()}"


def signed_note(head: TreeHead, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """A checkpoint with its signature."""
    signature = note_key_id(head.origin, public) + sign(head.text.encode())
    return f"{head.text}\n{DASH}{head.origin} {base64.b64encode(signature).decode()}\n"


def read_note(text: str) -> SignedHead:
    """A checkpoint from its text. Raises ValueError for a text that is none."""
    body, separator, signed = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < len(LINES) or not lines[0] or not (lines[1].isascii() and lines[1].isdigit()):
        raise ValueError("not a checkpoint")
    root = _decoded(lines[2])
    if len(root) != ROOT_BYTES or len(lines) > len(LINES):
        raise ValueError("not a checkpoint of ours")
    head = TreeHead(lines[0], int(lines[1]), root)
    marks = (line.removeprefix(DASH).rpartition(" ") for line in signed.splitlines() if line.startswith(DASH))
    raw = [_decoded(mark) for name, _, mark in marks if name == head.origin]
    return SignedHead(head, tuple((one[:KEY_ID_BYTES], one[KEY_ID_BYTES:]) for one in raw))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
