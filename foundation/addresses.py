"""What an e-mail address is: one answer for registers, workbooks, forms, settings and delivery (RFC 5321, RFC 5890).

The part before the `@` is ASCII: we ask no server for SMTPUTF8, and few have it. A domain may be written in any script;
over the wire it goes in its ASCII form (IDNA 2008).
"""

from __future__ import annotations

import re

import idna

from rules.texts import half_width, squeezed

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*", re.ASCII)
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)
LONGEST, LONGEST_LOCAL, LONGEST_LABEL = 254, 64, 63
EXAMPLE = "应如 name@example.cn"


def address_of(text: str) -> str:
    """An address as it is kept: half width, without blanks at its ends and marks that nobody sees."""
    local, at, domain = half_width(text).rpartition("@")
    return f"{local}{at}{domain.replace('。', '.')}"


def fault_of(text: str) -> str:
    """Why a text is no address that can be written to; empty where it is one. The text itself is not repeated."""
    local, at, domain = address_of(text).rpartition("@")
    if not at or "@" in local or " " in f"{local}{domain}":
        return f"不是一个完整的邮箱地址，{EXAMPLE}；只填一个"
    if not local.isascii():
        return "“@”之前只能用英文字母、数字和 . _ - 等符号"
    if len(local) > LONGEST_LOCAL or not LOCAL.fullmatch(local):
        return "“@”之前不能为空，不能有连续的或位于首尾的“.”，也不能有特殊符号"
    return _fault_of_domain(domain, local)


def is_address(text: str) -> bool:
    """Whether mail can be written to it, as it stands."""
    return not fault_of(text) and address_of(text) == text


def on_the_wire(text: str) -> str:
    """The address as a server is given it: its domain in ASCII. Only for one without fault."""
    local, _, domain = address_of(text).rpartition("@")
    return f"{local}@{_ascii(domain)}"


def same_address(text: str) -> str:
    """The key by which two addresses are equal: the wire's form in small letters; what is no address as it is."""
    return (on_the_wire(text) if not fault_of(text) else squeezed(text)).casefold()


def _fault_of_domain(domain: str, local: str) -> str:
    try:
        plain = _ascii(domain)
    except (idna.IDNAError, UnicodeError):
        return "“@”之后的域名不存在这种写法，请核对"
    labels = plain.split(".")
    is_formed = all(LABEL.fullmatch(one) and len(one) <= LONGEST_LABEL for one in labels)
    if len(labels) == 1 or not is_formed or labels[-1].isdecimal() or len(f"{local}@{plain}") > LONGEST:
        return f"“@”之后不是完整的域名，{EXAMPLE}"
    return ""


def _ascii(domain: str) -> str:
    """The domain's ASCII form; one that is ASCII already stays as it is."""
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
