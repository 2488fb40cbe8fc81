"""What code, policy and tests cite of the numbered questions is explained in the decisions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CITED = re.compile(r"A7-\d+")
READ = (".py", ".yaml", ".yml", ".j2", ".typ", ".json", ".toml")


def test_every_question_that_is_cited_is_explained() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    files = (ROOT / name for name in listed if name.endswith(READ))
    cited = {code for file in files if file.is_file() for code in CITED.findall(file.read_text(encoding="utf-8"))}
    text = (ROOT / "docs" / "decisions" / "0006-open-readings.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^- \*\*(A7-\d+)\*\*", text, re.MULTILINE))
    assert cited
    assert sorted(cited - explained) == []
