"""The local site: the right types and headers, its own page for what is not there, nothing of the build's notes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from dingdian.running.site_server import server
from publication.site import build_site
from tests.support.patience import HANGS_AFTER_S, fetched, until
from tests.support.ports import free_port
from tests.support.rounds import replayed, small_round

TYPES = {
    "": "text/html; charset=utf-8",
    "notice-1.html": "text/html; charset=utf-8",
    "notice-1.json": "application/json",
    "notice-1.ics": "text/calendar; charset=utf-8",
    "feed.atom": "application/atom+xml; charset=utf-8",
}
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The site in a folder, served from a thread."""
    port = free_port()
    running = server(folder, port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until(lambda: running.started, "the site", alive=thread.is_alive)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    build_site(replayed(folder, small_round(until="proposed"))[0], folder / "site")
    (folder / "secret.txt").write_text("站外", encoding="utf-8")
    with served(folder / "site") as found:
        yield found


@pytest.mark.parametrize("name", TYPES)
def test_a_file_comes_with_its_type_and_the_headers(address: str, name: str) -> None:
    answer = fetched(address + name)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == TYPES[name]
    assert {key: answer.headers[key] for key in HEADERS} == HEADERS
    assert "server" not in answer.headers


def test_who_has_a_page_already_is_sent_none(address: str) -> None:
    has = {"If-None-Match": fetched(address).headers["etag"]}
    answer = httpx.get(address, headers=has, timeout=HANGS_AFTER_S)
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_page_that_is_written_while_the_site_is_served_is_there(tmp_path: Path) -> None:
    with served(tmp_path / "site") as address:
        (tmp_path / "site" / "new.html").write_text("公示", encoding="utf-8")
        assert fetched(f"{address}new.html").text == "公示"


@pytest.mark.parametrize(
    "name", ["没有.html", "no.json", ".manifest.json", "%2emanifest.json", "../secret.txt", "..%2fsecret.txt", "a/.b/c"]
)
def test_what_is_not_published_is_answered_in_chinese(address: str, name: str) -> None:
    answer = fetched(address + name)
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert {key: answer.headers[key] for key in ("content-type", "x-content-type-options")} == {
        "content-type": "text/html; charset=utf-8",
        "x-content-type-options": "nosniff",
    }
    assert httpx.head(address + name).content == b""


def test_the_site_is_for_reading_only(address: str) -> None:
    assert httpx.post(address, timeout=HANGS_AFTER_S, content=b"x").status_code == 405


def test_an_empty_folder_is_answered_too(tmp_path: Path) -> None:
    with served(tmp_path / "site") as address:
        assert fetched(address).status_code == 404
