"""`dingdian replay`: a scenario from its first event to `until` on a virtual clock, in a database of its own.

Nothing is sent outside: messages are owed in the outbox and counted. `direct` calls the same functions as the flows'
tasks; `prefect` runs the real flows (`dingdian.replay_prefect`). Both give the same outcome.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from dingdian.scenario import ANNOUNCE, Happening, Scenario, load
from models.database import transaction
from models.migrate import upgrade
from models.secrets import Keyring
from rules.case import Event
from rules.errors import DingdianError, InputError, RefusedError
from rules.localtime import ZONE, local_day
from tasks.announce import announce_round, register_staff
from tasks.casebook import current_round
from tasks.perform import perform
from tasks.sweep import sweep
from tasks.views.outcome import outcome_of


class Engine(Protocol):
    """How a replay carries things out. A refusal raises RefusedError with its sentence."""

    def announce(self, head: dict[str, Any], happening: Happening) -> None:
        """Opens the round."""

    def act(self, happening: Happening) -> None:
        """Carries out one act."""

    def sweep(self, as_of: datetime) -> None:
        """Sweeps deadlines as of an instant."""


class DirectEngine:
    """The same functions that the flows' tasks call, without Prefect."""

    def __init__(self, url: str, keys: Keyring) -> None:
        self.url, self.keys = url, keys

    def announce(self, head: dict[str, Any], happening: Happening) -> None:
        """Opens the round."""
        announce_round(self.url, head, Event(ANNOUNCE, happening.at, happening.by), self.keys)

    def act(self, happening: Happening) -> None:
        """Carries out one act; a batch with refused members is done as far as it goes and then refused by name."""
        assert happening.form is not None
        receipt = perform(self.url, Event(happening.do, happening.at, happening.by, happening.form.fields()))
        if receipt.refusal:
            raise RefusedError(receipt.refusal)

    def sweep(self, as_of: datetime) -> None:
        """Sweeps deadlines; a case that fails is an error of the program here, not of the round."""
        report = sweep(self.url, as_of)
        if report.failed:
            raise DingdianError(f"巡查未能办理：{report.failed}")


def run(file: Path, engine: str, db: str, as_json: bool) -> None:
    """The command. Raises ScenarioError, InputError, or what the database says."""
    scenario = load(file)
    if engine not in ("direct", "prefect"):
        raise InputError(f"--engine 应为 direct 或 prefect，现为“{engine}”")
    with _database(db) as url:
        outcome = replay(scenario, url, engine)
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False, indent=1))
    else:
        _show(outcome)


def replay(scenario: Scenario, url: str, engine: str = "direct") -> dict[str, Any]:
    """Runs a scenario in an empty database and gives its outcome."""
    upgrade(url)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in scenario.staff])
    keys = Keyring(secrets.token_bytes(32))
    if engine == "prefect":
        from dingdian.replay_prefect import PrefectEngine, with_prefect

        with with_prefect(url, keys) as loop:
            refused = _run(scenario, PrefectEngine(url, loop))
    else:
        refused = _run(scenario, DirectEngine(url, keys))
    with transaction(url) as session:
        outcome = outcome_of(session, current_round(session)) if _has_round(scenario, refused) else _nothing()
    return {"scenario": scenario.name, **outcome, "refused": refused}


def _run(scenario: Scenario, engine: Engine) -> list[dict[str, Any]]:
    """Events and daily sweeps in the order of time; a sweep comes before an event of the same instant."""
    refused: list[dict[str, Any]] = []
    for at, happening in _timeline(scenario):
        if happening is None:
            engine.sweep(at)
        elif why := _refusal(scenario, engine, happening):
            refused.append({"event": happening.index, "do": happening.do, "reason": why})
    return refused


def _refusal(scenario: Scenario, engine: Engine, happening: Happening) -> str:
    """Carries out one event; the sentence when it is refused."""
    if happening.fault:
        return happening.fault
    try:
        if happening.do == ANNOUNCE:
            engine.announce(scenario.head, happening)
        else:
            engine.act(happening)
    except (RefusedError, InputError) as error:
        return str(error)
    return ""


def _timeline(scenario: Scenario) -> Iterator[tuple[datetime, Happening | None]]:
    happenings = [one for one in scenario.happenings if one.at <= scenario.until]
    moments: list[tuple[datetime, int, Happening | None]] = [(one.at, 1, one) for one in happenings]
    if happenings:
        moments += [(at, 0, None) for at in _sweeps(happenings[0].at, scenario)]
    for at, _, happening in sorted(moments, key=lambda one: one[:2]):
        yield at, happening


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
    with tempfile.TemporaryDirectory(prefix="dingdian-replay-") as folder:
        yield f"sqlite:///{folder}/replay.db"


def _has_round(scenario: Scenario, refused: list[dict[str, Any]]) -> bool:
    opened = {one.index for one in scenario.happenings if one.do == ANNOUNCE and one.at <= scenario.until}
    return bool(opened - {one["event"] for one in refused})


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
