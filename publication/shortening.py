"""Texts within a limit that somebody else counts: shortened by rule, never in the middle of a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

ELLIPSIS = "…"


def length(text: str) -> int:
    """How long a text is by the strictest counting: UTF-16 units, so that a rare character counts as two."""
    return len(text.encode("utf-16-le")) // 2


def first_fitting(candidates: Sequence[str], limit: int) -> str:
    """The first of several wordings, the best first, that is within the limit; the last one cut when none is."""
    return next((text for text in candidates if length(text) <= limit), cut(candidates[-1], limit))


def cut(text: str, limit: int) -> str:
    """A text within the limit, with an ellipsis where something is left out; marks stay with their character."""
    if length(text) <= limit:
        return text
    kept = text[:limit]
    while kept and (length(kept) + 1 > limit or _is_torn(text, len(kept))):
        kept = kept[:-1]
    return kept + ELLIPSIS


def _is_torn(text: str, at: int) -> bool:
    """Whether a cut in front of `text[at]` would part a mark (an accent, a variant selector) from its character."""
    return unicodedata.combining(text[at]) != 0 or unicodedata.category(text[at]) in ("Mn", "Me")
