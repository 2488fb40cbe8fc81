"""A bar on a run's page: how much of a long piece of work is done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact


@asynccontextmanager
async def progress(what: str, total: int) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Shows a bar; what is yielded moves it on by so many."""
    bar = await acreate_progress_artifact(progress=0.0, description=f"{what}：共 {total} 家")
    assert isinstance(bar, UUID)
    done = 0

    async def advanced(count: int) -> None:
        nonlocal done
        done += count
        await aupdate_progress_artifact(bar, progress=100 * done / total, description=f"{what}：{done} / {total} 家")

    yield advanced
