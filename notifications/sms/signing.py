"""The providers' signatures, pure functions over the request: Aliyun's ACS3, Tencent's TC3, a gateway's mac.

Tests hold them to the providers' own SDKs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ACS3, TC3 = "ACS3-HMAC-SHA256", "TC3-HMAC-SHA256"


def acs3_query(params: Mapping[str, str]) -> str:
    """Parameters as ACS3 writes them: sorted, percent-encoded as in RFC 3986."""
    return "&".join(f"{quote(name, safe='~')}={quote(params[name], safe='~')}" for name in sorted(params))


def acs3(method: str, params: Mapping[str, str], headers: Mapping[str, str], body: bytes, key: tuple[str, str]) -> str:
    """The Authorization header of an Aliyun request; `headers` (all signed) include host and x-acs-*; `key` is id and
    secret."""
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join([method, "/", acs3_query(params), lines, names, sha256(body)])
    signature = _hmac(key[1].encode(), f"{ACS3}\n{sha256(request.encode())}").hex()
    return f"{ACS3} Credential={key[0]},SignedHeaders={names},Signature={signature}"


def tc3(host: str, content_type: str, body: bytes, timestamp: int, day: str, key: tuple[str, str]) -> str:
    """The Authorization header of a Tencent SMS request (POST /). `day` is the UTC day of the timestamp, YYYY-MM-DD."""
    names = "content-type;host"
    request = "\n".join(
        ["POST", "/", "", f"content-type:{content_type}\nhost:{host}\n", names, sha256(body)],
    )
    scope = f"{day}/sms/tc3_request"
    text = f"{TC3}\n{timestamp}\n{scope}\n{sha256(request.encode())}"
    derived = f"TC3{key[1]}".encode()
    for part in (day, "sms", "tc3_request"):
        derived = _hmac(derived, part)
    signature = _hmac(derived, text).hex()
    return f"{TC3} Credential={key[0]}/{scope}, SignedHeaders={names}, Signature={signature}"


def mac(*parts: str) -> str:
    """A gateway's check value: MD5, in lower case, of the parts in order and without anything between them."""
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
