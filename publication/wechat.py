"""The text of a notice for the WeChat account, within the limits of its editor; a person posts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from policies.documents import load_document_policy
from publication.documents.head import Facts
from publication.pages import render
from publication.shortening import cut, first_fitting, length

WHOLE = 10**9


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `shown` of `total` entries are in the text, those of who is not on the list among them: where it is
    fewer, the text says where all are."""

    title: str
    author: str
    digest: str
    content: str
    source_url: str
    shown: int
    total: int

    def plain(self) -> dict[str, Any]:
        """The fields as the account's editor names them."""
        return {
            "title": self.title,
            "author": self.author,
            "digest": self.digest,
            "content_source_url": self.source_url,
            "content_file": "wechat.html",
            "entries_shown": self.shown,
            "entries_total": self.total,
        }


def article(facts: Facts, source_url: str) -> Article:
    """The article of a notice. A title or digest that is too long takes its shorter wording; a list that is too long
    keeps its first whole rows, and the text says where the whole of it is."""
    limits = load_document_policy().numbers
    total = sum(len(group["entries"]) for group in facts["lists"])
    every = total + len(facts["others"]["entries"])
    shown = _most_rows(facts, source_url, every)
    return Article(
        title=first_fitting(_titles(facts), limits["wechat_title"]),
        author=cut(facts["agency"], limits["wechat_author"]),
        digest=first_fitting(_digests(facts, total), limits["wechat_digest"]),
        content=_content(facts, source_url, shown, every),
        source_url=source_url,
        shown=shown,
        total=every,
    )


def _titles(facts: Facts) -> list[str]:
    full = facts["title"]
    bare = full.removeprefix("关于公布").removeprefix("关于").replace("的公示", "公示").replace("的通告", "通告")
    short = bare.replace("特殊药品定点医药机构", "特药定点机构")
    return [full, bare, short, short.replace(facts["season"], ""), short.replace(facts["county"], "")]


def _digests(facts: Facts, total: int) -> list[str]:
    period = "".join(facts["period"]["told"]) if facts["period"] else ""
    return [
        f"共{total}家。{period}",
        f"共{total}家。{facts['period']['told'][0] if period else ''}",
        f"共{total}家机构。",
    ]


def _most_rows(facts: Facts, source_url: str, total: int) -> int:
    """The greatest number of rows with which the content fits."""
    low, high = 0, total
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(_content(facts, source_url, middle, total)) else (low, middle - 1)
    return low


def _fits(content: str) -> bool:
    limits = load_document_policy().numbers
    return length(content) <= limits["wechat_content"] and len(content.encode()) <= limits["wechat_content_size"]


def _content(facts: Facts, source_url: str, shown: int, total: int) -> str:
    where = _where(facts, source_url) if shown < total else ""
    return fragment(facts, shown, whole_at=where, compact=True)


def _where(facts: Facts, source_url: str) -> str:
    return "点击文末“阅读原文”查看" if source_url else f"见{facts['channels'][0]}的同名公告附件"


def fragment(facts: Facts, shown: int = WHOLE, whole_at: str = "", *, compact: bool = False) -> Markup:
    """The notice as a piece of HTML without scripts, styles in the elements, the first `shown` rows of its lists.

    `compact` leaves the styles of single cells out: the account's editor counts every character.
    """
    lists, left = [], shown
    for group in facts["lists"]:
        lists.append({**group, "shown": group["entries"][:left]})
        left = max(left - len(group["entries"]), 0)
    others = facts["others"]["entries"][:left]
    told = {"facts": facts, "lists": lists, "others": others, "whole_at": whole_at, "compact": compact}
    rendered = render("package_fragment.html", **told)
    return Markup(rendered.decode())  # noqa: S704
