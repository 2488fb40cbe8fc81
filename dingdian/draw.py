"""`dingdian draw`: the public draw by RFC 3797 from public results, so that anybody can compare."""

from __future__ import annotations

import json

from policies import jsonfile
from policies.plainfile import FileTextError
from rules import draw as rfc3797
from rules.draw import Selection, Source
from rules.errors import InputError

EXAMPLE = "[9319, [2, 5, 12, 8, 10]]"


def run(pool_size: int, count: int, sources: str, as_json: bool) -> None:
    """Draws `count` of the numbers 1..pool_size and prints key, picks and digests.

    Raises InputError for sources that cannot be read, and for a pool or a count that cannot be.
    """
    selection = rfc3797.draw(_key(_read(sources)), pool_size, count)
    if as_json:
        answer = {"key": selection.key, "picks": list(selection.picks), "digests": list(selection.digests)}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _show(selection, pool_size)


def _read(text: str) -> list[Source]:
    try:
        sources = jsonfile.parse(text, fraction=float)
    except FileTextError as error:
        raise InputError(f"sources：不是 JSON，或不能使用（{jsonfile.told(error)}）；应如 '{EXAMPLE}'") from error
    if not isinstance(sources, list):
        raise InputError(f"sources：应为随机源的清单，如 '{EXAMPLE}'")
    return [_source(source, place) for place, source in enumerate(sources, 1)]


def _source(source: object, place: int) -> Source:
    """A source is a number (as a number or as text) or a list of numbers; the numbers are checked with the key."""
    if isinstance(source, (int, str, list)):
        return source
    shown = json.dumps(source, ensure_ascii=False)
    raise InputError(f"sources：第{place}个随机源 {shown} 应为非负整数或其清单，如 '{EXAMPLE}'")


def _key(sources: list[Source]) -> str:
    try:
        return rfc3797.key_of(sources)
    except ValueError as error:  # Python refuses to read a text of thousands of digits as a number
        raise InputError("sources：有的数字过长，无法读取；请核对随机源的结果") from error


def _show(selection: Selection, pool_size: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    console.print(f"名册 {pool_size} 人，抽取 {len(selection.picks)} 人", soft_wrap=True)
    console.print(f"种子串：{selection.key}", soft_wrap=True)
    table = Table("顺序", "名册编号", "MD5")
    for place, (number, digest) in enumerate(zip(selection.picks, selection.digests, strict=True), 1):
        table.add_row(str(place), str(number), digest)
    console.print(table)
