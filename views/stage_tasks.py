"""One Prefect task for each stage of a round: its name and its state say the stage's numbers, so that the graph of the
run is the pipeline. They tell what was read; they do nothing."""

from __future__ import annotations

from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from views.round_page import condition, headline, sentence
from views.round_pipeline import StageView


def _headline() -> str:
    return headline(runtime.task_run.parameters["view"])


@task(name="环节", task_run_name=_headline, cache_policy=NO_CACHE)
async def stage(view: StageView) -> State[Any]:
    """A stage: its condition as the state's name, everything that is known of it as the message."""
    return Completed(name=condition(view), message=sentence(view))
