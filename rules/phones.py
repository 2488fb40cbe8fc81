"""Telephone numbers: somebody's own, and those of an office as its notices print them.

A mobile number has eleven figures and begins with 1. A landline has an area code (010, 02x, 0[3-9]xx), seven or eight
figures and maybe an extension. Service numbers have five or six figures (12345, 96xxx) or begin with 400 or 800.
"""

from __future__ import annotations

import re

from rules.texts import cleaned, half_width, hyphened, squeezed

AREA = r"0(?:10|2\d|[3-9]\d{2})"
ABROAD = r"(?:\+|00)?86-?(?:10|2\d|[3-9]\d{2})"  # the country's code takes the nought's place
TURN = r"(?:转分机|转|分机|ext\.?)"
EXTENSION = rf"(?:-\d{{1,6}}|-?{TURN}-?\d{{1,6}})?"
SUBSCRIBER = r"[2-9]\d{6,7}"
LANDLINE = re.compile(rf"(?:(?:\({AREA}\)|{AREA}|{ABROAD})-?)?{SUBSCRIBER}{EXTENSION}", re.ASCII | re.IGNORECASE)
SERVICE = re.compile(rf"(?:[19]\d{{4,5}}|[48]00-?\d{{3}}-?\d{{4}}){EXTENSION}", re.ASCII | re.IGNORECASE)
LAST_FIGURES = re.compile(r"\d{1,4}", re.ASCII)  # `86401737/38`: the same number but for its end
APART = re.compile(r"[,，、;；/或和]")
BESIDE_MARKS = re.compile(r" (?=[,，、;；/()（）转])|(?<=[,，、;；/()（）转]) ")
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)
PERSONAL = re.compile(r"1\d{10}|400\d{7}|0\d{9,11}", re.ASCII)
COUNTRY = re.compile(r"(?:\+|00)?86(?=1\d{10}$)", re.ASCII)
FROM_ABROAD = re.compile(r"(?:\+|00)86(?=(?:10|2\d|[3-9]\d{2})\d{7,8}$)", re.ASCII)
WITH_EXTENSION = re.compile(
    rf"(.*?)-?{TURN}-?(\d{{1,6}})|(0\d{{2,3}}-?\d{{7,8}})-(\d{{1,6}})", re.ASCII | re.IGNORECASE
)
ONE_FOR_A_DASH = re.compile(r"(?<=[\d)）])一+(?=\d)")


def figures(number: str) -> str:
    """A number as networks write it: figures only, without the country's code (`＋86 199-0001-0000`: `19900010000`)."""
    plain = re.sub(r"[()-]", "", squeezed(_dashed(number)))
    return FROM_ABROAD.sub("0", COUNTRY.sub("", plain))


def own_number(text: str) -> str:
    """Somebody's number, mobile or landline with its area code, as it is kept; empty for what is none.

    The extension of a landline stays behind `转`.
    """
    line, extension = _parted(squeezed(_dashed(text)))
    number = figures(line)
    return f"{number}{extension and f'转{extension}'}" if PERSONAL.fullmatch(number) else ""


def office_numbers(text: str) -> str:
    """Numbers of an office as its notices print them, dashes made hyphens; empty where one of them is no office's.

    `（0591）87654321`, `0571-86401737转8001`, `0571-86401737,86401873`. Never a person's mobile phone.
    """
    printed = "".join(half_width(one) if one.isalnum() else one for one in hyphened(cleaned(_dashed(text))))
    first, *more = (squeezed(one) for one in APART.split(printed))
    fits = _is_office(first) and all(_is_office(one) or LAST_FIGURES.fullmatch(one) for one in more)
    return printed if fits and " " not in BESIDE_MARKS.sub("", printed) else ""


def office_fault(text: str) -> str:
    """Why a text names no numbers of an office; empty where it does, and for an empty one."""
    if text and has_mobile(text):
        return "会公开，不能是个人手机号码：请填办公室座机或服务热线"
    if text and not office_numbers(text):
        examples = "0571-86401737、（0591）87654321、0571-86401737转8001"
        return f"应为座机或服务热线，如 {examples}；几个号码用逗号分开"
    return ""


def has_mobile(text: str) -> bool:
    """Whether a mobile number stands in the text, however it is written."""
    return any(MOBILE.search(figures(part)) for part in APART.split(text))


def _is_office(number: str) -> bool:
    return bool(LANDLINE.fullmatch(number) or SERVICE.fullmatch(number)) and not has_mobile(number)


def _parted(number: str) -> tuple[str, str]:
    found = WITH_EXTENSION.fullmatch(number)
    return (found[1] or found[3], found[2] or found[4]) if found else (number, "")


def _dashed(text: str) -> str:
    """The figure one typed for a dash between figures (`0591一87654321`)."""
    return ONE_FOR_A_DASH.sub("-", text)
