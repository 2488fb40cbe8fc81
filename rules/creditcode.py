"""The unified social credit code (统一社会信用代码, GB 32100-2015 with its amendment): 18 characters in five parts.

The first says who registered the institution, the second of what kind it is, six figures where (GB/T 2260), nine
characters are the institution's own (GB 11714, the ninth checks the eight), the last checks the others. Codes were
issued before the last character was reckoned everywhere alike: one at fault in its check character alone may be real,
and a person who has the certificate at hand says so. One whose other parts cannot be is none, whatever it ends with.
"""

from __future__ import annotations

import re
from datetime import date

from rules.texts import latin, squeezed

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which are mistaken for others
LENGTH = 18
KINDS = {
    **{"1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1234569", "6": "129", "7": "129", "8": "19"},
    **{"9": "1239", "A": "19", "N": "1239", "Y": "19"},
}  # what each registering authority registers; 9 is "other"
PROVINCE = re.compile("1[0-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-6]|71|8[12]|99")  # 10: the state's own; 66, 99: the Corps
WEIGHTS, BODY_WEIGHTS, PERSON_WEIGHTS = "139UKTGHLXRD8QAYW", "379A5842", "79A584216379A5842"  # figures of ALPHABET
BODY_CHECKS, PERSON_CHECKS = "0X987654321", "10X98765432"
PERSON = re.compile(r"\d{17}[\dX]", re.ASCII)
CERTIFICATE = "请照营业执照或法人证书逐位核对"


def code_of(text: str) -> str:
    """A code as it is kept: capitals, without blanks and hyphens, foreign letters that look alike made Latin."""
    return latin(squeezed(text)).replace("-", "").upper()


def fault_of(code: str) -> str:
    """Why a text is no credit code at all, whoever says it is; empty where it may be one."""
    if len(code) != LENGTH:
        return f"应为 {LENGTH} 位，现为 {len(code)} 位"
    if strange := sorted({one for one in code if one not in ALPHABET}):
        return f"不会有“{'、'.join(strange)}”：只用数字和大写字母，没有字母 I、O、S、V、Z"
    if is_a_persons(code):
        return "像是居民身份证号码：不得填写，也不得公开"
    return _fault_of_parts(code[0], code[1], code[2:8], code[8:17])


def doubt_of(code: str) -> str:
    """Why a code that may be one should be looked at again: its check character; empty where it fits."""
    fitting = check_character(code[:-1])
    if code[-1] == fitting:
        return ""
    also = "" if _body_fits(code[8:17]) else "，第 17 位（主体标识码的校验位）也不符，多半抄错"
    return f"末位校验码不符（按国家标准推算应为 {fitting}）{also}"


def is_credit_code(text: str) -> bool:
    """Is it a code of the standard's form, every part possible and the check character fitting?"""
    return not fault_of(text) and not doubt_of(text)


def check_character(text: str) -> str:
    """The eighteenth character that belongs to the first seventeen."""
    return ALPHABET[-_weighted(text, WEIGHTS) % len(ALPHABET)]


def _weighted(text: str, weights: str) -> int:
    return sum(ALPHABET.index(one) * ALPHABET.index(weight) for one, weight in zip(text, weights, strict=True))


def _body_fits(body: str) -> bool:
    """Whether the ninth character checks the eight before it: their letters count as in base 36 (GB 11714)."""
    total = sum(int(one, 36) * int(weight, 36) for one, weight in zip(body[:-1], BODY_WEIGHTS, strict=True))
    return body[-1] == BODY_CHECKS[total % len(BODY_CHECKS)]


def _fault_of_parts(authority: str, kind: str, division: str, body: str) -> str:
    if authority not in KINDS:
        return f"第 1 位“{authority}”不是登记管理部门代码"
    if kind not in KINDS[authority]:
        return f"第 2 位“{kind}”不是该登记管理部门的机构类别代码"
    if not _is_a_division(division):
        return f"第 3 至 8 位“{division}”不是行政区划代码"
    return "第 9 至 17 位是全 0，不是主体标识码" if set(body) == {"0"} else ""


def _is_a_division(code: str) -> bool:
    """Six figures of a known province; nothing stands below a city that is not named."""
    is_placed = code[2:4] != "00" or code[4:] == "00"
    return code.isdecimal() and PROVINCE.fullmatch(code[:2]) is not None and is_placed


def is_a_persons(code: str) -> bool:
    """An identity number (GB 11643): a day of birth in its middle, and its own check character fits."""
    if not PERSON.fullmatch(code):
        return False
    fits = code[-1] == PERSON_CHECKS[_weighted(code[:-1], PERSON_WEIGHTS) % len(PERSON_CHECKS)]
    return fits and _is_a_birthday(code[6:14])


def _is_a_birthday(figures: str) -> bool:
    try:
        return date.fromisoformat(f"{figures[:4]}-{figures[4:6]}-{figures[6:]}").isoformat()[:2] in ("19", "20")
    except ValueError:
        return False
