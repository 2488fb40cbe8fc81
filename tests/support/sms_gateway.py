"""A server that plays Aliyun, Tencent and a government gateway at once, with every failure a network knows.

It checks each signature with code of its own (`sms_verify.py`), keeps what it took, and answers queries. The last four
figures of a number say how it is treated (`FATES`); beside that, shares of all messages may fail at random.
"""

from __future__ import annotations

import io
import json
import random
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from notifications.mailsettings import Mode
from notifications.sms.settings import Provider, SmsSettings
from tests.support.sms_store import FATES, Stored, details, reports, statuses
from tests.support.sms_verify import aliyun_fault, gateway_fault, gateway_request, tencent_fault

KEY, SECRET, COMPANY, SIGN_CODE, APP = "testkeyid", "a-secret-of-the-tests", "样例县医疗保障局", "QmZ1", "1400006666"
SUBMIT = ("mobiles", "content", "sign", "addSerial")
AFTER = ("reply lost", "hang", "garbage", "http 502")
BUSINESS = {
    "illegal": ("isv.MOBILE_NUMBER_ILLEGAL", "InvalidParameterValue.IncorrectPhoneNumber", "InvalidMobile"),
    "throttled": ("isv.BUSINESS_LIMIT_CONTROL", "LimitExceeded.PhoneNumberOneHourLimit", "FrequencyLimit"),
    "system": ("isp.SYSTEM_ERROR", "InternalError.OtherError", "SystemError"),
    "poor": ("isv.AMOUNT_NOT_ENOUGH", "FailedOperation.InsufficientBalanceInSmsPackage", "NoBalance"),
}
FINE = ("OK", "Ok", "success")
KINDS = (Provider.ALIYUN, Provider.TENCENT, Provider.GATEWAY)


@dataclass(frozen=True)
class Request:
    """A request as it came over the wire; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class FakeSms:
    """The server; a context manager. `approved`: template code to text (`${name}` for Aliyun, `{1}` for Tencent).

    `clock` is the provider's; `error_rate` of the messages are refused with 503, `lost_rate` taken without a reply.
    """

    approved: dict[str, str] = field(default_factory=dict)
    error_rate: float = 0.0
    lost_rate: float = 0.0
    seed: int = 1
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    has_context: bool = True
    stored: list[Stored] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> FakeSms:
        fake, self.random = self, random.Random(self.seed)

        class Handler(_Handler):
            sms = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def settings(self, provider: str, codes: Path = Path("codes.yaml"), **changes: Any) -> SmsSettings:
        """Settings of live delivery to this server; any of them can be given anew."""
        about: dict[str, Any] = {
            "provider": Provider(provider),
            "mode": Mode.LIVE,
            "endpoint": self.url + ("/sms/submit" if provider == "gateway" else ""),
            "access_key_id": KEY,
            "access_key_secret": SECRET,
            "sign_name": "样例县医保中心",
            "sdk_app_id": APP,
            "template_codes": codes,
            "gateway_query_url": f"{self.url}/sms/report",
            "gateway_sign": SIGN_CODE,
            "ec_name": COMPANY,
            "add_serial": "01",
            "connect_seconds": 1.0,
            "reply_seconds": 0.5,
        }
        return SmsSettings(**{**about, **changes})

    def counts(self) -> Counter[str]:
        """How often each of our ids was taken."""
        with self.lock:
            return Counter(one.our_id for one in self.stored)

    def take(self, kind: Provider, phone: str, text: str, our_id: str) -> Stored:
        """Keeps a message."""
        with self.lock:
            made = Stored(kind, phone, text, our_id, f"R{len(self.stored) + 1:08d}", self.clock())
            self.stored.append(made)
            return made

    def of(self, kind: Provider, phone: str = "") -> list[Stored]:
        """What a provider took, for one number or for all."""
        with self.lock:
            return [one for one in self.stored if one.kind is kind and one.phone == (phone or one.phone)]

    def fate(self, phone: str) -> str:
        """What happens to a message to this number."""
        if phone[-4:] in FATES:
            return FATES[phone[-4:]]
        with self.lock:
            drawn = self.random.random()
        return (
            "http 503" if drawn < self.error_rate else "reply lost" if drawn < self.error_rate + self.lost_rate else ""
        )


class _Handler(BaseHTTPRequestHandler):
    """One connection. Replies go out in one piece."""

    sms: FakeSms
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.sms.connections += 1

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, self.rfile.read(int(headers.get("content-length", 0))))
        with self.sms.lock:
            self.sms.requests.append(request)
        if "x-acs-action" in headers:
            self._aliyun(request)
        elif "x-tc-action" in headers:
            self._tencent(request)
        else:
            self._gateway(request)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written to the terminal."""

    # --- the three providers ---------------------------------------------------------------------------------

    def _aliyun(self, request: Request) -> None:
        if fault := aliyun_fault(request.path, request.headers, request.body, KEY, SECRET):
            return self._reply({"Code": fault, "Message": "signature", "RequestId": "1"}, 400)
        asked = dict(parse_qsl(urlsplit(request.path).query))
        if request.headers["x-acs-action"] == "QuerySendDetails":
            return self._reply(details(self.sms.of(KINDS[0], asked["PhoneNumber"]), asked))
        params, template = json.loads(asked["TemplateParam"]), self.sms.approved.get(asked["TemplateCode"])
        if template is None:
            return self._reply({"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "no", "RequestId": "1"})
        if set(re.findall(r"\$\{(\w+)\}", template)) != params.keys():
            return self._reply({"Code": "isv.TEMPLATE_MISSING_PARAMETERS", "Message": "no", "RequestId": "1"})
        text = re.sub(r"\$\{(\w+)\}", lambda place: str(params[place[1]]), template)
        self._play(0, asked["PhoneNumbers"], text, asked.get("OutId", ""))

    def _tencent(self, request: Request) -> None:
        if fault := tencent_fault(request.headers, request.body, KEY, SECRET):
            return self._reply({"Response": {"Error": {"Code": fault, "Message": "signature"}}})
        asked = json.loads(request.body)
        if request.headers["x-tc-action"] == "PullSmsSendStatusByPhoneNumber":
            held = self.sms.of(KINDS[1], asked["PhoneNumber"].removeprefix("+86"))
            return self._reply({"Response": statuses(held, asked, self.sms.has_context)})
        values, template = asked["TemplateParamSet"], self.sms.approved.get(asked["TemplateId"])
        if template is None or len(set(re.findall(r"\{(\d+)\}", template))) != len(values):
            code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
            return self._reply({"Response": {"SendStatusSet": [{"Code": code, "Message": "no"}]}})
        text = re.sub(r"\{(\d+)\}", lambda place: str(values[int(place[1]) - 1]), template)
        self._play(1, asked["PhoneNumberSet"][0].removeprefix("+86"), text, asked.get("SessionContext", ""))

    def _gateway(self, request: Request) -> None:
        told = gateway_request(request.body)
        is_query = request.path == "/sms/report"
        names = ("msgids",) if is_query else SUBMIT
        if fault := gateway_fault(told, names, (COMPANY, KEY, SECRET)):
            return self._reply({"rspcod": fault, "success": False, "msgGroup": ""})
        if is_query:
            held = [one for one in self.sms.of(KINDS[2]) if one.our_id in told["msgids"].split(",")]
            return self._reply(reports(held))
        if told["sign"] != SIGN_CODE:
            return self._reply({"rspcod": "IllegalSignId", "success": False, "msgGroup": ""})
        self._play(2, told["mobiles"], told["content"], told["msgid"])

    # --- what becomes of a message ---------------------------------------------------------------------------

    def _play(self, place: int, phone: str, text: str, our_id: str) -> None:
        fate = self.sms.fate(phone)
        if fate == "reset":
            return self._cut()
        if fate in ("http 500", "http 503"):
            return self._reply({}, int(fate[-3:]))
        if fate in BUSINESS:
            said = "触发小时级流控Permits:5" if fate == "throttled" else f"{fate} {phone}"
            return self._verdict(place, BUSINESS[fate][place], said, "")
        stored = self.sms.take(KINDS[place], phone, text, our_id)
        if fate not in AFTER:
            return self._verdict(place, FINE[place], "OK", stored.reference)
        if fate == "hang":
            self.sms.stopped.wait(5)
        if fate == "garbage":
            return self._send(b"<html>welcome to the hotel network</html>", 200)
        return self._reply({}, 502) if fate == "http 502" else self._cut()

    def _verdict(self, place: int, code: str, said: str, reference: str) -> None:
        self._reply(
            (
                {"Code": code, "Message": said, "BizId": reference, "RequestId": "1"},
                {"Response": {"SendStatusSet": [{"Code": code, "Message": said, "SerialNo": reference}]}},
                {"rspcod": code, "message": said, "msgGroup": reference, "success": code == "success"},
            )[place]
        )

    # --- the wire ----------------------------------------------------------------------------------------------

    def _reply(self, held: Mapping[str, Any], status: int = 200) -> None:
        self._send(json.dumps(held, ensure_ascii=False).encode(), status)

    def _send(self, body: bytes, status: int) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def _cut(self) -> None:
        """Ends the connection with a reset, no word said."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.connection.close()
        self.wfile = io.BytesIO()  # the base class flushes what nobody can hear
