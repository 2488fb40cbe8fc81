"""Proof of a posting: a screenshot or file from the inbox, hashed by us, judged by its content and kept for good."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from foundation.files import write_file
from foundation.settings import get_settings
from policies.documents import load_document_policy
from publication.sniffing import kind_of
from rules.errors import InputError
from tasks.surroundings import inbox

HASH = re.compile(r"[0-9a-f]{64}")


def keep_evidence(name: str) -> str:
    """Copies a file of the inbox to `var/evidence/<its SHA-256>.<kind>` and answers the hash; twice is once.

    Raises InputError with a sentence: no such file, a path instead of a name, too large, not an image, PDF or page.
    """
    content = _read(name)
    digest = hashlib.sha256(content).hexdigest()
    write_file(get_settings().var_dir / "evidence" / f"{digest}.{_kind(name, content)}", content)
    return digest


def kept_evidence(files: Mapping[str, str]) -> dict[str, str]:
    """Hashes by item, of files of the inbox by item; what is a hash already is left as it is. Raises InputError."""
    return {item: name if HASH.fullmatch(name) else keep_evidence(name) for item, name in files.items()}


def _read(name: str) -> bytes:
    folder = inbox().resolve()
    path = (folder / name).resolve()
    if path.parent != folder or not path.is_file():
        raise InputError(f"收件夹里没有“{name}”：请先在“文件”页把它放入收件夹，再填文件名，不带路径")
    return _within_limit(path)


def _within_limit(path: Path) -> bytes:
    most = load_document_policy().numbers["evidence_size"]
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise InputError(f"“{path.name}”超过 {most // 1_000_000} MB：请降低截图的分辨率，或只截取公示部分")
    return content


def _kind(name: str, content: bytes) -> str:
    if kind := kind_of(content):
        return kind
    raise InputError(f"“{name}”不是图片（PNG、JPEG、WebP）、PDF 或网页文件：请重新截图或另存网页后再登记")
