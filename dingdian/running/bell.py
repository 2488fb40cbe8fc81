"""The bell at the door: a worker at rest waits for it, so that it need not ask every moment whether there is work.

Whoever makes a run makes it through the door, which rings then; a worker hears it within the same moment and looks. It
looks every two seconds as well, for what comes without ringing: what the clock has due, what another server took in.
Before a server without our door there is no bell, and a worker asks as often as Prefect's own do or more.
"""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus
from urllib.parse import parse_qs

import httpx
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_CUSTOM_HEADERS
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

PATH = "/api/dingdian/bell"
HEARD = "heard"
WAITS_SECONDS = 20.0  # so long an answer stays open; then it is asked for anew
ANSWER_SECONDS = 10.0  # beyond that: a server that does not answer is gone
AGAIN_SECONDS = 0.4  # before what did not answer is asked again


class Bell:
    """What rings at the door. How often it rang is counted from a number of its own, so that one who last heard
    another server's sees that he missed something."""

    def __init__(self) -> None:
        self._count = secrets.randbits(40)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wakes all who wait."""
        self._count += 1
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tells the count as soon as it is another than the asker's, or after a while; ends with the connection."""
        heard = parse_qs(scope["query_string"].decode("latin-1")).get(HEARD, [""])[0]
        rung = self._rung
        if heard == str(self._count):
            waiting = {asyncio.ensure_future(rung.wait()), asyncio.ensure_future(_gone(receive))}
            _, left = await asyncio.wait(waiting, timeout=WAITS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for one in left:
                one.cancel()
        await PlainTextResponse(str(self._count))(scope, receive, send)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Listener:
    """A worker's ear. While there is no bell, `wait` is over at once: the worker asks at its own pace."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.hears = False

    async def wait(self, seconds: float) -> None:
        """Until it rings, at most so long."""
        if self.hears:
            try:
                await asyncio.wait_for(self._rung.wait(), seconds)
            except TimeoutError:
                return
        self._rung.clear()

    async def listen(self) -> None:
        """Listens until it is cancelled; a bell that is gone or new means that something may have been missed."""
        headers = PREFECT_CLIENT_CUSTOM_HEADERS.value()
        limits = httpx.Timeout(ANSWER_SECONDS, read=WAITS_SECONDS + ANSWER_SECONDS)
        address = f"{PREFECT_API_URL.value().removesuffix('/api')}{PATH}"
        async with httpx.AsyncClient(headers=headers, timeout=limits, trust_env=False) as client:
            heard = ""
            while True:
                said = await _ask(client, address, heard)
                self.hears = bool(said)
                if said != heard:
                    heard = said
                    self._rung.set()
                if not said:
                    await asyncio.sleep(AGAIN_SECONDS)


async def _ask(client: httpx.AsyncClient, address: str, heard: str) -> str:
    """How often it rang; empty where no bell answers."""
    try:
        answer = await client.get(address, params={HEARD: heard})
    except httpx.TransportError:
        return ""
    is_bell = answer.status_code == HTTPStatus.OK and answer.text.isdecimal()
    return answer.text if is_bell else ""
