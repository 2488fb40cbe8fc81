"""Whether bytes are a web page, told as browsers tell it (WHATWG MIME Sniffing, 7.1), and what a byte order mark says.

A page that begins with a bare script is none of ours to keep as proof: nobody can read it.
"""

from __future__ import annotations

import codecs
import re

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
HEAD_BYTES = 65536
TAGS = (
    *("!doctype html", "html", "head", "meta", "link", "body", "title", "style", "iframe", "table", "div", "font"),
    *("center", "h1", "h2", "h3", "p", "br", "b", "a", "span", "section", "article", "main"),
)
BEFORE = re.compile(r"(?:\s+|<!--.*?-->|<\?xml.*?\?>)*", re.DOTALL)
BEGIN = re.compile(rf"<(?:{'|'.join(TAGS)})(?=[\s>/])", re.IGNORECASE)


def marked_encoding(content: bytes) -> str:
    """The encoding that a byte order mark names, or zeros beside the first `<` betray; else empty."""
    found = next((name for mark, name in MARKS if content.startswith(mark)), "")
    return found or next((name for start, name in UNMARKED if content.startswith(start)), "")


# How each kind of file begins; its name says nothing.
SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"%PDF-", "pdf"))
WEBP = (b"RIFF", b"WEBP")


def kind_of(content: bytes) -> str:
    """What a picture, a PDF or a page is by its content: `png`, `jpg`, `webp`, `pdf`, `html`; empty for all else."""
    for start, kind in SIGNATURES:
        if content.startswith(start):
            return kind
    if content.startswith(WEBP[0]) and content[8:12] == WEBP[1]:
        return "webp"
    return "html" if is_page(content) else ""


def is_page(content: bytes) -> bool:
    """Whether the content is HTML or XHTML: its tag stands first, behind blanks, comments and an XML declaration."""
    text = content[:HEAD_BYTES].decode(marked_encoding(content) or "latin-1", errors="replace").lstrip("\ufeff")
    before = BEFORE.match(text)
    rest = text[before.end() :] if before else text
    return BEGIN.match(rest) is not None or (not rest and "<!--" in text) or rest.startswith("<!--")
