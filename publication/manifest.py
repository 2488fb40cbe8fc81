"""What a build left behind: for each part of the site its fingerprint, and each file as it stood on the disk.

A part whose fingerprint and files are as they were is neither read nor rendered. The manifest is a shortcut and no
truth: without it, or with one that cannot be read, everything is built anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was built: its fingerprint, and its files by name with size and time of writing."""

    fingerprint: str
    files: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of a site by key; `basis` stands for the code, the templates and the settings they were made with."""

    basis: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)

    def holds(self, folder: Path, key: str, fingerprint: str) -> bool:
        """Does the part stand on the disk as it would be built?"""
        part = self.parts.get(key)
        if part is None or part.fingerprint != fingerprint:
            return False
        return all(_stamp(folder / name) == stamp for name, stamp in part.files.items())

    @property
    def names(self) -> set[str]:
        """Every file that the build knows to be its own."""
        return {name for part in self.parts.values() for name in part.files}


def read_manifest(folder: Path, basis: str) -> Manifest:
    """The manifest of a folder, if it was written with the same basis; else one whose parts hold nothing, but that
    still knows which files were its own."""
    with suppress(FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
        parts = {key: _part(one, kept["basis"] == basis) for key, one in kept["parts"].items()}
        return Manifest(basis, parts)
    return Manifest(basis)


def _part(kept: Mapping[str, Any], is_current: bool) -> Part:
    files = {str(name): (int(size), int(time)) for name, (size, time) in kept["files"].items()}
    return Part(str(kept["fingerprint"]) if is_current else "", files)


def stamped(folder: Path, fingerprint: str, names: Iterable[str]) -> Part:
    """A part as it stands on the disk now."""
    return Part(fingerprint, {name: stamp for name in names if (stamp := _stamp(folder / name))})


def encoded(manifest: Manifest) -> bytes:
    """The manifest as its file holds it."""
    parts = {key: {"fingerprint": one.fingerprint, "files": dict(one.files)} for key, one in manifest.parts.items()}
    return json.dumps({"basis": manifest.basis, "parts": parts}).encode()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns
