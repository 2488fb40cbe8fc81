"""`DINGDIAN_STAFF_URLS`: where staff are told, by role: `director=wecombot://…;all=dingtalk://…`.

One address a role, in the spelling of Apprise. An address is a secret (whoever has it can write to the group): no
sentence and no screen repeats more of it than its scheme.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from policies.messages import load_message_policy

ALL = "all"
REDIRECT = "redirect"
EXAMPLE = "director=wecombot://…;all=dingtalk://…"
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://.+", re.ASCII | re.IGNORECASE)


@lru_cache(maxsize=4)
def addresses_of(text: str) -> Mapping[str, str]:
    """The address of each role; empty for an empty text.

    Raises:
        ValueError: a part is not `role=address`, its role is none, or has two addresses; the sentence names the part
            by its place and role.
    """
    found: dict[str, str] = {}
    for place, part in enumerate(filter(None, map(str.strip, text.split(";"))), start=1):
        role, equals, url = (piece.strip() for piece in part.partition("="))
        if not equals or not role.isidentifier():
            raise ValueError(f"第 {place} 项应写成 岗位=地址，各项用分号隔开，如 {EXAMPLE}；地址里的分号写成 %3B")
        if role not in roles():
            raise ValueError(f"第 {place} 项的岗位“{role}”不认识；可用：{'、'.join(roles())}")
        if role in found:
            raise ValueError(f"第 {place} 项：岗位 {role} 已有地址，一个岗位只写一个")
        if not SCHEME.fullmatch(url):
            raise ValueError(f"第 {place} 项（{role}）的地址应以 wecombot://、dingtalk://、feishu:// 一类开头")
        found[role] = url
    return found


def roles() -> tuple[str, ...]:
    """The roles that may have an address: those of the policy, everybody, and where mode `redirect` sends to."""
    told = [role for of_audience in load_message_policy().staff.values() for role in of_audience]
    return (*dict.fromkeys(told), ALL, REDIRECT)


def scheme_of(url: str) -> str:
    """The part of an address that may be shown."""
    found = SCHEME.fullmatch(url)
    return found[1].lower() if found else ""
