"""Fetches a public web page without being led astray: only http and https, only public addresses, bounded in time,
size and redirects. The address that was checked is the address that is called, so that a name cannot change meanwhile.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from policies.documents import load_document_policy

PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
UNICAST = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out; what lies beside is for other purposes
# Special purposes, IANA's registries; what `ipaddress` says of some of them depends on the release of Python.
SPECIAL = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),  # Teredo and 6to4 lead through strangers' machines
    )
)
CODINGS = ("", "identity", "gzip", "deflate")
ACCEPTED = "text/html,application/pdf;q=0.9,*/*;q=0.1"
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


@dataclass(slots=True)
class _Look:
    """One look at a page, in a thread of its own: what came of it, and what is closed when its time is over."""

    client: httpx.Client
    page: Fetched | None = None
    fault: Exception | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def take(self, url: str, allowed_hosts: Collection[str], limits: Mapping[str, int]) -> None:
        """Looks; whatever goes wrong is kept for whoever waits."""
        try:
            with self.client:
                self.page = _followed(self.client, url, allowed_hosts, limits)
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            self.fault = error
        finally:
            self.over.set()


def fetch(url: str, allowed_hosts: Collection[str] = ()) -> Fetched:
    """The page at a URL, redirects followed by hand and each checked. `allowed_hosts` may lie inside the network.

    One deadline for everything: the name, the connection, every redirect, the head and the body. It is kept from
    outside, because each octet that a server lets drip makes the network wait anew.

    Raises FetchError for an address that may not be called, a page that is too large, too slow or redirects too often.
    """
    limits = load_document_policy().numbers
    look = _Look(httpx.Client(timeout=httpx.Timeout(limits["page_wait"]), trust_env=False, follow_redirects=False))
    threading.Thread(target=look.take, args=(url, allowed_hosts, limits), name="fetch", daemon=True).start()
    if not look.over.wait(limits["page_wait"]):
        with suppress(Exception):
            look.client.close()
        raise FetchError("网站在规定时间内没有答复完")
    if look.fault:
        raise look.fault
    assert look.page is not None
    return look.page


def _followed(client: httpx.Client, url: str, allowed_hosts: Collection[str], limits: Mapping[str, int]) -> Fetched:
    deadline = time.monotonic() + limits["page_wait"]
    for _ in range(limits["page_redirects"] + 1):
        answer = _get(client, _hop(url, allowed_hosts), deadline, limits["page_size"])
        if isinstance(answer, Fetched):
            return answer
        url = _next(url, answer)
    raise FetchError(f"重定向超过 {limits['page_redirects']} 次")


def _next(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise FetchError("网站给出的重定向地址写法有误") from None


def _get(client: httpx.Client, hop: _Hop, deadline: float, most: int) -> Fetched | str:
    """The page, or where a redirect leads."""
    headers = {"Host": hop.host, "User-Agent": AGENT, "Accept": ACCEPTED, "Accept-Encoding": "identity"}
    request = client.build_request("GET", hop.url, headers=headers, extensions={"sni_hostname": hop.name})
    try:
        response = client.send(request, stream=True)
        try:
            if response.status_code in REDIRECTS and "location" in response.headers:
                return str(response.headers["location"])
            if response.headers.get("content-encoding", "").strip().lower() not in CODINGS:
                raise FetchError("网页用了不认识的压缩方式")
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
    try:
        return _Hop(httpx.URL(target), shown.encode("idna").decode("ascii"), name.encode("idna").decode("ascii"))
    except (httpx.InvalidURL, ValueError):  # what idna says of a name is one too
        raise FetchError("网址写法有误") from None


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
    """Neither loopback, private, link-local, nor for a special purpose, also when IPv4 is dressed as IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _dressed(ip) or ip
    if isinstance(ip, ipaddress.IPv6Address) and ip not in UNICAST:
        return False
    return ip.is_global and not any(ip.version == one.version and ip in one for one in SPECIAL)


def _dressed(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64)."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped
