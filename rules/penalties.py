"""What counts as an administrative penalty (二(一)6、二(二)7; 行政处罚法9): a talk or an order to mend is none.

Registers write kinds as people do ("警告、罚款 5000 元", "约谈主要负责人"). Each part is looked at by itself;
of words within words the longest counts; a part without any leaves the whole in doubt, and a person must judge.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

APART = re.compile(r"[、，,；;。/+和及与\s]+")


class Standing(StrEnum):
    """Whether a kind of measure is an administrative penalty."""

    COUNTS = "counts"
    DOES_NOT_COUNT = "does_not_count"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class PenaltyKinds:
    """The words of measures that are administrative penalties, and of those that are not, each with its clause."""

    counting: tuple[str, ...]
    counting_clause: str
    other: tuple[str, ...]
    other_clause: str

    def standing_of(self, kind: str) -> Standing:
        """Where a kind stands, as a register writes it: one penalty in it counts, one unknown part leaves a doubt."""
        parts = [self._of_part(part) for part in APART.split(_plain(kind)) if part]
        if Standing.COUNTS in parts:
            return Standing.COUNTS
        return Standing.DOES_NOT_COUNT if parts and Standing.IN_DOUBT not in parts else Standing.IN_DOUBT

    def _of_part(self, part: str) -> Standing:
        words = sorted((*self.counting, *self.other), key=len, reverse=True)
        found = set(re.findall("|".join(map(re.escape, words)), part))
        if found & set(self.counting):
            return Standing.COUNTS
        return Standing.DOES_NOT_COUNT if found else Standing.IN_DOUBT


def _plain(text: str) -> str:
    """Full-width characters made plain, invisible ones removed."""
    return "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
