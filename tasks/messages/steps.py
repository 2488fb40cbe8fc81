"""The Prefect tasks about messages: thin, arguments are numbers and decisions, never contacts: Prefect shows them."""

from __future__ import annotations

from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from notifications.receipts import ReceiptReport
from rules.case import Event
from rules.errors import RefusedError
from tasks import surroundings
from tasks.labels import LABELS
from tasks.messages import sending


def _task_name() -> str:
    return LABELS[runtime.task_run.parameters["do"]]


@task(name="办理通知事项", task_run_name=_task_name, cache_policy=NO_CACHE)
def act_on_messages(do: str, by: str, fields: dict[str, Any], round_id: int) -> str | RefusedError:
    """One act, in one transaction. A refusal is a value: nothing was written and there is nothing to retry."""
    try:
        return sending.act(surroundings.database_url(), Event(do, surroundings.now(), by, fields, round_id))
    except RefusedError as refused:
        return refused


@task(name="查询回执", cache_policy=NO_CACHE)
def collect_receipts() -> ReceiptReport:
    """The receipts that are still out."""
    return sending.collect_receipts()


@task(name="清除内容", cache_policy=NO_CACHE)
def purge_messages() -> int:
    """What is no longer needed is cleared."""
    return sending.purge()
