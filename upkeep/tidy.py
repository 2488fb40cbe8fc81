"""Prefect's own history: runs of the clock that ended well are deleted after some days, or they would be most of it.

Sending messages each minute alone makes 1,440 runs a day. What failed, and what a person started, stays until Prefect's
own vacuum takes it. No legal fact lives in either.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound

from foundation.settings import BY_THE_CLOCK, get_settings

PAGE = 200


@task(name="清理运行记录", cache_policy=NO_CACHE)
async def delete_old_runs() -> int:
    """Deletes what is older, by Prefect's own clock, than the setting `prefect_keep_days`; says how many runs."""
    count = 0
    async with get_client() as client:
        while found := await client.read_flow_runs(flow_run_filter=_old(), limit=PAGE):
            for run in found:
                count += await _delete(client, run.id)
    return count


def _old() -> FlowRunFilter:
    before = datetime.now(UTC) - timedelta(days=get_settings().prefect_keep_days)
    return FlowRunFilter(
        tags=FlowRunFilterTags(all_=[BY_THE_CLOCK]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED, StateType.CANCELLED])),
        end_time=FlowRunFilterEndTime.model_validate({"before_": before}),
    )


async def _delete(client: PrefectClient, run_id: object) -> int:
    try:
        await client.delete_flow_run(run_id)  # type: ignore[arg-type]
    except ObjectNotFound:
        return 0  # Prefect's vacuum was first
    return 1
