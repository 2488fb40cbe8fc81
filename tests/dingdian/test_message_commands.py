"""`messages`, `purge-messages` and `rotate-key` from the command line, on a round that was played."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select
from sqlmodel import col
from typer.testing import CliRunner

from dingdian import rotate_key
from dingdian.cli import app
from foundation.secrets import Contact, Keyring, seal_contact, unseal_contact
from foundation.settings import get_settings, reset_settings, secret_key
from models import Applicant
from models.database import transaction
from notifications.retention import reseal
from notifications.sms.wording import SMS_TEMPLATE_VERSION
from rules.errors import InputError
from tests.support.offices import use
from tests.support.rounds import replayed, small_round

NEW = b"a new secret long enough"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished round as the office's own, its contacts sealed with the office's key."""
    url, _ = replayed(tmp_path, small_round())
    use(monkeypatch, url, tmp_path / "var")
    with transaction(url) as session:  # a replay's key is its own: the contacts are registered again
        for one in session.execute(select(Applicant)).scalars():
            contact = Contact("联系人", "19900000000", f"{one.applicant_id.lower()}@example.invalid")
            one.contact_sealed = seal_contact(current(), one.id or 0, contact)
            session.add(one)
    return url


def current() -> Keyring:
    return Keyring.from_secret(secret_key(get_settings()).get_secret_value())


def emails(url: str, keys: Keyring) -> dict[str, str]:
    with transaction(url) as session:
        rows = session.execute(select(Applicant).order_by(col(Applicant.id))).scalars()
        return {one.applicant_id: unseal_contact(keys, one.id or 0, one.contact_sealed).email for one in rows}


def test_messages_are_listed_masked_with_the_mode(office: str) -> None:
    result = CliRunner().invoke(app, ["messages", "--json"])
    assert result.exit_code == 0, result.output
    board = json.loads(result.stdout)
    assert (board["mode"], {one["channel"] for one in board["channels"]}) == ("dry_run", {"email", "sms", "staff"})
    assert len(board["waiting"]) > 20
    assert all("***@" in one["to"] for one in board["waiting"] if one["applicant_id"])
    assert {one["why"] for one in board["waiting"]} == {"排队中"}
    shown = CliRunner().invoke(app, ["messages"])
    assert shown.exit_code == 0
    assert "待发送" in shown.stdout


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_the_draft_of_the_codes_has_a_place_for_every_text_in_its_version(provider: str) -> None:
    result = CliRunner().invoke(app, ["sms-templates", "--provider", provider, "--codes"])
    entries = {event: {"code": "", "version": version} for event, version in SMS_TEMPLATE_VERSION.items()}
    assert yaml.safe_load(result.stdout) == {provider: entries}


def test_texts_are_shown_as_each_provider_writes_them() -> None:
    shown = {one: CliRunner().invoke(app, ["sms-templates", "--provider", one]).stdout for one in ("aliyun", "tencent")}
    assert ("申请编号${number}（${unit}）" in shown["aliyun"], "申请编号{1}（{2}）" in shown["tencent"]) == (True, True)
    refused = CliRunner().invoke(app, ["sms-templates", "--provider", "gateway"])
    assert (refused.exit_code, "只能是 aliyun、tencent" in str(refused.exception)) == (1, True)


def test_nothing_is_cleared_before_its_time(office: str) -> None:
    result = CliRunner().invoke(app, ["purge-messages", "--json"])
    assert json.loads(result.stdout) == {"purged": 0}


def test_a_new_key_opens_everything_and_the_old_one_nothing(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_key, "SETTLE_SECONDS", 0)
    old, before = current(), emails(office, current())
    result = CliRunner().invoke(app, ["rotate-key"])
    assert result.exit_code == 0, result.output
    assert "重新加密 3 份联系方式" in result.stdout
    assert emails(office, current()) == before
    with pytest.raises(InputError, match="现有密钥不能解密"):
        emails(office, old)
    file = get_settings().var_dir / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "," not in file.read_text()


def test_a_key_of_the_settings_needs_the_old_one_beside_it(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, before = secret_key(get_settings()).get_secret_value(), emails(office, current())
    for value, code in ((NEW.decode(), 1), (f"{NEW.decode()},{old}", 0)):
        monkeypatch.setenv("DINGDIAN_SECRET_KEY", value)
        reset_settings()
        assert CliRunner().invoke(app, ["rotate-key"]).exit_code == code
    assert emails(office, Keyring(NEW)) == before


def test_a_contact_that_does_not_open_stops_the_rotation_whole(office: str) -> None:
    with transaction(office) as session:
        last = session.execute(select(Applicant).order_by(col(Applicant.id).desc()).limit(1)).scalar_one()
        stranger = Contact("某人", "19900000001", "x@example.invalid")
        last.contact_sealed = seal_contact(Keyring(b"somebody else's secret"), last.id or 0, stranger)
        session.add(last)
    with pytest.raises(InputError), transaction(office) as session:
        reseal(session, Keyring(NEW, (current().current,)))
    with transaction(office) as session:
        first = session.execute(select(Applicant).order_by(col(Applicant.id)).limit(1)).scalar_one()
        assert unseal_contact(current(), first.id or 0, first.contact_sealed).email.endswith("@example.invalid")
