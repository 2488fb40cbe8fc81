"""The one reader of `policies/corrections.yaml`: which acts may be taken back when they were recorded by mistake.

Refuses an unknown act, role, later act or key, an act that the procedure knows no way back for, and an act that is
left out, with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from policies.loader import load_policy
from policies.yamlfile import Document, KeyPath, read
from rules.acts import CATALOGUE
from rules.corrections import TAKE_BACK, TAKE_BACK_POSTING, Correction
from rules.evaluation import EVALUATION

FILE = Path(__file__).resolve().parent / "corrections.yaml"
TAKEN_BACK = {"by", "until", "consequence"}
BY_AN_ACT_OF_THEIR_OWN = {
    "record_posting": TAKE_BACK_POSTING,
    "publish_draw_plan": "withdraw_draw_plan",
    "draw_experts": "take_back_draw",
}


@lru_cache(maxsize=4)
def load_corrections(file: Path = FILE) -> Mapping[str, Correction]:
    """What holds of every act, by its name. Raises PolicyError(file, line, what) for anything that the file does not
    say clearly."""
    document = read(file)
    document.expect_keys((), {"version", "acts"})
    document.expect(("version",), str)
    acts = document.expect(("acts",), dict)
    if missing := [act for act in CATALOGUE if act not in acts]:
        raise document.error(("acts",), f"没有写明 {'、'.join(missing)} 能否撤回")
    return {str(act): _entry(document, str(act)) for act in acts}


def _entry(document: Document, act: str) -> Correction:
    path: KeyPath = ("acts", act)
    if act not in CATALOGUE:
        raise document.error(path, f"没有事项“{act}”")
    for reason in ("final", "harmless"):
        if reason in document.at(path):
            document.expect_keys(path, {reason})
            why = document.expect((*path, reason), str)
            return Correction(act, why=why, is_harmless=reason == "harmless")
    document.expect_keys(path, TAKEN_BACK)
    if act not in (*EVALUATION.retractable, *BY_AN_ACT_OF_THEIR_OWN):
        raise document.error(path, f"“{act}”没有撤回的办法，应写 final 和理由")
    by, until = document.texts((*path, "by")), document.texts((*path, "until"))
    if not by:
        raise document.error((*path, "by"), "至少写一个岗位；不能撤回的写 final 和理由")
    _expect_known(document, (*path, "by"), by, load_policy().roles, "岗位")
    _expect_known(document, (*path, "until"), until, CATALOGUE, "事项")
    consequence, with_ = document.expect((*path, "consequence"), str), BY_AN_ACT_OF_THEIR_OWN.get(act, TAKE_BACK)
    return Correction(act, by, until, consequence, with_=with_)


def _expect_known(
    document: Document, path: KeyPath, given: tuple[str, ...], known: Mapping[str, object], what: str
) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise document.error(path, f"没有{what}“{'、'.join(unknown)}”")
