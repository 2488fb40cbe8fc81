"""Fetching a page: what is called and what is not, and every way in which a site may misbehave, on a real server."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from policies.documents import load_document_policy
from publication import fetching
from publication.fetching import FetchError, fetch
from tests.support.portal import Portal, portal

ALLOWED = ("127.0.0.1",)


@pytest.fixture
def site() -> Iterator[Portal]:
    with portal() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits with one second of patience and 100 kB."""
    policy = load_document_policy()
    numbers = {**policy.numbers, "page_wait": 1, "page_size": 100_000}
    monkeypatch.setattr(fetching, "load_document_policy", lambda: dataclasses.replace(policy, numbers=numbers))


def test_a_page_comes_with_its_type_and_charset(site: Portal) -> None:
    page = fetch(site.page("/a?b=c", "公示".encode("gb18030"), Content_Type="text/html; charset=GB2312"), ALLOWED)
    assert (page.status, page.media_type, page.charset, page.content) == (
        200,
        "text/html",
        "gb2312",
        "公示".encode("gbk"),
    )
    assert site.asked == [("/a?b=c", f"127.0.0.1:{site.port}")]


def test_redirects_are_followed_and_each_is_checked(site: Portal) -> None:
    site.page("/new", b"here")
    site.redirect("/old", "/new")
    assert fetch(site.url("/old"), ALLOWED).content == b"here"
    site.redirect("/away", "http://localhost:1/")
    with pytest.raises(FetchError, match="“localhost”指向内部网络地址"):
        fetch(site.url("/away"), ALLOWED)
    site.redirect("/file", "file:///etc/passwd")
    with pytest.raises(FetchError, match="只核对 http 和 https"):
        fetch(site.url("/file"), ALLOWED)


def test_a_circle_of_redirects_ends(site: Portal) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")
    with pytest.raises(FetchError, match="重定向超过 3 次"):
        fetch(site.url("/a"), ALLOWED)
    assert len(site.asked) == 4


@pytest.mark.usefixtures("impatient")
def test_a_page_that_is_too_large_is_given_up(site: Portal) -> None:
    site.page("/most", b"x" * 100_000)
    site.page("/more", b"x" * 100_001)
    assert len(fetch(site.url("/most"), ALLOWED).content) == 100_000
    with pytest.raises(FetchError, match="网页超过"):
        fetch(site.url("/more"), ALLOWED)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "64:ff9b::808:808", "::ffff:8.8.8.8", "2606:4700::1111"]
)
def test_an_address_of_the_world_is_called(address: str) -> None:
    assert fetching._is_public(address)


@pytest.mark.usefixtures("impatient")
def test_a_head_that_drips_is_given_up_in_time() -> None:
    """Each octet comes within the patience of one read; the whole head does not."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with closing(server.accept()[0]) as line, suppress(OSError):
                for octet in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100:
                    line.sendall(bytes([octet]))
                    time.sleep(0.3)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(FetchError, match="没有答复完"):
            fetch(f"http://127.0.0.1:{server.getsockname()[1]}/", ALLOWED)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("location", "said"),
    [("http://[", "重定向地址写法有误"), ("http://127.0.0.1/" + "x" * 70_000, "网址写法有误|无法访问")],
)
def test_a_redirect_to_nonsense_is_a_sentence(site: Portal, location: str, said: str) -> None:
    site.redirect("/nonsense", location)
    with pytest.raises(FetchError, match=said):
        fetch(site.url("/nonsense"), ALLOWED)


def test_a_compression_that_nobody_asked_for_is_a_sentence(site: Portal) -> None:
    with pytest.raises(FetchError, match="压缩"):
        fetch(site.page("/br", b"x", Content_Encoding="br"), ALLOWED)


@pytest.mark.usefixtures("impatient")
def test_a_page_that_drips_is_given_up_in_time(site: Portal) -> None:
    with pytest.raises(FetchError, match="没有答复完"):
        fetch(site.drip("/slow", seconds=3), ALLOWED)


def test_a_port_where_nobody_listens_is_a_sentence(site: Portal) -> None:
    with pytest.raises(FetchError, match="网站无法访问（ConnectError）"):
        fetch("http://127.0.0.1:1/", ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://localhost/",
        "http://10.0.0.5/",
        "http://172.16.3.4/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:0808:0808::]/",
        "http://[::8.8.8.8]/",
        "http://[64:ff9b:1::808:808]/",
        "http://[2001:0:808:808::1]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://[100::1]/",
        "http://[5f00::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://192.0.0.1/",
        "http://192.0.0.9/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
    ],
)
def test_an_address_inside_the_network_is_never_called(url: str) -> None:
    with pytest.raises(FetchError, match=r"指向内部网络地址，不予访问；.*DINGDIAN_CHECK_HOSTS"):
        fetch(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://www.example.gov.cn/", "只核对 http 和 https"),
        ("javascript:alert(1)", "只核对 http 和 https"),
        ("//www.example.gov.cn/", "只核对 http 和 https"),
        ("http://user:pw@www.example.gov.cn/", "不得含用户名"),
        ("http:///", "只核对 http 和 https"),
        ("http://www.example.gov.cn:99999/", "网址写法有误"),
        ("http://[::1/", "网址写法有误"),
        ("http://no-such-host.invalid/", "找不到网站“no-such-host.invalid”"),
    ],
)
def test_an_address_that_cannot_be_used_is_a_sentence(url: str, said: str) -> None:
    with pytest.raises(FetchError, match=said):
        fetch(url)
