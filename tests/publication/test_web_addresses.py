"""Which texts may become a link on a page: a whole address of the web, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from publication.wording import is_web_address


@pytest.mark.parametrize(
    ("text", "may"),
    [
        *(("https://gov.example.cn/a", True), ("http://gov.example.cn", True), ("https:///a", False)),
        *(("https:gov.example.cn", False), ("http:/gov.example.cn", False), ("https://?q", False)),
        *(("https://#a", False), ("https://:443/a", False), ("https://name@/a", False)),
        *(("http:", False), ("ftp://gov.example.cn", False), ("javascript://x/%0aalert(1)", False)),
        ("https://gov.example.cn:443/a", True),
        *(("gov.example.cn", False), ("//gov.example.cn", False), ("http://[", False), ("", False)),
    ],
)
def test_only_a_whole_address_of_the_web_becomes_a_link(text: str, may: bool) -> None:
    assert is_web_address(text) is may
