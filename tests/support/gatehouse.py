"""The gate's pages without a server: asked in this process, as somebody who has logged in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import anyio
import httpx

from foundation.secrets import Keyring
from gate import pages
from gate.sessions import COOKIE, Sessions
from rules.vocabulary import WayIn
from tasks import accounts, surroundings

HERE = "http://127.0.0.1:4200"


def asked(url: str, keys: Keyring, by: str, at: datetime, path: str, fields: Mapping[str, str]) -> httpx.Response:
    """The answer to somebody (empty: nobody has logged in) who opens a page, or sends its form where there are fields,
    at an instant."""
    return _in_this_process(url, keys, by, at, lambda browser: _send(browser, path, fields))


def brought(
    url: str,
    keys: Keyring,
    by: str,
    at: datetime,
    path: str,
    fields: Mapping[str, str],
    files: Sequence[tuple[str, bytes]],
) -> httpx.Response:
    """The same of a form that brings files."""
    parts = [("file", one) for one in files] or [("file", ("", b""))]
    return _in_this_process(url, keys, by, at, lambda browser: browser.post(path, data=dict(fields), files=parts))


async def _send(browser: httpx.AsyncClient, path: str, fields: Mapping[str, str]) -> httpx.Response:
    return await (browser.post(path, data=dict(fields)) if fields else browser.get(path))


def _in_this_process(
    url: str,
    keys: Keyring,
    by: str,
    at: datetime,
    ask: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]],
) -> httpx.Response:
    async def walk() -> httpx.Response:
        transport = httpx.ASGITransport(app=pages.application(Sessions(url)))
        cookies = {COOKIE: accounts.open_session(url, by, WayIn.REHEARSAL)} if by else {}
        async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=cookies) as browser:
            return await ask(browser)

    with surroundings.surrounded(keys=keys, now=at, database_url=url):
        return anyio.run(partial(walk))
