"""A fresh installation on a rehearsal's clock: its staff is registered, the announcement lies in the inbox, no more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.stack import ROOT, Stack
from tests.support.walk import sample

REGISTER = (
    "import json, sys; from models.database import transaction; from tasks.announce import register_staff\n"
    "with transaction(sys.argv[1]) as session: register_staff(session, json.loads(sys.argv[2]))"
)


@contextmanager
def fresh_office(folder: Path, scenario: Mapping[str, Any]) -> Iterator[tuple[Stack, Path]]:
    """The installation for a round, and the file that holds its clock; stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = folder / "clock"
    clock.write_text(scenario["events"][0]["at"], encoding="utf-8")
    stack = Stack(folder / "var")
    stack.environment["DINGDIAN_REHEARSAL_CLOCK"] = str(clock)
    stack.start()
    try:
        staff = [{"staff_no": name, "name": name, "roles": roles} for name, roles in sample.ROLES.items()]
        command = [sys.executable, "-c", REGISTER, stack.database_url, json.dumps(staff)]
        subprocess.run(command, cwd=ROOT, env=stack.environment, check=True)
        (folder / "var" / "inbox" / sample.ROUND_FILE).write_text(sample.round_file(scenario), encoding="utf-8")
        yield stack, clock
    finally:
        stack.stop()
