"""`dingdian replay`: scenarios from their first event to `until` on a virtual clock, in a database of their own.

Nothing is sent outside: messages are owed in the outbox and counted. `direct` calls the same functions as the flows'
tasks; `prefect` runs the real flows (`dingdian.replay_prefect`). Both give the same outcome.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from dingdian.scenario import ANNOUNCE, Happening, Scenario, load
from foundation.audit_key import passing_key
from foundation.secrets import Keyring
from models.database import transaction
from models.migrate import upgrade
from rules.case import Event
from rules.errors import DingdianError, InputError, RefusedError
from rules.localtime import ZONE, local_day
from tasks import surroundings
from tasks.announce import register_staff
from tasks.case_loading import newest_round, round_numbered
from tasks.proposing import announce_as_filed, perform_as_filed
from tasks.sweep import sweep
from views.outcome import outcome_of


class Engine(Protocol):
    """How a replay carries things out. A refusal raises RefusedError with its sentence."""

    def announce(self, head: dict[str, Any], happening: Happening) -> None:
        """Opens the round."""

    def act(self, happening: Happening, round_id: int) -> None:
        """Carries out one act in its round."""

    def sweep(self, as_of: datetime) -> None:
        """Sweeps deadlines as of an instant."""


class DirectEngine:
    """The same functions that the flows' tasks call, without Prefect."""

    def __init__(self, url: str, keys: Keyring) -> None:
        self.url, self.keys = url, keys

    def announce(self, head: dict[str, Any], happening: Happening) -> None:
        """Opens the round."""
        event = Event(ANNOUNCE, happening.at, happening.by)
        announce_as_filed(self.url, head, event, happening.second, self.keys)

    def act(self, happening: Happening, round_id: int) -> None:
        """Carries out one act in its round; a batch with refused members is done as far as it goes and then refused by
        name."""
        assert happening.form is not None
        fields = happening.form.fields()
        with surroundings.surrounded(keys=self.keys):
            event = Event(happening.do, happening.at, happening.by, fields, round_id)
            receipt = perform_as_filed(self.url, event, happening.second)
        if receipt.refusal:
            raise RefusedError(receipt.refusal)

    def sweep(self, as_of: datetime) -> None:
        """Sweeps deadlines; a case that fails is an error of the program here, not of the round."""
        report = sweep(self.url, as_of)
        if report.failed:
            raise DingdianError(f"巡查未能办理：{report.failed}")


def run(files: Sequence[Path], engine: str, db: str, as_json: bool) -> None:
    """The command. Raises ScenarioError, InputError, or what the database says."""
    scenarios = [load(file) for file in files]
    if engine not in ("direct", "prefect"):
        raise InputError(f"--engine 应为 direct 或 prefect，现为“{engine}”")
    with _database(db) as url:
        outcomes = replay_together(scenarios, url, engine)
    if as_json:
        print(json.dumps(outcomes if len(outcomes) > 1 else outcomes[0], ensure_ascii=False, indent=1))
        return
    for outcome in outcomes:
        _show(outcome)


def replay(scenario: Scenario, url: str, engine: str = "direct") -> dict[str, Any]:
    """Runs a scenario in an empty database and gives its outcome."""
    return replay_together([scenario], url, engine)[0]


def replay_together(scenarios: Sequence[Scenario], url: str, engine: str = "direct") -> list[dict[str, Any]]:
    """Runs scenarios side by side in one empty database, each a round of its own, and gives the outcome of each as it
    stands at its own end."""
    upgrade(url)
    staff = sorted({one for scenario in scenarios for one in scenario.staff})
    with transaction(url) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in staff])
    keys = Keyring(secrets.token_bytes(32))
    plays = [Play(one) for one in scenarios]
    if engine == "prefect":
        from dingdian.replay_prefect import PrefectEngine, with_prefect

        with with_prefect(url, keys) as loop:
            play_out(plays, url, PrefectEngine(url, loop))
    else:
        play_out(plays, url, DirectEngine(url, keys))
    return [{"scenario": one.scenario.name, **one.outcome, "refused": one.refused} for one in plays]


@dataclass
class Play:
    """A scenario while it runs: the round that it opened (0: none yet), what was refused, and what came of it."""

    scenario: Scenario
    round_id: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    outcome: dict[str, Any] = field(default_factory=dict)


def play_out(plays: Sequence[Play], url: str, engine: Engine) -> None:
    """Events and daily sweeps in the order of time; a sweep comes before an event of the same instant. What came of a
    round is read when its own time is over, whatever the others do later."""
    for at, play, happening in _timeline(plays):
        for ended in plays:
            if ended.scenario.until < at and not ended.outcome:
                ended.outcome = _outcome(url, ended)
        if happening is None:
            engine.sweep(at)
        elif why := _refusal(play, url, engine, happening):
            play.refused.append({"event": happening.index, "do": happening.do, "reason": why})
    for last in plays:
        last.outcome = last.outcome or _outcome(url, last)


def _outcome(url: str, play: Play) -> dict[str, Any]:
    if not play.round_id:
        return _nothing()
    with transaction(url) as session:
        return outcome_of(session, round_numbered(session, play.round_id))


def _refusal(play: Play, url: str, engine: Engine, happening: Happening) -> str:
    """Carries out one event; the sentence when it is refused."""
    if happening.fault:
        return happening.fault
    try:
        if happening.do == ANNOUNCE:
            engine.announce(play.scenario.head, happening)
            with transaction(url) as session:
                play.round_id = newest_round(session).id or 0
        else:
            engine.act(happening, play.round_id)
    except (RefusedError, InputError) as error:
        return str(error)
    return ""


def _timeline(plays: Sequence[Play]) -> Iterator[tuple[datetime, Play, Happening | None]]:
    """What happens when, in which play; plays that are swept at the same instant are swept once."""
    moments: list[tuple[datetime, int, int, Happening | None]] = []
    swept: dict[datetime, int] = {}
    for place, play in enumerate(plays):
        happenings = [one for one in play.scenario.happenings if one.at <= play.scenario.until]
        moments += [(one.at, 1, place, one) for one in happenings]
        if happenings:
            swept |= dict.fromkeys(_sweeps(happenings[0].at, play.scenario), place)
    moments += [(at, 0, place, None) for at, place in swept.items()]
    for at, _, place, happening in sorted(moments, key=lambda one: one[:3]):
        yield at, plays[place], happening


def _sweeps(first: datetime, scenario: Scenario) -> Iterator[datetime]:
    """Every day at the local time of the sweep, after the first event; the last one at `until`."""
    day = local_day(first)
    while (at := datetime.combine(day, scenario.sweep_at, ZONE)) < scenario.until:
        if at > first:
            yield at
        day += timedelta(days=1)
    yield scenario.until


@contextmanager
def _database(db: str) -> Iterator[str]:
    if db:
        yield db
        return
    with tempfile.TemporaryDirectory(prefix="dingdian-replay-") as folder, passing_key():
        yield f"sqlite:///{folder}/replay.db"


def _nothing() -> dict[str, Any]:
    return {"procedure": "", "panel": [], "ranking": {}, "vacant": {}, "notices": [], "applicants": {}, "breaches": []}


def _show(outcome: dict[str, Any]) -> None:
    console = Console()
    console.print(f"[bold]{outcome['scenario']}[/bold]  {outcome['procedure']}")
    for applicant_id, told in outcome["applicants"].items():
        reasons = "、".join(reason["code"] for reason in told["reasons"])
        console.print(f"{applicant_id:8} {told['outcome']:26} {told.get('mean_score', ''):>6}  {reasons}")
    for one in outcome["refused"]:
        console.print(f"[yellow]第 {one['event']} 个事件 {one['do']} 被拒：{one['reason']}[/yellow]")
