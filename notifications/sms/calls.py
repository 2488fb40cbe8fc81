"""One HTTP call, and exactly how far it came.

No connection: the request surely was not taken. From the first octet written until a complete reply nobody knows.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx

from foundation.secrets import MaskContacts
from notifications.aboutus import UNUSABLE, before_leaving
from notifications.outcome import Outcome, OutcomeKind
from rules.errors import InputError

AMBIGUOUS = {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
BUSY_MINUTES = 1
SURROUNDINGS = "环境变量 HTTPS_PROXY、ALL_PROXY 和 SSL_CERT_FILE"
logging.getLogger("httpx").addFilter(MaskContacts())  # it logs every address with its query, numbers included


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete reply: its status and its JSON object (empty when it holds none)."""

    status: int
    body: Mapping[str, Any]


class Line:
    """The connections to one provider, kept open between calls."""

    def __init__(self, connect_seconds: float, reply_seconds: float) -> None:
        timeout = httpx.Timeout(reply_seconds, connect=connect_seconds)
        try:
            self._client = httpx.Client(timeout=timeout, follow_redirects=False)
        except (
            *UNUSABLE,
            httpx.InvalidURL,
            ImportError,
        ) as error:
            raise InputError(f"{before_leaving(error, '短信平台', SURROUNDINGS).detail}") from None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer | Outcome:
        """A reply, or what the lack of one means. A redirection is no reply: signed requests are not passed on."""
        try:
            reply = self._client.post(url, headers=dict(headers), content=body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            return Outcome(OutcomeKind.CONFIGURATION, "url", "短信平台的网址不能使用：请检查设置", True)
        except UNUSABLE as error:  # httpx writes headers as ASCII, before anything is sent
            return before_leaving(error, "短信平台", "DINGDIAN_SMS_*（密钥只能是英文字母、数字和半角符号）")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            return _not_reached(error)
        except httpx.RequestError as error:
            is_late = isinstance(error, httpx.TimeoutException)
            code = "timeout" if is_late else "lost"
            return Outcome(OutcomeKind.UNKNOWN, code, "请求已发出，未收到完整答复", stops_channel=is_late)
        return Answer(reply.status_code, _object(reply.content))

    def close(self) -> None:
        """Ends the connections."""
        self._client.close()


def by_status(status: int) -> Outcome:
    """What a reply means that says nothing but its status."""
    code = f"HTTP {status}"
    if status in AMBIGUOUS or status < HTTPStatus.BAD_REQUEST:
        return Outcome(OutcomeKind.UNKNOWN, code, "短信平台的答复不能识别，是否已受理不明")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome(OutcomeKind.RETRY, code, "短信平台出错，未受理")
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT):
        wait = timedelta(minutes=BUSY_MINUTES)
        return Outcome(OutcomeKind.LIMITED, code, "调用过于频繁", stops_channel=True, wait=wait)
    return Outcome(OutcomeKind.CONFIGURATION, code, "短信平台不接受请求：请检查网址和密钥", stops_channel=True)


def _not_reached(error: httpx.TransportError) -> Outcome:
    """No connection: the message surely was not taken; this concerns every message."""
    if "SSL" in str(error) or "CERTIFICATE" in str(error):
        return Outcome(OutcomeKind.CONFIGURATION, "tls", "与短信平台不能建立加密连接：请检查证书和系统时间", True)
    return Outcome(OutcomeKind.RETRY, "connect", "连不上短信平台", stops_channel=True)


def _object(content: bytes) -> Mapping[str, Any]:
    """The JSON object of a reply; anything else is no answer to our question."""
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
