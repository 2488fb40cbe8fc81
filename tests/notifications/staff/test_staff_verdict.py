"""What an answer means: the Chinese services say 200 to what they refuse, with a code in the answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import requests

from notifications.mailsettings import Mode
from notifications.outcome import OutcomeKind
from notifications.staff.sender import check_addresses
from notifications.staff.settings import StaffSettings
from notifications.staff.verdict import judged, overheard
from rules.errors import InputError
from tests.support.commands import dingdian
from tests.support.group import Group, group


@pytest.mark.parametrize(
    ("scheme", "body", "kind"),
    [
        ("wecombot", b'{"errcode":0,"errmsg":"ok"}', OutcomeKind.ACCEPTED),
        ("wecombot", b'{"errcode":93000,"errmsg":"invalid webhook url"}', OutcomeKind.CONFIGURATION),
        ("wecombot", b'{"errcode":45009,"errmsg":"api freq out of limit"}', OutcomeKind.LIMITED),
        ("wecombot", b"<html>a proxy's page</html>", OutcomeKind.CONFIGURATION),
        ("dingtalk", b'{"errcode":310000,"errmsg":"sign not match"}', OutcomeKind.CONFIGURATION),
        ("dingtalk", b'{"errcode":130101,"errmsg":"send too fast"}', OutcomeKind.LIMITED),
        ("feishu", b'{"code":19001,"msg":"param invalid"}', OutcomeKind.CONFIGURATION),
        ("feishu", b'{"code":11232,"msg":"frequency limited"}', OutcomeKind.LIMITED),
        ("feishu", b'{"StatusCode":0,"code":0,"msg":"success"}', OutcomeKind.ACCEPTED),
        ("json", b'{"code":200}', OutcomeKind.ACCEPTED),
        ("json", b"", OutcomeKind.ACCEPTED),
    ],
)
def test_a_code_in_the_answer_counts_where_the_service_has_one(scheme: str, body: bytes, kind: OutcomeKind) -> None:
    with group() as hook, overheard() as heard:
        hook.body = body
        assert requests.post(_plain(hook), json={}, timeout=30).ok
    assert judged(scheme, True, heard).kind is kind


def test_a_no_of_which_nothing_was_heard_is_an_end_nobody_saw() -> None:
    assert judged("mailto", False, []).kind is OutcomeKind.UNKNOWN
    assert judged("mailto", True, []).kind is OutcomeKind.ACCEPTED


def test_what_a_plugin_itself_does_not_believe_is_no_success() -> None:
    with group() as hook, overheard() as heard:
        requests.post(_plain(hook), json={}, timeout=30)
    assert judged("slack", False, heard).kind is OutcomeKind.CONFIGURATION


def test_listening_ends_with_the_call() -> None:
    before = requests.Session.send
    with overheard():
        assert requests.Session.send is not before
    assert requests.Session.send is before


def test_a_redirect_is_judged_by_its_last_answer_and_a_bad_address_by_its_error() -> None:
    with overheard() as heard, pytest.raises(requests.RequestException):
        requests.post("http://127.0.0.1:0x/", timeout=30)
    assert judged("json", False, heard or [requests.exceptions.InvalidURL("x")]).kind is OutcomeKind.CONFIGURATION


def test_apprise_knows_the_three_services_of_the_country() -> None:
    known = {
        "director": "wecombot://0123abcd-0123-4567-89ab-0123456789ab",
        "operator": "dingtalk://SECsecret@abcdef0123456789",
        "all": "feishu://abcdef0123456789",
    }
    check_addresses(StaffSettings(Mode.LIVE, known))


@pytest.mark.parametrize("url", ["wecombott://s3cret", "dingtalk://", "nosuch://s3cret"])
def test_an_address_that_apprise_does_not_know_is_named_by_role_and_scheme(url: str) -> None:
    with pytest.raises(InputError, match="岗位 director 的地址") as refused:
        check_addresses(StaffSettings(Mode.LIVE, {"director": url}))
    assert "s3cret" not in str(refused.value)


def _plain(hook: Group) -> str:
    return f"http://127.0.0.1:{hook.port}/hook"


def test_a_service_does_not_start_with_an_address_that_nothing_can_be_sent_to(tmp_path: Path) -> None:
    bad = "all=json://h;director=wecombott://s3cret"
    done = dingdian("up", env={**os.environ, "DINGDIAN_VAR_DIR": str(tmp_path), "DINGDIAN_STAFF_URLS": bad})
    assert (done.returncode, done.stdout) == (1, "")
    assert "岗位 director 的地址（wecombott://…）不能用" in done.stderr
    assert "s3cret" not in done.stderr
    assert list(tmp_path.iterdir()) == []
