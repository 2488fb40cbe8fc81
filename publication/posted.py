"""Is a notice still on a page where it was posted? Compares the page's text with the frozen list."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from policies.documents import load_document_policy
from publication.fetching import Fetched
from publication.sniffing import marked_encoding
from rules.texts import compared
from rules.vocabulary import PostingOutcome

Entry = Mapping[str, Any]
GONE = (404, 410)
OK = 200
SILENT = {"script", "style", "template", "noscript", "title"}
INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "ins", "mark", "s", "small", "span", "strong"),
    *("sub", "sup", "u", "wbr"),
}
CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9_-]+)""", re.IGNORECASE)
HEAD_BYTES = 4096
WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}  # what pages call GB 2312 is often the larger set
NO_CHARSETS = {
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "unicode-escape",
    "raw-unicode-escape",
}
EDGE = "\n"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the outcome, why in a sentence, and the entries that were missing or different."""

    outcome: PostingOutcome
    detail: str
    missing: tuple[dict[str, str], ...] = ()


def compare(page: Fetched, entries: Sequence[Entry], known_files: Mapping[str, str], sha256: str) -> Finding:
    """Whether the list stands on the page: each name, with its credit code (where the list has it) and score behind it.

    `known_files` are the SHA-256 of our own documents and their names: a posted PDF is compared byte by byte.
    """
    if page.status in GONE:
        return Finding(PostingOutcome.GONE, f"网站答复 {page.status}：页面不存在")
    if page.status != OK:
        return Finding(PostingOutcome.UNREACHABLE, f"网站答复 {page.status}，不能核对")
    if sha256 in known_files:
        return Finding(PostingOutcome.PRESENT, f"与制作的文件 {known_files[sha256]} 逐字节相同")
    if page.media_type not in ("text/html", "application/xhtml+xml", "text/plain", ""):
        return Finding(PostingOutcome.UNREACHABLE, f"网址上是 {page.media_type} 文件，且与制作的文件不同，须由人核对")
    text = text_of(page)
    found = _on_page(text, entries)
    if found.outcome is PostingOutcome.GONE and (why := _in_the_way(page, text)):
        return Finding(PostingOutcome.UNREACHABLE, why)
    return found


def _in_the_way(page: Fetched, text: str) -> str:
    """Why a page tells nothing about the notice: a wall (check, login, protection), or scripts that did not run."""
    policy, seen = load_document_policy(), len("".join(text.split()))
    source = compared(source_of(page))
    said = next((one for one in policy.walls if compared(one) in source), "")
    if said and seen <= policy.numbers["wall_text"]:
        return f"网站没有给出页面，而是要求验证、登录或拦截了访问（“{said}”），不能核对，请用浏览器打开查看"
    if "<script" in source and seen <= policy.numbers["shell_text"]:
        return "页面的内容由脚本生成，打开后没有正文，不能核对，请用浏览器打开查看"
    return ""


def _on_page(text: str, entries: Sequence[Entry]) -> Finding:
    names = {compared(str(one["name"])) for one in entries}
    rows = [(one, _behind(text, compared(str(one["name"])), names)) for one in entries]
    missing = tuple(fault for one, places in rows if (fault := _fault(one, places)))
    if not missing:
        return Finding(PostingOutcome.PRESENT, f"{len(entries)} 家全部在页面上")
    if not any(places for _, places in rows):
        return Finding(PostingOutcome.GONE, "页面仍可打开，但名单中的机构一家也找不到", missing)
    return Finding(PostingOutcome.CHANGED, f"{len(entries)} 家中有 {len(missing)} 家缺少或不一致", missing)


def _fault(entry: Entry, places: Sequence[str]) -> dict[str, str]:
    """What is wrong with an entry; empty when one of its places has everything."""
    about = {"applicant_id": str(entry["applicant_id"]), "name": str(entry["name"])}
    if not places:
        return {**about, "fault": "名称不在页面上"}
    values = {"统一社会信用代码": str(entry.get("credit_code") or ""), "得分": str(entry["mean_score"])}
    wrong = [label for label, value in values.items() if value and not any(_holds(one, value) for one in places)]
    return {**about, "fault": f"{'、'.join(wrong)}不一致"} if wrong else {}


def _holds(place: str, value: str) -> bool:
    """Whether a value stands there as a whole: 90.33 is not in 190.33 or 90.331."""
    return re.search(rf"(?<![0-9a-z·]){re.escape(compared(value))}(?![0-9a-z])", place) is not None


def _behind(text: str, name: str, names: set[str]) -> list[str]:
    """The text behind each place where the name stands as a whole, up to the next listed name."""
    longer = sorted((one for one in names if one != name and name in one), key=len, reverse=True)
    masked = text
    for one in longer:
        masked = masked.replace(one, "\0" * len(one))
    found = [match.end() for match in re.finditer(re.escape(name), masked)]
    return [text[at : _next_name(text, at, names)] for at in found]


def _next_name(text: str, at: int, names: set[str]) -> int:
    ends = [place for one in names if (place := text.find(one, at)) >= 0]
    return min(ends, default=len(text))


def text_of(page: Fetched) -> str:
    """The page's visible text as names are compared: what looks alike is alike, no spaces, blocks apart."""
    source = source_of(page)
    if page.media_type == "text/plain":
        return EDGE.join(compared(line) for line in source.splitlines())
    reader = _Text()
    reader.feed(source)
    reader.close()
    return EDGE.join(compared(block) for block in "".join(reader.parts).split(EDGE))


def source_of(page: Fetched) -> str:
    """The page's source, decoded as browsers do: a byte order mark counts more than what is declared."""
    return page.content.decode(_charset(page), errors="replace").removeprefix("\ufeff")


def _charset(page: Fetched) -> str:
    if marked := marked_encoding(page.content):
        return marked
    declared = CHARSET.search(page.content[:HEAD_BYTES])
    name = (page.charset or (declared.group(1).decode("ascii") if declared else "utf-8")).lower()
    try:
        found = codecs.lookup(WIDER.get(name, name)).name
        b"x".decode(found)  # some names are of no text: compression, an error by itself
        return "utf-8" if found in NO_CHARSETS else found
    except (LookupError, ValueError):
        return "utf-8"


class _Text(HTMLParser):
    """Collects visible text; the edge of every element that is not inline parts what stands before and behind it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        if tag not in INLINE:
            self.parts.append(EDGE)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(self._silent - (tag in SILENT), 0)
        if tag not in INLINE:
            self.parts.append(EDGE)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(" ".join(data.split()) if EDGE in data else data)
