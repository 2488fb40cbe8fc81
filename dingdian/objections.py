"""`dingdian objections`, `objection-effect`, `objection-reply`: where objections stand, what a finding would do, the
letter to who objected."""

from __future__ import annotations

import json
import os
from pathlib import Path

from rich.console import Console

from dingdian.board import table_of
from dingdian.office import office
from models.database import transaction
from rules.errors import InputError
from rules.localtime import local_day
from tasks import surroundings
from tasks.case_loading import context_of, round_or_newest
from tasks.documents.replying import reply_letter
from tasks.preview import objection_effect
from views import objection_pages as pages


def run(round_id: int, as_json: bool) -> None:
    """The objections of a round (0: the one announced last)."""
    with office() as url, transaction(url) as session:
        ctx = context_of(session, round_or_newest(session, round_id))
        found = pages.objections_of(session, ctx, local_day(surroundings.now()))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        Console().print(table_of(f"异议 {len(found)} 件", pages.OBJECTIONS, pages.objection_rows(found)))


def run_effect(ref: str, round_id: int, as_json: bool) -> None:
    """What either finding on an objection would do; nothing is written."""
    with office() as url:
        effect = objection_effect(url, ref, surroundings.now(), round_id)
    if as_json:
        print(json.dumps(effect, ensure_ascii=False, indent=1))
        return
    console = Console(markup=False)
    for verdict, one in (("属实", effect["if_substantiated"]), ("不属实", effect["if_not_substantiated"])):
        console.print(f"如认定{verdict}（试算码 {one['code']}）：")
        for line in pages.sentences(one):
            console.print(f"  {line}")
        console.print(table_of("名额", pages.PLACES, [[str(cell) for cell in row] for row in pages.place_rows(one)]))
        console.print(table_of("将告知", pages.MESSAGES, pages.message_rows(one)))


def run_reply(ref: str, by: str, to: Path, round_id: int) -> None:
    """Writes the letter that answers an objection to a file that only its owner can read.

    Raises RefusedError for who may not, InputError for a file that is there already.
    """
    with office() as url:
        letter = reply_letter(url, ref, by, surroundings.now(), surroundings.keys(), round_id)
    _write(to, letter)
    print(f"答复书已写入 {to}（含异议人联系方式，只有本人可读）；寄出后请删除，并办理“登记答复异议人”。")


def _write(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"文件 {path} 已存在：请换一个文件名，或先移走原有的文件") from None
    except OSError as error:
        raise InputError(f"不能写入 {path}：{error.strerror}；请换一个可以写入的位置") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
