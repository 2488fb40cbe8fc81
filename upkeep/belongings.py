"""A second machine works with the key and the folders of the first, or not at all.

Contacts sealed with another key cannot be read by the first machine, and a file that is put into another inbox, or kept
in another store of evidence, is found by one of the two only. So the database knows the mark of each; a folder carries
its mark in a file, which another machine sees when it mounts the same folder.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import delete, select
from sqlmodel import col

from foundation.files import write_file
from foundation.secrets import Keyring
from foundation.settings import IN_A_RUN, Settings, get_settings, secret_key
from models.bulk import changed, insert_rows
from models.database import reading, transaction
from models.installation import Belonging
from models.migrate import ensure_current
from rules.errors import InputError
from tasks import surroundings

KEY = "key"
MARK_FILE = "dingdian-folder"  # no dot: a list of the files in the inbox leaves it out
SAID = {
    KEY: "密钥（DINGDIAN_SECRET_KEY，或数据目录中的 secret.key）",
    "inbox": "收件夹（DINGDIAN_INBOX_DIR）",
    "store": "数据目录（DINGDIAN_VAR_DIR，其中的文书和证据）",
}


def _folders(settings: Settings) -> dict[str, Path]:
    return {"inbox": settings.inbox, "store": settings.var_dir}


def known(url: str) -> Mapping[str, str]:
    """The marks that the database was written with; nothing for a database that no installation has taken yet."""
    with reading(url) as session:
        return dict(session.execute(select(col(Belonging.name), col(Belonging.mark))).tuples().all())


def keys_at_hand(settings: Settings) -> Keyring:
    """The keys of this machine; none is made. Raises InputError where there is none."""
    if not _has_key(settings):
        raise InputError(
            f"本机还没有密钥，不能核对备份的签名：请先把原来的 secret.key 放到 {settings.var_dir}"
            "（或设置 DINGDIAN_SECRET_KEY）；密钥确已丢失的，由负责人核对来源后加 --unsigned"
        )
    return _keys(settings)


def expect(url: str, settings: Settings) -> None:
    """Refuses to work on a database that was written with another key or other folders. One that nobody has taken yet
    is nobody's: a replay, a rehearsal, a database of before.

    Raises InputError that names what differs and what to do; nothing is written.
    """
    marks = known(url)
    if not marks:
        return
    foreign = [name for name, folder in _folders(settings).items() if _mark_of(folder) != marks.get(name)]
    if not _has_key(settings) or marks.get(KEY) not in _keys(settings).key_ids:
        foreign.insert(0, KEY)
    if foreign:
        raise InputError(
            f"本机的{'、'.join(SAID[name] for name in foreign)}与本数据库所用的不是同一个：请改用同一把密钥、挂载同一个"
            "共享目录后重试；确已整体迁移或更换的，核对无误后运行 dingdian take-over"
        )


def take(url: str, settings: Settings) -> None:
    """The database belongs from now on with the key and the folders of this machine; they get a mark if need be."""
    _write(url, {KEY: _keys(settings).key_id, **_marked(settings)})


def move_in(url: str, settings: Settings) -> None:
    """After a restore: the folders of this machine are the database's; its key stays the one it was written with."""
    if marks := known(url):
        _write(url, {KEY: marks[KEY], **_marked(settings)})


def _marked(settings: Settings) -> dict[str, str]:
    marks = {}
    for name, folder in _folders(settings).items():
        if not _mark_of(folder):
            write_file(folder / MARK_FILE, secrets.token_hex(8).encode())
        marks[name] = _mark_of(folder)
    return marks


def _write(url: str, marks: Mapping[str, str]) -> None:
    with transaction(url) as session:
        changed(session, delete(Belonging))
        insert_rows(session.connection(), Belonging, [{"name": name, "mark": mark} for name, mark in marks.items()])


def join(url: str, settings: Settings) -> None:
    """At the start of an installation: takes a database that nobody has, and is refused one of others.

    Raises InputError as `expect`.
    """
    expect(url, settings)
    if not known(url):
        take(url, settings)


def expect_in_a_run() -> None:
    """As `expect`, in the process that Prefect's own worker starts for a run: nobody has looked before it.

    Raises DatabaseError as well, for a database of another version.
    """
    if os.environ.get(IN_A_RUN):
        ensure_current(surroundings.database_url())
        expect(surroundings.database_url(), get_settings())


def _mark_of(folder: Path) -> str:
    file = folder / MARK_FILE
    return file.read_text(encoding="ascii").strip() if file.is_file() else ""


def _has_key(settings: Settings) -> bool:
    """Whether there is a key already: asked before one would be made."""
    return bool(settings.secret_key.get_secret_value()) or (settings.var_dir / "secret.key").exists()


def _keys(settings: Settings) -> Keyring:
    return Keyring.from_secret(secret_key(settings).get_secret_value())
