"""The board on a real port, on a round that stands at a stage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest
from starlette.types import ASGIApp

from board.app import application
from board.form_links import FormLinks
from board.office import Office
from dingdian.running.board_server import form_links, server
from tests.support import patience
from tests.support.patience import until
from tests.support.ports import free_port
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES

Desk = Callable[..., httpx.Client]
Guard = Callable[[ASGIApp], ASGIApp]


@contextmanager
def served(url: str, at: datetime, ways: FormLinks | None = None, guard: Guard = lambda app: app) -> Iterator[str]:
    """The board of a database, as of an instant, served from a thread; `guard`: what stands before it."""
    port = free_port()
    away = form_links(f"http://127.0.0.1:{free_port()}/api")
    running = server(guard(application(Office(url, ways or away, "http://127.0.0.1:4280/", lambda: at))), port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until(lambda: running.started, "the board", alive=thread.is_alive)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.should_exit = True
        thread.join()


@pytest.fixture
def desk(at_stage: Stage) -> Iterator[Desk]:
    """`desk("signing")`: a client of the board of a round that stands there."""
    stops = []

    def opened(stage: str) -> httpx.Client:
        board = served(at_stage(stage).url, datetime.fromisoformat(STAGES[stage]))
        client = patience.client(board.__enter__(), trust_env=False)
        stops.append((client, board))
        return client

    yield opened
    for client, board in stops:
        client.close()
        board.__exit__(None, None, None)
