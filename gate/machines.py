"""Which requests come from a machine of ours: by this server's own key, or by a machine's that is not withdrawn."""

from __future__ import annotations

import hmac
import time

import anyio.to_thread
from pydantic import SecretStr
from starlette.datastructures import Headers

from foundation.settings import MACHINE_HEADER
from rules.errors import DatabaseError
from tasks import machines

REMEMBERED_SECONDS = 2.0  # a worker asks several times a second; a withdrawal takes effect after so long
MOST_REMEMBERED = 1000


class Machines:
    """`key`: what this server's own programs show; the others' are in the database at `url`, remembered a moment."""

    def __init__(self, key: SecretStr, url: str) -> None:
        self.own, self.url = key.get_secret_value().encode(), url
        self._known: dict[str, tuple[float, bool]] = {}

    async def knows(self, headers: Headers) -> bool:
        """Whether a machine of ours asks. While our database does not answer, only this server's own do."""
        shown = headers.get(MACHINE_HEADER, "")
        if not shown or hmac.compare_digest(shown.encode(), self.own):
            return bool(shown)
        read_at, is_good = self._known.get(shown, (float("-inf"), False))
        if time.monotonic() - read_at < REMEMBERED_SECONDS:
            return is_good
        try:
            is_good = await anyio.to_thread.run_sync(machines.is_good, self.url, shown)
        except DatabaseError:
            return False
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[shown] = (time.monotonic(), is_good)
        return is_good
