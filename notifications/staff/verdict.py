"""What came of a call by Apprise, which says yes or no only: told from what its plugin heard from the server.

Plugins speak HTTP through `requests`; for the length of a call every exchange of this thread is overheard. The Chinese
services answer 200 to what they refuse, with a code in the answer, and their plugins call that sent. A plugin that
speaks otherwise leaves nothing to hear: then a no is an end that nobody saw.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from notifications.outcome import Outcome, OutcomeKind

Heard = requests.Response | requests.RequestException
CODE_IN_ANSWER = {"wecombot": "errcode", "dingtalk": "errcode", "feishu": "code", "lark": "code"}
TOO_OFTEN = {45009, 130101, 11232}  # 企业微信, 钉钉, 飞书: more messages a minute than a group's robot may send
NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError)
TALKATIVE = ("apprise", "urllib3.connectionpool")  # their lines hold the address
SETTING = "请核对 DINGDIAN_STAFF_URLS 中这个岗位的地址"


@contextmanager
def overheard() -> Iterator[list[Heard]]:
    """What this thread hears by `requests` while the block runs; nothing of it is logged, for it holds addresses."""
    heard: list[Heard] = []
    send, thread = requests.Session.send, threading.get_ident()

    def listening(session: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        try:
            answer = send(session, request, **how)
        except requests.RequestException as error:
            if threading.get_ident() == thread:
                heard.append(error)
            raise
        if threading.get_ident() == thread:
            heard.append(answer)
        return answer

    quiet = [one for one in map(logging.getLogger, TALKATIVE) if not one.disabled]
    requests.Session.send = listening  # type: ignore[method-assign, assignment]
    for one in quiet:
        one.disabled = True
    try:
        yield heard
    finally:
        requests.Session.send = send  # type: ignore[method-assign]
        for one in quiet:
            one.disabled = False


def judged(scheme: str, is_told: bool, heard: Sequence[Heard]) -> Outcome:
    """The outcome of a call, from Apprise's yes or no and from what was heard last."""
    if not heard:
        return TOLD if is_told else Outcome(OutcomeKind.UNKNOWN, "apprise", "消息服务没有说明结果")
    last = heard[-1]
    if isinstance(last, requests.RequestException):
        return _not_answered(last)
    if last.ok:
        return _answered(scheme, is_told, last)
    return _refused(last.status_code)


TOLD = Outcome(OutcomeKind.ACCEPTED, "", "消息服务已收下")


def _answered(scheme: str, is_told: bool, answer: requests.Response) -> Outcome:
    code = _code(answer, CODE_IN_ANSWER.get(scheme))
    if code in TOO_OFTEN:
        return Outcome(OutcomeKind.LIMITED, str(code), "发送过于频繁，稍后再发")
    if code or not is_told:
        return Outcome(OutcomeKind.CONFIGURATION, str(code or "refused"), f"消息服务不接受：{SETTING}")
    return TOLD


def _code(answer: requests.Response, name: str | None) -> int:
    """The code in the answer of a service that has one; 0: it took the message."""
    if name is None:
        return 0
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        return -1
    found = said.get(name, 0) if isinstance(said, dict) else -1
    return found if isinstance(found, int) else -1


def _refused(status: int) -> Outcome:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Outcome(OutcomeKind.LIMITED, str(status), "发送过于频繁，稍后再发")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Outcome(OutcomeKind.RETRY, str(status), "消息服务暂时不能收")
    return Outcome(OutcomeKind.CONFIGURATION, str(status), f"消息服务不接受：{SETTING}")


def _not_answered(error: requests.RequestException) -> Outcome:
    """Never the words of an error: they hold the address."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.SSLError):
        said = f"与消息服务不能建立加密连接：请检查系统时间和证书，{SETTING}"
        return Outcome(OutcomeKind.CONFIGURATION, "tls", said, stops_channel=True)
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NEVER_CONNECTED):
        said = f"连不上消息服务：请检查本机能否访问外网，{SETTING}"
        return Outcome(OutcomeKind.RETRY, "connect", said, stops_channel=True)
    if isinstance(error, requests.Timeout | requests.ConnectionError):
        return Outcome(OutcomeKind.UNKNOWN, "no_answer", "发出后没有看到答复")
    return Outcome(OutcomeKind.CONFIGURATION, "setting", f"地址不能使用：{SETTING}")
