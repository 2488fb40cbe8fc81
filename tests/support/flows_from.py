"""Replays a scenario directly up to an instant and through the real flows from there; prints its outcome as JSON.

`python -m tests.support.flows_from scenario.json database-url 2025-09-24T00:00:00+08:00`
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from dingdian.replay import DirectEngine, Play, play_out
from dingdian.replay_prefect import PrefectEngine, with_prefect
from dingdian.scenario import Happening, check
from foundation.secrets import Keyring
from models.database import transaction
from models.migrate import upgrade
from tasks.announce import register_staff

KEYS = Keyring(bytes(range(32)))


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


def main(scenario_file: Path, url: str, since: datetime) -> None:
    """Plays and tells."""
    scenario = check(json.loads(scenario_file.read_text(encoding="utf-8")))
    upgrade(url)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in scenario.staff])
    with with_prefect(url, KEYS) as loop:
        engine = FlowsFrom(url, loop)
        engine.since = since
        play = Play(scenario)
        play_out([play], url, engine)
    print(json.dumps({"scenario": scenario.name, **play.outcome, "refused": play.refused}, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3]))
