"""Zip files whose bytes depend on their content alone: names in order, one date, nothing compressed twice."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that the format can write
REGULAR_FILE = 0o100644 << 16


def zipped(files: Mapping[str, bytes], *, first: str = "", compressed: bool = False) -> bytes:
    """The files as one zip; `first` is the member that readers of the format expect in front."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files, key=lambda name: (name != first, name)):
            member = zipfile.ZipInfo(name, EPOCH)
            member.external_attr = REGULAR_FILE
            member.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            archive.writestr(member, files[name])
    return target.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The members of a zip of our own making, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
