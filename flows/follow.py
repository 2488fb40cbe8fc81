"""What follows a commit, seen in Prefect: one event for each change of a dossier, and the round's picture drawn anew.

Both only show. They come after the act, nobody waits for them, and whatever goes wrong with them is logged and ends
nothing: our database moves cases, an event never does. A run that no deployment started (a replay, the
command line) tells nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextvars import copy_context
from datetime import UTC, datetime
from threading import Thread
from uuid import UUID, uuid5

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.logging import get_run_logger
from prefect.states import Scheduled

from flows.links import Forms
from foundation.settings import BY_THE_CLOCK
from models.database import reading
from rules.case import Case
from rules.errors import InputError
from rules.performance.records import AgreementCase
from tasks import surroundings
from tasks.addressing import running_rounds
from views.changes_since import Mark, Recorded, mark, recorded

PICTURE = "show_round"
PICTURE_SECONDS = 10  # acts that come within the same ten seconds share one picture, drawn at their end
PATIENCE_SECONDS = 10.0
CASE, ROUND = "dingdian.case", "dingdian.round"
CALLED = {Case.kind: CASE, AgreementCase.kind: "dingdian.agreement"}
IDS = UUID("5b0d1c39-6a2f-5c0b-9d0e-0d1d9dd1a900")  # our own space of event ids


def begin() -> Mark | None:
    """How far the records reach before the run; None where nobody is told."""
    if runtime.deployment.id is None:
        return None
    try:
        with reading(surroundings.database_url()) as session:
            return mark(session)
    except Exception as error:  # noqa: BLE001 - the act itself will say what is wrong with the database
        _warn(error)
        return None


def tell(since: Mark | None) -> None:
    """Tells of everything that was recorded since: events, and a picture of each round that it was in."""
    if since is None:
        return
    try:
        with reading(surroundings.database_url()) as session:
            found = recorded(session, since)
        emit(found)
        draw_anew({one.round_id for one in found})
    except Exception as error:  # noqa: BLE001 - the act is done; its picture must not make it look undone
        _warn(error)


def _warn(error: Exception) -> None:
    get_run_logger().warning("全程图和事件未能更新，办理不受影响：%s", error, exc_info=True)


def draw_all_anew() -> None:
    """A day is over: every limit is a day nearer, so the picture of every round under way is drawn anew."""
    if runtime.deployment.id is None:
        return
    with reading(surroundings.database_url()) as session:
        draw_anew({one.id or 0 for one in running_rounds(session, surroundings.now())})


def emit(found: Iterable[Recorded]) -> None:
    """One event for each change of a dossier or an agreement, ids only. Prefect sends them from a thread of its own, in
    order.

    The id is the record's: whoever tells of it again tells nothing new.
    """
    for one in found:
        if one.applicant_id:
            called = CALLED[one.subject]
            emit_event(
                event=f"{called}.{one.happened}",
                resource={
                    "prefect.resource.id": f"{called}.{one.round_id}-{one.applicant_id}",
                    "prefect.resource.name": f"{one.round_id}-{one.applicant_id}",
                },
                related=[{"prefect.resource.id": f"{ROUND}.{one.round_id}", "prefect.resource.role": "round"}],
                payload={"act": one.event, "from": one.from_state, "to": one.to_state, "at": one.at.isoformat()},
                id=uuid5(IDS, one.hash),
            )


def draw_anew(rounds: Iterable[int]) -> None:
    """Asks for a run of the picture of each round, in a thread beside: no act waits for the server's answer."""
    if wanted := sorted(rounds):
        Thread(target=copy_context().run, args=(_ask_beside, wanted), name=PICTURE).start()


def _ask_beside(rounds: Iterable[int]) -> None:
    try:
        asyncio.run(asyncio.wait_for(_ask(rounds), PATIENCE_SECONDS))
    except Exception as error:  # noqa: BLE001 - whatever it is, the act is done
        _warn(error)


async def _ask(rounds: Iterable[int]) -> None:
    deployment = (await Forms.registered()).number(PICTURE)
    if deployment is None:
        raise InputError("没有登记“全程”：请用 dingdian up 或 prefect deploy --all 登记全部流程")
    window = int(time.time() // PICTURE_SECONDS) + 1
    at = datetime.fromtimestamp(window * PICTURE_SECONDS, UTC)
    async with get_client() as client:
        for number in rounds:
            await client.create_flow_run_from_deployment(
                deployment,
                parameters={"form": {"round": str(number)}},
                state=Scheduled(scheduled_time=at),
                idempotency_key=f"round-{number}-{window}",
                tags=[BY_THE_CLOCK],
            )
