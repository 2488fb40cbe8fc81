"""How a provider checks a signature, written from the providers' own descriptions and sharing no code with ours."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

SKEW = timedelta(minutes=15)


def aliyun_fault(path: str, headers: Mapping[str, str], body: bytes, key_id: str, secret: str) -> str:
    """The provider's error code for an ACS3 request; empty when its signature holds. `headers` in lower case."""
    found = re.fullmatch(
        r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if not found:
        return "IncompleteSignature"
    names = found[2].split(";")
    if found[1] != key_id:
        return "InvalidAccessKeyId.NotFound"
    needed = {"host", *(name for name in headers if name.startswith("x-acs-"))}
    if names != sorted(names) or not needed <= set(names) or headers["x-acs-content-sha256"] != _hex(body):
        return "IncompleteSignature"
    sent = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - sent) > SKEW:
        return "InvalidTimeStamp.Expired"
    split = urlsplit(path)
    pairs = sorted(parse_qsl(split.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    canonical = f"POST\n{split.path}\n{query}\n{lines}\n{found[2]}\n{_hex(body)}"
    text = f"ACS3-HMAC-SHA256\n{_hex(canonical.encode())}"
    wanted = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    return "" if hmac.compare_digest(wanted, found[3]) else "SignatureDoesNotMatch"


def tencent_fault(headers: Mapping[str, str], body: bytes, key_id: str, secret: str) -> str:
    """The provider's error code for a TC3 request; empty when its signature holds."""
    found = re.fullmatch(
        r"TC3-HMAC-SHA256 Credential=([^/]+)/([\d-]+)/sms/tc3_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if not found:
        return "AuthFailure.InvalidAuthorization"
    if found[1] != key_id:
        return "AuthFailure.SecretIdNotFound"
    when = datetime.fromtimestamp(int(headers["x-tc-timestamp"]), UTC)
    if abs(datetime.now(UTC) - when) > SKEW or found[2] != f"{when:%Y-%m-%d}":
        return "AuthFailure.SignatureExpire"
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in found[3].split(";"))
    canonical = f"POST\n/\n\n{lines}\n{found[3]}\n{_hex(body)}"
    text = f"TC3-HMAC-SHA256\n{headers['x-tc-timestamp']}\n{found[2]}/sms/tc3_request\n{_hex(canonical.encode())}"
    step = hmac.digest(b"TC3" + secret.encode(), found[2].encode(), "sha256")
    step = hmac.digest(hmac.digest(step, b"sms", "sha256"), b"tc3_request", "sha256")
    wanted = hmac.digest(step, text.encode(), "sha256").hex()
    return "" if hmac.compare_digest(wanted, found[4]) else "AuthFailure.SignatureFailure"


def gateway_request(body: bytes) -> dict[str, Any]:
    """The object of a gateway's request; empty when it is none."""
    try:
        held = json.loads(base64.b64decode(body, validate=True))
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def gateway_fault(told: Mapping[str, Any], names: tuple[str, ...], account: tuple[str, str, str]) -> str:
    """The gateway's error code; empty when name, user and check value hold. `account`: ecName, apId, secret."""
    if (told.get("ecName"), told.get("apId")) != account[:2] or "secretKey" in told:
        return "InvalidUsrOrPwd"
    joined = "".join(account) + "".join(str(told.get(name, "")) for name in names)
    return "" if told.get("mac") == md5(joined.encode(), usedforsecurity=False).hexdigest() else "IllegalMac"


def _hex(content: bytes) -> str:
    return sha256(content).hexdigest()
