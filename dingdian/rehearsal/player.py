"""The player of a rehearsal: carries a whole round through the real forms, step by step, on the virtual clock.

Each step is a run of the real deployment, created through Prefect's API as a click on Submit creates it. Between steps
the person may pause, do the next step with their own hands, skip or fast-forward; what our own records say was done is
not done again, so a rehearsal that was stopped goes on where it stood.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from dingdian.demo.script import Step
from dingdian.rehearsal.player_page import Page
from foundation.settings import get_settings
from rules.errors import DingdianError
from rules.localtime import local_day
from tasks import surroundings
from tasks.rehearsal import Order, Orders, days_to_sweep, give, now, orders, second_word, was_done
from tasks.run_starts import StandIn

LOOK_SECONDS = 0.5
RUN_SECONDS = 120.0
SWEEP = "期限巡查/50 期限巡查"
DELIVERY = "发送通知/51 发送通知"
SECOND = "复核/44 复核"
TRIES = 5
SHORT = 60  # characters of a value that a line of the terminal shows


class End(StrEnum):
    """How a step came to its end."""

    BEFORE = "此前已办"
    PLAYED = "已演示"
    BY_HAND = "您已办理"
    SKIPPED = "已跳过"


@dataclass
class Player:
    """Plays steps; `say` prints a line for the person, `pace` is the pause before each step in seconds."""

    client: SyncPrefectClient
    url: str
    ui_url: str
    steps: list[Step]
    pace: float
    say: Callable[[str], None]
    page: Page
    ends: dict[int, str] = field(default_factory=dict)
    seen: int = 0

    def __post_init__(self) -> None:
        self.stand_in = StandIn(self.url, surroundings.keys())

    def play(self, until_the_end: datetime) -> None:
        """Every step that is not done, then the clock to `until_the_end`."""
        for step in self.steps:
            if was_done(self.url, step.do, step.fields):
                self.ends.setdefault(step.number, End.BEFORE)
                continue
            self._move_to(step.at)
            self._announce(step)
            self._end(step, self._wait_and_carry_out(step))
        self._move_to(until_the_end)
        self.page.show(self.steps, self.ends, None, "")

    def _announce(self, step: Step) -> None:
        link = self._link(step)
        self.page.show(self.steps, self.ends, step, link)
        values = "；".join(f"{title}＝{value[:SHORT]}" for title, value in step.shown)
        self.say(f"{self._place(step)} 虚拟日期 {step.day}　下一步：{step.title}\n    {values}")

    def _end(self, step: Step, how: End) -> None:
        self.ends[step.number] = how
        self.say(f"{self._place(step)} {step.title}：{how.value}")

    def _place(self, step: Step) -> str:
        return f"[{step.number}/{len(self.steps)}]"

    def _wait_and_carry_out(self, step: Step) -> End:
        """Waits for the pace or for the person; carries the step out unless somebody else does."""
        deadline = time.monotonic() + self._pace(step)
        while True:
            if was_done(self.url, step.do, step.fields):
                return End.BY_HAND
            given = orders()
            if given.order is Order.SKIP and given.number > self.seen:
                self._pause()
                return End.SKIPPED
            if self._may_play(given, step) and time.monotonic() >= deadline and self._carried_out(step, given):
                return End.PLAYED
            left = deadline - time.monotonic()
            time.sleep(min(left, LOOK_SECONDS) if left > 0 else LOOK_SECONDS)

    def _pace(self, step: Step) -> float:
        given = orders()
        return 0 if given.order is Order.UNTIL and step.number < given.step else self.pace

    def _may_play(self, given: Orders, step: Step) -> bool:
        if given.order is Order.UNTIL:
            if step.number < given.step:
                return True
            self._pause()
            return False
        return given.order is Order.PLAY or (given.order is Order.ONE and given.number > self.seen)

    def _carried_out(self, step: Step, given: Orders) -> bool:
        """Runs the step's deployment; one that is refused leaves the player paused, with the sentence."""
        run = self._confirmed(step, self._run(step.deployment, {"form": dict(step.form)}))
        if given.order is Order.ONE:
            self._pause()
        if run.state and run.state.is_completed():
            return True
        if was_done(self.url, step.do, step.fields):
            return True  # a batch with a refused member, or somebody was faster
        self._pause()
        self.say(
            f"    未办理：{run.state.message if run.state else ''}\n    已暂停：可自行更正后继续（c）或跳过（s）。"
        )
        return False

    def _confirmed(self, step: Step, run: FlowRun) -> FlowRun:
        """The run that carries the step out: where it waits for a second person, that person's."""
        word = second_word(self.url, step.do) if run.state and run.state.is_completed() else {}
        if not word:
            return run
        self.say(f"    须两人办理：由 {word['by']} 复核第 {word['number']} 号提请。")
        return self._run(SECOND, {"form": word})

    def _pause(self) -> None:
        self.seen = give(Order.PAUSE).number

    def _move_to(self, at: datetime) -> None:
        """Moves the clock; before a day is left its messages go out, and every day with something due is swept."""
        if local_day(at) > local_day(now()):
            self._run_alone(DELIVERY, {})
        for _ in days_to_sweep(self.url, at):
            self._run_alone(SWEEP, {"form": {}})

    def _run_alone(self, deployment: str, parameters: dict[str, Any]) -> None:
        """A run of something that runs one at a time: one of the schedule may hold the place for a moment."""
        for _ in range(TRIES):
            run = self._run(deployment, parameters)
            if run.state and not run.state.is_cancelled():
                return
            time.sleep(LOOK_SECONDS)
        self.say(f"    {deployment} 正由定时任务办理，本次从略。")

    def _run(self, deployment: str, parameters: dict[str, Any]) -> FlowRun:
        """One run, to its end. Raises DingdianError when it does not end."""
        found = self.client.read_deployment_by_name(deployment)
        tags = ["演练", f"{now():%Y-%m-%d}"]
        given, proof = self.stand_in.order(str(found.id), parameters)
        created = self.client.create_flow_run_from_deployment(found.id, parameters=given, tags=tags, labels={**proof})
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            run = self.client.read_flow_run(created.id)
            if run.state and run.state.is_final():
                return run
            time.sleep(0.2)
        raise DingdianError(f"{deployment} 在 {RUN_SECONDS:.0f} 秒内没有结束；日志见 {get_settings().var_dir / 'log'}")

    def _link(self, step: Step) -> str:
        found = self.client.read_deployment_by_name(step.deployment)
        asked = {name: value for name, value in step.form.items() if name != "by"}
        given = quote(json.dumps({"form": asked}, ensure_ascii=False))
        return f"{self.ui_url}/v2/deployments/deployment/{found.id}/run?parameters={given}"
