"""Replays a scenario through the real flows, delivers what it owes, and keeps a copy of everything that was written.

`python -m tests.support.replay_and_keep scenario.json folder`: run with a TMPDIR of its own, so that nothing escapes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from dingdian import replay_prefect
from dingdian.replay import Play, play_out
from dingdian.scenario import check
from foundation.secrets import Keyring
from foundation.settings import get_settings, secret_key
from models import Notification
from models.database import transaction
from models.migrate import upgrade
from rules.localtime import ZONE
from tasks.announce import register_staff
from tasks.surroundings import surrounded

LOUD = {"PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_LOGGING_TO_API_ENABLED": "true"}
FLOWS = ("deliver_notifications", "collect_receipts", "show_messages", "show_board")


class Office(replay_prefect.PrefectEngine):
    """Delivers at noon of every day on which something is owed, as the schedule would."""

    def sweep(self, as_of: datetime) -> None:
        """The sweep of the day, then what is owed goes out."""
        super().sweep(as_of)
        noon = as_of.astimezone(ZONE).replace(hour=12)
        if not _is_owed(self.url, noon):
            return
        with surrounded(now=noon):
            self.loop.run_until_complete(_flow("deliver_notifications"))


def _is_owed(url: str, at: datetime) -> bool:
    with transaction(url) as session:
        return session.execute(select(col(Notification.id)).where(col(Notification.next_at) <= at)).first() is not None


def main(scenario_file: Path, folder: Path) -> None:
    """Plays, delivers, shows, and copies."""
    scenario = check(json.loads(scenario_file.read_text(encoding="utf-8")))
    url, keys = f"sqlite:///{folder}/ours.db", Keyring.from_secret(secret_key(get_settings()).get_secret_value())
    upgrade(url)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in scenario.staff])
    replay_prefect.QUIET.update(LOUD)
    with replay_prefect.with_prefect(url, keys) as loop:
        play = Play(scenario)
        play_out([play], url, Office(url, loop))
        with surrounded(now=scenario.until):
            states = [loop.run_until_complete(_flow(name)) for name in FLOWS]
            loop.run_until_complete(_flow("show_case", {"applicant_id": "H01"}))
        shutil.copytree(tempfile.gettempdir(), folder / "temporary", ignore=shutil.ignore_patterns("dingdian-inbox-*"))
    outcome = {"scenario": scenario.name, **play.outcome, "refused": play.refused}
    print(json.dumps({"outcome": outcome, "said": [str(state.message) for state in states]}, ensure_ascii=False))


async def _flow(name: str, *form: object):  # type: ignore[no-untyped-def]  # a Prefect state
    from dingdian.running.deployments import flow_at

    return await flow_at(f"flows.{name}.{name}")(*form, return_state=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
