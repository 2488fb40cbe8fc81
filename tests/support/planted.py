"""Plants one wrong change after the other into a copy of the project and runs the tests that have to notice it.

`python -m tests.support.planted [FIRST [LAST]]`: the changes of `tests/planted.yaml` from and to a number, both
included; by default all. Prints for each which test noticed it, and ends with a status of 1 when one was not noticed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests" / "planted.yaml"
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Planted:
    """One change: in `file` the first `old` becomes `new`; one of `tests` (files or folders) has to fail then."""

    file: str
    old: str
    new: str
    tests: str


def planted() -> list[Planted]:
    """Every change of the list."""
    return [Planted(**one) for one in yaml.safe_load(LIST.read_text(encoding="utf-8"))]


def notices(copy: Path, change: Planted) -> str:
    """The test that failed with the change in the copy; empty when all passed. Raises where pytest itself broke off."""
    path = copy / change.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(change.old, change.new, 1), encoding="utf-8")
    asked = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *change.tests.split()]
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(asked, cwd=copy, env=env, capture_output=True, text=True, check=False)
    finally:
        path.write_text(text, encoding="utf-8")
    if found := FAILED.search(done.stdout):
        return found[1]
    if done.returncode:
        return "pytest breaks off: " + (done.stderr.strip() or done.stdout.strip())[-200:].replace("\n", " ")
    return ""


def copied(into: Path) -> Path:
    """The files of the project that git knows of."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() or (ROOT / name).is_symlink():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name, follow_symlinks=False)
    return into


def main(first: int = 1, last: int | None = None) -> int:
    """Plants them and says what noticed each."""
    slept = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for number, change in enumerate(planted(), 1):
            if number < first or number > (last or number):
                continue
            found = notices(copy, change)
            slept += not found
            what = f"{change.old.strip()!r} -> {change.new.strip()!r}"
            print(f"{number} {change.file}: {what}: {found or 'NOT NOTICED'}", flush=True)
    return 1 if slept else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
