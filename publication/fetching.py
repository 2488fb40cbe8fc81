"""Fetches a public web page without being led astray: only http and https, only public addresses, bounded in time,
size and redirects. The address that was checked is the address that is called, so that a name cannot change meanwhile.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from policies.documents import load_document_policy

PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
AGENT = "dingdian-posting-check/1"


class FetchError(Exception):
    """The page could not be had; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back."""

    url: str
    status: int
    media_type: str
    charset: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Hop:
    """One address to call: the URL with the checked IP in it, and the name for the Host header and TLS."""

    url: httpx.URL
    host: str
    name: str


def fetch(url: str, allowed_hosts: Collection[str] = ()) -> Fetched:
    """The page at a URL, redirects followed by hand and each checked. `allowed_hosts` may lie inside the network.

    Raises FetchError for an address that may not be called, a page that is too large, too slow or redirects too often.
    """
    limits = load_document_policy().numbers
    deadline = time.monotonic() + limits["page_wait"]
    timeout = httpx.Timeout(limits["page_wait"])
    with httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client:
        for _ in range(limits["page_redirects"] + 1):
            answer = _get(client, _hop(url, allowed_hosts), deadline, limits["page_size"])
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
    raise FetchError(f"重定向超过 {limits['page_redirects']} 次")


def _get(client: httpx.Client, hop: _Hop, deadline: float, most: int) -> Fetched | str:
    """The page, or where a redirect leads."""
    headers = {"Host": hop.host, "User-Agent": AGENT, "Accept": "text/html,application/pdf;q=0.9,*/*;q=0.1"}
    request = client.build_request("GET", hop.url, headers=headers, extensions={"sni_hostname": hop.name})
    try:
        response = client.send(request, stream=True)
        try:
            if response.status_code in REDIRECTS and "location" in response.headers:
                return str(response.headers["location"])
            content = _read(response, deadline, most)
        finally:
            response.close()
    except httpx.TimeoutException as error:
        raise FetchError("网站在规定时间内没有答复") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(f"网站无法访问（{type(error).__name__}）") from error
    media_type, _, _ = response.headers.get("content-type", "").partition(";")
    name = f"{hop.url.scheme}://{hop.host}{hop.url.raw_path.decode('ascii')}"
    return Fetched(name, response.status_code, media_type.strip().lower(), response.charset_encoding or "", content)


def _read(response: httpx.Response, deadline: float, most: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > most:
            raise FetchError(f"网页超过 {most // 1_000_000} MB")
        if time.monotonic() > deadline:
            raise FetchError("网站在规定时间内没有答复完")
    return bytes(content)


def _hop(url: str, allowed_hosts: Collection[str]) -> _Hop:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchError("网址写法有误") from None
    name = parts.hostname or ""
    if parts.scheme not in PORTS or not name or parts.username is not None:
        raise FetchError("只核对 http 和 https 网址，且不得含用户名")
    address = _public_address(name, port or PORTS[parts.scheme], allowed_hosts)
    place = f"[{address}]" if ":" in address else address
    host = f"[{name}]" if ":" in name else name
    shown = f"{host}:{port}" if port else host
    tail = f"?{parts.query}" if parts.query else ""
    target = f"{parts.scheme}://{place}:{port or PORTS[parts.scheme]}{parts.path or '/'}{tail}"
    return _Hop(httpx.URL(target), shown.encode("idna").decode("ascii"), name.encode("idna").decode("ascii"))


def _public_address(name: str, port: int, allowed_hosts: Collection[str]) -> str:
    """The first address of a host, once every one of its addresses is public or the host is allowed by name."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"找不到网站“{name}”") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    inside = [one for one in addresses if not _is_public(one)]
    if inside and name not in allowed_hosts:
        raise FetchError(f"“{name}”指向内部网络地址，不予访问；确需核对内网网站的，由管理员设置 DINGDIAN_CHECK_HOSTS")
    return addresses[0]


def _is_public(address: str) -> bool:
    """Neither loopback, private, link-local nor reserved, also when an IPv4 address is dressed as IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _dressed(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    meant = ip if inner is None else inner
    return meant.is_global and not meant.is_multicast


def _dressed(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside one of the ways to write it as IPv6 (mapped, 6to4, Teredo, NAT64)."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
