"""The bell at the door: whoever waits hears it, and whoever cannot hear asks at his own pace."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from prefect.settings import PREFECT_API_URL, temporary_settings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dingdian.running.bell import PATH, Bell, Listener
from tests.support.patience import HANGS_AFTER_S

HANGS = HANGS_AFTER_S


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def listening_at(port: int) -> AsyncIterator[Listener]:
    listener = Listener()
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api"}):
        task = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def bound(port: int = 0) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


def door_of(bell: Bell) -> ASGIApp:
    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        assert (scope["method"], scope["path"]) == ("GET", PATH)
        await bell.answer(scope, receive, send)

    return door


async def come(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(HANGS):
        while not true():
            await asyncio.sleep(0.01)


def test_whoever_waits_hears_every_ring_and_what_rang_while_he_looked_away() -> None:
    async def story() -> None:
        bell, here = Bell(), bound()
        async with serving(door_of(bell), here), listening_at(here.getsockname()[1]) as listener:
            await come(lambda: listener.hears)
            await listener.wait(HANGS)  # what it missed before it listened
            for _ in range(3):
                waiting = asyncio.create_task(listener.wait(HANGS))
                await asyncio.sleep(0)
                bell.ring()
                await waiting
            bell.ring()
            bell.ring()
            await listener.wait(HANGS)

    asyncio.run(asyncio.wait_for(story(), HANGS))


def test_at_rest_it_looks_after_a_while() -> None:
    async def story() -> None:
        bell, here = Bell(), bound()
        async with serving(door_of(bell), here), listening_at(here.getsockname()[1]) as listener:
            await come(lambda: listener.hears)
            await listener.wait(HANGS)
            await listener.wait(0.01)

    asyncio.run(asyncio.wait_for(story(), HANGS))


@pytest.mark.parametrize("answer", [PlainTextResponse("", 404), PlainTextResponse("<html>", 200)])
def test_where_no_bell_is_nobody_waits(answer: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
    async def story() -> None:
        here = bound()
        async with serving(answer, here), listening_at(here.getsockname()[1]) as listener:
            await listener.wait(HANGS)
            assert not listener.hears

    asyncio.run(asyncio.wait_for(story(), HANGS))


def test_a_bell_that_is_gone_is_not_waited_for_and_another_in_its_place_is_heard_at_once() -> None:
    async def story() -> None:
        here = bound()
        port = here.getsockname()[1]
        async with listening_at(port) as listener:
            async with serving(door_of(Bell()), here):
                await come(lambda: listener.hears)
            await come(lambda: not listener.hears)
            await listener.wait(HANGS)
            async with serving(door_of(Bell()), bound(port)):
                await come(lambda: listener.hears)
                await listener.wait(HANGS)

    asyncio.run(asyncio.wait_for(story(), HANGS))
