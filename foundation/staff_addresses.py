"""`DINGDIAN_STAFF_URLS`: where staff are told, by role: `director=wecombot://…;all=dingtalk://…`; and each by himself,
by the number of the staff list: `1002=wecombot://…`, who then gets the digest of the morning.

One address a role or number, in the spelling of Apprise. An address is a secret (whoever has it can write to the
group): no sentence and no screen repeats more of it than its scheme.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from policies.messages import load_message_policy

ALL = "all"
REDIRECT = "redirect"
NUMBER = re.compile(r"(?=[A-Za-z-]*[0-9])[A-Za-z0-9-]{1,20}", re.ASCII)  # of somebody; a role has no figure in it
EXAMPLE = "director=wecombot://…;all=dingtalk://…"
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://.+", re.ASCII | re.IGNORECASE)


@lru_cache(maxsize=4)
def addresses_of(text: str) -> Mapping[str, str]:
    """The address of each role, or of a person by his number; empty for an empty text.

    Raises:
        ValueError: a part is not `role=address`, its role is none, or has two addresses; the sentence names the part
            by its place and role.
    """
    found: dict[str, str] = {}
    for place, part in enumerate(filter(None, map(str.strip, text.split(";"))), start=1):
        role, equals, url = (piece.strip() for piece in part.partition("="))
        is_person = bool(NUMBER.fullmatch(role))
        if not equals or not (is_person or role.isidentifier()):
            raise ValueError(f"第 {place} 项应写成 岗位=地址，各项用分号隔开，如 {EXAMPLE}；地址里的分号写成 %3B")
        if role not in roles() and not is_person:
            raise ValueError(f"第 {place} 项的岗位“{role}”不认识；可用：{'、'.join(roles())}，或者工号")
        if role in found:
            raise ValueError(f"第 {place} 项：{'工号' if is_person else '岗位'} {role} 已有地址，只写一个")
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
