"""Which of the fonts that GB/T 9704 asks for this machine has: the bureau's own folder first, then the system."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from policies.documents import load_document_policy
from rules.errors import InputError

ROLES = {"body": "仿宋", "title": "小标宋", "hei": "黑体", "kai": "楷体", "song": "宋体", "mono": "等宽"}


@lru_cache(maxsize=4)
def fonts_of(folder: Path) -> dict[str, Any]:
    """Font families by role, as the layout takes them. `folder` holds the fonts that the bureau has a licence for; it
    need not exist. Raises InputError as `choose`."""
    return choose(frozenset(typst.Fonts(font_paths=font_paths(folder)).families()), folder)


def choose(there: frozenset[str], folder: Path) -> dict[str, Any]:
    """Of the families that are there, those of each role, the best first; the others fill in characters it lacks.

    Raises InputError that names the package to install when a role has none.
    """
    policy = load_document_policy()
    found = {role: [name for name in names if name in there] for role, names in policy.fonts.items()}
    for role, names in found.items():
        if not names:
            raise InputError(
                f"没有找到可用的{ROLES[role]}字体，不能制作文书：请安装 fonts-noto-cjk"
                f"（apt-get install fonts-noto-cjk），或把单位有使用权的字体文件放进 {folder}"
            )
    is_bold = found["title"][0] in policy.bold_titles
    return {**found, "title-weight": "bold" if is_bold else "regular"}


def font_paths(folder: Path) -> list[Path]:
    """The bureau's folder, when it is there."""
    return [folder] if folder.is_dir() else []


def used(fonts: dict[str, Any]) -> dict[str, str]:
    """The family that each role was set in, for the record."""
    return {role: fonts[role][0] for role in ROLES}
