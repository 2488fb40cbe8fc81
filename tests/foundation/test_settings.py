"""Settings: read once, checked, and refused by the name of the variable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from foundation.settings import ROOT, get_settings, reset_settings, secret_key
from rules.errors import InputError


def test_the_defaults_send_nothing_and_stay_under_var() -> None:
    settings = get_settings()
    assert settings.message_mode == "dry_run"
    assert settings.database_url == ""
    assert settings.var_dir == ROOT / "var"
    assert settings.inbox == ROOT / "var" / "inbox"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DINGDIAN_PREFECT_PORT", "abc"),
        ("DINGDIAN_PREFECT_PORT", "0"),
        ("DINGDIAN_PREFECT_PORT", "65536"),
        ("DINGDIAN_MESSAGE_MODE", "loud"),
        ("DINGDIAN_DATABASE_URL", "mysql://x/y"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name):
        get_settings()


@pytest.mark.parametrize(("mode", "needs"), [("redirect", "REDIRECT_TO"), ("allow_list", "ALLOW_LIST")])
def test_a_mode_without_its_addressees_is_refused(monkeypatch: pytest.MonkeyPatch, mode: str, needs: str) -> None:
    monkeypatch.setenv("DINGDIAN_MESSAGE_MODE", mode)
    with pytest.raises(InputError, match=f"DINGDIAN_{needs}"):
        get_settings()
    monkeypatch.setenv(f"DINGDIAN_{needs}", "test@example.com")
    assert get_settings().message_mode == mode


@pytest.mark.parametrize("mode", ["live", "allow_list"])
def test_a_rehearsal_clock_is_refused_where_messages_really_go_out(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("DINGDIAN_REHEARSAL_CLOCK", "clock.txt")
    monkeypatch.setenv("DINGDIAN_ALLOW_LIST", "test@example.com")
    assert get_settings().rehearsal_clock == ROOT / "clock.txt"
    reset_settings()
    monkeypatch.setenv("DINGDIAN_MESSAGE_MODE", mode)
    with pytest.raises(InputError, match="REHEARSAL_CLOCK"):
        get_settings()


def test_a_database_address_gets_our_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", "postgresql://u@h/d")
    assert get_settings().database_url == "postgresql+psycopg://u@h/d"


def test_no_secret_shows_in_what_a_log_would_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", "postgresql://u:geheim@h/d")
    monkeypatch.setenv("DINGDIAN_SMTP_URL", "smtp://u:geheim@h")
    monkeypatch.setenv("DINGDIAN_SECRET_KEY", "geheim")
    assert "geheim" not in repr(get_settings())


def test_the_key_is_made_once_and_for_its_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    first = secret_key(get_settings()).get_secret_value()
    reset_settings()
    assert secret_key(get_settings()).get_secret_value() == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_that_others_can_read_or_that_is_empty_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    key = tmp_path / "secret.key"
    key.touch(mode=0o600)
    with pytest.raises(InputError, match="空的"):
        secret_key(get_settings())
    key.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        secret_key(get_settings())


def test_a_key_that_is_set_needs_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DINGDIAN_SECRET_KEY", "k" * 32)
    assert secret_key(get_settings()).get_secret_value() == "k" * 32
    assert list(tmp_path.iterdir()) == []
