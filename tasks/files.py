"""Files that people bring and take by their browser: into the inbox, out of the outbox, documents and packages.

A name never leads out of its shelf, a content must be what its ending says, and what is there is not overwritten. Who
brought, took or removed which bytes stands in the journal by hash: a name may tell of a person, so it does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from foundation.files import write_file
from foundation.settings import get_settings
from models.database import transaction
from models.journal import say
from notifications.attachments import safe_name
from policies.documents import load_document_policy
from policies.plainfile import FileTextError, text_of
from publication.sniffing import kind_of
from rules.errors import InputError, RefusedError
from rules.texts import cleaned, unholdable
from tasks import surroundings

IN, OUT, DOCUMENTS, PACKAGES = "in", "out", "documents", "packages"
SHELVES: Mapping[str, tuple[str, Callable[[], Path]]] = {
    IN: ("收件夹", surroundings.inbox),
    OUT: ("发件夹", surroundings.outbox),
    DOCUMENTS: ("文书", lambda: get_settings().var_dir / "documents"),
    PACKAGES: ("发布包", lambda: get_settings().var_dir / "packages"),
}
LISTED = 300


def _is(kind: str) -> Callable[[bytes], bool]:
    return lambda content: kind_of(content) == kind


def _is_workbook(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def _is_text(content: bytes) -> bool:
    try:
        return bool(text_of(content))
    except FileTextError:
        return False


# What a file of each ending must begin with, or be.
CONTENTS: Mapping[str, tuple[str, Callable[[bytes], bool]]] = {
    ".xlsx": ("Excel 工作簿", _is_workbook),
    ".pdf": ("PDF", _is("pdf")),
    ".png": ("PNG 图片", _is("png")),
    ".jpg": ("JPEG 图片", _is("jpg")),
    ".jpeg": ("JPEG 图片", _is("jpg")),
    ".webp": ("WebP 图片", _is("webp")),
    ".html": ("网页", _is("html")),
    ".htm": ("网页", _is("html")),
    ".json": ("UTF-8 的 JSON", _is_text),
    ".yaml": ("UTF-8 的 YAML", _is_text),
    ".yml": ("UTF-8 的 YAML", _is_text),
}


_DATA = ("announce_round", "register_applicants", "register_experts", "register_declarations", "register_complainants")
_PROOF = ("record_posting",)
# The forms that ask for a file of the inbox by its name, by the endings that they read.
FORMS: Mapping[str, tuple[str, ...]] = {
    ".xlsx": ("import_workbook", "announce_round"),
    **dict.fromkeys((".json", ".yaml", ".yml"), _DATA),
    **dict.fromkeys((".pdf", ".png", ".jpg", ".jpeg", ".webp", ".html", ".htm"), _PROOF),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on a shelf: its name, its bytes in number, and when it was written."""

    name: str
    size: int
    at: datetime

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that such a file is for."""
        return FORMS.get(Path(self.name).suffix.lower(), ())


def on_shelf(shelf: str) -> list[Kept]:
    """The files of a shelf, the newest first. Raises RefusedError for a shelf that does not exist."""
    folder = _folder(shelf)
    there = [one for one in folder.iterdir() if _is_shown(one)] if folder.is_dir() else []
    found = [(one.name, one.stat()) for one in there]
    kept = [Kept(name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)) for name, stat in found]
    return sorted(kept, key=lambda one: (one.at, one.name), reverse=True)[:LISTED]


def take_in(url: str, name: str, content: bytes, by: str) -> str:
    """Puts a file into the inbox; answers the name under which the forms know it.

    Raises InputError for a name or content that cannot be taken, RefusedError where another file has the name.
    """
    name = name_of(name)
    expect_content(name, content)
    path = _folder(IN) / name
    if path.exists():
        if path.read_bytes() == content:
            return name
        raise RefusedError(f"收件夹里已有“{name}”，内容不同：请换一个文件名再放入，或先撤下原来的文件")
    write_file(path, content)
    _note(url, "file_brought", by, IN, content)
    return name


def hand_out(url: str, shelf: str, name: str, by: str) -> Path:
    """The file for somebody who takes it. Raises RefusedError when it is not there."""
    path = _path(shelf, name)
    _note(url, "file_taken", by, shelf, path.read_bytes())
    return path


def remove(url: str, name: str, by: str) -> None:
    """Takes a file out of the inbox for good, as one that was put there by mistake or has been registered."""
    path = _path(IN, name)
    _note(url, "file_removed", by, IN, path.read_bytes())
    path.unlink()


def name_of(given: str) -> str:
    """The name of a file that a browser sent, without folders. Raises InputError for one that no folder can keep."""
    name = cleaned(given.replace("\\", "/").rpartition("/")[2])
    if lost := unholdable(name):
        raise InputError(f"文件名{lost}：请改名后再放入")
    name = safe_name(name)
    if Path(name).suffix.lower() not in CONTENTS:
        raise InputError(f"“{name}”的种类不能放入：可用 {'、'.join(CONTENTS)}；请另存为其中一种")
    return name


def expect_content(name: str, content: bytes) -> None:
    """Raises InputError for an empty or too large file, and for one that is not what its ending says."""
    what, holds = CONTENTS[Path(name).suffix.lower()]
    if not content:
        raise InputError(f"“{name}”是空文件：请核对后重新选择")
    if len(content) > most_bytes():
        raise InputError(f"“{name}”{too_large()}")
    if not holds(content):
        raise InputError(f"“{name}”不是{what}：请用原来的程序另存后再放入，不要只改文件名的结尾")


def most_bytes() -> int:
    """The largest file that is taken, in bytes."""
    return load_document_policy().numbers["evidence_size"]


def too_large() -> str:
    """What is said of a larger one."""
    return f"超过 {most_bytes() // 1_000_000} MB：请降低图片的分辨率，或拆成几个文件"


def _folder(shelf: str) -> Path:
    if shelf not in SHELVES:
        raise RefusedError("没有这个文件夹：请从“文件”页进入")
    return SHELVES[shelf][1]().resolve()


def _path(shelf: str, name: str) -> Path:
    folder = _folder(shelf)
    try:
        path = (folder / name).resolve()
        is_there = path.parent == folder and _is_shown(path)
    except (OSError, ValueError):  # a NUL, or a name longer than any
        is_there = False
    if not is_there:
        raise RefusedError(f"{SHELVES[shelf][0]}里没有这个文件：可能已经撤下，请从“文件”页重新选择")
    return path


def _is_shown(path: Path) -> bool:
    """Files of people's: none that is hidden, and not the mark of the house, which has no ending."""
    return path.is_file() and not path.is_symlink() and bool(path.suffix) and not path.name.startswith(".")


def _note(url: str, event: str, by: str, shelf: str, content: bytes) -> None:
    with transaction(url) as session:
        say(session, event, by, shelf=shelf, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
