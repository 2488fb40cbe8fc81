"""`dingdian rotate-key`: contacts sealed anew with a new key; the old one is needed no longer.

With the key in `var/secret.key`: a new key is put before the old one, everything is sealed anew, the old one is taken
out. At every moment in between whoever reads the file can open every contact. With `DINGDIAN_SECRET_KEY` (new key, then
the old one, separated by a comma) everything is sealed anew with the first.
"""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path

from dingdian.office import office, who
from foundation.secrets import Keyring
from foundation.settings import KEY_BYTES, get_settings, secret_key
from models.database import transaction
from models.journal import say
from notifications.retention import reseal
from rules.errors import InputError
from upkeep import belongings

SETTLE_SECONDS = 2


def run() -> None:
    """The command. Raises InputError when a contact does not open, or the settings name one key only."""
    settings = get_settings()
    with office() as url:
        if settings.secret_key.get_secret_value():
            count = _with_keys_of_the_settings(url, settings.secret_key.get_secret_value())
            _settle(url)
            print(f"已用新密钥重新加密 {count} 份联系方式；现在可以从 DINGDIAN_SECRET_KEY 中删去旧密钥。")
            return
        count = _with_key_file(url, settings.var_dir / "secret.key", secret_key(settings).get_secret_value())
        _settle(url)
    print(f"已更换密钥，重新加密 {count} 份联系方式；旧密钥已停用。请备份 {settings.var_dir / 'secret.key'}。")


def _with_keys_of_the_settings(url: str, secret: str) -> int:
    if "," not in secret:
        raise InputError("DINGDIAN_SECRET_KEY 只有一个密钥：请写成“新密钥,旧密钥”后重试")
    return _reseal(url, secret)


def _with_key_file(url: str, file: Path, old: str) -> int:
    new = base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()
    _write(file, f"{new},{old}")
    _reseal(url, f"{new},{old}")
    time.sleep(SETTLE_SECONDS)  # whoever read the file before the change has written what it was writing
    count = _reseal(url, f"{new},{old}")
    _write(file, new)
    return count


def _reseal(url: str, secret: str) -> int:
    with transaction(url) as session:
        say(session, "contacts_resealed", who(), key=Keyring.from_secret(secret).key_id)
        return reseal(session, Keyring.from_secret(secret))


def _settle(url: str) -> None:
    """The database knows the new key by its number; one that no installation has taken stays so."""
    if belongings.known(url):
        belongings.take(url, get_settings())


def _write(file: Path, secret: str) -> None:
    """Puts a key file in the place of another at once, legible to its owner only."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as handle:
        handle.write(f"{secret}\n")
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
