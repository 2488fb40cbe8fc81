"""Calls of Prefect's API that are made again while its server is there but overloaded.

A busy machine answers 500 or 503, or nothing in time; that is no reason to give up a start. Only calls that do nothing
the second time are made so. What no patience mends (a refusal, a request that is wrong) is raised at once, and so is a
server that nobody finds any more: who started it (`dingdian up`) sees its end before anybody else does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from rules.errors import DatabaseError, InputError

logger = logging.getLogger("dingdian.start")
Answer = TypeVar("Answer")
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
SAY_EVERY_SECONDS = 5.0
OVERLOADED = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
NOT_LET_IN = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
NO_ENTRY = (
    "Prefect 服务不接受本机：请把 PREFECT_API_AUTH_STRING 设为服务端 PREFECT_SERVER_API_AUTH_STRING 的值；"
    "服务由 dingdian up 启动的，另把 DINGDIAN_MACHINE_KEY 设为其数据目录中 machine.key 的内容"
)


class ServerGoneError(DatabaseError):
    """Nobody listens at the address of Prefect's API any more."""


async def persist(call: Callable[[], Awaitable[Answer]], what: str) -> Answer:
    """Makes a call until the server carries it out, for as long as there is a server; `what` is what is waited for.

    Raises ServerGoneError as soon as nobody listens there; whatever else the server refuses is raised as it comes.
    """
    wait, said_at, began = FIRST_WAIT_SECONDS, float("-inf"), time.monotonic()
    while True:
        try:
            return await call()
        except httpx.ConnectError as gone:
            raise ServerGoneError(f"Prefect 服务已不在（{what}时无法连接），请查看其日志后重新启动。") from gone
        except httpx.HTTPError as error:
            if _is_refusal(error):
                raise InputError(NO_ENTRY) from error
            if not _is_overload(error):
                raise
            if time.monotonic() - said_at >= SAY_EVERY_SECONDS:
                said_at = time.monotonic()
                logger.warning("%s", _waiting(what, error, said_at - began))
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def _is_refusal(error: httpx.HTTPError) -> bool:
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code in NOT_LET_IN


def _is_overload(error: httpx.HTTPError) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error or error.response.status_code in OVERLOADED
    return isinstance(error, httpx.TransportError)


def _waiting(what: str, error: httpx.HTTPError, seconds: float) -> str:
    answered = f"答 {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else "未及时应答"
    return f"Prefect 服务正忙（{answered}），继续等待：{what}（已等 {seconds:.0f} 秒）。"
