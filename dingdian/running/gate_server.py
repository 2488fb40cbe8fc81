"""The gate before a Prefect server that somebody else runs (`python -m dingdian.running.gate_server`, `dingdian gate`).

People open Prefect's interface here, log in, and what they start carries their proof; everything that the door lets
through is asked of the other server, with its own password where it has one. What only tells (WebSockets) is not passed
on: the interface asks again by itself.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress

import httpx
import uvicorn
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dingdian.running.door import Door
from dingdian.running.processes import READY, own_output, wait_for_go
from dingdian.running.server import HOST, api_url, ui_path
from foundation.settings import get_settings, machine_key
from gate.sessions import Sessions, SignOn
from tasks import surroundings
from upkeep.deployment_file import entrypoints

PATIENCE_SECONDS = 60.0
OF_A_CONNECTION = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "cookie"}
)
WHERE = "/ui-settings"  # tells the interface where its API is
AWAY = "Prefect 服务没有应答：请稍候再试；一再如此的，请告知平台管理员"


class Forwarding:
    """Asks another Prefect server what it is asked. `upstream`: its address without `/api`; `password`:
    `name:password`, where it asks for one."""

    def __init__(self, upstream: str, password: str = "") -> None:
        name, colon, word = password.partition(":")
        auth = (name, word) if colon else None
        self.client = httpx.AsyncClient(base_url=upstream, auth=auth, timeout=PATIENCE_SECONDS, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; a WebSocket is closed."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1013})
        elif scope["type"] == "http":
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        headers = [(name, value) for name, value in request.headers.items() if name not in OF_A_CONNECTION]
        path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii")
        query = request.scope["query_string"].decode("ascii")
        asked = self.client.build_request(
            request.method, f"{path}?{query}" if query else path, headers=headers, content=await request.body()
        )
        try:
            answer = await self.client.send(asked, stream=True)
        except httpx.HTTPError:
            return JSONResponse({"detail": AWAY, "exception_message": AWAY}, httpx.codes.BAD_GATEWAY)
        if request.url.path.endswith(WHERE):
            return await _here(answer)
        told = {name: value for name, value in answer.headers.items() if name not in OF_A_CONNECTION}
        return StreamingResponse(answer.aiter_raw(), answer.status_code, told, background=BackgroundTask(answer.aclose))


async def _here(answer: httpx.Response) -> Response:
    """The interface's settings, with this gate for its API."""
    content = await answer.aread()
    with suppress(ValueError):
        settings = json.loads(content)
        if isinstance(settings, dict):
            return JSONResponse({**settings, "api_url": "/api", "auth": None}, answer.status_code)
    return Response(content, answer.status_code)


def server() -> uvicorn.Server:
    """The gate, to be served on this machine only."""
    settings = get_settings()
    upstream = api_url(settings).removesuffix("/api")
    door = Door(
        Forwarding(upstream, os.environ.get("PREFECT_API_AUTH_STRING", "")),
        machine_key(settings),
        settings.hosts,
        sessions=Sessions(surroundings.database_url(), SignOn(settings.sign_on_header, settings.sign_on_word)),
        keys=surroundings.keys(),
        forms=entrypoints(settings),
        board_url=surroundings.board_url(),
    )
    config = uvicorn.Config(
        door, host=HOST, port=settings.prefect_port, log_level="warning", access_log=False, lifespan="off",
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    return uvicorn.Server(config)


def serve() -> None:
    """The gate alone, until Ctrl-C."""
    print(f"经办界面：{surroundings.desk_url()}{ui_path()}（按 Ctrl-C 停止）", file=sys.stderr, flush=True)
    server().run()


def main() -> None:
    """Serves the gate until SIGTERM or until the parent is gone."""
    to_parent = own_output()
    wait_for_go()
    print(READY, file=to_parent)
    server().run()


if __name__ == "__main__":
    main()
