"""Documents that go with a letter: their names are safe on every system, their evidence is name and hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rules.errors import InputError
from rules.texts import is_plain

RESERVED = '<>:"/\\|?*'
NAME_CHARACTERS = 80
NAMELESS = "附件"
KILOBYTE = 1024
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(; ?[a-z-]+=[A-Za-z0-9-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document; `use` tells the reader in a few words what it is for. Its name is made safe when it is given.

    Raises:
        InputError: the media type is none.
    """

    name: str
    content: bytes
    media_type: str = "application/pdf"
    use: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", safe_name(self.name))
        if not MEDIA_TYPE.fullmatch(self.media_type):
            raise InputError(f"附件“{self.name}”的类型不成立：应形如 application/pdf")

    @property
    def sha256(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def words(self) -> str:
        """Its name and what it is for, as the letter prints it."""
        return f"{self.name}（{self.use}）" if self.use else self.name


def safe_name(name: str) -> str:
    """A file name that is one on every system: no folders, no controls, nothing hidden, at most 80 characters; the
    ending stays."""
    plain = "".join("_" if one in RESERVED or not is_plain(one) else one for one in name)
    stem, dot, ending = plain.strip(" .").rpartition(".")
    return f"{stem[: NAME_CHARACTERS - len(ending) - 1]}.{ending}" if dot else ending[:NAME_CHARACTERS] or NAMELESS


def within(attachments: Sequence[Attachment], kilobytes: int) -> tuple[tuple[Attachment, ...], tuple[Attachment, ...]]:
    """The documents that a letter may carry, in their order as far as the room lasts, and those that it may not."""
    carried: list[Attachment] = []
    left = kilobytes * KILOBYTE
    for one in attachments:
        if len(one.content) <= left:
            carried.append(one)
            left -= len(one.content)
    return tuple(carried), tuple(one for one in attachments if one not in carried)
