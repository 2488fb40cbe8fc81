"""`dingdian verify-draw`: recomputes a published draw record offline and says what holds and what does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

from policies import jsonfile
from policies.plainfile import FileTextError, content_of, text_of
from publication.records import DrawRecord, plan_sha256
from rules.audit import sha256
from rules.draw import Selection, Stratum, draw_strata, key_of, seated_by_stratum
from rules.errors import InputError

FAULTS = {"missing": "缺少此项", "extra_forbidden": "未知的键"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was recomputed: its name, whether it holds, and what was found."""

    name: str
    holds: bool
    found: str = ""


def run(record: Path, as_json: bool, plan: str = "") -> None:
    """Checks a record file and prints each check; `plan` is the hash of the plan as it was published before the draw.

    Raises InputError for a file that is no draw record, typer.Exit(1) for a record that does not hold.
    """
    given, text = _read(record)
    checks = [*verify(given, text), *_announced(text, plan)]
    holds = all(check.holds for check in checks)
    if as_json:
        document = {"holds": holds, "pool_sha256": given.pool_sha256, "checks": [asdict(check) for check in checks]}
        print(json.dumps(document, ensure_ascii=False))
    else:
        _show(given, checks)
    if not holds:
        raise typer.Exit(1)


def verify(record: DrawRecord, document: dict[str, Any]) -> Iterator[Check]:
    """Every check of a record; `document` is the same record as it was read, for its own hash."""
    whole = {name: value for name, value in document.items() if name != "record_sha256"}
    yield _same("记录自身的哈希", record.record_sha256, sha256(whole))
    yield _same("名册的哈希", record.pool_sha256, sha256(document["pool"]))
    yield _same("名册编号依次为 1 至 n", [one.number for one in record.pool], list(range(1, len(record.pool) + 1)))
    yield _same("名册中每名专家只出现一次", len({one.expert_id for one in record.pool}), len(record.pool))
    yield Check("抽取人数在 1 与名册人数之间", 1 <= record.wanted <= len(record.pool), f"抽取人数 {record.wanted}")
    yield _same("随机源逐一有结果", len(record.source_values), len(record.sources))
    yield _after(record)
    yield _parts(record)
    yield from _drawn(record)
    yield from _panel(record)


def _announced(document: dict[str, Any], plan: str) -> Iterator[Check]:
    """The plan is the one that was published before the draw."""
    if plan:
        found, given = plan_sha256(document), plan.strip().lower()
        told = "" if found == given else f"公布的是 {given}，记录所载方案的是 {found}"
        yield Check("方案与抽取之前公布的一致", found == given, told)


def _drawn(record: DrawRecord) -> Iterator[Check]:
    try:
        key = key_of(record.source_values)
        again = draw_strata(key, _strata(record))
    except InputError as error:
        yield Check("按 RFC 3797 重算抽取", False, str(error))
        return
    yield _same("种子串由随机源结果得出", record.key, key)
    yield from _order(record, again)


def _order(record: DrawRecord, again: Sequence[Selection]) -> Iterator[Check]:
    yield _same("逐次的 MD5", record.digests, [digest for one in again for digest in one.digests])
    yield _same("全部抽取顺序", record.picks, [number for one in again for number in one.picks])


def _strata(record: DrawRecord) -> tuple[Stratum, ...]:
    return tuple(Stratum(one.suffix, one.wanted, tuple(one.members)) for one in record.strata)


def _parts(record: DrawRecord) -> Check:
    """Every number in one part; every part a specialty in the order of the pool, with the suffix of its place."""
    asked = [one.specialty for one in record.strata]
    whole = [[e.number for e in record.pool if one in ("", e.specialty)] for one in asked]
    apart = sorted(number for members in whole for number in members) == [one.number for one in record.pool]
    suffixes = [""] if asked == [""] else [f"{place}./" for place in range(1, len(asked) + 1)]
    given = [(one.members, one.suffix) for one in record.strata]
    adds_up = sum(one.wanted for one in record.strata) == record.wanted
    holds = apart and adds_up and given == list(zip(whole, suffixes, strict=True))
    return Check("分组恰好覆盖名册，各有其后缀，人数合计相符", holds)


def _panel(record: DrawRecord) -> Iterator[Check]:
    """Who is seated: the first of the order that neither declined nor stood aside."""
    names = {one.number: one.expert_id for one in record.pool}
    gone = [*record.unavailable, *record.skipped]
    outside = sorted(number for number in {*gone, *record.picks} if number not in names)
    yield Check("缺席、回避和抽中的编号都在名册之内", not outside, f"不在名册之内：{outside}" if outside else "")
    fits = len(record.picks) == sum(len(one.members) for one in record.strata)
    panel = seated_by_stratum(record.picks, _strata(record), frozenset(gone)) if fits else ()
    yield _same("专家组", record.panel, [names.get(number, f"编号{number}") for number in panel])


def _after(record: DrawRecord) -> Check:
    """The plan must have stood before the draw."""
    name = "方案公布在抽取之前"
    try:
        published, drawn = (datetime.fromisoformat(at) for at in (record.published_at, record.drawn_at))
        holds = published < drawn
    except (ValueError, TypeError):  # no instant, or one with an offset and one without
        return Check(name, False, f"时间无法读取：{record.published_at}，{record.drawn_at}")
    return Check(name, holds, "" if holds else f"公布 {record.published_at}，抽取 {record.drawn_at}")


def _same(name: str, given: object, again: object) -> Check:
    return Check(name, given == again, "" if given == again else f"记录为 {given}，重算为 {again}")


def _read(path: Path) -> tuple[DrawRecord, dict[str, Any]]:
    """The record, and the document it was read from. Raises InputError naming the file and the place."""
    try:
        content = content_of(path)
    except FileTextError as error:
        raise InputError(f"{path}：{error}；请给出下载的抽取记录") from error
    try:
        document = jsonfile.parse(text_of(content), fraction=float)
        return DrawRecord.model_validate(document), document
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "（全文）"
        what = FAULTS.get(fault["type"], "类型或取值不对")
        raise InputError(f"{path} 不是完整的抽取记录，{place}：{what}；请重新下载后再核对") from error
    except FileTextError as error:
        raise InputError(f"{path} 不是 JSON，或不能使用：{jsonfile.told(error)}；请重新下载后再核对") from error


def _show(record: DrawRecord, checks: list[Check]) -> None:
    print(f"{record.round.name}：名册 {len(record.pool)} 人，抽取 {record.wanted} 人")
    for check in checks:
        print(f"  相符  {check.name}" if check.holds else f"  不符  {check.name}：{check.found}")
    failed = sum(not check.holds for check in checks)
    if failed:
        print(f"抽取记录不成立：{failed} 项不符。请与公布抽取记录的网页核对，或向经办中心提出。")
    else:
        print(f"抽取记录成立，专家组：{'、'.join(record.panel)}。")
        print(f"另请核对抽取方案公布时的名册哈希：{record.pool_sha256}")
