"""A replay through the real flows, on a Prefect server of its own that lives only as long as the replay."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from dingdian.running.server import NOBODY, TOGETHER
from dingdian.scenario import Happening
from flows.forms.parts import OfRound
from flows.forms.round_file import as_it_stands
from foundation.secrets import Keyring
from rules.errors import DingdianError, RefusedError
from tasks.surroundings import surrounded
from tasks.sweep import sweep

QUIET = {
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    **TOGETHER,
}
ROUND_FILE = "round.json"
DRAIN_SECONDS = 30.0
REFUSAL = "未办理："


@contextmanager
def with_prefect(url: str, keys: Keyring) -> Iterator[asyncio.AbstractEventLoop]:
    """A temporary Prefect server, the surroundings of the replay, and the event loop its flows run in.

    Events are drained before Prefect's harness does it, which waits for ever where the worker's loop ends between its
    question whether the worker is done and its wait for it (seen once, 3.8.8).
    """
    os.environ.update(QUIET)
    from prefect.events.worker import EventsWorker
    from prefect.settings import PREFECT_API_SSL_CERT_FILE, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with ExitStack() as stack:
        inbox = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dingdian-inbox-")))
        site = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dingdian-site-")))
        stack.enter_context(temporary_settings({PREFECT_API_SSL_CERT_FILE: str(NOBODY)}))  # plain HTTP, this machine
        stack.enter_context(prefect_test_harness(server_startup_timeout=120))
        stack.callback(EventsWorker.drain_all, timeout=DRAIN_SECONDS)
        stack.enter_context(surrounded(database_url=url, keys=keys, inbox=inbox, site=site, second=""))
        yield stack.enter_context(asyncio.Runner()).get_loop()


class PrefectEngine:
    """Runs the flow of each act, as the worker does, and reads its end from the state."""

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.url, self.loop = url, loop

    def announce(self, head: dict[str, Any], happening: Happening) -> None:
        """The announcement goes the operator's way: a file in the inbox, its name in the form."""
        from flows.announce_round import announce_round
        from tasks.surroundings import inbox

        (inbox() / ROUND_FILE).write_text(json.dumps(_as_file(head), ensure_ascii=False), encoding="utf-8")
        self.run(announce_round, happening.at, {"by": happening.by, "file": ROUND_FILE}, happening.second)

    def act(self, happening: Happening, round_id: int) -> None:
        """One act through its flow, the form opened from a page of its round."""
        from dingdian.running.deployments import flow_at

        form = _in_round(happening.form, round_id)
        self.run(flow_at(f"flows.acts.{happening.do}"), happening.at, form, happening.second)

    def sweep(self, as_of: datetime) -> None:
        """One sweep through its flow; a day on which the sweep's own look finds nothing due needs no run."""
        from flows.sweep_deadlines import sweep_deadlines

        looked = sweep(self.url, as_of, dry_run=True)
        if not looked.found and not looked.failed:
            return
        try:
            self.run(sweep_deadlines, as_of, {})
        except RefusedError as failed:
            raise DingdianError(str(failed)) from None

    def run(self, flow: Any, at: datetime, form: Any, second: str = "") -> None:
        """One flow as of an instant, with the second person that the file names. Raises RefusedError with the sentence
        of a run that did not complete."""
        with surrounded(now=at, second=second):
            state = self.loop.run_until_complete(flow(form, return_state=True))
        if not state.is_completed():
            raise RefusedError(str(state.message).removeprefix(REFUSAL))


def _in_round(form: Any, round_id: int) -> Any:
    return form.model_copy(update={"round": str(round_id)}) if isinstance(form, OfRound) else form


def _as_file(head: dict[str, Any]) -> dict[str, Any]:
    named = ("announcement", "rubric", "expert_library", "applicants", "safeguards", "development_plan")
    return as_it_stands({name: head[name] for name in named if name in head})
