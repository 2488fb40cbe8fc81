"""The steps of a run in its graph and its log: what was read, decided, written, told and published.

The act itself is one transaction and one task; what it decided and wrote is read from the records after its commit, so
that no step of the graph divides what must not be divided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed

from flows.result import Done
from tasks.act_result import Receipt
from tasks.labels import LABELS
from tasks.sweep import SweepReport

SHOWN = 5
Steps = Sequence[State[Any]]


def _said() -> str:
    given = runtime.task_run.parameters
    return f"{given['step']}：{given['said']}"


@task(name="步骤", task_run_name=_said, cache_policy=NO_CACHE)
async def _note(step: str, said: str, after: Any) -> State[Any]:
    return Completed()


async def note(step: str, said: str, after: Any = None, wait_for: Steps = ()) -> Steps:
    """A step that was taken, in the graph and in the log; it follows the tasks that it waits for, and the one that
    `after` came from. Answers what the next one waits for."""
    get_run_logger().info("%s：%s", step, said)
    noted: State[Any] = await _note(step, said, after, wait_for=wait_for, return_state=True)  # type: ignore[misc]
    return (noted,)


async def act(done: Receipt, found: Done) -> Steps:
    """What an act decided, wrote and told. Answers the last step."""
    step = await note("决定", decided(found.changes), done)
    step = await note("写入", f"案件记录 {len(found.changes)} 条，待发通知 {len(found.told)} 件", wait_for=step)
    step = await note("告知", told(found.told), wait_for=step)
    return await note("未办理", done.refusal, wait_for=step) if done.refusal else step


async def swept(report: SweepReport) -> Steps:
    """What a sweep found, by kind: which limit, what was done about it, whose."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in report.actions:
        kinds.setdefault((one["event"], one["deadline_label"]), []).append(one["applicant_id"])
    step: Steps = ()
    for (event, limit), ids in kinds.items():
        step = await note(LABELS.get(event, event), f"{limit} {len(ids)} 项（{_shown(ids)}）", report, step)
    if report.held:
        step = await note("暂停", f"因异议暂停 {report.held} 家", report, step)
    if report.failed:
        step = await note("未能办理", "；".join(f"{one}：{why}" for one, why in report.failed.items()), report, step)
    if not step:
        get_run_logger().info("无到期事项")
    return step


def decided(changes: Sequence[Mapping[str, str]]) -> str:
    """`待签订协议 → 已签订，待备案（P01）`; of many dossiers how many."""
    moves: dict[tuple[str, str], list[str]] = {}
    for one in changes:
        moves.setdefault((one["from"], one["to"]), []).append(one["applicant_id"])
    return "；".join(_move(*move, ids) for move, ids in moves.items()) or "各机构所处环节没有变化"


def told(messages: Sequence[Mapping[str, str]]) -> str:
    """`2 件待发：协议签订告知 2`; titles and counts, never an address."""
    titles = Counter(one["title"] for one in messages)
    listed = "、".join(f"{title} {count}" for title, count in titles.items())
    return f"{titles.total()} 件：{listed}" if titles else "没有新的通知"


def _move(before: str, after: str, ids: Sequence[str]) -> str:
    return f"{before} → {after}（{_shown(ids)}）" if before != after else f"{after}，不变（{_shown(ids)}）"


def _shown(ids: Sequence[str]) -> str:
    each = list(dict.fromkeys(ids))
    return "、".join(each[:SHOWN]) + (f" 等 {len(each)} 家" if len(each) > SHOWN else "")
