"""The settings of delivery: what a mail server's address may say, and whom the allow-list lets through."""

from __future__ import annotations

import pytest

from foundation.settings import Settings
from notifications.mailsettings import MailSettings, Mode, SmtpServer, Tls
from rules.errors import InputError

GOOD = [
    ("smtp://mail.example.cn", SmtpServer(Tls.NONE, "mail.example.cn", 25)),
    ("smtps://u:p%40%2F@mail.example.cn", SmtpServer(Tls.IMPLICIT, "mail.example.cn", 465, "u", "p@/")),
    ("smtp+starttls://mail.example.cn:2525", SmtpServer(Tls.STARTTLS, "mail.example.cn", 2525)),
    ("smtp://u:p@127.0.0.1", SmtpServer(Tls.NONE, "127.0.0.1", 25, "u", "p")),
    ("smtps://h?timeout=3&reply_timeout=9&ca=a.pem", SmtpServer(Tls.IMPLICIT, "h", 465, "", "", 3.0, 9.0, "a.pem")),
]
BAD = [
    *("", "mail.example.cn", "mailto://u@h", "smtp://"),
    *("smtp://h:port", "smtp://h/path", "smtp://h?verify=no", "smtp://h?timeout=x"),
    *("smtp://h?timeout=nan", "smtp://h?timeout=-1", "smtp://h?reply_timeout=inf", "smtp://a..b", "smtp://h:0x1"),
]


@pytest.mark.parametrize(("url", "server"), GOOD)
def test_an_address_names_its_server(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


@pytest.mark.parametrize("url", BAD)
def test_a_bad_address_gives_a_sentence_with_the_three_forms(url: str) -> None:
    with pytest.raises(InputError, match=r"DINGDIAN_SMTP_URL 无法识别：请写 smtps://"):
        SmtpServer.parse(url)


@pytest.mark.parametrize("url", ["smtp://u:secret@mail.example.cn", "smtps://u:secret@h:port", "smtp://u:secret@h/x"])
def test_no_sentence_repeats_the_password(url: str) -> None:
    with pytest.raises(InputError) as refused:
        SmtpServer.parse(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("login", ["u:%E5%AF%86%E7%A0%812026", "u:密码2026", "用户:p", "u:ｐ"])
def test_a_login_that_the_protocol_cannot_carry_is_told_and_not_repeated(login: str) -> None:
    with pytest.raises(InputError, match="含有中文或全角字符") as refused:
        SmtpServer.parse(f"smtps://{login}@mail.example.cn")
    assert not any(part in str(refused.value) for part in ("2026", "密码2", "ｐ"))


def test_nothing_prints_the_password() -> None:
    url = "smtps://u:secret@mail.example.cn"
    assert "secret" not in repr(SmtpServer.parse(url)) + repr(MailSettings(smtp_url=url))


def test_the_settings_of_an_installation_carry_over() -> None:
    settings = Settings(
        message_mode="allow_list",
        smtp_url="smtp://h",
        mail_from="甲 <a@b.cn>",
        authority_email="b@b.cn",
        supervisor_email="c@b.cn",
        redirect_to="d@b.cn",
        allow_list="e@b.cn, @f.cn",
    )
    allowed = frozenset({"e@b.cn", "@f.cn"})
    expected = MailSettings(Mode.ALLOW_LIST, "smtp://h", "甲 <a@b.cn>", "b@b.cn", "c@b.cn", "d@b.cn", allowed)
    assert MailSettings.from_settings(settings) == expected
    assert expected.sender() == ("甲", "a@b.cn")


def test_an_installation_without_settings_only_rehearses() -> None:
    assert MailSettings.from_settings(Settings()).mode is Mode.DRY_RUN


@pytest.mark.parametrize(
    ("address", "passes"),
    [("e@b.cn", True), ("E@B.cn", True), ("x@F.cn", True), ("x@sub.f.cn", False), ("x@b.cn", False), ("", False)],
)
def test_the_allow_list_knows_addresses_and_whole_domains(address: str, passes: bool) -> None:
    assert MailSettings(allowed=frozenset({"e@B.cn", "@f.cn"})).allows(address) is passes
