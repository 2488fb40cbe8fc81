"""Replays scenarios directly up to an instant each and through the real flows from there; prints outcomes as JSON.

`python -m tests.support.flows_from folder`: plays the scenarios of `flows.json` there, each into a database of its own.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dingdian.replay import DirectEngine, Play, play_out
from dingdian.replay_prefect import PrefectEngine, with_prefect
from dingdian.scenario import Happening, check
from foundation.secrets import Keyring
from models.database import transaction
from models.migrate import upgrade
from tasks.announce import register_staff
from tasks.surroundings import surrounded
from tests.support.stack import ROOT, clean_environment

KEYS = Keyring(bytes(range(32)))
GIVEN = "flows.json"
Given = tuple[Mapping[str, Any], str]  # a scenario, and the instant from which the flows play it
Told = dict[str, tuple[dict[str, Any], str]]


class FlowsFrom(PrefectEngine):
    """The announcement and what happens from an instant on goes through the flows, what lies between does not."""

    since: datetime

    def act(self, happening: Happening, round_id: int) -> None:
        """One act."""
        if happening.at < self.since:
            DirectEngine(self.url, KEYS).act(happening, round_id)
        else:
            super().act(happening, round_id)

    def sweep(self, as_of: datetime) -> None:
        """One sweep."""
        if as_of < self.since:
            DirectEngine(self.url, KEYS).sweep(as_of)
        else:
            super().sweep(as_of)


def outcomes_from(given: Mapping[str, Given], folder: Path) -> Told:
    """By name, the outcome of a scenario whose events go through the flows from an instant on, and the database that
    was played into. In a process of its own, for an event loop may run in this one; on one Prefect server for all."""
    (folder / GIVEN).write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "tests.support.flows_from", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: (outcome, url_of(folder, name)) for name, outcome in json.loads(done.stdout).items()}


def url_of(folder: Path, name: str) -> str:
    """The database of a scenario."""
    return f"sqlite:///{folder}/flows-{name}.db"


def main(folder: Path) -> None:
    """Plays and tells."""
    given: dict[str, Given] = json.loads((folder / GIVEN).read_text(encoding="utf-8"))
    with with_prefect(url_of(folder, next(iter(given))), KEYS) as loop:
        told = {name: played(*one, url_of(folder, name), loop) for name, one in given.items()}
    print(json.dumps(told, ensure_ascii=False))


def played(content: Mapping[str, Any], since: str, url: str, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """The outcome of one scenario."""
    scenario = check(dict(content))
    upgrade(url)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in scenario.staff])
    engine, play = FlowsFrom(url, loop), Play(scenario)
    engine.since = datetime.fromisoformat(since)
    with surrounded(database_url=url):
        play_out([play], url, engine)
    return {"scenario": scenario.name, **play.outcome, "refused": play.refused}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
